"""A trained network as a file: `model.npz`, an archive whose arrays and manifest must fit together.

Arrays: `layer0.weight`, `layer0.bias`, `layer1.weight`, …, float32, or of fewer bits (see `pipeline.model.storage`);
the same of further networks that answer with the first, as `member1.layer0.weight`; `scaling.shift`, `scaling.scale`.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.archive import AnyArray, read_archive, write_archive
from pipeline.config import MAX_LAYERS, config_from_json, config_to_json
from pipeline.errors import ArtifactError, ConfigError
from pipeline.model.calibration import HIGHEST, LOWEST
from pipeline.model.shapes import layer_shapes
from pipeline.model.storage import Expected, bits_of, expected_of, restored_layer, stored_layer
from pipeline.types import Artifact, Json, Params, Scaling, TrainConfig

FORMAT = "scrawl model"
SCHEMA = 4
"""Version of the file's layout; rises when older code could not read what is written."""
OLDEST = 2
"""The oldest schema that is read: what it lacks is in `SINCE`."""
SINCE: Mapping[str, Any] = {"temperature": 1.0}
"""Fields that came after `OLDEST`, and what goes for a model without them."""
CONFIG_SINCE: Mapping[str, Any] = {"members": 1, "filters": 0}
"""The same for fields of the configuration."""

TRAIN = "Train a network with `python cli.py train`, or restore a copy."
SCALING = SHIFT, SCALE = "scaling.shift", "scaling.scale"
FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "format": str,
    "schema": int,
    "sizes": list,
    "activation": str,
    "class_names": list,
    "image_shape": (list, type(None)),
    "transposed": bool,
    "feature_names": (list, type(None)),
    "config": dict,
    "metrics": dict,
    "data": str,
    "versions": dict,
    "temperature": float,
}
"""What the manifest holds, and of which type."""


def save_model(path: Path, artifact: Artifact, bits: int = 32) -> None:
    """Write a trained network; the same bytes for the same network.

    Parameters
    ----------
    path : Path
    artifact : Artifact
    bits : 32, 16 or 8
        Of each weight: see `pipeline.model.storage`.

    Raises
    ------
    ArtifactError
        If `load_model` would refuse the file, or a weight is too large for float16.
    OutputError
        If it can't be written; what was there is untouched.
    """
    try:
        arrays, manifest = _arrays_of(artifact, bits), _manifest_of(artifact)
    except ValueError as error:
        raise ArtifactError(f"{path}: {error}. Store the network with 8 bits or 32.") from error
    _checked(arrays, manifest, path)
    write_archive(path, arrays, manifest)


def load_model(path: Path) -> Artifact:
    """Read a trained network and check that all of it fits together; its arrays are float32 and read-only.

    Raises
    ------
    ArtifactError
        If the file is missing, damaged, no model, made by a newer Scrawl, or contradicts itself.
    """
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
    return {
        "format": FORMAT,
        "schema": SCHEMA,
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
    }


def _checked(arrays: Mapping[str, AnyArray], manifest: Json, path: Path) -> Artifact:
    """Return the network that arrays and manifest describe, or say what is wrong with which file."""
    _check_schema(manifest, path)
    if manifest["schema"] < SCHEMA:
        manifest = {**SINCE, **manifest}
        if isinstance(manifest.get("config"), dict):
            manifest["config"] = {**CONFIG_SINCE, **manifest["config"]}
    try:
        _check_fields(manifest)
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


def _check_fields(manifest: Json) -> None:
    """Raise unless each field of the manifest is there and of its type."""
    _check_names("fields", FIELDS, manifest)
    for name, expected in FIELDS.items():
        _check(isinstance(manifest[name], expected), f"{name} is of type {type(manifest[name]).__name__}")
    features = manifest["feature_names"] or []
    _check(all(isinstance(name, str) for name in features), f"feature_names are {features}")
    sizes, names, shape = manifest["sizes"], manifest["class_names"], manifest["image_shape"]
    _check(_are_lengths(sizes) and 2 <= len(sizes) <= MAX_LAYERS + 1, f"sizes are {sizes}")  # noqa: PLR2004 -- in, out
    _check(all(isinstance(name, str) for name in names) and len(set(names)) == len(names), f"class_names are {names}")
    _check(shape is None or (_are_lengths(shape) and len(shape) == 2), f"image_shape is {shape}")  # noqa: PLR2004 -- h, w


def _assembled(arrays: Mapping[str, AnyArray], manifest: Json) -> Artifact:
    """Return the network, each part of it checked against the others."""
    config, sizes, names = config_from_json(manifest["config"]), manifest["sizes"], manifest["class_names"]
    shape = tuple(manifest["image_shape"]) if manifest["image_shape"] else None
    _check(sizes[1:-1] == list(config.hidden), f"sizes are {sizes}, but hidden layers {list(config.hidden)}")
    _check(sizes[-1] == len(names), f"{sizes[-1]} outputs, but {len(names)} class names")
    _check(shape is None or shape[0] * shape[1] == sizes[0], f"{sizes[0]} inputs, but images of {shape}")
    features = manifest["feature_names"]
    _check(features is None or len(features) == sizes[0], f"{sizes[0]} inputs, but {len(features or [])} feature names")
    _check(shape is not None or not manifest["transposed"], "rows that are no images are transposed")
    _check(
        manifest["activation"] == config.activation, f"activation is {manifest['activation']!r}, but config's is not"
    )
    _check(shape is not None or not config.filters, "filters, but rows that are no images")
    _check_temperature(manifest["temperature"], config)
    shapes = layer_shapes(tuple(sizes), config.filters)
    expected = tuple(_expected(sizes[0], shapes, config.members, bits_of(arrays, f"{_prefix(0, 0)}.weight")))
    _check_names("arrays", [each.name for each in expected], arrays)
    for each in expected:
        _check_array(each, arrays[each.name])
    alike = not arrays[SHIFT].any() and not np.ptp(arrays[SCALE])
    _check(alike or not config.filters, "filters, but pixels that are scaled each in its own way")
    return Artifact(
        params=_params(arrays, 0, len(shapes)),
        others=tuple(_params(arrays, member, len(shapes)) for member in range(1, config.members)),
        scaling=Scaling(arrays[SHIFT], arrays[SCALE], shape if config.filters else None),
        config=config,
        class_names=tuple(names),
        image_shape=shape,
        metrics=manifest["metrics"],
        manifest={name: manifest[name] for name in ("schema", "data", "versions")},
        transposed=manifest["transposed"],
        feature_names=None if manifest["feature_names"] is None else tuple(manifest["feature_names"]),
        temperature=manifest["temperature"],
    )


def _check_temperature(temperature: float, config: TrainConfig) -> None:
    """Raise unless probabilities can be made at a temperature."""
    _check(LOWEST <= temperature <= HIGHEST, f"temperature is {temperature}, expected {LOWEST} to {HIGHEST}")
    _check(temperature == 1 or config.loss == "cross-entropy", f"temperature is {temperature}, but there is no softmax")


def _prefix(member: int, layer: int) -> str:
    """Return what the names of a layer's arrays begin with."""
    return f"member{member}.layer{layer}" if member else f"layer{layer}"


def _params(arrays: Mapping[str, AnyArray], member: int, layers: int) -> Params:
    """Return a member's layers, in order."""
    params = tuple(restored_layer(_prefix(member, i), arrays) for i in range(layers))
    for i, layer in enumerate(params):
        _check(bool(np.isfinite(layer.weight).all()), f"{_prefix(member, i)}.step makes a weight infinite")
    return params


def _expected(features: int, shapes: tuple[tuple[int, int], ...], members: int, bits: int) -> Iterator[Expected]:
    """Yield each array of networks of layers of these shapes, and the scaling of their inputs."""
    for member, (i, widths) in itertools.product(range(members), enumerate(shapes)):
        yield from expected_of(_prefix(member, i), *widths, bits)
    for name in SCALING:
        yield Expected(name, (features,), np.dtype(np.float32))


def _check_array(expected: Expected, array: AnyArray) -> None:
    """Raise unless an array has its shape and type, and is finite throughout."""
    name, shape, dtype = expected
    found = f"{array.dtype} {array.shape}"
    _check(array.shape == shape and array.dtype == dtype, f"{name} is {found}, expected {dtype} {shape}")
    _check(bool(np.isfinite(array).all()), f"{name} has a value that is infinite or not a number")


def _check_names(what: str, expected: Iterable[str], found: Iterable[str]) -> None:
    """Raise unless the names are the expected ones."""
    missing, extra = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
    _check(not missing, f"missing {what}: {', '.join(missing)}")
    _check(not extra, f"unknown {what}: {', '.join(extra)}")


def _are_lengths(value: list[Any]) -> bool:
    """Tell whether these are widths or heights."""
    return all(type(length) is int and length >= 1 for length in value)


def _check(holds: bool, fault: str) -> None:  # noqa: FBT001 -- a condition is what it takes
    """Raise a fault, which `_checked` completes to a message, unless the condition holds."""
    if not holds:
        raise ValueError(f"{fault}.")
