"""Tests of `gui.window`."""
