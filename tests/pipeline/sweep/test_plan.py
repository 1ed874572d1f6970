"""A file of what is searched, as a whole."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.config import OF_PRESETS, PRESETS
from pipeline.errors import ConfigError
from pipeline.sweep.plan import Settings, extremes, grid_point, plan_to_json, proposed, read_plan
from pipeline.sweep.space import Choices, Range
from tests.markdown import ROOT

Toml = Callable[..., Path]


def test_what_is_not_searched_stays(toml: Toml) -> None:
    plan = read_plan(toml('preset = "good"\nhidden = "30,20"\nactivation = ["relu", "tanh"]\n', ""))
    assert plan.asked.config == PRESETS["good"]._replace(hidden=(30, 20))
    assert plan.asked.chosen == {"hidden", "activation"}, "what is searched is a person's choice"
    assert plan.space == {"activation": Choices(("relu", "tanh"))}
    assert plan.settings == Settings()
    trial = proposed(plan, {"activation": "tanh"})
    assert trial.config == plan.asked.config._replace(activation="tanh")
    assert read_plan(toml("seed = [1, 2]", 'preset = "original"\n')).asked.chosen == OF_PRESETS


def test_old_names_and_dashes_are_read(toml: Toml) -> None:
    plan = read_plan(toml("fading = [0.1, 0.2]\nlabel-smoothing = { low = 0, high = 0.1 }"))
    assert plan.space == {"distortion_decay": Choices((0.1, 0.2)), "label_smoothing": Range(0, 0.1)}


def test_the_table_says_how(toml: Toml) -> None:
    text = 'seed = [1, 2, 3]\n[sweep]\ntrials = 9\nsampler = "random"\npruner = "none"\nseed = 4\n'
    assert read_plan(toml(text)).settings == Settings(9, "random", "none", 4)
    assert read_plan(toml(text), trials=2).settings.trials == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hidden = [30, 20]", "expected at least one field to search"),
        ("widths = [1, 2]", "unknown widths; expected some of preset, sweep, filters, "),
        ("sweep = 3\nseed = [1]", "sweep must be a table, such as [sweep] with trials = 30; found 3"),
        (
            "seed = [1]\n[sweep]\nworkers = 3",
            "[sweep]: unknown workers; expected some of trials, sampler, ",
        ),
        ("seed = [1]\n[sweep]\ntrials = 0", "[sweep]: trials must be a whole number from 1 to 2147483647; found 0"),
        ('seed = [1]\n[sweep]\nsampler = "cmaes"', "[sweep]: sampler must be one of tpe, random, grid; found 'cmaes'"),
        ("seed = [1]\n[sweep]\npruner = true", "[sweep]: pruner must be one of median, hyperband, none; found True"),
        ('preset = "better"\nseed = [1]', "expected one of quick, good, best, original; found 'better'"),
        ("momentum = 2\nseed = [1]", "momentum must be a number from 0 to below 1; found 2"),
        ('hidden = "a"\nseed = [1]', "hidden: expected fewer than 32 widths"),
        ("validation_fraction = 0\nseed = [1]", "validation_fraction must be above 0 in a sweep"),
        ("validation_fraction = [0, 0.1]", "validation_fraction must be above 0 in a sweep"),
        ("patience = { low = 0, high = 5 }\nmembers = [1, 2]", "patience 5 goes with a single network"),
        ("shards = [1, 4]\naverage_every = 10", "average_every 10 is for several shards"),
        ('loss = ["cross-entropy", "quadratic"]', "label_smoothing 0.05 goes with the loss cross-entropy"),
    ],
)
def test_what_is_wrong_is_told_before_any_work(toml: Toml, text: str, message: str) -> None:
    path = toml(text, "")
    with pytest.raises(ConfigError) as caught:
        read_plan(path)
    assert str(caught.value).startswith(f"{path}: {message}")


def test_a_grid_has_an_end(toml: Toml) -> None:
    text = 'activation = ["relu", "tanh"]\nseed = { low = 1, high = 3 }\n[sweep]\nsampler = "grid"\ntrials = 100\n'
    plan = read_plan(toml(text))
    assert plan.settings.trials == 6
    points = [grid_point(plan, place) for place in range(6)]
    assert [tuple(point.values()) for point in points] == [(a, s) for a in ("relu", "tanh") for s in (1, 2, 3)]
    assert list(points[0]) == ["activation", "seed"]
    with pytest.raises(ConfigError, match=r"momentum: expected choices, or a range with step, .* 'high': 0.5"):
        read_plan(toml('momentum = { low = 0, high = 0.5 }\n[sweep]\nsampler = "grid"\n'))


def test_a_number_of_trials_is_one(toml: Toml) -> None:
    with pytest.raises(ConfigError, match="--trials must be a whole number from 1 to 2147483647; found 0"):
        read_plan(toml("seed = [1, 2]"), trials=0)


def test_extremes_are_the_lowest_and_the_highest(toml: Toml) -> None:
    plan = read_plan(toml("hidden = [[8], [16], [4]]\nseed = [2, 9, 1]\nmomentum = { low = 0, high = 0.5 }\n"))
    assert extremes(plan) == ({"hidden": "8", "seed": 1, "momentum": 0}, {"hidden": "4", "seed": 9, "momentum": 0.5})
    assert [proposed(plan, each).config.hidden for each in extremes(plan)] == [(8,), (4,)]


def test_two_files_that_mean_the_same_are_the_same_sweep(toml: Toml) -> None:
    first = plan_to_json(read_plan(toml("hidden = [[8], [16]]\n")))
    assert first == plan_to_json(read_plan(toml('hidden = ["8", "16"]\n[sweep]\ntrials = 7\n')))
    other = plan_to_json(read_plan(toml("hidden = [[8], [16]]\nmomentum = 0.8\n[sweep]\nseed = 1\n")))
    assert {name for name in first if first[name] != other[name]} == {"momentum", "sweep.seed", "chosen"}


def test_the_example_is_one() -> None:
    plan = read_plan(ROOT / "docs" / "sweep.toml")
    assert plan.settings == Settings(24, "tpe", "median", 0)
    assert list(plan.space) == ["hidden", "learning_rate", "batch_size", "label_smoothing"]
