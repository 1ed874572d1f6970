"""Tests of `pipeline.recognise.strokes`."""
