"""The manifest: the same bytes for the same content, and what is no manifest is refused."""

import json
from pathlib import Path

import pytest

from pipeline.errors import ArtifactError
from pipeline.prepare.store.manifest import encode_manifest, read_manifest
from pipeline.types import Json

GOOD: Json = {
    "class_names": ["ä", "b"],
    "dtype": "float32",
    "feature_names": ["x", "y", "z"],
    "image_shape": None,
    "outputs": {"arrays.npz": "0"},
    "source": "a test",
    "train": {"features": 3},
    "transposed": False,
}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(encode_manifest(GOOD))
    manifest = read_manifest(tmp_path)
    assert {name: manifest[name] for name in GOOD} == GOOD
    assert set(manifest["versions"]) == {"python", "numpy", "pyarrow"}


def test_order_does_not_matter() -> None:
    content = encode_manifest(GOOD)
    assert encode_manifest(dict(reversed(GOOD.items()))) == content
    assert list(json.loads(content)) == sorted(json.loads(content))


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"run `python cli\.py prepare` first"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"[]", b"3", b"{}"])
def test_what_is_no_manifest(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(ArtifactError, match=r"manifest.json: .*again"):
        read_manifest(tmp_path)


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(ArtifactError, match="can't be read"):
        read_manifest(tmp_path)


IMAGE = "image_shape must be height and width, of 1,048,576 pixels at most, or null; "


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"schema": 1}, "expected schema 2, found 1"),
        ({"format": "other"}, "something else"),
        ({"outputs": []}, r"outputs must be an object; found \[\]; run"),
        ({"train": 3}, "train must be an object with the count of features; found 3"),
        ({"train": {"features": 0}}, "train must be an object with the count of features"),
        ({"train": {"features": 3.0}}, "train must be an object with the count of features"),
        ({"class_names": "ab"}, "class_names must be a list of texts, no two of them alike; found 'ab'"),
        ({"class_names": [1, 2]}, "class_names must be a list of texts, no two of them alike; found"),
        ({"class_names": ["a", "a"]}, "class_names must be a list of texts, no two of them alike; found"),
        ({"class_names": []}, "class_names must be a list of texts, no two of them alike; found"),
        ({"class_names": [str(i) for i in range(1025)]}, "class_names must be a list of texts, no two of them alike"),
        ({"feature_names": [1, 2, 3]}, "feature_names must be a list of texts, or null; found"),
        ({"feature_names": "xyz"}, "feature_names must be a list of texts, or null; found 'xyz'"),
        ({"feature_names": False}, "feature_names must be a list of texts, or null; found False"),
        ({"image_shape": [1]}, f"{IMAGE}found"),
        ({"image_shape": 3}, f"{IMAGE}found 3"),
        ({"image_shape": [28.0, 28.0]}, f"{IMAGE}found"),
        ({"image_shape": [-28, -28]}, f"{IMAGE}found"),
        ({"image_shape": [True, 784]}, f"{IMAGE}found"),
        ({"source": None}, "source must be a text; found None"),
        ({"transposed": None}, "transposed must be true or false; found None"),
        ({"transposed": True}, "rows that are no images are transposed; run"),
        ({"dtype": "float64"}, "dtype must be one of uint8, float32; found 'float64'"),
    ],
)
def test_wrong_entries(tmp_path: Path, changes: Json, reason: str) -> None:
    content = {**json.loads(encode_manifest(GOOD)), **changes}
    (tmp_path / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ArtifactError, match=reason):
        read_manifest(tmp_path)
