"""Figures from counts, against scikit-learn's and slow twins."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.report.metrics import (
    Z_95,
    Interval,
    commonest_mistakes,
    figures_by_class,
    wilson_interval,
)
from tests.untraced import imported

pytestmark = pytest.mark.xdist_group("metrics")  # one process imports what takes long to import

sides = st.integers(1, 5)
confusions = sides.flatmap(lambda side: hnp.arrays(np.int64, (side, side), elements=st.integers(0, 4)))


@given(st.integers(0, 100_000), st.integers(1, 100_000))
def test_the_interval_is_scipys(correct: int, more: int) -> None:
    n = correct + more - 1 or 1
    expected = imported("scipy.stats").binomtest(min(correct, n), n).proportion_ci(method="wilson")
    assert wilson_interval(min(correct, n), n) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(st.integers(0, 10_000))
def test_the_interval_holds_the_share_and_stays_between_0_and_1(correct: int) -> None:
    low, high = wilson_interval(correct, 10_000)
    assert 0 <= low <= correct / 10_000 <= high <= 1


def test_none_and_all_right_reach_the_ends_and_no_further() -> None:
    for n in range(1, 500):
        assert wilson_interval(0, n).low == 0
        assert wilson_interval(n, n).high == pytest.approx(1, abs=1e-15)
        assert wilson_interval(n, n).high <= 1


def test_the_quantile_is_that_of_95_percent() -> None:
    assert pytest.approx(imported("scipy.stats").norm.ppf(0.975), abs=1e-15) == Z_95


def test_without_rows_nothing_is_known() -> None:
    assert wilson_interval(0, 0) == Interval(0, 1)


def as_rows(confusion: npt.NDArray[np.int64]) -> tuple[list[int], list[int]]:
    """Return labels and answers that a confusion matrix counts."""
    pairs = [pair for pair, count in np.ndenumerate(confusion) for _ in range(count)]
    return [label for label, _ in pairs], [answer for _, answer in pairs]


@given(confusions.filter(lambda confusion: bool(confusion.any())))
def test_precision_recall_and_f1_are_scikit_learns(confusion: npt.NDArray[np.int64]) -> None:
    labels, answers = as_rows(confusion)
    precision, recall, f1, rows = imported("sklearn.metrics").precision_recall_fscore_support(
        labels, answers, labels=list(range(len(confusion))), zero_division=np.nan
    )
    figures = figures_by_class(confusion)
    assert [figure.rows for figure in figures] == rows.tolist()
    assert [figure.answers for figure in figures] == [answers.count(i) for i in range(len(confusion))]
    assert [figure.correct for figure in figures] == [confusion[i, i] for i in range(len(confusion))]
    for name, expected in (("precision", precision), ("recall", recall), ("f1", f1)):
        found = [getattr(figure, name) for figure in figures]
        np.testing.assert_allclose([np.nan if value is None else value for value in found], expected, rtol=1e-12)


@given(confusions, st.integers(0, 30))
def test_the_commonest_mistakes_come_first(confusion: npt.NDArray[np.int64], count: int) -> None:
    cells = [(i, j, int(times)) for (i, j), times in np.ndenumerate(confusion) if times and i != j]
    assert commonest_mistakes(confusion, count) == tuple(sorted(cells, key=lambda cell: -cell[2])[:count])
