"""Tests of `kernels.layers`."""
