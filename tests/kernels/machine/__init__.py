"""Tests of `kernels.machine`."""
