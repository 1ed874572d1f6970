"""Stratified choices of rows."""

import numpy as np
from hypothesis import given, strategies as st

from pipeline.stratify import stratified_mask
from tests.strategies import seeds


@given(seeds, st.lists(st.integers(1, 60), min_size=1, max_size=6), st.floats(0, 1))
def test_every_class_gives_its_share_and_keeps_a_row(seed: int, counts: list[int], fraction: float) -> None:
    random = np.random.default_rng(seed)
    labels = random.permutation(np.repeat(np.arange(len(counts), dtype=np.uint8), counts))
    mask = stratified_mask(labels, fraction, np.random.default_rng(seed))
    for label, count in enumerate(counts):
        wanted = max(round(fraction * count), 1) if fraction else 0
        assert mask[labels == label].sum() == min(wanted, count - 1)


@given(seeds)
def test_the_choice_depends_on_the_seed_alone(seed: int) -> None:
    labels = np.random.default_rng(0).integers(0, 5, 200, np.uint8)
    masks = [stratified_mask(labels, 0.3, np.random.default_rng(s)) for s in (seed, seed, seed + 1)]
    np.testing.assert_array_equal(masks[0], masks[1])
    assert (masks[0] != masks[2]).any()
