"""Results that come in the order of their items, and what is said where none come."""

import operator

import pytest

from pipeline.cluster.connect import connected
from pipeline.cluster.spread import errors_of, meaning_of, spread
from pipeline.errors import DataError, ScrawlError

pytestmark = pytest.mark.plain  # no kernel is called


def test_results_come_in_the_order_of_the_items() -> None:
    with connected("local:1") as client:
        assert list(spread(client, operator.neg, range(20))) == list(range(0, -20, -1))
        with (
            pytest.raises(ScrawlError, match="--cluster local:1: a worker failed: ZeroDivisionError: "),
            errors_of("local:1", "Mend it."),
        ):
            list(spread(client, (1).__truediv__, [1, 0]))


def test_errors_of_ours_come_as_they_are() -> None:
    with pytest.raises(DataError, match="as it is"), errors_of("local", "Mend it."):
        raise DataError("as it is")


def test_errors_of_dask_are_sentences() -> None:
    killed = type("KilledWorker", (Exception,), {})
    assert "too little memory" in meaning_of(killed())
    assert "scheduler is gone" in meaning_of(OSError("reset"))
    assert "scheduler is gone" in meaning_of(type("CancelledError", (Exception,), {})())
    assert meaning_of(ValueError("odd")) == "a worker failed: ValueError: odd"
