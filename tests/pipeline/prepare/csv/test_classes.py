"""Numbers to predict are told from classes."""

from pathlib import Path

import pytest

from pipeline.errors import DataError
from pipeline.prepare.csv.classes import check_classes, check_count
from pipeline.prepare.csv.layout import CsvLayout

PATH = Path("a.csv")
LAYOUT = CsvLayout(",", ("label", "a"), True, 0, False, (1,), 2, 0, 9)


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


def test_1024_classes_are_not_too_many() -> None:
    check_count(PATH, LAYOUT, numbers(1024))
    with pytest.raises(
        DataError, match=r"at most 1024 different labels, found more \(0, .*, 1024\); are these numbers"
    ):
        check_count(PATH, LAYOUT, numbers(1025))
