"""Tests of `pipeline.recognise.pictures`."""
