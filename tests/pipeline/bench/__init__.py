"""Tests of `pipeline.bench`."""
