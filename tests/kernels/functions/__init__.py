"""Tests of `kernels.functions`."""
