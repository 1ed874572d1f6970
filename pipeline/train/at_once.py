"""All members of an ensemble, and all shards, trained at the same time by a crew: the same bytes, whoever is first.

Members need nothing from each other, and shards nothing until their mean is taken. So each member that is not done has
its next round given out, shard by shard; once all of its shards are back, what follows is computed here, in the order
of the shards, and the round after that is given out. Members that are further than the running one wait for their turn.
"""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from kernels.network.epoch import EpochResult, StopToken
from pipeline.errors import TrainingDiverged
from pipeline.train.ensemble import begun, member_at, member_of, together, yet_to_come
from pipeline.train.loop import after_round, batches_per_epoch, is_finished
from pipeline.train.shards import joined
from pipeline.train.training_set import TrainingSet
from pipeline.types import TrainConfig, TrainState


class Part(NamedTuple):
    """What is trained by one for a round."""

    member: int  # from 0, as is the shard
    shard: int


class Crew(NamedTuple):
    """Some who train whatever they are given, several at the same time."""

    # Hand out a part of a round, with its member's state and configuration as they would be alone.
    give: Callable[[Part, TrainState, TrainConfig], None]
    # Wait for the next part that is done, any of them, and what it came to; None once the token asks for a stop.
    take: Callable[[StopToken], tuple[Part, EpochResult] | None]
    drop: Callable[[], None]  # give up all parts that were not taken


class _Work(NamedTuple):
    """What is under way."""

    results: dict[int, dict[int, EpochResult]]  # of each member that has a round given out: of the shards that are back
    started: dict[int, float]  # when each member's running epoch was given out, by `time.perf_counter`
    failed: set[int]  # members yet to come whose numbers run away


def train_at_once(
    state: TrainState, training_set: TrainingSet, config: TrainConfig, stop_token: StopToken, crew: Crew
) -> Iterator[TrainState]:
    """Yield the state whenever one of its members has come to the end of a round, until the run is finished.

    Epochs are told in the order of the members, as `pipeline.train.loop.train` does it: those of a member that was
    ahead come together, when its turn begins. If the token asks for a stop, rounds that are running are given up.

    Raises TrainingDiverged if the loss or a weight is no longer finite; of a member ahead, when its turn has come.
    """
    if not state.ahead:
        members = tuple(begun(state, training_set, config, index) for index in yet_to_come(state, config))
        state = state._replace(ahead=members)
    work = _Work({}, {}, set())
    try:
        while not is_finished(state, config):
            _give(work, state, training_set, config, crew)
            taken = crew.take(stop_token)
            if taken is None:
                return
            (index, shard), result = taken
            work.results[index][shard] = result
            if len(work.results[index]) == config.shards:
                following = _after(work, index, state, training_set, config)
                if following is not state:
                    yield (state := following)
    finally:
        crew.drop()


def _give(work: _Work, state: TrainState, training_set: TrainingSet, config: TrainConfig, crew: Crew) -> None:
    """Hand out the next round of each member that waits for one."""
    running, batches = len(state.finished), batches_per_epoch(training_set, config)
    for index in (running, *yet_to_come(state, config)):
        member = member_at(state, config, batches, index)
        if index in work.results or member.epoch == config.epochs or (index in work.failed and index != running):
            continue
        work.results[index] = {}
        work.started.setdefault(index, time.perf_counter())
        for shard in range(config.shards):
            crew.give(Part(index, shard), member, member_of(config, index))


def _after(work: _Work, index: int, state: TrainState, training_set: TrainingSet, config: TrainConfig) -> TrainState:
    """Return the state after a member's round, of which all shards are back; the same if its numbers run away."""
    batches, mine = batches_per_epoch(training_set, config), member_of(config, index)
    member, results = member_at(state, config, batches, index), work.results.pop(index)
    result = joined(member, training_set, mine, [results[shard] for shard in range(config.shards)])
    try:
        reached = after_round(member, result, training_set, mine, work.started[index])
    except TrainingDiverged:
        if index == len(state.finished):
            raise
        work.failed.add(index)  # in its turn it does so again, and then that is told, after all that comes before
        return state
    if reached.epoch > member.epoch:
        del work.started[index]
    if place := index - len(state.finished):
        return state._replace(ahead=(*state.ahead[: place - 1], reached, *state.ahead[place:]))
    return together(reached, training_set, config, batches)
