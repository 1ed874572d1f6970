"""There is one definition of a number: what is read, what is refused and what messages say all keep to it."""

import csv
import io
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pytest
from hypothesis import example, given, strategies as st

from pipeline.errors import DataError
from pipeline.prepare.batches import memory_spool
from pipeline.prepare.csv.faults import Rules, find_fault
from pipeline.prepare.csv.layout import Layout
from pipeline.prepare.csv.numbers import decimals_only, is_not_finite, is_number, is_word, number
from pipeline.prepare.csv.survey import survey
from pipeline.prepare.csv.table import CsvOptions, read_csv

ANY = Rules(is_image=False, class_names=None)
LIMIT = float(np.finfo(np.float32).max)

DIGITS = st.text(st.sampled_from("0123456789"), min_size=1, max_size=5)
SIGNS = st.sampled_from(("", "", "+", "-", "--", "+-", "- "))
DECIMALS = st.builds("{}{}{}{}".format, DIGITS, st.sampled_from((".", "", ",")), DIGITS, st.sampled_from(("", "e5")))
SHORT = st.sampled_from((".5", "5.", ".", "1e400", "1e-400", "1e39", "e5", "1e", "1d5", "1f", "5L", "1_000", "1__0"))
HEXADECIMAL = st.builds("{}{:x}{}".format, st.sampled_from(("0x", "0X")), st.integers(0, 300), st.sampled_from("hp.L "))
OTHER_BASES = st.sampled_from(("0x1f", "0X1F", "0x", "0b1", "0o7", "0x1p3", "0x001", "x1f", "00x1"))
OTHER_DIGITS = st.sampled_from(("٣", "５", "1٣", "½", "²", "1\u00a0000", "\u22125"))  # noqa: RUF001 -- what looks like digits
NOT_FINITE = st.sampled_from(("nan", "NaN", "NAN", "-nan", "nan(1)", "nan()", "inf", "+INF", "Infinity", "infinite"))
SPACES = st.sampled_from(("", "", " ", "\t", "  ", "\x0b", "\xa0"))
TEXTS = st.builds(
    "{}{}{}{}".format,
    SPACES,
    SIGNS,
    DIGITS | DECIMALS | SHORT | HEXADECIMAL | OTHER_BASES | OTHER_DIGITS | NOT_FINITE | st.text(max_size=4),
    SPACES,
).filter(lambda text: not set(text) & set("\r\n\0") and text.isprintable() | ("\t" in text) | ("\x0b" in text))


def table_of(cell: str, first: str) -> bytes:
    """Return a table of one feature: a good row, and one that holds the cell."""
    target = io.StringIO(newline="")
    csv.writer(target, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([["a", first], ["b", cell]])
    return target.getvalue().encode()


def is_good(cell: str) -> bool:
    """Say by Python's own float whether a value is a number that a network can learn from."""
    plain = cell.strip(" \t")
    if not re.fullmatch(r"[0-9.eE+-]+", plain):
        return False
    try:
        return abs(float(plain)) <= LIMIT
    except ValueError:
        return False


@pytest.mark.parametrize("first", ["0", "0.5"], ids=["among bytes", "among fractions"])
@given(cell=TEXTS)
@example(cell="0X1f")
@example(cell="0x1f ")
@example(cell="0xFF")
@example(cell="1_000")
def test_all_agree_on_what_a_number_is(tmp_path_factory: pytest.TempPathFactory, cell: str, first: str) -> None:
    path = tmp_path_factory.mktemp("number") / "a.csv"
    path.write_bytes(table_of(cell, first))
    layout = Layout(",", ("1", "2"), False, 0, False, (1,), 1, 0, 9)
    expected = is_good(cell)
    assert (is_number(cell) and abs(number(cell)) <= LIMIT) == expected
    assert (find_fault(path, layout, ANY, 0) is None) == expected
    if not expected:
        with pytest.raises(DataError, match="line 2, column 2: expected a"):
            survey(path, layout, ANY, memory_spool())
        return
    (batch,) = read_csv(path, CsvOptions(label="1")).batches()
    np.testing.assert_array_equal(batch[:, 0], np.array([first, cell], dtype=np.float64).astype(np.float32))


VALUES = [
    *["5", "+5", "-5", " 5", "5 ", "\t5", "007", "3.0", ".5", "5.", "1e2", "1E+2", "1e-400", "-0.0", "9" * 30],
    *["nan", "NaN", "-nan", "nan(1)", "inf", "+inf", "-Infinity", "infinity"],
    *["1_0", "٣", "1d2", "--1", "- 1", "1e", "e1", ".", "+", "\x0b5", "\xa05", "1f", "0x10", "0x1p3", "null", "x"],
]


@pytest.mark.parametrize("point", [".", ","])
@pytest.mark.parametrize("cell", VALUES)
def test_numbers_are_what_arrow_reads_as_numbers(cell: str, point: str) -> None:
    cell = cell.replace(".", point)
    options = pc.ConvertOptions(column_types={"a": pa.float64()}, null_values=[], decimal_point=point)
    table = io.BytesIO(f"{cell}|\n".encode())
    try:
        names = pc.ReadOptions(column_names=["a", "b"])
        pc.read_csv(table, names, pc.ParseOptions(delimiter="|"), options)
    except pa.ArrowInvalid:
        is_read = False
    else:
        is_read = True
    assert (is_number(cell, point) or is_not_finite(cell)) is is_read
    assert not (is_number(cell, point) and is_not_finite(cell))
    assert is_word(cell, point) is not is_read


def test_nothing_is_neither_word_nor_number() -> None:
    assert not is_word(" ")
    assert not is_number(" ")


@pytest.mark.parametrize("content", [b"1,0x1f\n", b"1,0X1f\n", b"fox,0\nx,1\n", b"box", b"0 x"])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_hexadecimals_are_found_wherever_blocks_end(content: bytes, size: int) -> None:
    blocks = decimals_only(content[start : start + size] for start in range(0, len(content), size))
    if b"0x" in content.lower():
        with pytest.raises(pa.ArrowInvalid, match="hexadecimal"):
            list(blocks)
    else:
        assert b"".join(blocks) == content


def test_a_class_with_0x_in_its_name_may_have_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("label,a\n0xcat,1\n10x,2\n")
    table = read_csv(path, CsvOptions())
    assert table.class_names == ("0xcat", "10x")
    assert table.dtype == np.uint8
