"""NumPy, but the process dies in its second epoch, with something to say."""

import os
import sys

from pipeline.bench import numpy_network
from pipeline.bench.numpy_network import limited
from pipeline.bench.system import Job, Order, System

__all__ = ["limited", "open_system"]


def open_system(job: Job) -> System:
    system = numpy_network.open_system(job)
    assert system.epoch is not None
    train, epochs = system.epoch, 0

    def epoch(order: Order) -> None:
        nonlocal epochs
        epochs += 1
        if epochs > 1:
            sys.stderr.write("out of luck\n")
            sys.stderr.flush()
            os._exit(7)
        train(order)

    return system._replace(epoch=epoch)
