"""Learning rates: their shape, and that any stretch of a run sees the same ones."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pipeline.config import SCHEDULES
from pipeline.train.schedule import END, START, learning_rates
from pipeline.types import TrainConfig

schedules = st.sampled_from(SCHEDULES)


@given(schedules, st.integers(1, 300), st.data())
def test_a_stretch_is_a_part_of_the_whole(schedule: str, total: int, data: st.DataObject) -> None:
    config = TrainConfig(schedule=schedule, learning_rate=0.3)
    start, stop = sorted(data.draw(st.tuples(st.integers(0, total), st.integers(0, total))))
    whole = learning_rates(config, 0, total, total)
    np.testing.assert_array_equal(learning_rates(config, start, stop, total), whole[start:stop])
    assert ((whole >= 0) & (whole <= 0.3)).all()


def test_the_shapes_are_those_of_their_names() -> None:
    rates = {name: learning_rates(TrainConfig(schedule=name, learning_rate=1.0), 0, 101, 101) for name in SCHEDULES}
    assert (rates["constant"] == 1).all()
    np.testing.assert_allclose(rates["cosine"][[0, 50, 100]], [1, 0.5, 0], atol=1e-12)
    assert (np.diff(rates["cosine"]) <= 0).all()
    one_cycle = rates["one-cycle"]
    assert one_cycle[0] == pytest.approx(START)
    assert one_cycle.argmax() == 30
    assert one_cycle[30] == pytest.approx(1)
    assert one_cycle[-1] == pytest.approx(END)
