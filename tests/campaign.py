"""Forged files given to Scrawl: each is refused in a sentence, or is as good as one that is not forged.

`python -m tests.campaign KIND COUNT [FIRST]` tries many of a kind, in a process that may die of them without a loss: it
prints the number of each forgery that was neither, and exits with 1 if there was one.
"""

import functools
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from kernels.epoch import new_mailbox
from pipeline.archive import decode, encode
from pipeline.errors import ScrawlError
from pipeline.prepare.store.arrays import PreparedData
from pipeline.train.checkpoint import Checkpoint, save_checkpoint
from pipeline.train.loop import advance, initial_state, is_finished, train
from pipeline.train.problem import problem_of
from pipeline.train.run import CHECKPOINT, finish, keep, resume
from pipeline.types import TrainConfig
from tests.digits import TINY, blobs
from tests.forging import forged

REFUSED, USED = "refused", "used"

CONFIGS: tuple[TrainConfig, ...] = (
    TINY._replace(batch_size=40),
    TINY._replace(batch_size=40, optimizer="momentum", patience=2, activation="tanh"),
    TINY._replace(batch_size=40, optimizer="sgd", members=3, loss="quadratic", epochs=2),
)


@functools.cache
def data() -> PreparedData:
    """Return rows to train on and to test."""
    return PreparedData(blobs(60), blobs(30, seed=1), "0" * 64, "a test")


@functools.cache
def checkpoints(config: TrainConfig) -> tuple[bytes, ...]:
    """Return a run's checkpoints: before it, in the middle of its second epoch, between two, and after it."""
    problem = problem_of(data().train, config)
    states, mailbox = [initial_state(problem, config)], new_mailbox()
    states += train(states[0], problem, config, new_mailbox())
    mailbox.limit[0] = 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / CHECKPOINT
        contents = []
        for state in (states[0], advance(states[1], problem, config, mailbox), states[-2], states[-1]):
            save_checkpoint(path, Checkpoint(state, config, data().data_hash))
            contents.append(path.read_bytes())
    return tuple(contents)


def try_checkpoint(random: np.random.Generator, folder: Path) -> str:
    """Go on with a run whose checkpoint was forged."""
    several = checkpoints(CONFIGS[random.integers(len(CONFIGS))])
    genuine = decode(several[random.integers(len(several))], CHECKPOINT)
    (folder / CHECKPOINT).write_bytes(encode(*forged(*genuine, random)))
    run, mailbox = resume(folder, data(), None, None, {}), new_mailbox()
    mailbox.limit[0] = 2
    if is_finished(run.state, run.config):
        finish(run, {})
    else:
        keep(run, advance(run.state, run.problem, run.config, mailbox))
    return USED


Kind = Callable[[np.random.Generator, Path], str]
KINDS: Mapping[str, Kind] = {"checkpoint": try_checkpoint}


def outcome(kind: str, number: int, folder: Path) -> str:
    """Return what became of a forgery: it was refused, or used like a genuine file; all else is raised."""
    try:
        with np.errstate(all="ignore"):
            return KINDS[kind](np.random.default_rng(number), folder)
    except ScrawlError:
        return REFUSED


def _try_some(kind: str, first: int, end: int) -> None:
    """Print the number of each forgery, and what became of it."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, end):
            sys.stdout.write(f"{number} ")
            sys.stdout.flush()
            try:
                found = outcome(kind, number, Path(folder))
            except Exception as error:  # noqa: BLE001 -- a fault, whatever it is
                found = f"fault: {type(error).__name__}: {error}".replace("\n", " ")
            sys.stdout.write(f"{found}\n")
    sys.stdout.flush()


def main(kind: str, count: str, first: str = "0") -> int:
    """Try so many forgeries, from a number on; where the process dies, go on after what it died of."""
    number, end, found = int(first), int(first) + int(count), Counter[str]()
    while number < end:
        command = [sys.executable, "-m", "tests.campaign", "--some", kind, str(number), str(end)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, errors="replace")
        for line in done.stdout.splitlines():
            place, _, what = line.partition(" ")
            number = int(place) + 1
            what = what or f"death: {done.returncode}: {done.stderr[-300:]}"
            if what not in {REFUSED, USED}:
                print(f"{kind} {place}: {what}", flush=True)  # noqa: T201 -- a tool for a terminal
            found[what.partition(":")[0]] += 1
        if done.returncode and not done.stdout:
            print(done.stderr)  # noqa: T201 -- likewise
            return 1
    print(f"{kind}: {dict(found)}")  # noqa: T201 -- likewise
    return int(set(found) > {REFUSED, USED})


if __name__ == "__main__":
    if sys.argv[1] == "--some":
        _try_some(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        sys.exit(main(*sys.argv[1:]))
