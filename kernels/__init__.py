"""The numerical heart of Scrawl: arrays in, arrays out, compiled by numba.

Nothing here knows of files, windows or the command line. `kernels.reference` is the network of the textbook,
which the kernels must equal. Importing this package imports no numba: each module does so for itself.
"""
