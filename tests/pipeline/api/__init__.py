"""Tests of what Scrawl offers to Python."""
