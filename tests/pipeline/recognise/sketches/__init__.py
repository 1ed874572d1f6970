"""Tests of `pipeline.recognise.sketches`."""
