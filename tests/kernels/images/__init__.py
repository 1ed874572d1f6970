"""Tests of `kernels.images`."""
