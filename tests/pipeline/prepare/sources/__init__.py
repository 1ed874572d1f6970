"""Tests of `pipeline.prepare.sources`."""
