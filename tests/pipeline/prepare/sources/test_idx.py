"""IDX files: read as they are, and believed in nothing."""

import gzip
import struct
import tracemalloc
from pathlib import Path

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, strategies as st

from pipeline.errors import DataError
from pipeline.prepare.sources.idx import PARTS, find_idx, idx_source, missing_idx, read_idx
from tests.conftest import mnist_folder
from tests.tables import Array, digits, idx_files, idx_images, idx_labels, rows_of, write_files

IMAGES, LABELS = digits(7)
GOOD_IMAGES, GOOD_LABELS = idx_images(IMAGES), idx_labels(LABELS)


def write(folder: Path, images: bytes, labels: bytes) -> tuple[Path, Path]:
    paths = folder / "images", folder / "labels"
    for path, content in zip(paths, (images, labels), strict=True):
        path.write_bytes(content)
    return paths


@given(
    images=hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(1, 4))),
    zipped=st.tuples(st.booleans(), st.booleans()),
    data=st.data(),
)
def test_what_was_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, images: Array, zipped: tuple[bool, bool], data: st.DataObject
) -> None:
    labels = data.draw(hnp.arrays(np.uint8, len(images)))
    contents = idx_images(images), idx_labels(labels)
    packed = [gzip.compress(content) if z else content for content, z in zip(contents, zipped, strict=True)]
    table = read_idx(*write(tmp_path_factory.mktemp("idx"), packed[0], packed[1]))
    features, indices = rows_of(table)
    np.testing.assert_array_equal(features, images.reshape(len(images), -1))
    np.testing.assert_array_equal(indices, table.labels)
    assert [int(table.class_names[index]) for index in indices] == labels.tolist()
    assert table.image_shape == images.shape[1:]
    assert len(table.feature_names) == features.shape[1]
    assert table.dtype == np.uint8


def test_batches_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.prepare.batches.GROUP_ROWS", 3)
    table = read_idx(*write(tmp_path, GOOD_IMAGES, GOOD_LABELS))
    assert [len(batch) for batch in table.batches()] == [3, 3, 1]
    np.testing.assert_array_equal(rows_of(table)[0], IMAGES.reshape(7, 784))


def test_the_real_thing_or_a_set_made_in_its_image(tmp_path: Path) -> None:
    real = mnist_folder()
    folder = real or write_files(tmp_path, idx_files())
    expected = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009] if real else [2] * 10
    table = read_idx(folder / "t10k-images-idx3-ubyte.gz", folder / "t10k-labels-idx1-ubyte.gz")
    features, labels = rows_of(table)
    assert features.shape == (sum(expected), 784)
    assert np.bincount(labels).tolist() == expected


def test_labels_of_test_rows_are_indices_into_those_of_training(tmp_path: Path) -> None:
    table = read_idx(*write(tmp_path, GOOD_IMAGES, GOOD_LABELS), ("9", *map(str, range(9))), 784)
    assert table.labels.tolist() == [1, 2, 3, 4, 5, 6, 7]


HEADER = struct.pack(">4I", 2051, 7, 28, 28)
BAD = [
    ("images shorter than a header", GOOD_IMAGES[:10], GOOD_LABELS, ["header of 16 bytes", "found 10"]),
    ("empty labels", GOOD_IMAGES, b"", ["labels", "header of 8 bytes", "found 0"]),
    ("labels for images", GOOD_LABELS * 9, GOOD_LABELS, ["magic number 2051", "found 2049 (an IDX labels file)"]),
    ("junk for labels", GOOD_IMAGES, b"\x89PNG\r\n\x1a\n", ["magic number 2049", "found 2303741511;"]),
    ("no images", struct.pack(">4I", 2051, 0, 28, 28), GOOD_LABELS, ["expected 1 to", "found 0"]),
    ("too many images", struct.pack(">4I", 2051, 2**32 - 1, 28, 28), GOOD_LABELS, ["found 4,294,967,295"]),
    ("no pixels", struct.pack(">4I", 2051, 7, 0, 28), GOOD_LABELS, ["found 0x28"]),
    ("huge images", struct.pack(">4I", 2051, 7, 2**31, 2**31), GOOD_LABELS, ["found 2,147,483,648x2,147,483,648"]),
    ("a pixel missing", GOOD_IMAGES[:-1], GOOD_LABELS, ["expected 5,488 pixels", "found 5,487", "truncated"]),
    ("all pixels missing", HEADER, GOOD_LABELS, ["expected 5,488 pixels", "found 0", "truncated"]),
    ("a byte too many", GOOD_IMAGES + b"x", GOOD_LABELS, ["expected 5,488 pixels", "found more", "trailing"]),
    ("a label missing", GOOD_IMAGES, GOOD_LABELS[:-1], ["labels", "expected 7 labels", "found 6", "truncated"]),
    ("a label too many", GOOD_IMAGES, GOOD_LABELS + b"1", ["expected 7 labels", "found more", "trailing"]),
    ("fewer labels than images", GOOD_IMAGES, idx_labels(LABELS[:5]), ["expected 7 labels", "images", "found 5"]),
    ("truncated gzip images", gzip.compress(GOOD_IMAGES, mtime=0)[:-9], GOOD_LABELS, ["images", "gzip", "truncated"]),
    ("truncated gzip labels", GOOD_IMAGES, gzip.compress(GOOD_LABELS, mtime=0)[:-3], ["labels", "gzip", "truncated"]),
    ("wrong checksum", gzip.compress(GOOD_IMAGES, mtime=0)[:-8] + bytes(8), GOOD_LABELS, ["gzip", "damaged"]),
    ("broken deflate stream", b"\x1f\x8b\x08" + bytes(7) + b"\xff" * 99, GOOD_LABELS, ["gzip", "damaged"]),
    ("junk after gzip", gzip.compress(GOOD_IMAGES, mtime=0) + b"junk", GOOD_LABELS, ["gzip", "damaged"]),
]


@pytest.mark.parametrize(("images", "labels", "fragments"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_bad_files(tmp_path: Path, images: bytes, labels: bytes, fragments: list[str]) -> None:
    paths = write(tmp_path, images, labels)
    with pytest.raises(DataError) as caught:
        rows_of(read_idx(*paths))
    for fragment in (str(tmp_path), *fragments):
        assert fragment in str(caught.value)


def test_every_truncation_is_noticed(tmp_path: Path) -> None:
    contents = idx_images(IMAGES[:2, :3, :3]), idx_labels(LABELS[:2])
    for packed in (contents, tuple(gzip.compress(content) for content in contents)):
        for which in (0, 1):
            for length in range(len(packed[which])):
                cut = [content[:length] if i == which else content for i, content in enumerate(packed)]
                with pytest.raises(DataError):
                    rows_of(read_idx(*write(tmp_path, cut[0], cut[1])))


def test_a_forged_header_allocates_nothing(tmp_path: Path) -> None:
    count = 1 << 28
    forged = struct.pack(">4I", 2051, count, 28, 28) + bytes(784), struct.pack(">2I", 2049, count) + bytes(1)
    tracemalloc.start()
    with pytest.raises(DataError, match="found 1: truncated"):
        read_idx(*write(tmp_path, *forged))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_a_label_unknown_in_training(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"labels, label 3: the label '2' is missing from the training labels \(0, 1\)"):
        read_idx(*write(tmp_path, GOOD_IMAGES, GOOD_LABELS), ("0", "1"), 784)


def test_images_of_another_size_than_in_training(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"expected 64 pixels .* found 28x28 = 784"):
        read_idx(*write(tmp_path, GOOD_IMAGES, GOOD_LABELS), None, 64)


@pytest.mark.parametrize("missing", ["folder", "nothing"])
def test_what_is_no_file(tmp_path: Path, missing: str) -> None:
    if missing == "folder":
        (tmp_path / "images").mkdir()
    with pytest.raises(DataError, match=r"images: can't be read: (Is a directory|No such file|Permission)"):
        read_idx(tmp_path / "images", tmp_path / "labels")


@pytest.mark.parametrize("joint", ["-", "."])
@pytest.mark.parametrize("zipped", [".gz", ""])
def test_names_in_the_wild(tmp_path: Path, joint: str, zipped: str) -> None:
    for part in PARTS:
        (tmp_path / f"{part}{joint}{'idx3' if 'images' in part else 'idx1'}-ubyte{zipped}").touch()
    found = find_idx(tmp_path)
    assert tuple(found) == PARTS
    assert missing_idx(found) == ""


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").touch()
    (tmp_path / "t10k-labels-idx1-ubyte").mkdir()
    found = find_idx(tmp_path)
    assert tuple(found) == ("train-images",)
    assert missing_idx(found) == "train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz"
    assert len(missing_idx(find_idx(tmp_path / "nowhere")).split(", ")) == 4


def test_both_splits(tmp_path: Path) -> None:
    source = idx_source("here", find_idx(write_files(tmp_path, idx_files(50, 20))))
    assert source.name == "here"
    assert source.train.table.labels.size == 50
    assert source.test.table.labels.size == 20
    assert [path.name for path in source.test.files] == ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]
    assert source.train.table.class_names == source.test.table.class_names
