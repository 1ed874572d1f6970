"""The settings of a training run as Python has them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipeline.config import parse_hidden
from pipeline.errors import ConfigError
from pipeline.types import Json, TrainConfig
from pipeline.words import listed


def checked_settings(settings: Mapping[str, Any]) -> Json:
    """Return settings as `pipeline.config` takes them: NumPy's numbers as Python's, widths as a tuple.

    Raises
    ------
    ConfigError
        If one is unknown, or its widths can't be read. Whether values are in range is for `pipeline.config` to say.
    """
    unknown = sorted(set(settings) - set(TrainConfig._fields))
    if unknown:
        raise ConfigError(f"unknown settings {listed(unknown)}; expected some of {', '.join(TrainConfig._fields)}.")
    plain = {name: _plain(value) for name, value in settings.items()}
    hidden = plain.get("hidden")
    return plain | {"hidden": parse_hidden(hidden, "hidden")} if isinstance(hidden, str) else plain


def _plain(value: Any) -> Any:  # noqa: ANN401 -- whatever somebody hands over
    """Return Python's own number or tuple for one of NumPy's, or for a list."""
    value = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    return tuple(_plain(each) for each in value) if isinstance(value, list | tuple) else value
