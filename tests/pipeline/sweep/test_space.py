"""What a field is searched in, as TOML says it."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.sweep.space import (
    Choices,
    Range,
    ends_of,
    is_finite,
    is_searched,
    parameter_of,
    parameter_to_json,
    values_of,
)

FILE = Path("sweep.toml")


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("activation", ["relu", "tanh"], Choices(("relu", "tanh"))),
        ("hidden", [[30, 20], [128], []], Choices(("30,20", "128", "none"))),
        ("hidden", ["30, 20", [64]], Choices(("30,20", "64"))),
        ("epochs", [3, 5], Choices((3, 5))),
        ("learning_rate", {"low": 1e-4, "high": 1e-2, "log": True}, Range(1e-4, 1e-2, log=True)),
        ("batch_size", {"low": 32, "high": 130, "step": 32}, Range(32, 128, step=32)),
        ("label_smoothing", {"low": 0, "high": 0.35, "step": 0.1}, Range(0, 0.3, step=0.1)),
    ],
)
def test_lists_are_choices_and_tables_are_ranges(field: str, value: Any, expected: Choices | Range) -> None:  # noqa: ANN401 -- as TOML has it
    assert parameter_of(FILE, field, value) == expected
    assert is_searched(field, value)


@pytest.mark.parametrize(("field", "value"), [("hidden", [30, 20]), ("hidden", []), ("hidden", "30"), ("epochs", 3)])
def test_single_values_are_not_searched(field: str, value: object) -> None:
    assert not is_searched(field, value)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("activation", ["relu", "step"], "activation must be one of sigmoid, tanh, relu; found 'step'"),
        ("epochs", [3, 0], "epochs must be a whole number from 1 to 2147483647; found 0"),
        ("epochs", [[3]], "epochs must be a whole number from 1 to 2147483647; found [3]"),
        ("epochs", [], "epochs: expected 1 to 1000 choices; found 0"),
        ("epochs", [3, 3], "epochs: expected each choice once; found [3, 3]"),
        ("hidden", ["30, 20", "none", ""], "hidden: expected each choice once; found ['30,20', 'none', 'none']"),
        ("hidden", [["a"]], "hidden: expected fewer than 32 widths from 1 to 65536, such as 30,20; found 'a'"),
        ("hidden", [[0], [3]], "hidden must be fewer than 32 widths from 1 to 65536, such as 30,20; found (0,)"),
        ("hidden", {"low": 1, "high": 2}, "hidden: expected a list of choices"),
        ("loss", {"low": 1, "high": 2}, "loss: expected a list of choices"),
        ("epochs", {"low": 1, "up": 2}, "epochs: unknown up; expected low, high and, if wanted, log or step"),
        ("epochs", {"low": 1}, "epochs: missing high; expected a range, such as"),
        ("epochs", {"low": 1, "high": 2.5}, "epochs.high must be a whole number from 1 to 2147483647; found 2.5"),
        ("momentum", {"low": 0, "high": [1]}, "momentum.high must be a number from 0 to below 1; found [1]"),
        ("momentum", {"low": 0.5, "high": 0.1}, "momentum: expected low below high; found 0.5 and 0.1"),
        ("momentum", {"low": 0, "high": 0.5, "log": True}, "momentum: expected low above 0 with log = true; found 0"),
        ("momentum", {"low": 0, "high": 0.5, "log": 1}, "momentum.log must be true or false; found 1"),
        ("epochs", {"low": 1, "high": 9, "log": True, "step": 2}, "epochs: expected log or step, not both"),
        ("epochs", {"low": 1, "high": 9, "step": 0.5}, "epochs.step must be a whole number from 1 to 2147483647"),
        ("momentum", {"low": 0, "high": 0.5, "step": 0}, "momentum.step must be a number above 0; found 0"),
    ],
)
def test_what_is_wrong_is_told_by_file_and_key(field: str, value: Any, message: str) -> None:  # noqa: ANN401 -- as TOML has it
    with pytest.raises(ConfigError) as caught:
        parameter_of(FILE, field, value)
    assert str(caught.value).startswith(f"sweep.toml: {message}")


def test_what_has_steps_can_be_written_out() -> None:
    assert values_of(Range(0.1, 0.3, step=0.1)) == (0.1, 0.2, 0.3), "0.1 + 0.1 + 0.1 is not 0.3 in binary"
    assert values_of(Range(1, 3)) == (1, 2, 3)
    assert values_of(Range(0, 1, step=0.5)) == (0.0, 0.5, 1.0)
    assert values_of(Choices(("b", "a"))) == ("b", "a")


def test_what_has_no_end_of_values_is_known() -> None:
    assert is_finite("epochs", Choices((1, 5)))
    assert is_finite("epochs", Range(1, 9))
    assert is_finite("momentum", Range(0, 0.5, step=0.1))
    assert not is_finite("epochs", Range(1, 9, log=True))
    assert not is_finite("epochs", Range(1, 5000))
    assert not is_finite("momentum", Range(0, 0.5))


def test_ends_enclose_all_values() -> None:
    assert ends_of(Range(2, 5)) == (2, 5)
    assert ends_of(Choices((3, 1, 2))) == (1, 3)
    assert ends_of(Choices(("b", "a", "c"))) == ("b", "a", "c")


def test_a_parameter_is_kept_as_the_file_has_it() -> None:
    assert parameter_to_json(Choices((1, 2))) == [1, 2]
    assert parameter_to_json(Range(0, 2, step=1)) == {"low": 0, "high": 2, "step": 1}
    assert parameter_to_json(Range(1, 2, log=True)) == {"low": 1, "high": 2, "log": True}
