"""Networks that answer together: whose turn it is to be trained, what each goes by, and which are further than that.

One after the other has its turn. What members yet to come are trained meanwhile, by whoever has a hand free, waits for
theirs: so a run tells and keeps the same, whether its members were trained one by one or at the same time.
"""

from pipeline.train.initial import initial_optimizer_state, initial_params
from pipeline.train.training_set import TrainingSet
from pipeline.types import EpochReport, Params, TrainConfig, TrainState


def epochs_in_all(config: TrainConfig) -> int:
    """Return how many epochs a run has, those of all its members."""
    return config.epochs * config.members


def member_of(config: TrainConfig, index: int) -> TrainConfig:
    """Return what one member, counted from 0, is trained by: alone, it would become the same network."""
    return config._replace(members=1, seed=config.seed * config.members + index)


def alone(state: TrainState, config: TrainConfig, batches: int) -> TrainState:
    """Return a run's state as its running member has it: its epochs, and the steps of its batches, begin with 0.

    The configuration is that of the whole run; there are so many batches in an epoch.
    """
    return _later(state, -len(state.finished) * config.epochs, batches)


def first_params(training_set: TrainingSet, config: TrainConfig, index: int) -> Params:
    """Return the random numbers that a member, counted from 0, begins with."""
    return initial_params(training_set.shapes, member_of(config, index), table=training_set.table)


def yet_to_come(state: TrainState, config: TrainConfig) -> range:
    """Return the numbers of the members after the running one."""
    return range(len(state.finished) + 1, config.members)


def begun(state: TrainState, training_set: TrainingSet, config: TrainConfig, index: int) -> TrainState:
    """Return a member yet to come as it is, alone, before its first step."""
    waiting = state.waiting[index - len(state.finished) - 1 :]
    params = waiting[0] if waiting else first_params(training_set, config, index)
    return TrainState(0, 0, 0.0, params, initial_optimizer_state(params, config), None, ())


def together(state: TrainState, training_set: TrainingSet, config: TrainConfig, batches: int) -> TrainState:
    """Return the state of the whole run, given the running member's; if that one is done, it is the next one's turn.

    What that one has reached already counts as if it were done now; so its turn may be over at once.
    """
    whole = _later(state, len(state.finished) * config.epochs, batches)
    if state.epoch < config.epochs or len(state.finished) + 1 == config.members:
        return whole
    following = state.ahead[0] if state.ahead else begun(state, training_set, config, len(state.finished) + 1)
    turn = following._replace(
        history=(*state.history, *_told_after(len(state.history), following.history)),
        finished=(*state.finished, state.params),
        waiting=state.waiting[1:],
        ahead=state.ahead[1:],
    )
    return together(turn, training_set, config, batches)


def member_at(state: TrainState, config: TrainConfig, batches: int, index: int) -> TrainState:
    """Return how far a member is, counted from 0: the running one or, if all have begun, one yet to come."""
    place = index - len(state.finished)
    return state.ahead[place - 1] if place else alone(state, config, batches)


def members_of(state: TrainState, config: TrainConfig) -> tuple[Params, ...]:
    """Return the networks that a run leads to: with early stopping the best epoch's, else those of the last steps."""
    return (*state.finished, state.best.params if config.patience and state.best else state.params)


def _later(state: TrainState, epochs: int, batches: int) -> TrainState:
    """Return the state with so many epochs more on its clock."""
    return state._replace(epoch=state.epoch + epochs, step=state.step + epochs * batches)


def _told_after(epochs: int, history: tuple[EpochReport, ...]) -> tuple[EpochReport, ...]:
    """Return the reports of a member, numbered on after so many epochs of those before it."""
    return tuple(report._replace(epoch=report.epoch + epochs) for report in history)
