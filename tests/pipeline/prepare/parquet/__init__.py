"""Tests of `pipeline.prepare.csv`."""
