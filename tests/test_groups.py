"""Tests that are marked as a group run in one process: they share a screen, or kernels that take long to compile."""

import os

import pytest


@pytest.mark.xdist_group("example")
def test_groups_are_heeded(request: pytest.FixtureRequest) -> None:
    """With pytest 9.2, xdist 3.8 does not see them, and says nothing."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith("@example")
