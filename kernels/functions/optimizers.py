"""One step of gradient descent, in its four classic forms, taken while the gradient is still in registers.

Nothing is gained by writing a gradient down: it is read once, and for a wide layer it is as large as the weight. So the
kernels that compute one hand it over vector by vector, and what is read and written is the weight and the optimizer's
memory alone: 8 bytes a weight for plain SGD, 16 with momentum, 24 for AdamW, and nothing for the gradient.

Weight decay is decoupled in all of them (Loshchilov & Hutter, "Decoupled weight decay regularization", 2019): it pulls
on the weight itself, not on the gradient.
"""

import math
from typing import NamedTuple, TypeAlias

import numpy as np

from kernels.machine.jit import jit, jit_inline
from kernels.machine.simd import add, broadcast_like, divide, flush_small, fma, load_like, multiply, sqrt, store
from kernels.types import OPTIMIZERS, Floats

SGD, MOMENTUM, NESTEROV, ADAMW = OPTIMIZERS.values()
GRADIENT_ONLY = len(OPTIMIZERS)
"""The code for no step at all: the gradient is kept where optimizers keep their first moment."""

# The defaults of Kingma & Ba, "Adam: a method for stochastic optimization", 2015.
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8

FAINTEST = 1e-16
"""AdamW takes gradients and means of gradients nearer to 0 than this for 0; its ε is a hundred million times as large.

Where gradients have come to an end, their mean falls by a tenth with every step, after three epochs among the denormal
numbers, for which float32 has run out of exponents. An operation on one takes a processor a hundred cycles: epochs took
a quarter longer.
"""
FAINTEST_VELOCITY = 1e-30
"""The same for momentum, which has no ε: a trillionth of a trillionth of what would move a weight."""

Number: TypeAlias = np.float32 | np.float64


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


class StepConstants(NamedTuple):
    """A step's numbers as the inner loop needs them, in the parameters' dtype.

    Attributes
    ----------
    optimizer : int
    negative_rate : float
        Minus the learning rate; for AdamW with the corrections of both means in it.
    kept : float
        What weight decay leaves of a weight, `1 - ηλ`.
    momentum, epsilon : float
    """

    optimizer: int
    negative_rate: Number
    kept: Number
    momentum: Number
    epsilon: Number


@jit
def step_constants(step: Step, like: Floats) -> StepConstants:
    """Return a step's constants, in the dtype of `like`.

    Notes
    -----
    AdamW's `η m̂ / (√ŝ + ε)` with the corrections `m̂ = m / c₁` and `ŝ = s / c₂` is `(η √c₂ / c₁) m / (√s + ε √c₂)`.
    """
    real, rate, epsilon = like.dtype.type, step.learning_rate, EPSILON
    if step.optimizer == ADAMW:
        root = math.sqrt(1 - BETA2**step.number)
        rate, epsilon = rate * root / (1 - BETA1**step.number), EPSILON * root
    kept = 1 - step.learning_rate * step.weight_decay
    return StepConstants(step.optimizer, real(-rate), real(kept), real(step.momentum), real(epsilon))


def step_constants_from_python(step: Step, like: Floats) -> StepConstants:
    """Return the same, for Python to hand to kernels.

    Compiled code gives Python its numbers as float64, and for those every kernel would be compiled once more.
    """
    constants, real = step_constants(step, like), like.dtype.type
    return StepConstants(
        constants.optimizer,
        real(constants.negative_rate),
        real(constants.kept),
        real(constants.momentum),
        real(constants.epsilon),
    )


@jit_inline
def without_decay(constants: StepConstants) -> StepConstants:
    """Return the constants for biases: they do not decay."""
    return StepConstants(
        constants.optimizer, constants.negative_rate, type(constants.kept)(1), constants.momentum, constants.epsilon
    )


@jit_inline
def is_idle(constants: StepConstants) -> bool:
    """Tell whether the step leaves a weight without gradient as it is, as plain SGD without weight decay does."""
    return constants.optimizer == SGD and constants.kept == 1


@jit_inline
def update(constants: StepConstants, grad: Floats, value: Floats, first: Floats, second: Floats, at: int) -> None:
    """Take a step on the numbers from `value[at]` on.

    Parameters
    ----------
    constants : StepConstants
    grad : vector
        Of `kernels.machine.simd`: the gradient by these numbers.
    value, first, second : flat arrays
        The parameters and what the optimizer remembers of each; without memory, empty.
    at : int

    Notes
    -----
    SGD `w ← κw - ηg`; momentum `v ← μv + g, w ← κw - ηv`; Nesterov likewise with `w ← κw - η(g + μv)`; AdamW
    `m ← β₁m + (1-β₁)g, s ← β₂s + (1-β₂)g², w ← κw - η m̂ / (√ŝ + ε)`; with `κ = 1 - ηλ`.
    """
    if constants.optimizer == GRADIENT_ONLY:
        store(first, at, grad)
        return
    direction = grad
    if constants.optimizer == ADAMW:
        direction = _adamw_direction(constants, grad, first, second, at)
    elif constants.optimizer != SGD:
        velocity = fma(broadcast_like(constants.momentum, grad), load_like(first, at, grad), grad)
        velocity = flush_small(velocity, FAINTEST_VELOCITY)
        store(first, at, velocity)
        direction = velocity
        if constants.optimizer == NESTEROV:
            direction = fma(broadcast_like(constants.momentum, grad), velocity, grad)
    decayed = multiply(broadcast_like(constants.kept, grad), load_like(value, at, grad))
    store(value, at, fma(broadcast_like(constants.negative_rate, grad), direction, decayed))


@jit_inline
def _adamw_direction(constants: StepConstants, grad: Floats, first: Floats, second: Floats, at: int) -> Floats:
    """Bring both running means up to date, and return `m / (√s + ε)`."""
    grad = flush_small(grad, FAINTEST)
    mean = multiply(broadcast_like(BETA1, grad), load_like(first, at, grad))
    mean = flush_small(fma(broadcast_like(1 - BETA1, grad), grad, mean), FAINTEST)
    square = multiply(broadcast_like(BETA2, grad), load_like(second, at, grad))
    square = flush_small(fma(multiply(broadcast_like(1 - BETA2, grad), grad), grad, square), FAINTEST**2)
    store(first, at, mean)
    store(second, at, square)
    return divide(mean, add(sqrt(square), broadcast_like(constants.epsilon, grad)))
