"""What Optuna is asked and told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.sweep.plan import Plan, read_plan
from pipeline.sweep.space import Value
from pipeline.sweep.storage import begin_in, journal_at
from pipeline.sweep.study import Study, ask, give_up, importances_of, opened, report, tell, trials_of
from pipeline.sweep.trial import Outcome

Toml = Callable[..., Path]
Plans = Callable[..., Plan]

SPACE = """
hidden = [[8], [16], [32]]
learning_rate = { low = 1e-4, high = 1e-2, log = true }
batch_size = { low = 16, high = 64, step = 16 }
momentum = { low = 0.5, high = 0.9 }
"""


@pytest.fixture
def plan(toml: Toml) -> Plans:
    """Return what makes plans by the table that says how to search."""
    return lambda sampler="tpe", pruner="median", seed=0: read_plan(
        toml(f'{SPACE}[sweep]\nsampler = "{sampler}"\npruner = "{pruner}"\nseed = {seed}\n', "epochs = 9\n")
    )


def begun(plan: Plan, path: Path, epochs: int = 9) -> Study:
    begin_in(journal_at(path), {})
    return opened(plan, journal_at(path), epochs)


def worth(parameters: dict[str, Value]) -> float:
    """Return an accuracy that a sampler can learn from."""
    return 0.9 + float(parameters["momentum"]) / 20 + (parameters["hidden"] == "32") / 50


def complete(study: Study, count: int) -> None:
    for _ in range(count):
        trial = ask(study)
        tell(study, trial, Outcome("complete", worth(trial.params), 9, 1.5))


def parameters_of(study: Study) -> list[dict[str, Value]]:
    return [trial.parameters for trial in trials_of(study)]


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_the_same_seed_gives_the_same_trials(tmp_path: Path, plan: Plans, sampler: str) -> None:
    first, second, other = (
        begun(plan(sampler, seed=seed), tmp_path / name) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    for study in (first, second, other):
        complete(study, 14)
    assert parameters_of(first) == parameters_of(second)
    assert parameters_of(first)[0] != parameters_of(other)[0]
    assert len({str(parameters) for parameters in parameters_of(first)}) == 14, "no two of them alike"
    assert all(
        set(parameters) == {"hidden", "learning_rate", "batch_size", "momentum"} for parameters in parameters_of(first)
    )
    assert {type(trial["batch_size"]) for trial in parameters_of(first)} == {int}
    assert {trial["batch_size"] for trial in parameters_of(first)} <= {16, 32, 48, 64}


def test_tpe_learns_from_the_trials_before_and_random_does_not(tmp_path: Path, plan: Plans) -> None:
    found = {}
    for sampler in ("tpe", "random"):
        study = begun(plan(sampler), tmp_path / sampler)
        complete(study, 30)
        found[sampler] = sum(worth(parameters) for parameters in parameters_of(study)[15:]) / 15
    assert found["tpe"] > found["random"] + 0.01


def test_a_grid_goes_through_all_combinations_in_order(tmp_path: Path, toml: Toml) -> None:
    plan = read_plan(toml('activation = ["relu", "tanh"]\nseed = [5, 3]\n[sweep]\nsampler = "grid"\n'))
    study = begun(plan, tmp_path / "a")
    for _ in range(4):
        tell(study, ask(study), Outcome("failed", None, 0, 1.0, "why not"))
    assert [tuple(parameters.values()) for parameters in parameters_of(study)] == [
        ("relu", 5), ("relu", 3), ("tanh", 5), ("tanh", 3),
    ]  # fmt: skip


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid"])
def test_what_was_interrupted_is_proposed_again(tmp_path: Path, toml: Toml, sampler: str) -> None:
    space = "seed = { low = 1, high = 9 }\nmomentum = { low = 0, high = 0.9, step = 0.1 }\n"
    plan = read_plan(toml(f'{space}[sweep]\nsampler = "{sampler}"\n'))
    unbroken, broken = begun(plan, tmp_path / "a"), begun(plan, tmp_path / "b")

    def done(study: Study) -> None:
        trial = ask(study)
        tell(study, trial, Outcome("complete", float(trial.params["momentum"]), 3, 1.0))

    for _ in range(13):
        done(unbroken)
    for _ in range(11):
        done(broken)
    report(broken, ask(broken), 1, 0.5)
    ask(broken)  # two were at work when it was killed
    broken = opened(plan, journal_at(tmp_path / "b"), 9)
    assert len(trials_of(broken)) == 11
    for _ in range(2):
        done(broken)
    assert parameters_of(broken) == parameters_of(unbroken)
    assert [trial.number for trial in trials_of(broken)] == [*range(11), 13, 14]


def test_trials_come_back_as_they_were_told(tmp_path: Path, plan: Plans) -> None:
    study = begun(plan(), tmp_path / "a")
    outcomes = [
        Outcome("complete", 0.5, 2, 1.5),
        Outcome("pruned", 0.25, 2, 0.5),
        Outcome("failed", None, 2, 0.1, "diverged"),
    ]
    told = []
    for outcome in outcomes:
        trial = ask(study)
        report(study, trial, 1, 0.125)
        report(study, trial, 2, 0.25)
        told.append(tell(study, trial, outcome))
    ask(study)
    give_up(study)
    assert [(trial.state, trial.accuracy, *trial[4:]) for trial in told] == outcomes
    assert trials_of(study) == tuple(told)
    assert trials_of(opened(plan(), journal_at(tmp_path / "a"), 9)) == tuple(told)


@pytest.mark.parametrize(("pruner", "ended"), [("median", 4), ("hyperband", 1), ("none", None)])
def test_hopeless_trials_end_early(tmp_path: Path, plan: Plans, pruner: str, ended: int | None) -> None:
    """Half of the trials are right, the others wrong all the time."""
    study, found = begun(plan("random", pruner), tmp_path / "a"), []
    for number in range(20):
        trial, accuracy = ask(study), 0.9 if number % 2 else 0.1
        stopped = next((epoch for epoch in range(1, 10) if report(study, trial, epoch, accuracy)), None)
        found.append(stopped)
        state = "complete" if stopped is None else "pruned"
        tell(study, trial, Outcome(state, accuracy, stopped or 9, 1.0))
    assert {epoch for epoch in found[::2] if epoch} == ({ended} if ended else set())
    assert not any(found[1::2])


def test_what_matters_is_known_after_some_trials(tmp_path: Path, plan: Plans) -> None:
    study = begun(plan("random"), tmp_path / "a")
    complete(study, 9)
    assert importances_of(study) == {}
    complete(study, 31)
    shares = importances_of(study)
    assert set(shares) == {"hidden", "learning_rate", "batch_size", "momentum"}
    assert sum(shares.values()) == pytest.approx(1)
    assert next(iter(shares)) == "momentum"
