"""Tests of `pipeline.sweep`."""
