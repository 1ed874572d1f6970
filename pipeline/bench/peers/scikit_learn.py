"""scikit-learn's `MLPClassifier`, an epoch a `partial_fit`."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from pipeline.bench.system import Array, Job, Labels, Network, Order, System, gradients_by_step, scaled
from pipeline.types import Bytes


@contextlib.contextmanager
def limited(threads: int) -> Iterator[None]:
    """Hold BLAS and OpenMP to so many threads, and spare the check that every pixel is finite."""
    with threadpool_limits(threads), sklearn.config_context(assume_finite=True):
        yield


class GivenOrder(np.random.RandomState):
    """A random state that shuffles rows into an order that it was given: scikit-learn draws its own otherwise."""

    order: Order

    def shuffle(self, x: Any) -> None:  # noqa: ANN401 -- as its parent has it
        """Put the order that was given in the place of the indices."""
        x[:] = self.order


def open_system(job: Job) -> System:
    """Return the network in scikit-learn."""
    setup, x, random = job.setup, scaled(job.features), GivenOrder(0)
    model = _model(job, random)

    def epoch(order: Order) -> None:
        if order.size == job.labels.size:
            random.order = order
            model.partial_fit(x, job.labels)
        else:  # it goes through all rows that it is given: these, then
            random.order = np.arange(order.size)
            model.partial_fit(x[order], job.labels[order])

    def predict(rows: Array) -> Labels:
        return np.asarray(model.predict(rows))

    def gradients(features: Bytes, labels: Bytes) -> tuple[float, Network]:
        step = setup._replace(batch=labels.size, optimizer="sgd", learning_rate=1.0)
        once = GivenOrder(0)
        fresh = _model(job._replace(setup=step), once)
        once.order = np.arange(labels.size)
        fresh.partial_fit(scaled(features), labels)
        return fresh.loss_, gradients_by_step(job.weights, list(zip(fresh.coefs_, fresh.intercepts_, strict=True)))

    return System(scaled, predict, epoch, gradients)


def _model(job: Job, random: GivenOrder) -> MLPClassifier:
    """Return a classifier that starts from the job's weights."""
    setup = job.setup
    model = MLPClassifier(
        setup.sizes[1:-1],
        activation="relu" if setup.activation == "relu" else "logistic",
        solver="adam" if setup.optimizer == "adamw" else "sgd",
        alpha=0.0, batch_size=setup.batch, learning_rate_init=setup.learning_rate, momentum=0.0,
        nesterovs_momentum=False, shuffle=True, random_state=random, tol=0.0, n_iter_no_change=10**9,
    )  # fmt: skip
    # The only way to have its arrays made is to fit something; what that taught it is replaced here.
    random.order = np.arange(setup.batch)
    few = slice(setup.batch)
    model.partial_fit(scaled(job.features[few]), job.labels[few], classes=np.arange(setup.sizes[-1]))
    for weight, bias, given in zip(model.coefs_, model.intercepts_, job.weights, strict=True):
        weight[...], bias[...] = given
    del model._optimizer  # noqa: SLF001 -- with it, what the optimizer remembers of that fit
    return model
