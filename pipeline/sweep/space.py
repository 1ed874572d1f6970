"""What a field of the settings is searched in: choices, or a range of numbers."""

from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from pipeline.config import RULES, widths_of
from pipeline.errors import ConfigError
from pipeline.rules import FLAG, integer, number, shown
from pipeline.types import Json, TrainConfig
from pipeline.words import listed

Value: TypeAlias = str | int | float
"""Of a field, as Optuna and the table of trials have it: `hidden` is a text there, such as "30,20"."""

MOST_CHOICES = 1000
"""Values of one field that a list or a grid may have: to try them all would take as many trials."""
LIST, RANGE = "a list of choices, such as [0.001, 0.003]", "a range, such as { low = 1e-4, high = 1e-2, log = true }"


class Choices(NamedTuple):
    """One of these is tried."""

    values: tuple[Value, ...]


class Range(NamedTuple):
    """Any number between two, both included, is tried; all are whole for a field of whole numbers."""

    low: float
    high: float
    log: bool = False  # whether a tenth and ten times are as far away
    step: float | None = None  # only low, low + step, …; `high` is one of them


def is_searched(field: str, value: object) -> bool:
    """Tell whether a field's value in TOML is one to search in; widths, `hidden = [30, 20]`, are a single one."""
    if field == "hidden" and isinstance(value, list):
        return any(isinstance(each, list | str) for each in value)
    return isinstance(value, list | dict)


def parameter_of(path: Path, field: str, value: Any) -> Choices | Range:  # noqa: ANN401 -- what TOML holds
    """Return what a field of a TOML file is searched in.

    Raises ConfigError, naming file and key, if the field can't be searched so, or may not have one of these values.
    """
    where = f"{path}: {field}"
    return _range(where, field, value) if isinstance(value, dict) else _choices(where, field, value)


def ends_of(parameter: Choices | Range) -> tuple[Value, ...]:
    """Return the values of a parameter between which all others lie; of texts, all."""
    if isinstance(parameter, Range):
        return parameter.low, parameter.high
    values = parameter.values
    return values if isinstance(values[0], str) else (min(values), max(values))


def is_finite(field: str, parameter: Choices | Range) -> bool:
    """Tell whether a field can have only so many values that all of them may be tried."""
    if isinstance(parameter, Choices):
        return True
    stepped = parameter.step is not None or (is_whole(field) and not parameter.log)
    return stepped and _steps(parameter) < MOST_CHOICES


def values_of(parameter: Choices | Range) -> tuple[Value, ...]:
    """Return all values that a parameter can have; `is_finite` holds for it."""
    if isinstance(parameter, Choices):
        return parameter.values
    return tuple(_stepped(parameter, place) for place in range(_steps(parameter) + 1))


def parameter_to_json(parameter: Choices | Range) -> Json | list[Value]:
    """Return a parameter as a file has it."""
    if isinstance(parameter, Choices):
        return list(parameter.values)
    return {name: value for name, value in parameter._asdict().items() if value is not None and value is not False}


def is_whole(field: str) -> bool:
    """Tell whether a field has whole numbers."""
    return type(TrainConfig._field_defaults[field]) is int


def _choices(where: str, field: str, values: list[Any]) -> Choices:
    """Return the choices that a list holds."""
    if field == "hidden":
        values = [_as_text(value) for value in values]
    if not 1 <= len(values) <= MOST_CHOICES:
        raise ConfigError(f"{where}: expected 1 to {MOST_CHOICES} choices; found {len(values)}.")
    for value in values:
        _check(where, field, widths_of(value, where) if field == "hidden" else value)
    if len(set(values)) < len(values):
        raise ConfigError(f"{where}: expected each choice once; found {shown(values)}. Take out what is there twice.")
    return Choices(tuple(values))


def _as_text(widths: object) -> object:
    """Return widths as a text, spelled in one way; anything else as it is."""
    if isinstance(widths, str):
        return ",".join(part.strip() for part in widths.split(",")) or "none"
    return (",".join(map(str, widths)) or "none") if isinstance(widths, list) else widths


def _check(where: str, field: str, value: object) -> None:
    """Raise ConfigError unless a field may have a value."""
    hashable = isinstance(value, str | int | float | tuple)
    if not hashable or not RULES[field].accepts(value):
        raise ConfigError(f"{where} must be {RULES[field].expected}; found {shown(value)}.")


def _range(where: str, field: str, table: Json) -> Range:
    """Return the range that a table describes."""
    if type(TrainConfig._field_defaults[field]) not in {int, float}:
        raise ConfigError(f"{where}: expected {LIST}; found a range, which only numbers have.")
    if unknown := sorted(set(table) - set(Range._fields)):
        raise ConfigError(f"{where}: unknown {listed(unknown)}; expected low, high and, if wanted, log or step.")
    if missing := [name for name in ("low", "high") if name not in table]:
        raise ConfigError(f"{where}: missing {listed(missing)}; expected {RANGE}.")
    _check(f"{where}.low", field, table["low"])
    _check(f"{where}.high", field, table["high"])
    if not FLAG.accepts(table.get("log", False)):
        raise ConfigError(f"{where}.log must be {FLAG.expected}; found {shown(table['log'])}.")
    found = Range(**table)
    _check_range(where, found, whole=is_whole(field))
    return found if found.step is None else found._replace(high=_stepped(found, _steps(found)))


def _check_range(where: str, found: Range, *, whole: bool) -> None:
    """Raise ConfigError unless a range holds more than one number, and its logarithms or steps are some."""
    if not found.low < found.high:
        raise ConfigError(f"{where}: expected low below high; found {found.low} and {found.high}.")
    if found.log and found.low <= 0:
        raise ConfigError(f"{where}: expected low above 0 with log = true; found {found.low}.")
    if found.step is None:
        return
    if found.log:
        raise ConfigError(f"{where}: expected log or step, not both. Omit either.")
    rule = integer(1) if whole else number(lambda step: step > 0, "a number above 0")
    if not rule.accepts(found.step):
        raise ConfigError(f"{where}.step must be {rule.expected}; found {shown(found.step)}.")


def _steps(parameter: Range) -> int:
    """Return how many steps a range has, as its decimals say: 0.3 is three times 0.1."""
    low, high, step = (Decimal(str(each)) for each in (parameter.low, parameter.high, parameter.step or 1))
    return int((high - low) / step)


def _stepped(parameter: Range, place: int) -> float:
    """Return the number that lies so many steps from the lowest one."""
    low, step = parameter.low, parameter.step or 1
    reached = Decimal(str(low)) + place * Decimal(str(step))
    return int(reached) if isinstance(low, int) and isinstance(step, int) else float(reached)
