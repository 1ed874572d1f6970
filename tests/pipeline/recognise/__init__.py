"""Tests of `pipeline.recognise`."""
