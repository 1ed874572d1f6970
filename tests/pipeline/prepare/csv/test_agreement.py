"""The files of one table must have the same columns, found by name, or by place where there is no header."""

from pathlib import Path

import pytest

from pipeline.errors import DataError
from pipeline.prepare.csv.agreement import like
from pipeline.prepare.csv.layout import Layout, sniff
from pipeline.prepare.csv.table import CsvOptions, layout_of


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def second(folder: Path, first: str, other: str, options: CsvOptions = CsvOptions()) -> Layout:  # noqa: B008 -- immutable
    """Return the layout of another file of the table that begins with a first one."""
    layout = layout_of(put(folder, "a.csv", first), options)
    path = put(folder, "b.csv", other)
    return like(path, sniff(path), layout, "a.csv")


def columns(layout: Layout) -> tuple[int | None, tuple[int, ...], tuple[int, ...]]:
    return layout.label, layout.features, layout.left


NUMBERED = "Id,label,a,b\n" + "".join(f"{i},{i % 2},{i * 7 % 5},{i * 3 % 4}\n" for i in range(12))


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("Id,label,a,b\n70,1,2,3\n71,0,2,3\n", (1, (2, 3), (0,))),
        ("label,a,b\n1,2,3\n0,2,3\n", (0, (1, 2), ())),  # columns that are left aside may be missing
        ("a,label,b\n1,2,3\n0,2,3\n", (1, (0, 2), ())),  # the label may be anywhere
        (",label,a,b\n7,1,2,3\n9,0,2,3\n", (1, (2, 3), (0,))),  # as pandas writes rows that were chosen
        ("70,1,2,3\n71,0,2,3\n", (1, (2, 3), (0,))),  # a part of a file that was split
    ],
)
def test_columns_are_found_by_name_or_by_place(
    tmp_path: Path, other: str, expected: tuple[int | None, tuple[int, ...], tuple[int, ...]]
) -> None:
    assert columns(second(tmp_path, NUMBERED, other)) == expected


def test_a_label_that_the_user_named_need_not_be_named_in_a_part(tmp_path: Path) -> None:
    layout = second(tmp_path, "a,kind,b\n1,2,3\n4,5,6\n", "7,8,9\n1,2,3\n", CsvOptions(label="kind"))
    assert columns(layout) == (1, (0, 2), ())
    assert not layout.has_header


def test_files_without_header_follow_the_guess_of_the_first(tmp_path: Path) -> None:
    first = "".join(f"{i % 3},{i}.5,{i * 2}\n" for i in range(20))
    assert columns(second(tmp_path, first, "2,70,71\n1,80,81\n")) == (0, (1, 2), ())


@pytest.mark.parametrize(
    ("other", "fault"),
    [
        ("label,a,c\n1,2,3\n0,2,3\n", r"b.csv, line 1: expected the columns of a.csv, found no column 'b'"),
        ("kind,a,b\n1,2,3\n0,2,3\n", r"b.csv, line 1: expected the columns of a.csv, found no column 'label'"),
        ("# words\nlabel,a,b,c\n1,2,3,4\n0,2,3,4\n", r"b.csv, line 2, column 4: .* found 'c' beside them; remove it"),
        ("label,b,a\n1,2,3\n0,2,3\n", r"b.csv, line 1, column 2: .* in the order of a.csv, with 'a' here, found 'b'"),
        ("1,2,3\n0,2,3\n", r"b.csv, line 1: expected 4 columns as in a.csv, found 3"),
    ],
)
def test_other_columns_are_refused(tmp_path: Path, other: str, fault: str) -> None:
    with pytest.raises(DataError, match=fault):
        second(tmp_path, NUMBERED, other)
