"""Forged files: refused in a sentence before a kernel has seen them, or as good as a genuine one."""

from collections import Counter
from pathlib import Path

import pytest

from tests.campaign import KINDS, REFUSED, USED, outcome
from tests.strategies import draws

FORGERIES = 40
"""Of each kind here; `python -m tests.campaign` has tried ten thousand."""


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_was_forged_is_refused_or_used_like_a_genuine_file(kind: str, tmp_path: Path) -> None:
    found = Counter(outcome(kind, number, tmp_path) for number in range(draws(FORGERIES)))
    assert found[REFUSED] > found[USED]
