"""Configurations: their sources, their order, and what is refused."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from kernels.types import ACTIVATIONS, LOSSES, OPTIMIZERS
from pipeline.config import (
    ADDED,
    PRESETS,
    SCHEDULES,
    combined,
    config_from_json,
    config_to_json,
    distortion_for,
    parse_hidden,
    validated,
)
from pipeline.errors import ConfigError
from pipeline.types import TrainConfig

ROOT = Path(__file__).parents[2]

configs = st.builds(
    TrainConfig,
    filters=st.integers(0, 1024),
    hidden=st.lists(st.integers(1, 5000), max_size=5).map(tuple),
    activation=st.sampled_from(tuple(ACTIVATIONS)),
    loss=st.sampled_from(tuple(LOSSES)),
    label_smoothing=st.just(0.0),
    optimizer=st.sampled_from(tuple(OPTIMIZERS)),
    momentum=st.floats(0, 1, exclude_max=True),
    weight_decay=st.floats(0, 10),
    schedule=st.sampled_from(SCHEDULES),
    learning_rate=st.floats(0, 10, exclude_min=True),
    batch_size=st.integers(1, 10_000),
    epochs=st.integers(1, 10_000),
    seed=st.integers(0, 2**31 - 1),
    members=st.just(1),
    validation_fraction=st.floats(0.001, 1, exclude_max=True),
    distortion=st.floats(0, 2),
    distortion_decay=st.floats(0, 1),
    patience=st.integers(0, 100),
    shuffle_buffer=st.integers(0, 10_000),
    shards=st.integers(2, 64),
    average_every=st.integers(0, 100),
    nondigits=st.just(0),
    scans=st.integers(0, 100),
)


@given(configs)
def test_a_configuration_survives_json(config: TrainConfig) -> None:
    assert config_from_json(json.loads(json.dumps(config_to_json(config)))) == config


def test_presets_are_sound_and_original_is_the_original() -> None:
    for config in PRESETS.values():
        assert validated(config) is config
    original = PRESETS["original"]
    assert (original.hidden, original.activation, original.loss) == ((30, 20), "sigmoid", "quadratic")
    assert original.filters == 0
    assert (original.batch_size, original.learning_rate, original.optimizer) == (15, 0.06, "sgd")


def test_options_win_over_the_file_which_wins_over_the_preset(tmp_path: Path) -> None:
    toml = tmp_path / "run.toml"
    toml.write_text('preset = "original"\nhidden = [7]\nlearning-rate = 0.5\nepochs = 2\n')
    config, chosen = combined(None, toml, {"epochs": 9, "seed": None})
    assert config == PRESETS["original"]._replace(hidden=(7,), learning_rate=0.5, epochs=9)
    assert chosen == set(config._fields) - {"shuffle_buffer"}, (
        "of the original, number for number, nothing is to be suited to the rows"
    )
    config, chosen = combined("quick", toml, {"epochs": 9, "seed": None})
    assert chosen == {"hidden", "learning_rate", "epochs"}
    assert config.activation == PRESETS["quick"].activation
    assert combined(None, None, {}) == (PRESETS["quick"], frozenset())


BAD_FIELDS: list[tuple[str, Any, str]] = [
    ("filters", -1, "filters must be a whole number from 0 to 1024; found -1"),
    ("filters", 1025, "filters must be a whole number from 0 to 1024; found 1025"),
    ("filters", 2.5, "filters must be a whole number from 0 to 1024; found 2.5"),
    ("hidden", (30, 0), "hidden must be fewer than 32 widths from 1 to 65536"),
    ("hidden", (1,) * 32, "hidden must be fewer than 32 widths"),
    ("hidden", "30", "hidden must be"),
    ("activation", "softplus", "activation must be one of sigmoid, tanh, relu; found 'softplus'"),
    ("loss", "hinge", "loss must be one of cross-entropy, quadratic"),
    ("label_smoothing", 1.0, "label_smoothing must be a number from 0 to below 1; found 1.0"),
    ("optimizer", "lion", "optimizer must be one of sgd, momentum, nesterov, adamw"),
    ("schedule", "step", "schedule must be one of constant, cosine, one-cycle"),
    ("momentum", 1.0, "momentum must be a number from 0 to below 1; found 1.0"),
    ("weight_decay", -0.1, "weight_decay must be a number from 0 up"),
    ("learning_rate", 0, "learning_rate must be a number above 0; found 0"),
    ("learning_rate", float("nan"), "learning_rate must be a number above 0; found nan"),
    ("learning_rate", 10**400, "learning_rate must be a number above 0"),
    ("learning_rate", "fast", "learning_rate must be a number above 0; found 'fast'"),
    ("batch_size", 0, "batch_size must be a whole number from 1"),
    ("epochs", 1.5, "epochs must be a whole number from 1"),
    ("epochs", True, "epochs must be a whole number from 1"),
    ("members", 0, "members must be a whole number from 1 to 64; found 0"),
    ("members", 65, "members must be a whole number from 1 to 64; found 65"),
    ("seed", -1, "seed must be a whole number from 0"),
    ("validation_fraction", 1.0, "validation_fraction must be a number from 0 to below 1"),
    ("distortion", 2.5, "distortion must be a number from 0 to 2; found 2.5"),
    ("distortion_decay", 1.5, "distortion_decay must be a number from 0 to 1"),
    ("patience", -1, "patience must be a whole number from 0"),
]


@pytest.mark.parametrize(
    ("field", "value", "message"), BAD_FIELDS, ids=[f"{f}-{i}" for i, (f, *_) in enumerate(BAD_FIELDS)]
)
def test_a_bad_value_is_named(field: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        combined(None, None, {field: value})
    assert message in str(caught.value)


def test_patience_needs_validation_rows() -> None:
    with pytest.raises(ConfigError, match="patience 3 needs validation rows"):
        combined(None, None, {"patience": 3, "validation_fraction": 0.0})


def test_patience_goes_with_a_single_network() -> None:
    with pytest.raises(ConfigError, match="patience 3 goes with a single network; found 2 members"):
        combined(None, None, {"patience": 3, "members": 2})


@pytest.mark.parametrize(
    ("augment", "distortion", "share"), [(True, None, 1.0), (False, None, 0.0), (True, 0.4, 0.4), (False, 0.0, 0.0)]
)
def test_a_switch_stands_for_a_share_of_distortions(augment: bool, distortion: float | None, share: float) -> None:  # noqa: FBT001
    assert distortion_for(augment, distortion) == share


@pytest.mark.parametrize(("augment", "distortion", "text"), [(True, 0.0, "--augment"), (False, 1.0, "--no-augment")])
def test_a_switch_and_a_share_may_not_contradict_each_other(augment: bool, distortion: float, text: str) -> None:  # noqa: FBT001
    with pytest.raises(ConfigError, match=f"{text} and --distortion {distortion} contradict"):
        distortion_for(augment, distortion)


def test_smoothed_labels_need_probabilities() -> None:
    with pytest.raises(ConfigError, match=r"label_smoothing 0.1 goes with the loss cross-entropy; found quadratic"):
        combined("original", None, {"label_smoothing": 0.1})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epochs = ", "expected TOML"),
        ("epoch = 3", "unknown epoch; expected some of preset, filters"),
        ('preset = "fast"', "expected one of quick, good, best, original; found 'fast'"),
        ("preset = [1]", "expected one of quick, good, best, original; found [1]"),
        ("batch-size = 0", "batch_size must be a whole number from 1"),
        (f"epochs = 1{'0' * 400}", "epochs must be a whole number from 1 to 2147483647; found 100"),
        (f"learning-rate = 1{'0' * 400}", "learning_rate must be a number above 0; found 100"),
        (f"epochs = 1{'0' * 5000}", "expected TOML"),
        (f"epochs = 0x1{'0' * 5000}", "found a number of thousands of digits"),
        (f"hidden = {'[' * 5000}", "expected TOML"),
        ('hidden = "30,wide"', "hidden: expected fewer than 32 widths from 1 to 65536, such as 30,20; found '30,wide'"),
        ('hidden = "0"', "hidden must be fewer than 32 widths"),
        ("learning-rate = 1.0\nlearning_rate = 2.0", "found learning_rate twice, with dashes and with underscores"),
    ],
    ids=lambda text: text[:30],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    toml = tmp_path / "run.toml"
    toml.write_text(text)
    with pytest.raises(ConfigError) as caught:
        combined(None, toml, {})
    assert message in str(caught.value)
    assert str(toml) in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("value", ['"30,20"', "[30, 20]"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_widths_are_a_list_or_a_text_as_on_the_command_line(tmp_path: Path, value: str, mark: bytes) -> None:
    toml = tmp_path / "run.toml"
    toml.write_bytes(mark + f"hidden = {value}\n".encode())
    assert combined(None, toml, {}).config.hidden == (30, 20)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can't be read: No such file"):
        combined(None, tmp_path / "none.toml", {})


@pytest.mark.parametrize(("text", "expected"), [("30,20", (30, 20)), (" 512 ", (512,)), ("none", ()), ("", ())])
def test_widths_are_parsed(text: str, expected: tuple[int, ...]) -> None:
    assert parse_hidden(text) == expected


def test_words_are_no_widths() -> None:
    with pytest.raises(ConfigError, match=r"--hidden: expected .* found '30,wide'"):
        parse_hidden("30,wide")


@pytest.mark.parametrize("fields", [{}, {**config_to_json(TrainConfig()), "more": 1}])
def test_json_with_other_fields_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="expected the fields"):
        config_from_json(fields)


def test_a_field_may_be_called_as_it_was_in_files_of_old(tmp_path: Path) -> None:
    (tmp_path / "old.toml").write_text("fading = 0.5", encoding="utf-8")
    assert combined(None, tmp_path / "old.toml", {}).config.distortion_decay == 0.5
    fields = config_to_json(TrainConfig())
    old = {"fading" if name == "distortion_decay" else name: value for name, value in fields.items()}
    assert config_from_json(old) == config_from_json(fields) == TrainConfig()
    (tmp_path / "both.toml").write_text("fading = 0.5\ndistortion-decay = 0.5", encoding="utf-8")
    with pytest.raises(ConfigError, match="distortion_decay twice"):
        combined(None, tmp_path / "both.toml", {})
    with pytest.raises(ConfigError, match="expected the fields"):
        config_from_json(fields | old)


@pytest.mark.parametrize("name", ADDED)
def test_a_field_that_came_later_is_in_a_file_only_if_it_changes_anything(name: str) -> None:
    fields = config_to_json(TrainConfig())
    assert name not in fields
    assert config_from_json(fields) == TrainConfig()
    changed = config_from_json(fields | {"shards": 2, name: 64})
    assert getattr(changed, name) == config_to_json(changed)[name] == 64


def test_what_functions_are_called_is_known_without_the_compiler() -> None:
    code = "import sys, pipeline.config; print(*{'numba', 'llvmlite'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not done.stdout.strip()
