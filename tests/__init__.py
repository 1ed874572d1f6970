"""Tests of Scrawl: one module a source module, shared strategies, and a slow twin for every kernel."""
