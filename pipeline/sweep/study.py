"""Optuna, asked what to try and told what came of it.

This module imports it, and so is imported only where a sweep begins; see `pipeline.sweep.run`.
"""

from typing import Any, NamedTuple

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.importance import PedAnovaImportanceEvaluator
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from pipeline.sweep.plan import Plan, grid_point
from pipeline.sweep.results import Trial
from pipeline.sweep.space import Choices, Range, Value, is_whole
from pipeline.sweep.storage import Place, storage_errors
from pipeline.sweep.trial import COMPLETE, FAILED, PRUNED, Outcome

PLACE, REASON, SECONDS = "place", "reason", "seconds"
"""What the storage holds of a trial, besides its own: which one it is of those that the sweep comes to, why it failed,
and how long it took."""
RISE = 3
"""In the first third of the epochs no trial is ended for being below the median: one-cycle's rate still rises. Of 60
random trials, with 12 epochs on the sample, two of the best six were below it after epochs 3 and 4, none later."""
FEWEST = 10
"""Trials that ran to their end, without which nobody can tell what matters: their best tenth is compared with all."""
STATES = {COMPLETE: TrialState.COMPLETE, PRUNED: TrialState.PRUNED, FAILED: TrialState.FAIL}


class Study(NamedTuple):
    """A sweep that can be asked and told."""

    plan: Plan
    place: Place
    optuna: optuna.Study


class _Point(BaseSampler):
    """Proposes one point of a grid."""

    def __init__(self, point: dict[str, Value]) -> None:
        self._point = point

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Return no field: none depends on another."""
        del study, trial
        return {}

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return no value, likewise."""
        del study, trial, search_space
        return {}

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Value:
        """Return the point's value of a field."""
        del study, trial, param_distribution
        return self._point[param_name]


def opened(plan: Plan, place: Place, most_epochs: int) -> Study:
    """Return the sweep in a place, where one has begun; a trial of it takes so many epochs at most.

    Trials that were interrupted are given up: they are proposed anew.
    """
    with storage_errors(place.name):
        pruner = _pruner(plan.settings.pruner, most_epochs)
        study = Study(plan, place, optuna.load_study(study_name=place.study, storage=place.storage, pruner=pruner))
    give_up(study)
    return study


def ask(study: Study) -> optuna.Trial:
    """Return a new trial with a value for each field that is searched.

    Each of the trials that a sweep comes to has random numbers of its own, derived from the seed and its place among
    them. So one that was interrupted is proposed again, and the sweep becomes what it would have been.
    """
    plan, asked = study.plan, study.optuna
    with storage_errors(study.place.name):
        taken = {each.user_attrs.get(PLACE) for each in asked.get_trials(deepcopy=False) if not _was_given_up(each)}
        place = next(place for place in range(len(taken) + 1) if place not in taken)
        asked.sampler = _sampler(plan, place)
        trial = asked.ask({name: _distribution(name, parameter) for name, parameter in plan.space.items()})
        trial.set_user_attr(PLACE, place)
    return trial


def report(study: Study, trial: optuna.Trial, epoch: int, accuracy: float) -> bool:
    """Keep the validation accuracy after an epoch, from 1; return whether the trial is to end there."""
    with storage_errors(study.place.name):
        trial.report(accuracy, epoch)
        return trial.should_prune()


def tell(study: Study, trial: optuna.Trial, outcome: Outcome) -> Trial:
    """Keep how a trial ended, and return it."""
    with storage_errors(study.place.name):
        trial.set_user_attr(SECONDS, outcome.seconds)
        if outcome.reason is not None:
            trial.set_user_attr(REASON, outcome.reason)
        value = outcome.accuracy if outcome.state == COMPLETE else None
        study.optuna.tell(trial, value, state=STATES[outcome.state])
    return Trial(trial.number, outcome.state, outcome.accuracy, dict(trial.params), *outcome[2:])


def give_up(study: Study) -> None:
    """Give up the trials that are running; they are proposed anew when the sweep goes on."""
    with storage_errors(study.place.name):
        for trial in study.optuna.get_trials(deepcopy=False):
            if not trial.state.is_finished():
                study.optuna.tell(trial.number, state=TrialState.FAIL)


def trials_of(study: Study) -> tuple[Trial, ...]:
    """Return the trials that are over, in the order in which they began, but for those that were given up."""
    with storage_errors(study.place.name):
        found = study.optuna.get_trials(deepcopy=False)
    return tuple(_trial(trial) for trial in found if trial.state.is_finished() and not _was_given_up(trial))


def _was_given_up(trial: FrozenTrial) -> bool:
    """Tell whether a trial was given up: there is a reason to all others that failed."""
    return trial.state == TrialState.FAIL and REASON not in trial.user_attrs


def _trial(trial: FrozenTrial) -> Trial:
    """Return a trial as we have it."""
    state = next(name for name, state in STATES.items() if state == trial.state)
    attributes = trial.user_attrs
    return Trial(
        trial.number, state, trial.value, dict(trial.params), len(trial.intermediate_values),
        attributes.get(SECONDS, 0.0), attributes.get(REASON),
    )  # fmt: skip


def _sampler(plan: Plan, place: int) -> BaseSampler:
    """Return what proposes the trial of a place."""
    if plan.settings.sampler == "grid":
        return _Point(grid_point(plan, place))
    seed = int(np.random.SeedSequence([plan.settings.seed, place]).generate_state(1)[0])
    return RandomSampler(seed) if plan.settings.sampler == "random" else TPESampler(seed=seed)


def _pruner(name: str, most_epochs: int) -> BasePruner:
    """Return what decides which trials end early."""
    if name == "hyperband":
        return HyperbandPruner(max_resource=most_epochs)
    return MedianPruner(n_warmup_steps=most_epochs // RISE + 1) if name == "median" else NopPruner()


def _distribution(field: str, parameter: Choices | Range) -> BaseDistribution:
    """Return a parameter as Optuna has it."""
    if isinstance(parameter, Choices):
        return CategoricalDistribution(parameter.values)
    low, high, log, step = parameter
    if is_whole(field):
        return IntDistribution(int(low), int(high), log, int(step or 1))
    return FloatDistribution(low, high, log, step)


def importances_of(study: Study) -> dict[str, float]:
    """Return which share of what distinguishes the good trials comes from each field, the largest first (PED-ANOVA).

    It is empty where there are too few trials to tell.
    """
    with storage_errors(study.place.name):
        if len([trial for trial in trials_of(study) if trial.state == COMPLETE]) < FEWEST:
            return {}
        evaluator = PedAnovaImportanceEvaluator()
        return optuna.importance.get_param_importances(study.optuna, evaluator=evaluator)
