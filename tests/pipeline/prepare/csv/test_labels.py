"""Labels have one way of being written, an order, and indices that lead back to them."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from pipeline.prepare.csv.labels import canonical, encode, in_order, lacks_label, reordered


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        *[("7", "7"), ("7.0", "7"), ("7.", "7"), ("07", "7"), (" 7 ", "7"), ("+7", "7"), ("-1.00", "-1"), ("-0", "0")],
        *[("7.5", "7.5"), ("A", "A"), (" setosa ", "setosa"), ("7a", "7a"), ("9" * 30, "9" * 30), ("٣", "٣")],
    ],
)
def test_canonical(label: str, expected: str) -> None:
    assert canonical(label) == expected


@given(st.text(max_size=8) | st.integers().map(str) | st.floats().map(str))
def test_a_canonical_label_stays(label: str) -> None:
    assert canonical(canonical(label)) == canonical(label)


def test_order() -> None:
    assert in_order(("10", "9", "-1")) == ("-1", "9", "10")
    assert in_order(("10", "9", "a")) == ("10", "9", "a")
    assert in_order(()) == ()


def test_missing() -> None:
    assert [name for name in ("", "NaN", "0", "none") if lacks_label(name)] == ["", "NaN"]


@given(batches=st.lists(st.lists(st.sampled_from(("7", "7.0", "2", "a", " a")), max_size=9), max_size=4))
def test_indices_lead_back_to_labels(batches: list[list[str]]) -> None:
    names: tuple[str, ...] = ()
    indices = [np.empty(0, dtype=np.uint16)]
    for batch in batches:
        found, names = encode(pa.array(batch, pa.string()), names)
        indices.append(found.astype(np.uint16))
    order = in_order(names)
    joined = reordered(indices, names, order)
    assert joined.dtype == np.uint8
    assert [order[i] for i in joined] == [canonical(label) for batch in batches for label in batch]
