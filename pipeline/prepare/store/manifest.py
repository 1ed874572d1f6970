"""`manifest.json`: what the prepared data are and what they were made of."""

import json
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.errors import ArtifactError
from pipeline.files import read_whole
from pipeline.labels import MAX_CLASSES
from pipeline.rules import FLAG, IMAGE_SHAPE, OBJECT, TEXT, Rule, check, check_fields, integer, one_of, optional, texts
from pipeline.types import Json

MANIFEST = "manifest.json"
FORMAT = "scrawl prepared data"
SCHEMA = 2
MAX_BYTES = 1 << 24
"""Far above any manifest, whose longest part is the class names; what is larger is none."""

AGAIN = "run `python cli.py prepare` again"

FIELDS: Mapping[str, Rule] = {
    "outputs": OBJECT,
    "train": Rule(
        lambda value: isinstance(value, dict) and integer(1).accepts(value.get("features")),
        "an object with the count of features",
    ),
    "class_names": texts(1, MAX_CLASSES, unlike=True),
    "image_shape": IMAGE_SHAPE,
    "feature_names": optional(texts()),
    "source": TEXT,
    "transposed": FLAG,
    "dtype": one_of(("uint8", "float32")),
}
"""What `load_arrays` relies on; what else a manifest holds is for people."""


class SplitSummary(NamedTuple):
    """What is told of the training or of the test rows."""

    rows: int
    features: int
    classes: int  # how many the labels tell apart; the same for both splits
    sha256: str  # of the input file; of the images file where the input is a pair of IDX files
    inputs: dict[str, str]  # name and SHA-256 of each input file of this split


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of Python and of packages that the bytes of an output depend on."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in packages}}


def encode_manifest(content: Json) -> bytes:
    """Return the manifest's bytes: sorted, indented, and without a time, so that equal runs give equal bytes."""
    whole = {"format": FORMAT, "schema": SCHEMA, "versions": versions("numpy", "pyarrow"), **content}
    return (json.dumps(whole, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read_manifest(folder: Path) -> Json:
    """Read the manifest of a folder of prepared data; raise ArtifactError if there is none that can be used."""
    path = folder / MANIFEST
    if not path.exists():
        raise ArtifactError(f"no prepared data in {folder}: run `python cli.py prepare` first")
    try:
        content: Any = json.loads(read_whole(path, MAX_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactError(f"{path}: can't be read: {getattr(error, 'strerror', None) or error}; {AGAIN}") from error
    _check(path, content)
    return dict(content)


def _check(path: Path, content: Any) -> None:  # noqa: ANN401 -- anything that JSON can say
    """Raise unless the manifest has what `load_arrays` relies on."""
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ArtifactError(f"{path}: expected a manifest of prepared data, found something else; {AGAIN}")
    if content.get("schema") != SCHEMA:
        raise ArtifactError(f"{path}: expected schema {SCHEMA}, found {content.get('schema')}; {AGAIN}")
    try:
        check_fields(FIELDS, {name: content[name] for name in FIELDS if name in content})
        check(content["image_shape"] is not None or not content["transposed"], "rows that are no images are transposed")
    except ValueError as error:
        raise ArtifactError(f"{path}: {str(error).rstrip('.')}; {AGAIN}") from error
