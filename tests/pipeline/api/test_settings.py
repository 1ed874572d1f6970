"""Settings from Python are those of the command line."""

import numpy as np
import pytest

from pipeline.api.settings import checked_settings
from pipeline.errors import ConfigError


def test_numbers_of_numpy_and_lists_are_taken() -> None:
    settings = checked_settings({"epochs": np.int64(3), "learning_rate": np.float32(0.5), "hidden": [np.int32(8), 4]})
    assert settings == {"epochs": 3, "learning_rate": 0.5, "hidden": (8, 4)}
    assert type(settings["epochs"]) is int
    assert checked_settings({"hidden": "30,20", "distortion": None}) == {"hidden": (30, 20), "distortion": None}
    assert checked_settings({"hidden": np.array([8, 4])}) == {"hidden": (8, 4)}


def test_what_is_no_setting_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown settings epoch; expected some of filters, hidden"):
        checked_settings({"epoch": 3})
    with pytest.raises(ConfigError, match="hidden: expected"):
        checked_settings({"hidden": "thirty"})
