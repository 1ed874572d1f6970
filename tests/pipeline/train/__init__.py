"""Tests of `pipeline.train`."""
