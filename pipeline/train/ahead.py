"""Members of an ensemble that are ahead of their turn, on disk: each a checkpoint of its own, beside the run's.

They are caches: whatever is missing, damaged or another run's is trained anew, to the same bytes.
"""

import re
from pathlib import Path

from pipeline.errors import ArtifactError
from pipeline.files import output_errors
from pipeline.train.checkpoint import Checkpoint, check_belongs, load_checkpoint, save_checkpoint
from pipeline.train.ensemble import begun, member_of, yet_to_come
from pipeline.train.loop import batches_per_epoch
from pipeline.train.training_set import TrainingSet
from pipeline.types import TrainConfig, TrainState

NAME = re.compile(r"ahead-(\d+)\.npz")


def ahead_at(folder: Path, index: int) -> Path:
    """Return where a member, counted from 0, is kept; people count from 1."""
    return folder / f"ahead-{index + 1}.npz"


def keep_ahead(folder: Path, state: TrainState, kept: TrainState, config: TrainConfig, data_hash: str) -> None:
    """Write how far members yet to come are, unless `kept`, the state that was written last, has them so far.

    Raises OutputError if a file can't be written.
    """
    before = dict(zip(yet_to_come(kept, config), kept.ahead, strict=False))
    for index, member in zip(yet_to_come(state, config), state.ahead, strict=False):
        if member.step and member is not before.get(index):
            save_checkpoint(ahead_at(folder, index), Checkpoint(member, member_of(config, index), data_hash))


def with_ahead(
    folder: Path, state: TrainState, training_set: TrainingSet, config: TrainConfig, data_hash: str
) -> TrainState:
    """Return a run's state with what members yet to come have reached by the files in its folder."""
    members = yet_to_come(state, config)
    found = {index: _found(folder, index, training_set, config, data_hash) for index in members}
    if not any(found.values()):
        return state
    return state._replace(ahead=tuple(found[index] or begun(state, training_set, config, index) for index in members))


def discard_ahead(folder: Path, state: TrainState | None = None) -> None:
    """Remove the files of all members, or of those whose turn has come or is over in a state that is kept.

    Raises OutputError if one can't be removed.
    """
    with output_errors(folder):
        for path in folder.glob("ahead-*.npz"):
            number = NAME.fullmatch(path.name)
            if number and (state is None or int(number[1]) <= len(state.finished) + 1):
                path.unlink(missing_ok=True)


def _found(
    folder: Path, index: int, training_set: TrainingSet, config: TrainConfig, data_hash: str
) -> TrainState | None:
    """Return how far a member is by its file, if there is one that belongs to the run."""
    path, mine = ahead_at(folder, index), member_of(config, index)
    try:
        checkpoint = load_checkpoint(path)
        check_belongs(path, checkpoint, training_set.shapes, batches_per_epoch(training_set, mine))
    except ArtifactError:
        return None
    return checkpoint.state if (checkpoint.config, checkpoint.data_hash) == (mine, data_hash) else None
