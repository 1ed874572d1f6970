"""JAX: a whole epoch is one compiled call, a scan over its mini-batches, the parameters donated."""

from contextlib import nullcontext
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from pipeline.bench.numpy_network import BETA1, BETA2, EPSILON
from pipeline.bench.system import Job, Labels, Network, Order, System, scaled
from pipeline.types import Bytes

limited = nullcontext
"""JAX takes its threads from the environment and the cores that the process may use."""


def open_system(job: Job) -> System:
    """Return the network in JAX."""
    setup = job.setup
    x, y = jnp.asarray(scaled(job.features)), jnp.asarray(job.labels)
    run = jax.jit(partial(_epoch, setup.activation, setup.optimizer, setup.learning_rate), donate_argnums=0)
    answer = jax.jit(lambda params, rows: logits(params, rows, setup.activation).argmax(1))
    # Copies of our own: donation may write into what it is given.
    start = jax.tree.map(lambda array: jnp.array(array, copy=True), job.weights)
    zeros = jax.tree.map(jnp.zeros_like, start) if setup.optimizer == "adamw" else ()
    state: Any = (start, zeros, jax.tree.map(jnp.copy, zeros), jnp.float32(0))

    def epoch(order: Order) -> None:
        nonlocal state
        whole = order.size // setup.batch * setup.batch
        state = run(state, x, y, jnp.asarray(order[:whole].reshape(-1, setup.batch)))
        if whole < order.size:
            state = run(state, x, y, jnp.asarray(order[None, whole:]))
        jax.block_until_ready(state)

    def predict(rows: jax.Array) -> Labels:
        return np.asarray(answer(state[0], rows))

    def gradients(features: Bytes, labels: Bytes) -> tuple[float, Network]:
        loss, grads = jax.value_and_grad(_loss)(job.weights, scaled(features), labels, setup.activation)
        return float(loss), [(np.asarray(weight), np.asarray(bias)) for weight, bias in grads]

    return System(lambda features: jnp.asarray(scaled(features)), predict, epoch, gradients)


def logits(params: Any, x: Any, activation: str) -> Any:  # noqa: ANN401 -- traced values and trees of arrays
    """Return the network's logits for rows."""
    activate = jax.nn.relu if activation == "relu" else jax.nn.sigmoid
    for weight, bias in params[:-1]:
        x = activate(x @ weight + bias)
    weight, bias = params[-1]
    return x @ weight + bias


def _loss(params: Any, x: Any, labels: Any, activation: str) -> Any:  # noqa: ANN401 -- likewise
    """Return the mean cross-entropy."""
    logs = jax.nn.log_softmax(logits(params, x, activation))
    return -jnp.mean(jnp.take_along_axis(logs, labels[:, None].astype(jnp.int32), 1))


def _epoch(activation: str, optimizer: str, rate: float, state: Any, x: Any, y: Any, batches: Any) -> Any:  # noqa: ANN401, PLR0913, PLR0917 -- likewise; what is fixed comes first
    """Return parameters, both memories and the steps taken after a step on each of `batches` (k, batch)."""

    def step(state: Any, chosen: Any) -> tuple[Any, None]:  # noqa: ANN401 -- likewise
        params, means, squares, number = state
        grads = jax.grad(_loss)(params, x[chosen], y[chosen], activation)
        if optimizer == "sgd":
            return (jax.tree.map(lambda w, g: w - rate * g, params, grads), means, squares, number), None
        number += 1
        means = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, means, grads)
        squares = jax.tree.map(lambda s, g: BETA2 * s + (1 - BETA2) * g * g, squares, grads)
        root = jnp.sqrt(1 - BETA2**number)
        scale, epsilon = rate * root / (1 - BETA1**number), EPSILON * root
        params = jax.tree.map(lambda w, m, s: w - scale * m / (jnp.sqrt(s) + epsilon), params, means, squares)
        return (params, means, squares, number), None

    return jax.lax.scan(step, state, batches)[0]
