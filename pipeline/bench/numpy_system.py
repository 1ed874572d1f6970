"""NumPy as a system that is measured."""

from threadpoolctl import threadpool_limits

from pipeline.bench import numpy_network
from pipeline.bench.system import Array, Job, Labels, Network, Order, System, batches_of, scaled
from pipeline.types import Bytes

limited = threadpool_limits
"""Holds BLAS to so many threads; NumPy itself has one."""


def open_system(job: Job) -> System:
    """Return the network in NumPy."""
    setup, rows = job.setup, (job.features, job.labels)
    state = numpy_network.initial_state(job.weights, setup)

    def epoch(order: Order) -> None:
        nonlocal state
        state = numpy_network.train_epoch(state, rows, batches_of(order, setup.batch), setup)

    def predict(x: Array) -> Labels:
        return numpy_network.predict(state.network, x, setup.activation)

    def gradients(features: Bytes, labels: Bytes) -> tuple[float, Network]:
        outputs = numpy_network.forward(job.weights, scaled(features), setup.activation)
        loss, delta = numpy_network.loss_gradient(outputs[-1], labels)
        return loss, numpy_network.backward(job.weights, outputs, delta, setup.activation)

    return System(scaled, predict, epoch, gradients)
