"""Runs whose workers are killed at random moments, over and over: `python -m tests.kill_workers 50`.

They are of several shards and of several members, by turns.

Each must end in the bytes that the run leads to in one process.
"""

import contextlib
import os
import random
import signal
import sys
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from kernels.network.epoch import StopToken, new_stop_token
from pipeline.cluster.connect import Client, connected
from pipeline.prepare.run import prepare
from pipeline.prepare.sources.find import PrepareRequest
from pipeline.prepare.store.arrays import load_arrays
from pipeline.train.at_once import train_at_once
from pipeline.train.crew import Ground, crew_of, software
from pipeline.train.loop import initial_state, train
from pipeline.train.training_set import TrainingSet, training_set_of
from pipeline.types import AnyDataset, TrainConfig, TrainState
from tests.digits import TINY, blobs
from tests.tables import write_csv

CONFIGS = TINY._replace(shards=4, epochs=30, average_every=2), TINY._replace(members=4, epochs=200)
MEMORY = 10**6


def main(kills: int) -> int:
    """Kill so many workers, and tell how many runs ended as they should."""
    done = right = runs = 0
    with tempfile.TemporaryDirectory() as place, connected("local:2") as client:
        folder, dataset = Path(place) / "data", blobs(rows=600)
        rows = write_csv(Path(place) / "rows.csv", np.asarray(dataset.features), np.asarray(dataset.labels))
        prepare(PrepareRequest(folder, rows), {})
        data = load_arrays(folder)
        goings = [going_of(data.train, config) for config in CONFIGS]
        workers = crew_of(client, "local:2", Ground(folder, False, data.data_hash, MEMORY, software()))
        expected = [weights(train(*going)) for going in goings]
        while done < kills:
            over, killed = threading.Event(), list[int]()
            killer = threading.Thread(target=kill_now_and_then, args=(client, over, killed, kills - done))
            killer.start()
            turn = runs % len(CONFIGS)
            right += weights(train_at_once(*goings[turn], workers)) == expected[turn]
            over.set()
            killer.join()
            done += len(killed)
            runs += 1
            sys.stdout.write(f"{done} of {kills} workers killed; {right} of {runs} runs right\n")
    return right


def going_of(dataset: AnyDataset, config: TrainConfig) -> tuple[TrainState, TrainingSet, TrainConfig, StopToken]:
    """Return what training begins with."""
    training_set = training_set_of(dataset, config)
    return initial_state(training_set, config), training_set, config, new_stop_token()


def weights(states: Iterable[TrainState]) -> bytes:
    """Return the bytes of the networks that training ends with."""
    *_, state = states
    networks = (*state.finished, state.params)
    return b"".join(array.tobytes() for params in networks for layer in params for array in layer)


def kill_now_and_then(client: Client, over: threading.Event, killed: list[int], most: int) -> None:
    """Kill one worker after another, at moments of chance, until the run is over."""
    while not over.wait(random.uniform(0.1, 8.0)) and len(killed) < most:  # noqa: S311 -- no secret
        with contextlib.suppress(OSError, IndexError):  # all have just died, and others are starting
            os.kill(random.choice(list(client.run(os.getpid).values())), signal.SIGKILL)  # noqa: S311
            killed.append(1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
