"""What a sweep is to do, as a TOML file says it: fields that stay, fields that are searched, and how."""

import itertools
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.config import OF_PRESETS, Asked, config_to_json, preset, read_toml, validated, widths_of
from pipeline.errors import ConfigError
from pipeline.rules import integer, one_of, shown
from pipeline.sweep.space import (
    LIST,
    MOST_CHOICES,
    RANGE,
    Choices,
    Range,
    Value,
    ends_of,
    is_finite,
    is_searched,
    parameter_of,
    parameter_to_json,
    values_of,
)
from pipeline.types import Json, TrainConfig
from pipeline.words import listed

TOGETHER = ("validation_fraction", "patience", "members", "loss", "label_smoothing", "shards", "average_every")
"""Fields of which not every value goes with every one of another (`pipeline.config.validated`)."""


class Settings(NamedTuple):
    """How a sweep goes: the table `[sweep]`."""

    trials: int = 30
    sampler: str = "tpe"  # "tpe", "random" or "grid"
    pruner: str = "median"  # "median", "hyperband" or "none"
    seed: int = 0


RULES = {
    "trials": integer(1),
    "sampler": one_of(("tpe", "random", "grid")),
    "pruner": one_of(("median", "hyperband", "none")),
    "seed": integer(0),
}
"""What each of them may be."""


class Plan(NamedTuple):
    """All that a file asks for."""

    asked: Asked  # what stays as it is; the fields that are searched count as chosen
    space: Mapping[str, Choices | Range]  # those fields, in the order of the file
    settings: Settings


def read_plan(path: Path, trials: int | None = None) -> Plan:
    """Return what a TOML file asks for, with another number of trials if one is given.

    Raises ConfigError, naming file and key, if anything in it is wrong, or could lead to a trial that is.
    """
    fields = read_toml(path, ("preset", "sweep"))
    settings = _settings(path, fields.pop("sweep", {}))
    name = fields.pop("preset", "quick")
    base = preset(name, str(path))
    space = {field: parameter_of(path, field, value) for field, value in fields.items() if is_searched(field, value)}
    if not space:
        raise ConfigError(f"{path}: expected at least one field to search, as {LIST}, or {RANGE}; found none.")
    fixed = {field: value for field, value in fields.items() if field not in space}
    if "hidden" in fixed:
        fixed["hidden"] = widths_of(fixed["hidden"], f"{path}: hidden")
    chosen = frozenset(fields) | (OF_PRESETS if name == "original" else frozenset())
    plan = Plan(Asked(base._replace(**fixed), chosen), space, settings)
    for config in _corners(plan):
        _check_judged(path, validated(config, str(path)))
    return _with_trials(path, plan, settings.trials if trials is None else trials)


def proposed(plan: Plan, parameters: Mapping[str, Value]) -> Asked:
    """Return what a trial with such values asks of a training run."""
    values: dict[str, Any] = dict(parameters)
    if "hidden" in values:
        values["hidden"] = widths_of(values["hidden"], "hidden")
    return plan.asked._replace(config=plan.asked.config._replace(**values))


def extremes(plan: Plan) -> tuple[dict[str, Value], dict[str, Value]]:
    """Return two trials: of each field its lowest value and its highest, or the first and the last of its texts."""
    ends = {name: ends_of(parameter) for name, parameter in plan.space.items()}
    return {name: found[0] for name, found in ends.items()}, {name: found[-1] for name, found in ends.items()}


def grid_point(plan: Plan, place: int) -> dict[str, Value]:
    """Return a point of a plan's grid, by its place from 0; the last field changes first."""
    point: dict[str, Value] = {}
    for name, parameter in reversed(list(plan.space.items())):
        values = values_of(parameter)
        place, here = divmod(place, len(values))
        point[name] = values[here]
    return {name: point[name] for name in plan.space}


def plan_to_json(plan: Plan) -> Json:
    """Return what makes two sweeps the same, by the names in the file: all but the number of trials."""
    fixed = {name: value for name, value in config_to_json(plan.asked.config).items() if name not in plan.space}
    space = {name: parameter_to_json(parameter) for name, parameter in plan.space.items()}
    search = {f"sweep.{name}": value for name, value in plan.settings._asdict().items() if name != "trials"}
    return {**fixed, **space, **search, "chosen": sorted(plan.asked.chosen)}


def _settings(path: Path, table: object) -> Settings:
    """Return what the table `[sweep]` says."""
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: sweep must be a table, such as [sweep] with trials = 30; found {shown(table)}.")
    if unknown := sorted(set(table) - set(RULES)):
        raise ConfigError(f"{path}: [sweep]: unknown {listed(unknown)}; expected some of {', '.join(RULES)}.")
    for name, value in table.items():
        if not RULES[name].accepts(value):
            raise ConfigError(f"{path}: [sweep]: {name} must be {RULES[name].expected}; found {shown(value)}.")
    return Settings(**table)


def _corners(plan: Plan) -> Iterator[TrainConfig]:
    """Yield configurations such that, if a run can be made from each, it can from all that a trial may propose."""
    ends = [ends_of(plan.space[name]) if name in plan.space else (None,) for name in TOGETHER]
    rest = {name: ends_of(parameter)[0] for name, parameter in plan.space.items() if name not in TOGETHER}
    for values in itertools.product(*ends):
        together = {name: value for name, value in zip(TOGETHER, values, strict=True) if value is not None}
        yield proposed(plan, rest | together).config


def _check_judged(path: Path, config: TrainConfig) -> None:
    """Raise ConfigError if nothing is held out to judge a trial by."""
    if not config.validation_fraction:
        raise ConfigError(
            f"{path}: validation_fraction must be above 0 in a sweep, as trials are judged by the rows held out; "
            "found 0. Omit it, or hold some out, such as validation_fraction = 0.1."
        )


def _with_trials(path: Path, plan: Plan, trials: int) -> Plan:
    """Return the plan with so many trials; of a grid, at most one for each of its points.

    Raises ConfigError if there are none, or a field of the grid has no end of values.
    """
    if not RULES["trials"].accepts(trials):
        raise ConfigError(f"--trials must be {RULES['trials'].expected}; found {trials}.")
    if plan.settings.sampler == "grid":
        for name, parameter in plan.space.items():
            if not is_finite(name, parameter):
                raise ConfigError(
                    f"{path}: {name}: expected choices, or a range with step, of at most {MOST_CHOICES} values, for "
                    f"a grid; found {shown(parameter_to_json(parameter))}. Write such, or choose another sampler."
                )
        trials = min(trials, math.prod(len(values_of(parameter)) for parameter in plan.space.values()))
    return plan._replace(settings=plan.settings._replace(trials=trials))
