"""`arrays.npz`: the way from Parquet into memory, checked against the manifest."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from pipeline.errors import ArtifactError
from pipeline.files import sha256_of
from pipeline.prepare.store.arrays import load_arrays, write_arrays
from pipeline.prepare.store.columnar import read_parquet, write_parquet
from pipeline.prepare.store.manifest import encode_manifest
from pipeline.prepare.table import Table
from pipeline.types import Json
from tests.tables import digits, rows_of, table_of, tables

IMAGES, LABELS = digits(30)
TRAIN = table_of(IMAGES.reshape(30, 784), LABELS, tuple("0123456789"), (28, 28))
TEST = table_of(IMAGES.reshape(30, 784)[:10], LABELS[:10], tuple("0123456789"), (28, 28))


def manifest_of(folder: Path, train: Table) -> Json:
    return {
        "class_names": train.class_names,
        "dtype": train.dtype.name,
        "feature_names": None if train.image_shape else train.feature_names,
        "image_shape": train.image_shape,
        "outputs": {"arrays.npz": sha256_of(folder / "arrays.npz")},
        "source": "a test",
        "transposed": False,
        "train": {"features": len(train.feature_names)},
    }


def stored(folder: Path, train: Table, test: Table) -> Path:
    """Write arrays by way of Parquet, as `prepare` does, and the manifest that fits them."""
    ways = []
    for name, table in (("train", train), ("test", test)):
        with (folder / f"{name}.parquet").open("wb") as file:
            write_parquet(file, table)
        ways.append(read_parquet(folder / f"{name}.parquet"))
    with (folder / "arrays.npz").open("wb") as file:
        write_arrays(file, *ways)
    (folder / "manifest.json").write_bytes(encode_manifest(manifest_of(folder, train)))
    return folder


def restated(folder: Path, **changes: object) -> Path:
    """Change entries of the manifest."""
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}), encoding="utf-8")
    return folder


@given(table=tables())
def test_the_way_through_parquet_and_npz_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, table: Table
) -> None:
    features, labels = rows_of(table)
    finite = table_of(np.nan_to_num(features), labels, table.class_names, table.image_shape)
    table = finite._replace(feature_names=table.feature_names)
    features, labels = rows_of(table)
    folder = stored(tmp_path_factory.mktemp("data"), table, table)
    data = load_arrays(folder)
    for split in (data.train, data.test):
        assert split.features.tobytes() == features.tobytes()
        assert split.features.dtype == table.dtype
        assert split.features.shape == features.shape
        np.testing.assert_array_equal(split.labels, labels)
        assert split.class_names == table.class_names
        assert split.image_shape == table.image_shape
        assert split.feature_names == (None if table.image_shape else table.feature_names)
    assert data.data_hash == sha256_of(folder / "arrays.npz")
    assert data.source == "a test"


def test_the_layout_is_keras(tmp_path: Path) -> None:
    with np.load(stored(tmp_path, TRAIN, TEST) / "arrays.npz") as arrays:
        assert list(arrays) == ["x_train", "y_train", "x_test", "y_test"]
        np.testing.assert_array_equal(arrays["x_train"], IMAGES)
        np.testing.assert_array_equal(arrays["y_test"], LABELS[:10])
        assert arrays["y_test"].dtype == np.uint8


def test_a_folder_may_be_named_by_a_text(tmp_path: Path) -> None:
    folder = stored(tmp_path, TRAIN, TEST)
    assert load_arrays(str(folder)).data_hash == load_arrays(folder).data_hash


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"no prepared data in .*nowhere: run `python cli.py prepare` first"):
        load_arrays(tmp_path / "nowhere")


def test_arrays_gone(tmp_path: Path) -> None:
    (stored(tmp_path, TRAIN, TEST) / "arrays.npz").unlink()
    with pytest.raises(ArtifactError, match=r"arrays.npz: can't be read: No such file.* again"):
        load_arrays(tmp_path)


@pytest.mark.parametrize("position", [0, 30, 200, 5000, -30, -1])
def test_a_flipped_bit(tmp_path: Path, position: int) -> None:
    path = stored(tmp_path, TRAIN, TEST) / "arrays.npz"
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ArtifactError, match=r"expected the sha256 [0-9a-f]{64} .*, found [0-9a-f]{64}; .* again"):
        load_arrays(tmp_path)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"outputs": {}}, "expected the sha256 None"),
        ({"class_names": ["a"]}, "expected labels below 1, found 9"),
        ({"dtype": "float32"}, r"expected rows \(28, 28\) of float32 .* found \(28, 28\) of uint8"),
        ({"image_shape": [14, 56]}, r"expected rows \(14, 56\) of uint8 .* found \(28, 28\)"),
        ({"feature_names": ["a"]}, r"expected 1 features as named, found rows \(28, 28\)"),
        ({"image_shape": None, "train": {}}, "train must be an object with the count of features"),
    ],
)
def test_a_manifest_of_other_data(tmp_path: Path, changes: Json, reason: str) -> None:
    with pytest.raises(ArtifactError, match=f"{reason}.*again"):
        load_arrays(restated(stored(tmp_path, TRAIN, TEST), **changes))


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"y_train": LABELS[:29]}, r"expected 30 labels of uint8, found \(29,\)"),
        ({"y_train": LABELS.astype(np.float32)}, r"found \(30,\) of float32"),
        ({"x_test": IMAGES[:0], "y_test": LABELS[:0]}, "expected 0 labels"),
        ({"y_train": LABELS.astype(np.int64)}, r"found \(30,\) of int64"),
    ],
)
def test_forged_arrays_with_the_right_sum(tmp_path: Path, arrays: dict[str, np.ndarray], reason: str) -> None:
    folder = stored(tmp_path, TRAIN, TEST)
    path = folder / "arrays.npz"
    np.savez(
        path, allow_pickle=False, **{"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES, "y_test": LABELS, **arrays}
    )
    with pytest.raises(ArtifactError, match=f"{reason}.*again"):
        load_arrays(restated(folder, outputs={"arrays.npz": sha256_of(path)}))


def test_forged_arrays_of_another_byte_order(tmp_path: Path) -> None:
    folder = stored(tmp_path, TRAIN, TEST)
    path = folder / "arrays.npz"
    np.savez(path, x_train=IMAGES.astype(">f4"), y_train=LABELS, x_test=IMAGES.astype(">f4"), y_test=LABELS)
    with pytest.raises(ArtifactError, match=r"of float32 as in the manifest, found .* of >f4"):
        load_arrays(restated(folder, dtype="float32", outputs={"arrays.npz": sha256_of(path)}))


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("shape", [None, (2, 2)])
def test_numbers_that_are_none_are_refused(tmp_path: Path, number: float, shape: tuple[int, int] | None) -> None:
    features = np.ones((9, 4), np.float32)
    features[4, 2] = number
    spoiled, good = table_of(features, LABELS[:9] % 3, image_shape=shape), table_of(features[:4], LABELS[:4] % 3)
    with pytest.raises(ArtifactError, match=r"arrays\.npz: expected finite numbers, found others in row 5; run"):
        load_arrays(stored(tmp_path, spoiled, good._replace(image_shape=shape)))
