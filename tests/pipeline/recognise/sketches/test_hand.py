"""The hand: it slants, stretches, turns and shakes, and leaves no stroke out."""

import numpy as np

from pipeline.recognise.sketches.hand import SIZE, Hand, in_any_order, written
from pipeline.recognise.sketches.outlines import bow

LINES = [bow((0, 0), (0, 1), 0), bow((0, 1), (1, 1), 0)]


def test_a_hand_slants_to_the_right_and_makes_wide() -> None:
    drawing = written(LINES, np.random.default_rng(0), Hand((0.5, 0.5), (2, 2), 0, 0))
    (top, corner), (_, right) = ([stroke[i] for i in (0, -1)] for stroke in drawing.strokes)
    np.testing.assert_allclose(top - corner, (0.5 * SIZE, -SIZE), atol=0.1 * SIZE)
    np.testing.assert_allclose(right - corner, (2 * SIZE, 0), atol=0.1 * SIZE)


def test_a_hand_lies_askew_and_writes_unevenly() -> None:
    random = np.random.default_rng(0)
    straight = np.concatenate(written(LINES, random, Hand((0, 0), (1, 1), 0, 0)).strokes)
    for hand in (Hand((0, 0), (1, 1), 1, 0), Hand((0, 0), (1, 1), 0, 1)):
        other = np.concatenate(written(LINES, random, hand).strokes)
        assert np.abs(other - straight).max() > 0.1 * SIZE


def test_any_order_keeps_every_line() -> None:
    lines = [bow((i, 0), (i, 1), 0) for i in range(5)]
    mixed = in_any_order(lines, np.random.default_rng(1))
    assert [line[0, 0] for line in mixed] != [0, 1, 2, 3, 4]
    assert sorted(line[0, 0] for line in mixed) == [0, 1, 2, 3, 4]
    assert {line[0, 1] for line in mixed} == {0, 1}, "some backwards"
