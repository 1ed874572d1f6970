"""What a training run can be asked for: presets, configuration files, and the checks that precede any work."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from kernels.types import ACTIVATIONS, LOSSES, OPTIMIZERS
from pipeline.errors import ConfigError
from pipeline.files import read_whole
from pipeline.rules import Rule, integer, number, one_of, shown
from pipeline.types import Json, TrainConfig
from pipeline.words import MAX_NAME, line, listed

MAX_REASON = 200  # characters of what the reader of TOML says, which may quote the file
SCHEDULES = ("constant", "cosine", "one-cycle")
OLD_NAMES = {"fading": "distortion_decay"}
"""Names that fields had; files that call them so are still read."""

ADDED = ("average_every", "nondigits", "scans", "shards", "shuffle_buffer")
"""Fields that came later. Files leave them out as long as they change nothing: then older versions read them, too."""

OF_PRESETS = frozenset(TrainConfig._fields) - {"shuffle_buffer"}
"""What a preset may choose: how many rows fit in memory is not for it to say."""

QUICK = TrainConfig(
    filters=48, hidden=(128,), distortion=0.5, epochs=7, label_smoothing=0.05, learning_rate=3e-3, weight_decay=0.1
)
# What is held out is there for the temperature alone: the settings were found with 10,000 rows.
GOOD = QUICK._replace(filters=96, hidden=(256,), distortion=0.8, epochs=40, batch_size=256, validation_fraction=1 / 30)

PRESETS: Mapping[str, TrainConfig] = {
    "quick": QUICK,
    "good": GOOD,
    # The first member of an ensemble is the network of `good`.
    "best": GOOD._replace(members=6),
    # The personal project that this one grew from, number for number.
    "original": TrainConfig(
        hidden=(30, 20),
        activation="sigmoid",
        loss="quadratic",
        optimizer="sgd",
        weight_decay=0.0,
        schedule="constant",
        learning_rate=0.06,
        batch_size=15,
        epochs=30,
    ),
}

MAX_TOML = 1 << 20
"""Bytes of a configuration file: a thousand times what all fields take."""
MAX_WIDTH = 65_536
MAX_LAYERS = 32
MAX_FILTERS = 1024
MAX_DISTORTION = 2  # times the usual: no one could read those digits any more
MAX_MEMBERS = 64
MAX_SHARDS = 1024
MAX_NONDIGITS = 1_000_000
WIDTH = integer(1, MAX_WIDTH)


def _are_widths(value: object) -> bool:
    """Tell whether `value` is a list of layer widths."""
    return isinstance(value, tuple) and len(value) < MAX_LAYERS and all(WIDTH.accepts(width) for width in value)


RULES: Mapping[str, Rule] = {
    "filters": integer(0, MAX_FILTERS),
    "hidden": Rule(_are_widths, f"fewer than {MAX_LAYERS} widths from 1 to {MAX_WIDTH}, such as 30,20"),
    "activation": one_of(tuple(ACTIVATIONS)),
    "loss": one_of(tuple(LOSSES)),
    "label_smoothing": number(lambda x: 0 <= x < 1, "a number from 0 to below 1"),
    "optimizer": one_of(tuple(OPTIMIZERS)),
    "momentum": number(lambda x: 0 <= x < 1, "a number from 0 to below 1"),
    "weight_decay": number(lambda x: x >= 0, "a number from 0 up"),
    "schedule": one_of(SCHEDULES),
    "learning_rate": number(lambda x: x > 0, "a number above 0"),
    "batch_size": integer(1),
    "epochs": integer(1),
    "seed": integer(0),
    "members": integer(1, MAX_MEMBERS),
    "validation_fraction": number(lambda x: 0 <= x < 1, "a number from 0 to below 1"),
    "distortion": number(lambda x: 0 <= x <= MAX_DISTORTION, "a number from 0 to 2"),
    "distortion_decay": number(lambda x: 0 <= x <= 1, "a number from 0 to 1"),
    "patience": integer(0),
    "shuffle_buffer": integer(0),
    "shards": integer(1, MAX_SHARDS),
    "average_every": integer(0),
    "nondigits": integer(0, MAX_NONDIGITS),
    "scans": integer(0),
}


def validated(config: TrainConfig, source: str = "configuration") -> TrainConfig:
    """Return `config` unchanged if a run can be made from it.

    Raises ConfigError, naming the field, what is expected and what was found.
    """
    for name, value in config._asdict().items():
        if not RULES[name].accepts(value):
            raise ConfigError(f"{source}: {name} must be {RULES[name].expected}; found {shown(value)}.")
    if config.patience and not config.validation_fraction:
        raise ConfigError(
            f"{source}: patience {config.patience} needs validation rows to judge by, but validation_fraction is 0; "
            "hold some out, or set patience to 0."
        )
    if config.patience and config.members > 1:
        raise ConfigError(
            f"{source}: patience {config.patience} goes with a single network; found {config.members} members. Set one "
            "of them back, patience to 0 or members to 1."
        )
    if config.average_every and config.shards == 1:
        raise ConfigError(
            f"{source}: average_every {config.average_every} is for several shards; found one. Set shards as well, or "
            "average_every to 0."
        )
    for name in ("label_smoothing", "nondigits"):
        if (value := getattr(config, name)) and config.loss != "cross-entropy":
            raise ConfigError(
                f"{source}: {name} {value} goes with the loss cross-entropy; found {config.loss}. Choose that loss, or "
                f"set {name} to 0."
            )
    return config


def preset(name: object, source: str = "--preset") -> TrainConfig:
    """Return a preset by name; raise ConfigError if there is none of that name."""
    if not isinstance(name, str) or name not in PRESETS:
        raise ConfigError(f"{source}: expected one of {', '.join(PRESETS)}; found {shown(name)}.")
    return PRESETS[name]


def read_toml(path: Path, beside: tuple[str, ...] = ("preset",)) -> Json:
    """Return what a TOML file sets: fields, and what may stand beside them; dashes in names count as underscores.

    Raises ConfigError if the file can't be read, is no TOML, or names an unknown field.
    """
    try:
        fields = tomllib.loads(read_whole(path, MAX_TOML).decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path}: the configuration can't be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:  # bad TOML, bad UTF-8, numbers or brackets without end
        raise ConfigError(f"{path}: expected TOML, such as `epochs = 5`; {line(str(error), MAX_REASON)}.") from error
    names = [OLD_NAMES.get(name, name) for name in (key.replace("-", "_") for key in fields)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(
            f"{path}: expected each field once; found {line(twice[0], MAX_NAME)} twice, with dashes and with "
            "underscores, or by its old name as well."
        )
    renamed = dict(zip(names, fields.values(), strict=True))
    known = *beside, *TrainConfig._fields
    unknown = sorted(set(renamed) - set(known))
    if unknown:
        raise ConfigError(f"{path}: unknown {listed(unknown)}; expected some of {', '.join(known)}.")
    return renamed


def parse_hidden(text: str, source: str = "--hidden") -> tuple[int, ...]:
    """Return the widths that a text lists, such as "30,20"; "" or "none" is a network without a hidden layer.

    Raises ConfigError if a width is not a whole number.
    """
    if text.strip().lower() in {"", "none"}:
        return ()
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise ConfigError(f"{source}: expected {RULES['hidden'].expected}; found {shown(text)}.") from error


def widths_of(value: object, source: str) -> object:
    """Return the widths that a list or a text in a TOML file stands for; any other value as it is, to be refused.

    Raises ConfigError if a width in a text is not a whole number.
    """
    if isinstance(value, str):
        return parse_hidden(value, source)
    return tuple(value) if isinstance(value, list) else value


def distortion_for(augment: bool, distortion: float | None) -> float:  # noqa: FBT001 -- a switch of the command line
    """Return the share of the usual distortions that --augment or --no-augment stands for.

    Raises ConfigError if a share is given that contradicts the switch.
    """
    if distortion is not None and augment != bool(distortion):
        raise ConfigError(
            f"--{'' if augment else 'no-'}augment and --distortion {distortion} contradict each other. Omit either."
        )
    return distortion if distortion is not None else float(augment)


class Asked(NamedTuple):
    """What somebody asks of a training run."""

    config: TrainConfig
    # The fields that are a person's choice; the others a preset has chosen, for rows like MNIST's.
    chosen: frozenset[str]


def combined(preset_name: str | None, toml: Path | None, options: Mapping[str, Any]) -> Asked:
    """Return the configuration: a preset, changed by a TOML file, changed by options (those that are not None).

    Of the preset `original`, everything counts as chosen.

    Raises ConfigError if any of the three is wrong.
    """
    from_file = read_toml(toml) if toml else {}
    name_in_file = from_file.pop("preset", "quick")
    name = preset_name or name_in_file
    base = preset(name, "--preset" if preset_name else str(toml))
    if "hidden" in from_file:
        from_file["hidden"] = widths_of(from_file["hidden"], f"{toml}: hidden")
    config = changed(validated(base._replace(**from_file), str(toml)), options)
    chosen = {*from_file, *(field for field, value in options.items() if value is not None)}
    return Asked(config, OF_PRESETS | chosen if name == "original" else frozenset(chosen))


def changed(config: TrainConfig, options: Mapping[str, Any]) -> TrainConfig:
    """Return the configuration with those options that are not None in the place of its own.

    Raises ConfigError if one of them is out of range.
    """
    given = {name: value for name, value in options.items() if value is not None}
    return validated(config._replace(**given), "options")


def config_to_json(config: TrainConfig) -> Json:
    """Return the configuration as JSON has it."""
    fields = {**config._asdict(), "hidden": list(config.hidden)}
    return {name: value for name, value in fields.items() if name not in ADDED or value != _default(name)}


def _default(name: str) -> Any:  # noqa: ANN401 -- whatever the field holds
    """Return what a field is where nobody sets it."""
    return TrainConfig._field_defaults[name]


def config_from_json(fields: Json) -> TrainConfig:
    """Return the configuration that `config_to_json` wrote.

    Raises ConfigError if a field is missing, unknown or out of range.
    """
    names = [OLD_NAMES.get(name, name) for name in fields]
    later = {name: _default(name) for name in ADDED if name not in names}
    if sorted([*names, *later]) != sorted(TrainConfig._fields):
        raise ConfigError(f"configuration: expected the fields {sorted(TrainConfig._fields)}; found {sorted(fields)}.")
    fields = later | dict(zip(names, fields.values(), strict=True))
    hidden = fields["hidden"]
    return validated(TrainConfig(**{**fields, "hidden": tuple(hidden) if isinstance(hidden, list) else hidden}))
