"""Tests of `pipeline.prepare.store`."""
