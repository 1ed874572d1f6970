"""Networks trained one after the other that answer together: whose turn it is, and what each of them goes by."""

from pipeline.train.initial import initial_optimizer_state, initial_params
from pipeline.train.training_set import TrainingSet
from pipeline.types import Params, TrainConfig, TrainState


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


def together(state: TrainState, training_set: TrainingSet, config: TrainConfig, batches: int) -> TrainState:
    """Return the state of the whole run, given the running member's; if that one is done, the next one begins."""
    whole = _later(state, len(state.finished) * config.epochs, batches)
    if state.epoch < config.epochs or len(state.finished) + 1 == config.members:
        return whole
    following, waiting = state.waiting[:1], state.waiting[1:]
    finished = (*state.finished, state.params)
    params = following[0] if following else first_params(training_set, config, len(finished))
    memory = initial_optimizer_state(params, config)
    return whole._replace(params=params, optimizer_state=memory, finished=finished, waiting=waiting)


def members_of(state: TrainState, config: TrainConfig) -> tuple[Params, ...]:
    """Return the networks that a run leads to: with early stopping the best epoch's, else those of the last steps."""
    return (*state.finished, state.best.params if config.patience and state.best else state.params)


def _later(state: TrainState, epochs: int, batches: int) -> TrainState:
    """Return the state with so many epochs more on its clock."""
    return state._replace(epoch=state.epoch + epochs, step=state.step + epochs * batches)
