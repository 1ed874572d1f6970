"""Columns that number the rows are not learned, and no column is taken for the label that can be none."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import DataError
from pipeline.prepare.csv import stream as csv_stream
from pipeline.prepare.csv.table import CsvOptions, is_unlabelled, read_csv
from pipeline.prepare.table import Table
from tests.tables import rows_in

ROWS = 30
NONE = CsvOptions()


def put(folder: Path, header: str, row: Callable[[int], str], rows: int = ROWS, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in (*[header] * bool(header), *map(row, range(rows)))))
    return path


def read(folder: Path, header: str, row: Callable[[int], str], rows: int = ROWS, options: CsvOptions = NONE) -> Table:
    return read_csv(put(folder, header, row, rows), options)


def values_of(table: Table) -> list[list[float]]:
    return np.concatenate(list(table.batches())).tolist()  # type: ignore[no-any-return] # numpy


@pytest.mark.parametrize(
    ("header", "row", "left"),
    [
        ("Id,a,kind", lambda i: f"{i + 1},{i % 7},{'xy'[i % 2]}", ("Id",)),
        ("a,nr,kind", lambda i: f"{i % 7},{i},{'xy'[i % 2]}", ("nr",)),
        ("a,nr,kind", lambda i: f"{i % 7}, {i}.0 ,{'xy'[i % 2]}", ()),
        (",a,kind", lambda i: f"{i},{i % 7},{'xy'[i % 2]}", ("Unnamed: 0",)),
        ('"",a,kind', lambda i: f'"{i + 1}",{i % 7},{"xy"[i % 2]}', ("Unnamed: 0",)),
        (",a,kind", lambda i: f"{i * 7 % 31},{i % 7},{'xy'[i % 2]}", ("Unnamed: 0",)),
        ("Unnamed: 0,Id,a,kind", lambda i: f"{i},{i + 1},{i % 7},{'xy'[i % 2]}", ("Unnamed: 0", "Id")),
        (",0,1,2,3", lambda i: f"{i},{i % 2},{i % 7},{i % 3},{i % 5}.5", ("Unnamed: 0",)),
        ("", lambda i: f"{i + 1},{i % 2},{i % 7}.5", ("1",)),
        ("Id,a,kind", lambda i: f"{i * 7 % 31},{i % 7},{'xy'[i % 2]}", ("Id",)),
        ("a,PassengerId,kind", lambda i: f"{i % 7},{900 - 3 * i},{'xy'[i % 2]}", ("PassengerId",)),
        ("row_id,Index,a,kind", lambda i: f"{i * 2},{i * 7 % 31},{i % 7},{'xy'[i % 2]}", ("row_id", "Index")),
        ("user_id,a,kind", lambda i: f"{i // 2},{i % 7},{'xy'[i % 2]}", ()),
        ("acid,a,kind", lambda i: f"{i * 7 % 31},{i % 7},{'xy'[i % 2]}", ()),
        ("id,a,kind", lambda i: f"{i * 7 % 31}.5,{i % 7},{'xy'[i % 2]}", ()),
        ("nr,a,kind", lambda i: f"{i + 2},{i % 7},{'xy'[i % 2]}", ()),
        ("nr,a,kind", lambda i: f"{i * 2},{i % 7},{'xy'[i % 2]}", ()),
        ("nr,a,kind", lambda i: f"{min(i, 28)},{i % 7},{'xy'[i % 2]}", ()),
        ("a,b,kind", lambda i: f"0,1,{'xy'[i % 2]}", ()),
        ("pixel0,pixel1,pixel2,pixel3,label", lambda i: f"{i},0,0,0,{i % 2}", ()),
        ("label,a", lambda i: f"{i % 2},{i % 7}", ()),
    ],
)
def test_columns_that_number_the_rows(
    tmp_path: Path, header: str, row: Callable[[int], str], left: tuple[str, ...]
) -> None:
    table = read(tmp_path, header, row)
    assert table.left == left
    assert not set(left) & set(table.feature_names)
    assert [note for note in table.notes if "only numbers the rows" in note] == [
        note for note, name in zip(table.notes, left, strict=False) if f'--keep "{name}"' in note
    ]
    assert len(values_of(table)[0]) == len(table.feature_names) == row(0).count(",") - len(left)
    kept = read(tmp_path, header, row, options=CsvOptions(table.label, keep=tuple(name.upper() for name in left)))
    assert kept.left == ()
    assert set(left) <= set(kept.feature_names)


def test_few_rows_may_be_in_order_by_chance(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b,label", lambda i: f"{i},{i % 3},{i % 2}", rows=9).left == ()
    assert read(tmp_path, "a,b,label", lambda i: f"{i},{i % 3},{i % 2}", rows=10).left == ("a",)
    assert read(tmp_path, "id,b,label", lambda i: f"{9 - i},{i % 3},{i % 2}", rows=9).left == ()
    assert read(tmp_path, ",b,label", lambda i: f"{i},{i % 3},{i % 2}", rows=2).left == ("Unnamed: 0",)


def test_names_of_rows_are_no_numbers_of_them(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 2, column 1 \('id'\): expected a number, found 'r0'"):
        read(tmp_path, "id,nr,b,label", lambda i: f"r{i},{i},{i % 3},{i % 2}")


@pytest.mark.parametrize("block", [64, 1 << 20])
def test_numbers_that_go_on_only_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(csv_stream, "BLOCK_BYTES", block)
    assert read(tmp_path, "nr,b,label", lambda i: f"{i},{i % 3},{i % 2}", rows=300).left == ("nr",)
    assert read(tmp_path, ",b,label", lambda i: f"{i * 7 % 307},{i % 3},{i % 2}", rows=300).left == ("Unnamed: 0",)
    table = read(tmp_path, "nr,b,label", lambda i: f"{min(i, 200)},{i % 3},{i % 2}", rows=300)
    assert table.feature_names == ("nr", "b")
    with pytest.raises(DataError, match=r"line 202, column 1 \('nr'\): expected a number, found 'x'"):
        read(tmp_path, "nr,b,label", lambda i: f"{'x' if i == 200 else i},{i % 3},{i % 2}", rows=300)
    with pytest.raises(DataError, match=r"line 202: expected 3 values as in the header, found 1"):
        read(tmp_path, ",b,label", lambda i: "1" if i == 200 else f"{i},{i % 3},{i % 2}", rows=300)


def test_what_to_keep_is_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"--keep nr names no column; expected one of these: Id, a, label"):
        read(tmp_path, "Id,a,label", lambda i: f"{i},{i % 3},{i % 2}", options=CsvOptions(keep=("nr",)))


@pytest.mark.parametrize("header", ["Id,a,kind", ",a,kind"])
def test_test_rows_lack_what_training_rows_lack(tmp_path: Path, header: str) -> None:
    train = read(tmp_path, header, lambda i: f"{i},{i % 7},{'xy'[i % 2]}")
    path = put(tmp_path, header, lambda i: f"{i + ROWS},{i % 7},{'xy'[i % 2]}", rows=5)
    assert not is_unlabelled(path, train)
    test = read_csv(path, NONE, train)
    assert test.feature_names == ("a",)
    assert values_of(test) == [[0], [1], [2], [3], [4]]
    assert is_unlabelled(put(tmp_path, header.removesuffix(",kind"), lambda i: f"{i + ROWS},{i % 7}", rows=5), train)


def test_test_rows_have_what_training_rows_keep(tmp_path: Path) -> None:
    train = read(tmp_path, ",a,kind", lambda i: f"{i},{i % 7},{'xy'[i % 2]}", options=CsvOptions(keep=("unnamed: 0",)))
    path = put(tmp_path, ",a,kind", lambda i: f"{i + ROWS},{i % 7},{'xy'[i % 2]}", rows=2)
    assert values_of(read_csv(path, NONE, train)) == [[30, 0], [31, 1]]


def test_test_rows_have_the_label_that_training_rows_have(tmp_path: Path) -> None:
    train = read(tmp_path, "", lambda i: f"{i + 1},{i}.5,{i % 2}")
    assert (train.label, train.feature_names) == ("3", ("2",))
    test = read_csv(put(tmp_path, "", lambda i: f"{i + 31},{i}.5,{i % 2}", rows=3), NONE, train)
    assert (test.label, test.feature_names, test.labels.tolist()) == ("3", ("2",), [0, 1, 0])
    named = read(tmp_path, "kind,a", lambda i: f"{'01'[i % 2]},{i % 7}", options=CsvOptions("kind"))
    test = read_csv(put(tmp_path, "", lambda i: f"{i % 2},{i}", rows=3), CsvOptions(), named)
    assert (test.label, test.feature_names) == ("1", ("2",))


@pytest.mark.parametrize(
    ("header", "row", "names", "expected"),
    [
        ("Id,a,b", lambda i: f"{i + 41},{i},{i % 2}", ("a", "b"), [[0, 0], [1, 1], [2, 0]]),
        ("Id,a,b,kind", lambda i: f"{i + 41},{i},{i % 2},x", ("a", "b"), [[0, 0], [1, 1], [2, 0]]),
        (",a,b", lambda i: f"{i + 41},{i},{i % 2}", ("a", "b"), [[0, 0], [1, 1], [2, 0]]),
        (",pixel0,pixel1", lambda i: f"{i + 41},{i},{i % 2}", None, [[0, 0], [1, 1], [2, 0]]),
        ("", lambda i: f"{i + 1},{i + 5},{i % 2}", None, [[5, 0], [6, 1], [7, 0]]),
        ("Id,a,b", lambda i: f"{i + 1},{i + 5},{i % 2}", ("Id", "a", "b"), [[1, 5, 0], [2, 6, 1], [3, 7, 0]]),
    ],
)
def test_rows_to_predict_may_have_numbers(
    tmp_path: Path,
    header: str,
    row: Callable[[int], str],
    names: tuple[str, ...] | None,
    expected: list[list[int]],
) -> None:
    path = put(tmp_path, header, row, rows=3)
    assert rows_in(path, len(expected[0]), names=names).tolist() == expected


@pytest.mark.parametrize("row", [lambda i: f"{i + 9},{i + 5},{i % 2}", lambda i: "2,7" if i == 2 else f"{i},7,1"])
def test_one_column_too_many_to_predict(tmp_path: Path, row: Callable[[int], str]) -> None:
    with pytest.raises(DataError, match=r"expected 2 features .*, found 3; rows to predict have .* no numbers of the"):
        rows_in(put(tmp_path, "", row, rows=3), 2)


@pytest.mark.parametrize(
    ("row", "label", "reason"),
    [
        (lambda i: f"1{i % 3}.5,7,{i % 2}", "3", "fractions"),
        (lambda i: f"{i * 3},7,{i % 2}", "3", "30 different values or more"),
        (lambda i: f"0,{i % 5},{i % 2}", "3", "one value only"),
        (lambda i: f"{i % 2},7,{i % 3}.5", "1", None),
        (lambda i: f"{i % 2},7,{i * 3}", "1", None),
        (lambda i: f"{i % 2}.0,7,0", "1", None),
        (lambda i: ",".join([str(i % 10), *["0"] * 783, str(i % 2)]), "1", None),
        (lambda i: ",".join(["0", *["0"] * 783, str(i % 10)]), "785", "one value only"),
    ],
)
def test_the_label_of_a_file_without_header(
    tmp_path: Path, row: Callable[[int], str], label: str, reason: str | None
) -> None:
    table = read(tmp_path, "", row)
    assert table.label == label
    (note,) = table.notes
    assert "says which column is the label: the " + ("last" if reason else "first") + " is taken for it" in note
    assert reason is None or f"as the first has {reason}; name another by --label" in note
    assert table.feature_names == tuple(name for name in map(str, range(1, row(0).count(",") + 2)) if name != label)


@pytest.mark.parametrize("block", [64, 1 << 20])
def test_257_values_are_no_label(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(csv_stream, "BLOCK_BYTES", block)
    assert read(tmp_path, "", lambda i: f"{i % 257 + 9},7,{i % 2}", rows=1000).label == "3"
    with pytest.raises(DataError, match="both the first and the last may be it"):
        read(tmp_path, "", lambda i: f"{i % 256 + 9},7,{i % 2}", rows=1000)


def test_a_fault_is_found_before_a_label(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="line 41: expected 3 values as in the first line, found 2"):
        read(tmp_path, "", lambda i: "1,2" if i == 40 else f"0.5,7,{i % 2}", rows=300)


def test_a_fault_is_found_before_the_label_of_mnist(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="line 2000: expected 785 values as in the first line, found 2"):
        read(tmp_path, "", lambda i: "1,2" if i == 1999 else ",".join(["0"] * 785), rows=2001)


def test_of_few_rows_only_fractions_tell(tmp_path: Path) -> None:
    assert read(tmp_path, "", lambda i: f"{i},{i % 3},{i % 2}", rows=5).label == "1"
    assert read(tmp_path, "", lambda i: f"{i}.5,{i % 3},{i % 2}", rows=5).label == "3"


def test_fractions_under_a_known_name(tmp_path: Path) -> None:
    table = read(tmp_path, "x,y,kind", lambda i: f"{i % 4},{i % 7}.5,{'ab'[i % 2]}")
    assert (table.label, table.feature_names) == ("kind", ("x", "y"))
    assert "column 'y' holds fractions, which are no classes: column 'kind'" in table.notes[0]
    assert read(tmp_path, "x,y,kind", lambda i: f"{i % 4},{i % 7},5").label == "y"
    with pytest.raises(DataError, match="found 'a'"):
        read(tmp_path, "x,y,kind", lambda i: f"{i % 4},{i % 7},{'ab'[i % 2]}")
