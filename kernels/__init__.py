"""The numerical heart of Scrawl: arrays in, arrays out, compiled by numba.

Nothing here knows of files, windows or the command line. Every kernel has a slow, obvious twin in `tests/twins.py`
that it must equal. Importing this package imports no numba: each module does so for itself.
"""
