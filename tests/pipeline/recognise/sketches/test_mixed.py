"""Mixed digits: two are far enough from one, and none is turned into another."""

import numpy as np

from pipeline.recognise.sketches.mixed import ON_ITS_HEAD, TURNED, beside, over, turned


def test_digits_beside_each_other_do_not_hide_each_other() -> None:
    random = np.random.default_rng(0)
    for _ in range(100):
        lines = beside(random)
        spans = sorted((line[:, 0].min(), line[:, 0].max()) for line in lines)
        assert max(high for _, high in spans) - spans[0][0] > 0.1
        assert len(lines) > 1


def test_digits_on_one_another_share_a_place() -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        points = np.concatenate(over(random))
        assert np.ptp(points, axis=0).max() < 1.7


def test_none_is_turned_that_stays_a_digit() -> None:
    assert not {label for label, _ in TURNED} & {0, 1, 8}
    assert not {label for label, way in TURNED if way == ON_ITS_HEAD} & {2, 5, 6, 9}
    assert all(np.isfinite(line).all() for line in turned(np.random.default_rng(0)))
