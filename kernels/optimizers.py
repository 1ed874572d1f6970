"""One step of gradient descent, in its four classic forms, fused into a single pass over each array.

Weight decay is decoupled in all of them (Loshchilov & Hutter, "Decoupled weight decay regularization", 2019): it pulls
on the weight itself, not on the gradient.
"""

import math
from typing import NamedTuple

from numba import prange

from kernels.jit import jit, jit_parallel
from kernels.types import Floats, Grads, OptimizerState, Params

SGD, MOMENTUM, NESTEROV, ADAMW = range(4)
OPTIMIZERS = {"sgd": SGD, "momentum": MOMENTUM, "nesterov": NESTEROV, "adamw": ADAMW}

# The defaults of Kingma & Ba, "Adam: a method for stochastic optimization", 2015.
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8

BLOCKS = 8
PARALLEL_SIZE = 65_536
"""Arrays with fewer entries than this are updated on one thread: waking a second one would take longer."""


class Step(NamedTuple):
    """What decides a step, besides the gradient.

    Attributes
    ----------
    optimizer : int
    number : int
        From 1, over the whole run: AdamW corrects its means by it.
    learning_rate, momentum, weight_decay : float
    """

    optimizer: int
    number: int
    learning_rate: float
    momentum: float
    weight_decay: float


@jit
def _adamw(value: Floats, grad: Floats, mean: Floats, square: Floats, step: Step) -> None:
    """Update a flat array: `m ← β₁m + (1-β₁)g, s ← β₂s + (1-β₂)g², w ← w - η (m̂ / (√ŝ + ε) + λw)`."""
    real = value.dtype.type
    beta1, beta2, rest1, rest2 = real(BETA1), real(BETA2), real(1 - BETA1), real(1 - BETA2)
    # η m̂ / (√ŝ + ε) with the bias corrections m̂ = m / c₁ and ŝ = s / c₂ moved out of the loop.
    root = math.sqrt(1 - BETA2**step.number)
    rate, epsilon = real(step.learning_rate * root / (1 - BETA1**step.number)), real(EPSILON * root)
    kept = real(1 - step.learning_rate * step.weight_decay)
    for i in range(value.size):
        mean[i] = beta1 * mean[i] + rest1 * grad[i]
        square[i] = beta2 * square[i] + rest2 * grad[i] * grad[i]
        value[i] = kept * value[i] - rate * mean[i] / (math.sqrt(square[i]) + epsilon)


@jit
def _descend(value: Floats, grad: Floats, velocity: Floats, step: Step) -> None:
    """Update a flat array: `v ← μv + g, w ← w - η (d + λw)` with `d` = g (SGD), v (momentum) or g + μv (Nesterov)."""
    real = value.dtype.type
    rate, momentum = real(step.learning_rate), real(step.momentum)
    kept = real(1 - step.learning_rate * step.weight_decay)
    if step.optimizer == SGD:
        for i in range(value.size):
            value[i] = kept * value[i] - rate * grad[i]
    elif step.optimizer == MOMENTUM:
        for i in range(value.size):
            velocity[i] = momentum * velocity[i] + grad[i]
            value[i] = kept * value[i] - rate * velocity[i]
    else:
        for i in range(value.size):
            velocity[i] = momentum * velocity[i] + grad[i]
            value[i] = kept * value[i] - rate * (grad[i] + momentum * velocity[i])


@jit
def _update_flat(value: Floats, grad: Floats, first: Floats, second: Floats, step: Step) -> None:
    """Update a flat array by whichever optimizer the step names."""
    if step.optimizer == ADAMW:
        _adamw(value, grad, first, second, step)
    else:
        _descend(value, grad, first, step)


@jit_parallel
def _update_blocks(value: Floats, grad: Floats, first: Floats, second: Floats, step: Step) -> None:
    """Update a flat array in blocks shared among threads; empty memories stay empty in every block."""
    for block in prange(BLOCKS):
        start, stop = block * value.size // BLOCKS, (block + 1) * value.size // BLOCKS
        _update_flat(value[start:stop], grad[start:stop], first[start:stop], second[start:stop], step)


@jit
def update(params: Params, grads: Grads, state: OptimizerState, step: Step) -> None:
    """Take one step, in place; biases do not decay.

    Parameters
    ----------
    params : Params
        Changed in place, as is `state`.
    grads : Grads
    state : OptimizerState
    step : Step
    """
    without_decay = Step(step.optimizer, step.number, step.learning_rate, step.momentum, 0.0)
    for i in range(len(params)):
        weight, grad = params[i].weight.reshape(-1), grads[i].weight.reshape(-1)
        first, second = state.first[i].weight.reshape(-1), state.second[i].weight.reshape(-1)
        if weight.size < PARALLEL_SIZE:
            _update_flat(weight, grad, first, second, step)
        else:
            _update_blocks(weight, grad, first, second, step)
        _update_flat(params[i].bias, grads[i].bias, state.first[i].bias, state.second[i].bias, without_decay)
