"""A trained network as a file: `model.npz`, an archive whose arrays and manifest must fit together.

Arrays: `layer0.weight`, `layer0.bias`, `layer1.weight`, …, float32, or of fewer bits (see `pipeline.model.storage`);
the same of further networks that answer with the first, as `member1.layer0.weight`; `scaling.shift`, `scaling.scale`.
"""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.archive import MAX_BYTES, AnyArray, read_archive, write_archive
from pipeline.config import MAX_LAYERS, config_from_json, config_to_json
from pipeline.contents import Expected, check_arrays
from pipeline.errors import ArtifactError, ConfigError
from pipeline.model.answerable import LARGEST_LOGIT, check_answers, check_scaling
from pipeline.model.calibration import HIGHEST, LOWEST
from pipeline.model.shapes import layer_shapes, output_count
from pipeline.model.storage import bits_of, expected_of, restored_layer, stored_layer
from pipeline.rules import (
    FLAG,
    IMAGE_SHAPE,
    OBJECT,
    TEXT,
    Rule,
    check,
    check_fields,
    integer,
    list_of,
    number,
    optional,
    texts,
)
from pipeline.staging import recover
from pipeline.types import Artifact, Json, Params, Scaling, TrainConfig

FORMAT = "scrawl model"
SCHEMA = 5
"""Version of the file's layout; rises when older code could not read what is written."""
WITHOUT_SCORE = 4
"""The version of files of networks that have no score, so that older code reads them, too."""
OLDEST = 2
"""The oldest schema that is read: what it lacks is in `SINCE`."""
SINCE: Mapping[int, Json] = {4: {"temperature": 1.0}, 5: {"threshold": None}}
"""Fields by the schema with which they came after `OLDEST`, and what goes for a model without them."""
CONFIG_SINCE: Mapping[str, Any] = {"members": 1, "filters": 0}
"""The same for fields of the configuration, which all came with schema 4."""

TRAIN = "Train a network with `python cli.py train`, or restore a copy."
SCALING = SHIFT, SCALE = "scaling.shift", "scaling.scale"
FIELDS: Mapping[str, Rule] = {
    "format": TEXT,
    "schema": integer(OLDEST, SCHEMA),
    "sizes": list_of(integer(1), 2, MAX_LAYERS + 1, f"2 to {MAX_LAYERS + 1} widths, from the inputs to the classes"),
    "activation": TEXT,
    "class_names": texts(unlike=True),
    "image_shape": IMAGE_SHAPE,
    "transposed": FLAG,
    "feature_names": optional(texts()),
    "config": OBJECT,
    "metrics": Rule(lambda value: isinstance(value, dict) and _are_counts(value), "counts of the test rows"),
    "data": TEXT,
    "versions": OBJECT,
    "temperature": number(lambda value: LOWEST <= value <= HIGHEST, f"a number from {LOWEST} to {HIGHEST}"),
    "threshold": optional(number(lambda value: abs(value) <= LARGEST_LOGIT, "a finite number")),
}
"""What the manifest holds."""


def save_model(path: Path | str, artifact: Artifact, bits: int = 32) -> None:
    """Write a trained network in 32, 16 or 8 bits a weight (see `pipeline.model.storage`), always to the same bytes.

    Raises ArtifactError if `load_model` would refuse the file, or a weight is too large for float16; OutputError if it
    can't be written; what was there is untouched.
    """
    path = Path(path)
    try:
        arrays, manifest = _arrays_of(artifact, bits), _manifest_of(artifact)
    except ValueError as error:
        raise ArtifactError(f"{path}: {error}. Store the network with 8 bits or 32.") from error
    _checked(arrays, manifest, path)
    write_archive(path, arrays, manifest)


def load_model(path: Path | str) -> Artifact:
    """Read a trained network and check that all of it fits together; its arrays are float32 and read-only.

    Raises ArtifactError if the file is missing, damaged, no model, made by a newer Scrawl, or contradicts itself.
    """
    path = Path(path)
    recover(path.parent)
    arrays, manifest = read_archive(path, TRAIN)
    return _checked(arrays, manifest, path)


def _arrays_of(artifact: Artifact, bits: int) -> dict[str, AnyArray]:
    """Return the arrays by the names that they have in the file."""
    arrays: dict[str, AnyArray] = {}
    for member, params in enumerate(artifact.members):
        for i, layer in enumerate(params):
            arrays |= stored_layer(_prefix(member, i), layer, bits)
    return arrays | {SHIFT: artifact.scaling.shift, SCALE: artifact.scaling.scale}


def _manifest_of(artifact: Artifact) -> Json:
    """Return all that is not an array; nothing in it depends on when or where the file was written."""
    scored = {} if artifact.threshold is None else {"threshold": artifact.threshold}
    return {
        "format": FORMAT,
        "schema": SCHEMA if scored else WITHOUT_SCORE,
        "sizes": [artifact.scaling.shift.size, *artifact.config.hidden, artifact.params[-1].bias.size],
        "activation": artifact.config.activation,
        "class_names": list(artifact.class_names),
        "image_shape": list(artifact.image_shape) if artifact.image_shape else None,
        "transposed": artifact.transposed,
        "feature_names": None if artifact.feature_names is None else list(artifact.feature_names),
        "config": config_to_json(artifact.config),
        "metrics": artifact.metrics,
        "data": artifact.manifest["data"],
        "versions": artifact.manifest["versions"],
        "temperature": artifact.temperature,
        **scored,
    }


def _checked(arrays: Mapping[str, AnyArray], manifest: Json, path: Path) -> Artifact:
    """Return the network that arrays and manifest describe, or say what is wrong with which file."""
    _check_schema(manifest, path)
    for schema, fields in SINCE.items():
        manifest = {**(fields if manifest["schema"] < schema else {}), **manifest}
    if manifest["schema"] < 4 and isinstance(manifest.get("config"), dict):  # noqa: PLR2004 -- see `CONFIG_SINCE`
        manifest["config"] = {**CONFIG_SINCE, **manifest["config"]}
    try:
        check_fields(FIELDS, manifest)
        return _assembled(arrays, manifest)
    except (ValueError, ConfigError) as error:
        raise ArtifactError(f"{path}: the model contradicts itself: {error} {TRAIN}") from error


def _check_schema(manifest: Json, path: Path) -> None:
    """Raise unless this is a model, and of a version that this code knows."""
    found, schema = manifest.get("format"), manifest.get("schema")
    if found != FORMAT:
        raise ArtifactError(f"{path}: expected a {FORMAT}, found {found!r}. {TRAIN}")
    if isinstance(schema, int) and schema > SCHEMA:
        raise ArtifactError(
            f"{path}: made by a newer Scrawl: expected schema {SCHEMA}, found {schema}. Update Scrawl to use it."
        )
    if type(schema) is not int or schema < OLDEST:
        raise ArtifactError(f"{path}: expected schema {OLDEST} to {SCHEMA}, found {schema!r}. {TRAIN}")


def _are_counts(metrics: Json) -> bool:
    """Tell whether these say of how many rows how many are right; a network that was never tested says nothing."""
    n, correct = metrics.get("n", 0), metrics.get("correct", 0)
    return integer(0).accepts(n) and integer(0, n).accepts(correct)


def _check_manifest(manifest: Json, config: TrainConfig) -> None:
    """Raise unless the fields of a manifest, each of which follows its rule, go with each other."""
    sizes, shape, features = manifest["sizes"], manifest["image_shape"], manifest["feature_names"]
    check(sizes[1:-1] == list(config.hidden), f"sizes are {sizes}, but hidden layers {list(config.hidden)}")
    names, none = len(manifest["class_names"]), " and one for what is no digit" if config.nondigits else ""
    check(sizes[-1] == output_count(names, config), f"{sizes[-1]} outputs, but {names} class names{none}")
    check((manifest["threshold"] is None) == (not config.nondigits), "non-digits or a threshold, but not both")
    check(not shape or shape[0] * shape[1] == sizes[0], f"{sizes[0]} inputs, but images of {shape and tuple(shape)}")
    check(features is None or len(features) == sizes[0], f"{sizes[0]} inputs, but {len(features or [])} feature names")
    check(bool(shape) or not manifest["transposed"], "rows that are no images are transposed")
    check(manifest["activation"] == config.activation, f"activation is {manifest['activation']!r}, but config's is not")
    check(bool(shape) or not config.filters, "filters, but rows that are no images")
    temperature = float(manifest["temperature"])
    check(temperature == 1 or config.loss == "cross-entropy", f"temperature is {temperature}, but there is no softmax")


def _assembled(arrays: Mapping[str, AnyArray], manifest: Json) -> Artifact:
    """Return the network, each part of it checked against the others."""
    config, sizes, features = config_from_json(manifest["config"]), manifest["sizes"], manifest["feature_names"]
    _check_manifest(manifest, config)
    shape = tuple(manifest["image_shape"]) if manifest["image_shape"] else None
    shapes = layer_shapes(tuple(sizes), config.filters)
    count = config.members * sum(fan_in * fan_out + fan_out for fan_in, fan_out in shapes)
    check(count * 4 <= MAX_BYTES, f"{count:,} parameters, expected {MAX_BYTES // 4:,} at most")  # of 8 bits, they'd fit
    expected: Expected = {}
    for member, (i, widths) in itertools.product(range(config.members), enumerate(shapes)):
        expected |= expected_of(_prefix(member, i), *widths, bits_of(arrays, f"{_prefix(0, 0)}.weight"))
    check_arrays(expected | dict.fromkeys(SCALING, ((sizes[0],), np.dtype(np.float32))), arrays)
    artifact = Artifact(
        params=_params(arrays, 0, len(shapes)),
        others=tuple(_params(arrays, member, len(shapes)) for member in range(1, config.members)),
        scaling=Scaling(arrays[SHIFT], arrays[SCALE], shape if config.filters else None),
        config=config,
        class_names=tuple(manifest["class_names"]),
        image_shape=shape,
        metrics=manifest["metrics"],
        manifest={name: manifest[name] for name in ("schema", "data", "versions")},
        transposed=manifest["transposed"],
        feature_names=None if features is None else tuple(features),
        temperature=float(manifest["temperature"]),
        threshold=None if manifest["threshold"] is None else float(manifest["threshold"]),
    )
    check_scaling(artifact.scaling, images=shape is not None)
    check_answers(artifact)
    return artifact


def _prefix(member: int, layer: int) -> str:
    """Return what the names of a layer's arrays begin with."""
    return f"member{member}.layer{layer}" if member else f"layer{layer}"


def _params(arrays: Mapping[str, AnyArray], member: int, layers: int) -> Params:
    """Return a member's layers, in order."""
    params = tuple(restored_layer(_prefix(member, i), arrays) for i in range(layers))
    for i, layer in enumerate(params):
        check(bool(np.isfinite(layer.weight).all()), f"{_prefix(member, i)}.step makes a weight infinite")
    return params
