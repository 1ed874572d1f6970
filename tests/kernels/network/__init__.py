"""Tests of `kernels.network`."""
