"""Results that come in the order of their items, and what is said where none come."""

import operator
from types import SimpleNamespace

import pytest

from pipeline.cluster.connect import connected
from pipeline.cluster.spread import check_workers, errors_of, meaning_of, spread
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


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (ImportError("no name"), "worker b: expected this version of Scrawl, found another or none: no name"),
        (Exception("ModuleNotFoundError()"), "worker b: expected this version of Scrawl, found another or none: Mod"),
        (OSError("closed"), "worker b: died when it was asked for the rows; was there too little memory"),
        (ValueError("odd"), "worker b: ValueError: odd"),
        ("worker b on host: other rows", "worker b on host: other rows"),
    ],
)
def test_a_worker_that_is_not_fit_is_named(fault: Exception | str, told: str) -> None:
    found: dict[str, Exception | str] = {"a": ""}
    client = SimpleNamespace(run=lambda _function, _ground, on_error: found if on_error == "return" else {})
    check_workers(client, str, None)
    found["b"] = fault
    with pytest.raises(ScrawlError, match=f"^{told}"):
        check_workers(client, str, None)


def test_errors_of_ours_come_as_they_are() -> None:
    with pytest.raises(DataError, match="as it is"), errors_of("local", "Mend it."):
        raise DataError("as it is")


def test_errors_of_dask_are_sentences() -> None:
    killed = type("KilledWorker", (Exception,), {})
    assert "too little memory" in meaning_of(killed())
    last = killed()
    last.last_worker = SimpleNamespace(address="tcp://b:1")
    assert "the last tcp://b:1" in meaning_of(last)
    assert "another version" in meaning_of(RuntimeError("Error during deserialization of the task graph."))
    assert "scheduler is gone" in meaning_of(OSError("reset"))
    assert "scheduler is gone" in meaning_of(type("CancelledError", (Exception,), {})())
    assert meaning_of(ValueError("odd")) == "a worker failed: ValueError: odd"
