"""Tables in every style are read back as they were written; files that are wrong are refused with their reason."""

import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from pipeline.errors import DataError
from pipeline.prepare import batches as csv_batches
from pipeline.prepare.csv import stream as csv_stream
from pipeline.prepare.csv.table import CsvOptions, is_unlabelled, read_csv
from pipeline.prepare.table import Table
from tests.bad_csv import BAD_CSV, GOOD, BadCsv
from tests.csv_files import Style, write_csv
from tests.tables import rows_in

STYLES = st.builds(
    Style,
    header=st.sampled_from(("pixels", "grid", "numbers", "counting", "none")),
    label_last=st.booleans(),
    newline=st.sampled_from(("\n", "\r\n")),
    delimiter=st.sampled_from(",;\t"),
    bom=st.booleans(),
    quoted=st.booleans(),
    final_newline=st.booleans(),
    floats=st.booleans(),
    blank_lines=st.integers(0, 2),
    packing=st.sampled_from(("", ".gz", ".gz+", ".zip")),
).filter(lambda style: not (style.label_last and style.header in {"counting", "none"}))
"""Without a name, a column of numbers is taken for the label only where it comes first."""


def all_features(table: Table) -> npt.NDArray[np.generic]:
    return np.concatenate(list(table.batches()))


def put(folder: Path, content: bytes, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@given(
    style=STYLES,
    features=hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.sampled_from((4, 9, 64)))),
    seed=st.integers(0, 9),
)
def test_every_style_is_read_back(style: Style, features: npt.NDArray[np.uint8], seed: int) -> None:
    digits = np.random.default_rng(seed).integers(0, 12, len(features))
    names = tuple(str(name) for name in sorted(set(digits.tolist())))
    with tempfile.TemporaryDirectory() as folder:
        path = write_csv(Path(folder), style, tuple(map(str, digits)), features)
        table = read_csv(path, CsvOptions())
        np.testing.assert_array_equal(all_features(table), features)
        assert all_features(table).dtype == np.uint8 == table.dtype
        assert table.class_names == names
        assert [names[label] for label in table.labels] == [str(digit) for digit in digits]
        assert table.source == str(path)


@given(features=hnp.arrays(np.float32, (5, 3), elements=st.floats(-(2.0**100), 2.0**100, width=32)), style=STYLES)
def test_other_numbers_are_read_back_as_float32(features: npt.NDArray[np.float32], style: Style) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shifted = np.where(features == np.rint(features), features + np.float32(0.5), features)
        path = write_csv(Path(folder), style._replace(header="numbers", floats=True), tuple("abcab"), shifted)
        table = read_csv(path, CsvOptions())
        expected_dtype = np.uint8 if _are_bytes(shifted) else np.float32
        assert table.dtype == expected_dtype
        np.testing.assert_array_equal(all_features(table), shifted)
        assert table.class_names == ("a", "b", "c")


def _are_bytes(values: npt.NDArray[np.float32]) -> bool:
    return all(value in range(256) for value in values.ravel().tolist())


@pytest.mark.parametrize("block", [16, 100, 1 << 20])
@pytest.mark.parametrize("rows", [1, 3, 7, 8192])
@pytest.mark.parametrize("floats", [False, True])
def test_batches_do_not_depend_on_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, rows: int, *, floats: bool
) -> None:
    features = np.random.default_rng(1).integers(0, 256, (50, 4), dtype=np.uint8)
    monkeypatch.setattr(csv_stream, "BLOCK_BYTES", block)
    monkeypatch.setattr(csv_stream, "ROWS_A_BLOCK", 2)
    monkeypatch.setattr(csv_batches, "GROUP_ROWS", rows)
    path = write_csv(tmp_path, Style(floats=floats), tuple("0123456789" * 5), features)
    table = read_csv(path, CsvOptions())
    np.testing.assert_array_equal(all_features(table), features)
    sizes = [len(batch) for batch in table.batches()]
    assert sizes == [rows] * (50 // rows) + [50 % rows] * (50 % rows > 0)
    assert all(batch.flags.c_contiguous for batch in table.batches())


def test_wide_rows_come_in_smaller_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_batches, "GROUP_BYTES", 9)
    path = write_csv(tmp_path, Style(), tuple("012"), np.zeros((3, 4), dtype=np.uint8))
    assert [len(batch) for batch in read_csv(path, CsvOptions()).batches()] == [2, 1]


@pytest.mark.parametrize("bad", BAD_CSV, ids=lambda bad: bad.name)
def test_a_bad_file_is_refused_with_its_reason(tmp_path: Path, bad: BadCsv) -> None:
    path = tmp_path / bad.filename
    bad.write(path)
    train = None if bad.train is None else read_csv(put(tmp_path, bad.train, "good_train.csv"), CsvOptions())
    with pytest.raises(DataError) as caught:
        read_csv(path, CsvOptions(label=bad.label), train)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert [fragment for fragment in bad.fragments if fragment not in message] == []
    assert [words for words in bad.absent if words in message] == []
    assert message.isprintable()
    assert len(message) < 1000 + len(str(path))


def test_test_labels_are_indices_into_the_classes_of_training(tmp_path: Path) -> None:
    train = read_csv(put(tmp_path, b"label,a\n5,1\n7,1\n2,1\n"), CsvOptions())
    table = read_csv(put(tmp_path, b"label,a\n7.0,1\n2,3\n"), CsvOptions(), train)
    assert table.labels.tolist() == [2, 0]
    assert table.class_names == ("2", "5", "7")


def test_images_are_turned(tmp_path: Path) -> None:
    image = np.arange(6, dtype=np.uint8).reshape(2, 3)
    path = write_csv(tmp_path, Style(header="numbers"), ("a", "b"), np.stack([image.T.ravel(), image.T.ravel() + 1]))
    table = read_csv(path, CsvOptions(image_shape=(2, 3), transpose=True))
    assert table.image_shape == (2, 3)
    np.testing.assert_array_equal(all_features(table)[0].reshape(2, 3), image)
    with pytest.raises(DataError, match="expected images to transpose"):
        read_csv(path, CsvOptions(transpose=True))


@pytest.mark.parametrize(("largest", "shape"), [("255", (8, 8)), ("256", None)])
def test_images_are_inferred_from_their_values(tmp_path: Path, largest: str, shape: tuple[int, int] | None) -> None:
    row = ",".join(["3", *["0"] * 63, largest])
    assert read_csv(put(tmp_path, f"{row}\n{row}\n".encode()), CsvOptions()).image_shape == shape


def test_a_file_that_changes_after_it_was_read_changes_nothing(tmp_path: Path) -> None:
    path = put(tmp_path, b"label,a,b\n1,2,3\n1,2,3.5\n")
    table = read_csv(path, CsvOptions())
    path.unlink()
    np.testing.assert_array_equal(all_features(table), [[2, 3], [2, 3.5]])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"1,2\n3,4\n", [[1, 2], [3, 4]]),
        (b"1,2", [[1, 2]]),
        (b"pixel0,pixel1\n1,2\n", [[1, 2]]),
        (b"label,a,b\n9,1,2\n", [[1, 2]]),
        (b"a,b,class\n1,2,9\n", [[1, 2]]),
        (b"a,label\n1,2\n", [[1, 2]]),
        (b"a,b\n1,2.5\n", [[1, 2.5]]),
    ],
)
def test_rows_to_predict(tmp_path: Path, content: bytes, expected: list[list[float]]) -> None:
    rows = rows_in(put(tmp_path, content), 2)
    np.testing.assert_array_equal(rows, np.array(expected))
    assert rows.dtype == (np.float32 if "." in content.decode() else np.uint8)


def test_rows_of_another_width_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected 2 features as the network was trained on, found 3"):
        rows_in(put(tmp_path, b"1,2,3\n"), 2)


def test_rows_of_an_image_have_pixels(tmp_path: Path) -> None:
    path = put(tmp_path, b"1,2\n1,300\n")
    with pytest.raises(DataError, match=r"line 2, column 2: expected a pixel between 0 and 255, found '300'"):
        rows_in(path, 2, is_image=True)
    assert rows_in(path, 2).tolist() == [[1, 2], [1, 300]]


@pytest.mark.parametrize(
    ("content", "label", "expected"),
    [
        (b"pixel0,pixel1\n1,2\n", None, True),
        (b"1,2\n", None, True),
        (b"pixel0,kind\n1,2\n", "kind", False),
        (b"label,pixel0\n1,2\n", None, False),
        (b"1,2,3\n", None, False),
        (b"label,pixel0,pixel1\n1,2,3\n", None, False),
    ],
)
def test_a_file_without_labels_is_noticed(tmp_path: Path, content: bytes, label: str | None, *, expected: bool) -> None:
    train = read_csv(put(tmp_path, b"label,pixel0,pixel1\n7,1,2\n", "train.csv"), CsvOptions(image_shape=(1, 2)))
    assert is_unlabelled(put(tmp_path, content), train, label) is expected


def test_a_named_label_column(tmp_path: Path) -> None:
    path = put(tmp_path, b"label,Kind,a\n1,x,3\n1,y,3\n")
    table = read_csv(path.rename(tmp_path / "other.csv"), CsvOptions(label="kind"))
    assert table.class_names == ("x", "y")
    assert table.feature_names == ("label", "a")


def test_a_label_column_by_its_number(tmp_path: Path) -> None:
    table = read_csv(put(tmp_path, b"5,6,1\n5,6,0\n"), CsvOptions(label="3"))
    assert table.labels.tolist() == [1, 0]
    assert table.feature_names == ("1", "2")


def test_two_passes_at_once_give_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_batches, "GROUP_ROWS", 1)
    table = read_csv(put(tmp_path, GOOD), CsvOptions())
    pairs = list(zip(table.batches(), table.batches(), strict=True))
    assert len(pairs) == table.labels.size > 1
    for one, other in pairs:
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("a,b", None),
        ("label,a,b", None),
        ("b,a", "line 1: .* with 'a' as feature 1, found 'b'; reorder or rename"),
        ("a,c", "line 1: .* with 'b' as feature 2, found 'c'"),
        ("3,4", None),
    ],
)
def test_rows_whose_columns_have_other_names_are_refused(tmp_path: Path, header: str, fault: str | None) -> None:
    row = ",".join("1" for _ in header.split(","))
    path = put(tmp_path, f"{header}\n{row}\n".encode())
    if fault is None:
        assert rows_in(path, 2, names=("a", "b")).shape[1] == 2
        return
    with pytest.raises(DataError, match=fault):
        rows_in(path, 2, names=("a", "b"))
