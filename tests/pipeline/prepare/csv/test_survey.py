"""The first pass sees what the values are and stops at whatever a row may not hold."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.errors import DataError
from pipeline.prepare.batches import BYTES, FLOATS, Dtype, memory_spool
from pipeline.prepare.csv import stream as csv_stream, survey as csv_survey
from pipeline.prepare.csv.faults import Rules
from pipeline.prepare.csv.layout import Layout, sniff
from pipeline.prepare.csv.survey import Survey, check_classes, check_count, survey

ANY = Rules(is_image=False, class_names=None)


def look(folder: Path, text: str, rules: Rules = ANY) -> Survey:
    path = folder / "a.csv"
    path.write_text(text)
    return survey(path, sniff(path), rules, memory_spool())


@pytest.mark.parametrize(
    ("values", "spooled", "dtype"),
    [
        (("0", "255"), BYTES, BYTES),
        (("0.0", "255.0"), FLOATS, BYTES),
        (("0", "256"), FLOATS, FLOATS),
        (("-1", "3"), FLOATS, FLOATS),
        (("0.5", "3"), FLOATS, FLOATS),
    ],
)
def test_what_the_values_are(tmp_path: Path, values: tuple[str, str], spooled: Dtype, dtype: Dtype) -> None:
    seen = look(tmp_path, f"label,a\nx,{values[0]}\ny,{values[1]}\n")
    assert (seen.rows, seen.spooled, seen.dtype) == (2, spooled, dtype)
    assert seen.labels.tolist() == [0, 1]


def test_a_file_without_labels(tmp_path: Path) -> None:
    seen = look(tmp_path, "pixel0,pixel1\n1,2\n")
    assert (seen.rows, seen.class_names, len(seen.labels)) == (1, (), 0)


@pytest.mark.parametrize("late", ["x,256", "x,0.5"])
@pytest.mark.parametrize("is_image", [False, True])
def test_a_late_number_that_is_no_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: str, *, is_image: bool
) -> None:
    monkeypatch.setattr(csv_stream, "BLOCK_BYTES", 64)
    text = "label,a\n" + "x,1\n" * 500 + late + "\n"
    rules = Rules(is_image, None)
    if is_image and late == "x,256":
        with pytest.raises(DataError, match="line 502, column 2"):
            look(tmp_path, text, rules)
    else:
        seen = look(tmp_path, text, rules)
        assert (seen.rows, seen.dtype) == (501, FLOATS)


@pytest.mark.parametrize("bad", ["x,1,1", "x,?", ",1", "nan,1", "z,1", "x,nan"])
def test_a_late_fault_is_found_without_reading_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    monkeypatch.setattr(csv_stream, "BLOCK_BYTES", 64)
    passes = []

    def counted(path: Path, layout: Layout, dtype: pa.DataType, columns: tuple[int, ...]) -> Iterator[pa.RecordBatch]:
        passes.append(dtype)
        return csv_stream.arrow_batches(path, layout, dtype, columns)

    monkeypatch.setattr(csv_survey, "arrow_batches", counted)
    with pytest.raises(DataError, match="line 502"):
        look(tmp_path, "label,a\n" + "x,1\n" * 500 + bad + "\n", Rules(is_image=False, class_names=("x", "y")))
    assert passes == [pa.uint8()]


def test_1024_classes_are_not_too_many(tmp_path: Path) -> None:
    seen = look(tmp_path, "label,a\n" + "".join(f"{i},1\n" for i in range(1024)))
    assert seen.labels.tolist() == list(range(1024))
    with pytest.raises(DataError, match="at most 1024 different labels"):
        look(tmp_path, "label,a\n" + "".join(f"{i},1\n" for i in range(1025)))


def test_what_only_arrow_refuses_is_told_in_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_survey, "find_fault", lambda *_: None)
    with pytest.raises(DataError, match=r"not readable as CSV: .*invalid value 'x'.*; mend the file"):
        look(tmp_path, "label,a\n1,x\n")


PATH = Path("a.csv")
LAYOUT = Layout(",", ("label", "a"), True, 0, False, (1,), 2, 0, 9)


def numbers(count: int, step: float = 1, first: float = 0) -> tuple[str, ...]:
    return tuple(f"{first + i * step:g}" for i in range(count))


@pytest.mark.parametrize(
    ("names", "rows"),
    [
        (numbers(10), 60_000),
        (numbers(62), 124),
        (numbers(40, first=1), 200),
        (numbers(20, step=7), 100),
        (tuple("abc"), 16),
        (tuple(f"leaf {i}" for i in range(100)), 1600),
        (tuple("abc"), 3),
        (("1", "2", "x"), 20),
    ],
)
def test_classes(names: tuple[str, ...], rows: int) -> None:
    assert check_classes(PATH, LAYOUT, names, rows) == ()


@pytest.mark.parametrize(
    ("names", "rows"),
    [(numbers(21, step=7), 105), (numbers(73, first=18), 2000), (numbers(5, step=0.5), 100), (numbers(30, step=7), 15)],
)
def test_numbers_that_may_be_classes_are_noted(names: tuple[str, ...], rows: int) -> None:
    (note,) = check_classes(PATH, LAYOUT, names, rows)
    assert note.startswith(f"a.csv, column 1 ('label'): each of the {len(names)} different numbers ({names[0]}, ")


@pytest.mark.parametrize(
    ("names", "rows", "cause"),
    [
        (numbers(214, first=25), 442, "numbers to predict"),
        (numbers(21, step=7), 104, "numbers to predict"),
        (numbers(21, step=0.5), 100_000, "numbers to predict"),
        (numbers(9), 17, "numbers to predict"),
        (tuple("abcdefghi"), 17, "names of the rows"),
        (("1", "2", "x", *"abcdef"), 16, "names of the rows"),
    ],
)
def test_what_is_no_class_is_refused(names: tuple[str, ...], rows: int, cause: str) -> None:
    with pytest.raises(
        DataError, match=rf"column 1 \('label'\): .*found {len(names)} different labels in {rows} rows.*{cause}"
    ):
        check_classes(PATH, LAYOUT, names, rows)


def test_more_classes_than_the_bound_are_refused() -> None:
    check_count(PATH, LAYOUT, numbers(1024))
    with pytest.raises(
        DataError, match=r"at most 1024 different labels, found more \(0, .*, 1024\); are these numbers"
    ):
        check_count(PATH, LAYOUT, numbers(1025))
