"""Training as a fold: a state goes in, one state an epoch comes out; nothing is printed and no file is written."""

import time
from collections.abc import Iterator

from kernels.network.epoch import EpochResult, StopToken
from kernels.params import are_finite
from pipeline.errors import AnswerError, TrainingDiverged
from pipeline.model.classify import measure
from pipeline.train import shards
from pipeline.train.ensemble import alone, epochs_in_all, first_params, member_of, together
from pipeline.train.initial import initial_optimizer_state
from pipeline.train.schedule import learning_rates
from pipeline.train.training_set import TrainingSet
from pipeline.types import Best, EpochReport, TrainConfig, TrainState


def initial_state(training_set: TrainingSet, config: TrainConfig) -> TrainState:
    """Return the state before the first step."""
    params = first_params(training_set, config, 0)
    return TrainState(0, 0, 0.0, params, initial_optimizer_state(params, config), None, ())


def batches_per_epoch(training_set: TrainingSet, config: TrainConfig) -> int:
    """Return how many mini-batches an epoch has, in the largest shard; the last one may be short."""
    return shards.batches_per_epoch(training_set.rows.size, config)


def is_finished(state: TrainState, config: TrainConfig) -> bool:
    """Tell whether the run is over: all epochs done, or no better epoch for as long as the patience lasts."""
    out_of_patience = config.patience and state.best and state.epoch - state.best.epoch >= config.patience
    return state.epoch >= epochs_in_all(config) or bool(out_of_patience)


def train(
    state: TrainState, training_set: TrainingSet, config: TrainConfig, stop_token: StopToken
) -> Iterator[TrainState]:
    """Yield the state after each epoch, until the run is finished; with several shards, after each of their rounds.

    If the token asks for a stop, the last state is one in mid-epoch; going on from it leads to the same bytes. What a
    member has reached ahead of its turn comes with the state in which its turn begins.

    Raises TrainingDiverged if the loss or a weight is no longer finite.
    """
    spent = 0.0
    while not is_finished(state, config) and stop_token.limit[0] > 0:
        began, epoch = time.perf_counter(), state.epoch
        state = advance(state, training_set, config, stop_token, spent)
        spent = spent + time.perf_counter() - began if state.epoch == epoch else 0.0
        yield state


def advance(
    state: TrainState, training_set: TrainingSet, config: TrainConfig, stop_token: StopToken, spent: float = 0.0
) -> TrainState:
    """Return the state after the running epoch, or round of shards, or where the token stopped it.

    That is after a mini-batch, or, with several shards, before the round. The epoch has `spent` seconds behind it.
    """
    started, batches = time.perf_counter() - spent, batches_per_epoch(training_set, config)
    mine, before = member_of(config, len(state.finished)), alone(state, config, batches)
    stop_token.done[0] = 0
    result = shards.run_round(before, training_set, mine, stop_token)
    return together(after_round(before, result, training_set, mine, started), training_set, config, batches)


def after_round(
    state: TrainState, result: EpochResult, training_set: TrainingSet, config: TrainConfig, started: float
) -> TrainState:
    """Return the state that a round leads to, with a single network; at the end of an epoch, with a report of it.

    `started` is when the epoch began, by `time.perf_counter`.

    Raises TrainingDiverged if the loss or a weight is no longer finite.
    """
    step = state.step + result.batches
    if not result.finite or not are_finite(result.params):
        raise _diverged(state, step, training_set, config)
    moved = state._replace(step=step, params=result.params, optimizer_state=result.optimizer_state)
    if step < (state.epoch + 1) * batches_per_epoch(training_set, config):
        return moved._replace(loss_sum=result.loss_sum)
    return _completed(moved, result.loss_sum / training_set.rows.size, training_set, config, started)


def _completed(
    state: TrainState, loss: float, training_set: TrainingSet, config: TrainConfig, started: float
) -> TrainState:
    """Return the state between epochs, with a report of the one that has ended, judged on the validation rows."""
    features, labels = training_set.held_out
    try:
        metrics = measure((state.params,), training_set.scaling, config, features, labels) if labels.size else None
    except AnswerError as error:
        raise _diverged(state, state.step, training_set, config) from error
    batches = batches_per_epoch(training_set, config)
    rate = learning_rates(config, state.step - 1, state.step, batches * config.epochs)[0]
    report = EpochReport(
        epoch=len(state.history) + 1,
        loss=loss,
        validation_loss=metrics.loss if metrics else None,
        validation_accuracy=metrics.correct / metrics.n if metrics else None,
        learning_rate=float(rate),
        seconds=time.perf_counter() - started,
    )
    best = state.best
    if metrics and config.patience and (best is None or metrics.loss < best.validation_loss):
        best = Best(report.epoch, metrics.loss, state.params)
    return state._replace(epoch=state.epoch + 1, loss_sum=0.0, best=best, history=(*state.history, report))


def _diverged(state: TrainState, step: int, training_set: TrainingSet, config: TrainConfig) -> TrainingDiverged:
    """Return the error that says where the numbers ran away, and what helps."""
    total = batches_per_epoch(training_set, config) * config.epochs
    rate = learning_rates(config, step, step + 1, total)[0]
    return TrainingDiverged(
        f"epoch {len(state.history) + 1}, step {step + 1}: the loss or a weight is no longer a finite number, at "
        f"learning rate {rate:.3g}. Try a tenth of it (--overwrite --learning-rate {config.learning_rate / 10:.3g}); "
        "the last checkpoint is kept."
    )
