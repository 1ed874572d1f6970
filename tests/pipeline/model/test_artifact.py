"""Models come back as they were, or with the reason why not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pipeline.archive import AnyArray, decode, encode
from pipeline.errors import ArtifactError
from pipeline.model.artifact import SCALE, SHIFT, load_model, save_model
from pipeline.model.shapes import layer_shapes
from pipeline.types import Artifact, Layer, Scaling, TrainConfig
from tests.strategies import network

SHAPES = st.none() | st.tuples(st.integers(1, 5), st.integers(1, 5))


def model(
    hidden: tuple[int, ...] = (3,),
    shape: tuple[int, int] | None = (2, 2),
    seed: int = 0,
    filters: int = 0,
    threshold: float | None = None,
) -> Artifact:
    width, outputs = shape[0] * shape[1] if shape else 4, 2 if threshold is None else 3
    params = [layer for sizes in layer_shapes((width, *hidden, outputs), filters) for layer in network(seed, sizes)]
    black, white = np.zeros(width, np.float32), np.full(width, 1 / 255, np.float32)
    return Artifact(
        params=tuple(Layer(layer.weight.astype(np.float32), layer.bias.astype(np.float32)) for layer in params),
        scaling=Scaling(black, white, shape if filters else None),
        config=TrainConfig(
            filters=filters, hidden=hidden, activation="tanh", seed=seed, nondigits=0 if threshold is None else 7
        ),
        class_names=("yes", "no"),
        image_shape=shape,
        metrics={"n": 10, "correct": 9},
        manifest={"data": "0" * 64, "versions": {"numpy": "2.4"}},
        transposed=shape is not None and seed % 2 == 1,
        feature_names=None if shape else ("a", "b", "c", "d"),
        temperature=1 + seed % 7 / 8,
        threshold=threshold,
    )


def contents(artifact: Artifact, folder: Path) -> tuple[dict[str, AnyArray], dict[str, Any]]:
    save_model(folder / "model.npz", artifact)
    return decode((folder / "model.npz").read_bytes(), "model.npz")


def load_forged(arrays: dict[str, AnyArray], manifest: dict[str, Any], folder: Path) -> Artifact:
    (folder / "model.npz").write_bytes(encode(arrays, manifest))
    return load_model(folder / "model.npz")


THRESHOLDS = st.none() | st.floats(-30, 30)


@given(
    st.integers(0, 2**31 - 1), st.lists(st.integers(1, 6), max_size=3).map(tuple), SHAPES, st.integers(0, 3), THRESHOLDS
)
def test_a_model_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    hidden: tuple[int, ...],
    shape: tuple[int, int] | None,
    filters: int,
    threshold: float | None,
) -> None:
    folder, stored = tmp_path_factory.mktemp("model"), model(hidden, shape, seed, filters if shape else 0, threshold)
    save_model(folder / "model.npz", stored)
    found = load_model(folder / "model.npz")
    assert found._replace(params=(), scaling=stored.scaling, manifest={}) == stored._replace(params=(), manifest={})
    assert found.manifest == {"schema": 4 if threshold is None else 5, **stored.manifest}
    assert found.scaling.edges_of == stored.scaling.edges_of
    for array, expected in zip([*found.params, found.scaling[:2]], [*stored.params, stored.scaling[:2]], strict=True):
        assert array[0].tobytes() + array[1].tobytes() == expected[0].tobytes() + expected[1].tobytes()
        assert not array[0].flags.writeable
        assert not array[1].flags.writeable
    save_model(folder / "again.npz", found)
    assert (folder / "again.npz").read_bytes() == (folder / "model.npz").read_bytes()


@given(st.integers(0, 2**31 - 1), st.floats(-60_000, 60_000))
def test_half_the_bytes_come_back_as_near_as_they_can_be(
    tmp_path_factory: pytest.TempPathFactory, seed: int, weight: float
) -> None:
    folder, stored = tmp_path_factory.mktemp("model"), model((40, 30), seed=seed)
    stored.params[1].weight[3, 4] = weight
    save_model(folder / "whole.npz", stored)
    save_model(folder / "half.npz", stored, 16)
    assert (folder / "half.npz").stat().st_size < 0.75 * (folder / "whole.npz").stat().st_size
    found = load_model(folder / "half.npz")
    for layer, expected in zip(found.params, stored.params, strict=True):
        for array, exact in zip(layer, expected, strict=True):
            assert array.dtype == np.float32
            assert not array.flags.writeable
            np.testing.assert_array_equal(array, exact.astype(np.float16))
            np.testing.assert_allclose(array, exact, rtol=2.0**-11, atol=2.0**-25)
    assert found.scaling.scale.tobytes() == stored.scaling.scale.tobytes()
    save_model(folder / "again.npz", found, 16)
    assert (folder / "again.npz").read_bytes() == (folder / "half.npz").read_bytes()


def test_what_is_too_large_for_half_the_bytes_is_not_stored(tmp_path: Path) -> None:
    large = model()
    large.params[1].bias[0] = -70_000
    with pytest.raises(ArtifactError, match=r"model\.npz: layer1\.bias holds 70000; expected at most 65504"):
        save_model(tmp_path / "model.npz", large, 16)
    assert not (tmp_path / "model.npz").exists()


def test_every_changed_byte_of_half_a_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    save_model(path, model((1,), (1, 2)), 16)
    content = path.read_bytes()
    for position in range(0, len(content), 7):
        path.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
        with pytest.raises(ArtifactError, match=r"model\.npz: "):
            load_model(path)


WRONG_HALVES: dict[str, tuple[str, AnyArray, str]] = {
    "infinite": ("layer1.bias", np.full(2, np.inf, np.float16), "layer1.bias has a value that is infinite"),
    "not a number": (
        "layer0.weight",
        np.full((4, 3), np.nan, np.float16),
        "layer0.weight has a value that is infinite",
    ),
    "a layer whole": ("layer1.bias", np.zeros(2, np.float32), "layer1.bias is float32 (2,), expected float16 (2,)"),
    "the scaling too": (
        "scaling.shift",
        np.zeros(4, np.float16),
        "scaling.shift is float16 (4,), expected float32 (4,)",
    ),
    "the first not": (
        "layer0.weight",
        np.zeros((4, 3), np.float32),
        "layer0.bias is float16 (3,), expected float32 (3,)",
    ),
}


@pytest.mark.parametrize(("name", "array", "fault"), WRONG_HALVES.values(), ids=WRONG_HALVES)
def test_halves_that_do_not_fit_are_refused(name: str, array: AnyArray, fault: str, tmp_path: Path) -> None:
    save_model(tmp_path / "model.npz", model(), 16)
    arrays, manifest = decode((tmp_path / "model.npz").read_bytes(), "model.npz")
    assert arrays["layer0.weight"].dtype == np.float16
    with pytest.raises(ArtifactError) as caught:
        load_forged({**arrays, name: array}, manifest, tmp_path)
    assert fault in str(caught.value)


WRONG_EIGHTHS: dict[str, tuple[str, AnyArray, str]] = {
    "a layer whole": (
        "layer1.weight",
        np.zeros((3, 2), np.float32),
        "layer1.weight is float32 (3, 2), expected int8 (3, 2)",
    ),
    "a step for each row": (
        "layer1.step",
        np.ones(3, np.float32),
        "layer1.step is float32 (3,), expected float32 (2,)",
    ),
    "no number for a step": ("layer1.step", np.full(2, np.nan, np.float32), "layer1.step has a value that is infinite"),
    "steps without end": ("layer1.step", np.full(2, 3e38, np.float32), "layer1.step makes a weight infinite"),
}


@pytest.mark.parametrize(("name", "array", "fault"), WRONG_EIGHTHS.values(), ids=WRONG_EIGHTHS)
def test_8_bits_that_do_not_fit_are_refused(name: str, array: AnyArray, fault: str, tmp_path: Path) -> None:
    save_model(tmp_path / "model.npz", model(), 8)
    arrays, manifest = decode((tmp_path / "model.npz").read_bytes(), "model.npz")
    with pytest.raises(ArtifactError) as caught:
        load_forged({**arrays, name: array}, manifest, tmp_path)
    assert fault in str(caught.value)


def test_the_manifest_says_what_the_model_is(tmp_path: Path) -> None:
    arrays, manifest = contents(model(), tmp_path)
    layers = ["layer0.weight", "layer0.bias", "layer1.weight", "layer1.bias"]
    assert list(arrays) == [*layers, "scaling.shift", "scaling.scale"]
    assert (manifest["format"], manifest["schema"]) == ("scrawl model", 4)
    assert (manifest["sizes"], manifest["activation"]) == ([4, 3, 2], "tanh")
    assert (manifest["class_names"], manifest["image_shape"]) == (["yes", "no"], [2, 2])
    assert manifest["metrics"] == {"n": 10, "correct": 9}
    assert manifest["config"]["hidden"] == [3]


def test_no_model_yet_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"model\.npz: expected a file, found none\. Train a network with `python"):
        load_model(tmp_path / "model.npz")


@pytest.mark.jit  # slow without it
def test_every_truncation_of_a_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    save_model(path, model((1,), (1, 2)))
    content = path.read_bytes()
    for length in range(len(content) - 1, -1, -1):
        with path.open("r+b") as file:
            file.truncate(length)
        with pytest.raises(ArtifactError, match=r"model\.npz: "):
            load_model(path)


Change = Callable[[dict[str, AnyArray]], dict[str, AnyArray]]


def put(name: str, array: AnyArray) -> Change:
    return lambda arrays: {**arrays, name: array}


def spoiled(name: str, value: float) -> Change:
    def spoil(arrays: dict[str, AnyArray]) -> dict[str, AnyArray]:
        array = arrays[name].copy()
        array.flat[-1] = value
        return {**arrays, name: array}

    return spoil


def without_scaling(arrays: dict[str, AnyArray]) -> dict[str, AnyArray]:
    return {name: array for name, array in arrays.items() if not name.startswith("scaling.")}


WRONG_ARRAYS: dict[str, tuple[Change, str]] = {
    "not a number": (spoiled("layer0.weight", np.nan), "layer0.weight has a value that is infinite or not a number"),
    "infinite": (spoiled("layer1.bias", np.inf), "layer1.bias has a value that is infinite"),
    "infinite shift": (spoiled("scaling.shift", -np.inf), "scaling.shift has a value that is infinite"),
    "scale not a number": (spoiled("scaling.scale", np.nan), "scaling.scale has a value that is infinite"),
    "double precision": (put("layer0.bias", np.zeros(3)), "layer0.bias is float64 (3,), expected float32 (3,)"),
    "a broken chain": (
        put("layer1.weight", np.zeros((5, 2), np.float32)),
        "layer1.weight is float32 (5, 2), expected float32 (3, 2)",
    ),
    "a short bias": (put("layer0.bias", np.zeros(2, np.float32)), "layer0.bias is float32 (2,), expected float32 (3,)"),
    "a flat weight": (put("layer0.weight", np.zeros(12, np.float32)), "layer0.weight is float32 (12,)"),
    "a short scaling": (put("scaling.scale", np.ones(3, np.float32)), "scaling.scale is float32 (3,)"),
    "a layer too many": (put("layer2.bias", np.zeros(2, np.float32)), "unknown arrays: layer2.bias"),
    "no scaling": (
        without_scaling,
        "missing arrays: scaling.scale, ",
    ),
}


@pytest.mark.parametrize(("change", "fault"), WRONG_ARRAYS.values(), ids=WRONG_ARRAYS)
def test_arrays_that_do_not_fit_are_refused(change: Change, fault: str, tmp_path: Path) -> None:
    arrays, manifest = contents(model(), tmp_path)
    with pytest.raises(ArtifactError) as caught:
        load_forged(change(arrays), manifest, tmp_path)
    assert f"model.npz: the model contradicts itself: {fault}" in str(caught.value)
    assert "`python cli.py train`" in str(caught.value)


IMAGE = "image_shape must be height and width, of 1,048,576 pixels at most, or null; "


WRONG_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "no model": ({"format": "scrawl checkpoint"}, "expected a scrawl model, found 'scrawl checkpoint'"),
    "newer": ({"schema": 6}, "made by a newer Scrawl: expected schema 5, found 6. Update Scrawl to use it."),
    "newer, other fields": ({"schema": 9, "sizes": None}, "made by a newer Scrawl"),
    "older": ({"schema": 1}, "expected schema 2 to 5, found 1. Train a network"),
    "schema in words": ({"schema": "one"}, "expected schema 2 to 5, found 'one'"),
    "schema and a half": ({"schema": 2.5}, "expected schema 2 to 5, found 2.5"),
    "an unknown field": ({"colour": "red"}, "unknown fields: colour"),
    "no sizes": ({"sizes": None}, "sizes must be 2 to 33 widths, from the inputs to the classes; found None"),
    "sizes in words": (
        {"sizes": [4, "3", 2]},
        "sizes must be 2 to 33 widths, from the inputs to the classes; found [4, '3', 2]",
    ),
    "sizes true": (
        {"sizes": [True, 3, 2]},
        "sizes must be 2 to 33 widths, from the inputs to the classes; found [True, 3, 2]",
    ),
    "a single size": ({"sizes": [4]}, "sizes must be 2 to 33 widths, from the inputs to the classes; found [4]"),
    "an empty layer": (
        {"sizes": [4, 0, 2]},
        "sizes must be 2 to 33 widths, from the inputs to the classes; found [4, 0, 2]",
    ),
    "endless layers": (
        {"sizes": [4] * 99},
        "sizes must be 2 to 33 widths, from the inputs to the classes; found [4, 4, 4",
    ),
    "other sizes": ({"sizes": [4, 5, 2]}, "sizes are [4, 5, 2], but hidden layers [3]"),
    "more than memory holds": (
        {"sizes": [2**29, 3, 2], "image_shape": None},
        "1,610,612,747 parameters, expected 268,435,456 at most",
    ),
    "other inputs": (
        {"sizes": [9, 3, 2], "image_shape": None},
        "layer0.weight is float32 (4, 3), expected float32 (9,",
    ),
    "other image": ({"image_shape": [28, 28]}, "4 inputs, but images of (28, 28)"),
    "a flat image": ({"image_shape": [4]}, f"{IMAGE}found [4]"),
    "an image as large as a wall": (
        {"image_shape": [4096, 4096]},
        f"{IMAGE}found [4096, 4096]",
    ),
    "an image in words": ({"image_shape": "2x2"}, f"{IMAGE}found '2x2'"),
    "turned in words": ({"transposed": "no"}, "transposed must be true or false; found 'no'"),
    "turned, but no image": ({"transposed": True, "image_shape": None}, "rows that are no images are transposed"),
    "a name missing": ({"feature_names": ["a"]}, "4 inputs, but 1 feature names"),
    "names as numbers": (
        {"feature_names": [1, 2, 3, 4]},
        "feature_names must be a list of texts, or null; found [1, 2, 3, 4]",
    ),
    "a class too many": ({"class_names": ["a", "b", "c"]}, "2 outputs, but 3 class names"),
    "a class twice": (
        {"class_names": ["a", "a"]},
        "class_names must be a list of texts, no two of them alike; found",
    ),
    "classes as numbers": (
        {"class_names": [0, 1]},
        "class_names must be a list of texts, no two of them alike; found",
    ),
    "other activation": ({"activation": "relu"}, "activation is 'relu', but config's is not"),
    "an older one's configuration": ({"schema": 2, "config": 7}, "config must be an object; found 7"),
    "no configuration": ({"config": {}}, "expected the fields"),
    "too cold": ({"temperature": 0.01}, "temperature must be a number from 0.05 to 20.0; found 0.01"),
    "too hot": ({"temperature": 1e300}, "temperature must be a number from 0.05 to 20.0; found 1e+300"),
    "temperature in words": ({"temperature": "mild"}, "temperature must be a number from 0.05 to 20.0; found 'mild'"),
    "more right than there are": ({"metrics": {"n": 2, "correct": 3}}, "metrics must be counts of the test rows"),
    "metrics": ({"metrics": 0.99}, "metrics must be counts of the test rows; found 0.99"),
}


@pytest.mark.parametrize(("fields", "fault"), WRONG_FIELDS.values(), ids=WRONG_FIELDS)
def test_a_manifest_that_does_not_fit_is_refused(fields: dict[str, Any], fault: str, tmp_path: Path) -> None:
    arrays, manifest = contents(model(), tmp_path)
    with pytest.raises(ArtifactError) as caught:
        load_forged(arrays, {**manifest, **fields}, tmp_path)
    assert str(tmp_path / "model.npz: ") in str(caught.value)
    assert fault in str(caught.value)


def test_a_model_from_before_temperatures_and_ensembles_is_read(tmp_path: Path) -> None:
    arrays, manifest = contents(model()._replace(temperature=1.5), tmp_path)
    older = {name: manifest[name] for name in manifest if name != "temperature"}
    config = {name: value for name, value in manifest["config"].items() if name not in {"members", "filters"}}
    found = load_forged(arrays, {**older, "config": config, "schema": 2}, tmp_path)
    assert (found.temperature, found.config.members, found.config.filters) == (1.0, 1, 0)
    assert found.manifest["schema"] == 2
    assert contents(found, tmp_path)[1]["schema"] == 4


def test_a_model_from_before_filters_is_read(tmp_path: Path) -> None:
    arrays, manifest = contents(model(), tmp_path)
    config = {name: value for name, value in manifest["config"].items() if name != "filters"}
    found = load_forged(arrays, {**manifest, "config": config, "schema": 3}, tmp_path)
    assert (found.config.filters, found.scaling.edges_of) == (0, None)


FILTERS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no images": ({"image_shape": None}, {}, "filters, but rows that are no images"),
    "none of them": ({}, {"filters": 0}, "unknown arrays: layer2.bias, layer2.weight"),
    "more of them": ({}, {"filters": 3}, "layer0.weight is float32 (200, 2), expected float32 (200, 3)"),
    "too many": ({}, {"filters": 1025}, "filters must be a whole number from 0 to 1024; found 1025"),
    "in words": ({}, {"filters": "two"}, "filters must be a whole number from 0 to 1024; found 'two'"),
}


@pytest.mark.parametrize(("fields", "settings", "fault"), FILTERS.values(), ids=FILTERS)
def test_filters_that_do_not_fit_are_refused(
    fields: dict[str, Any], settings: dict[str, Any], fault: str, tmp_path: Path
) -> None:
    arrays, manifest = contents(model(filters=2), tmp_path)
    forged = {**manifest, **fields, "config": {**manifest["config"], **settings}}
    with pytest.raises(ArtifactError) as caught:
        load_forged(arrays, forged, tmp_path)
    assert fault in str(caught.value)


def test_the_layer_after_filters_must_read_all_their_answers(tmp_path: Path) -> None:
    arrays, manifest = contents(model(filters=2), tmp_path)
    assert (arrays["layer1.weight"].shape, manifest["sizes"]) == ((50, 3), [4, 3, 2])
    with pytest.raises(ArtifactError, match=r"layer1\.weight is float32 \(49, 3\), expected float32 \(50, 3\)"):
        load_forged({**arrays, "layer1.weight": arrays["layer1.weight"][:49]}, manifest, tmp_path)


@pytest.mark.parametrize(("name", "change"), [(SHIFT, 1.0), (SCALE, 0.5)])
@pytest.mark.parametrize("filters", [0, 2])
def test_pixels_are_scaled_alike(tmp_path: Path, name: str, change: float, filters: int) -> None:
    arrays, manifest = contents(model(filters=filters), tmp_path)
    load_forged(arrays, manifest, tmp_path)
    forged = arrays[name].copy()
    forged[1] += change
    with pytest.raises(ArtifactError, match="pixels are scaled each in its own way"):
        load_forged({**arrays, name: forged}, manifest, tmp_path)


SCORES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "endless": ({"threshold": 1e31}, {}, "threshold must be a finite number, or null; found 1e+31"),
    "no threshold": ({"threshold": None}, {}, "non-digits or a threshold, but not both"),
    "no output": ({"sizes": [4, 3, 2]}, {}, "2 outputs, but 2 class names and one for what is no digit"),
    "no non-digits": ({}, {"nondigits": 0}, "3 outputs, but 2 class names"),
    "no softmax": ({"temperature": 1}, {"loss": "quadratic"}, "nondigits 7 goes with the loss cross-entropy"),
}


@pytest.mark.parametrize(("fields", "settings", "fault"), SCORES.values(), ids=SCORES)
def test_a_score_that_does_not_fit_is_refused(
    fields: dict[str, Any], settings: dict[str, Any], fault: str, tmp_path: Path
) -> None:
    arrays, manifest = contents(model(threshold=0.5), tmp_path)
    forged = {**manifest, **fields, "config": {**manifest["config"], **settings}}
    with pytest.raises(ArtifactError) as caught:
        load_forged(arrays, forged, tmp_path)
    assert fault in str(caught.value)


def test_without_a_softmax_there_is_no_temperature(tmp_path: Path) -> None:
    config = model().config._replace(loss="quadratic")
    save_model(tmp_path / "model.npz", model()._replace(config=config))
    with pytest.raises(ArtifactError, match=r"temperature is 1\.5, but there is no softmax"):
        save_model(tmp_path / "model.npz", model()._replace(config=config, temperature=1.5))


def test_every_field_is_needed(tmp_path: Path) -> None:
    arrays, manifest = contents(model(threshold=0.5), tmp_path)
    for name in manifest:
        with pytest.raises(ArtifactError, match=rf"missing fields: {name}|found None"):
            load_forged(arrays, {other: manifest[other] for other in manifest if other != name}, tmp_path)


def test_what_could_not_be_loaded_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    save_model(path, model())
    before = path.read_bytes()
    with pytest.raises(ArtifactError, match="2 outputs, but 1 class names"):
        save_model(path, model()._replace(class_names=("yes",)))
    assert path.read_bytes() == before
