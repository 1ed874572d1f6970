"""Scribbles: more ink than a digit has, and no two alike."""

import numpy as np
import pytest

from pipeline.recognise.sketches.scribbles import SCRIBBLES, Scribbler


@pytest.mark.parametrize("scribbler", SCRIBBLES)
def test_a_scribble_is_longer_than_a_digit(scribbler: Scribbler) -> None:
    lengths = set()
    for seed in range(30):
        lines = scribbler(np.random.default_rng(seed))
        points = np.concatenate(lines)
        assert np.isfinite(points).all()
        lengths.add(sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines))
        assert np.ptp(points, axis=0).max() < 6
    assert len(lengths) == 30
    assert np.median(list(lengths)) > 2
