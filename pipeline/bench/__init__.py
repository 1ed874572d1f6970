"""The kernels timed, beside NumPy and the machine's own limits."""
