"""Loss functions on logits: the loss of a mini-batch, its derivative, and what the outputs mean as probabilities."""

import math

import numpy as np
import numpy.typing as npt

from kernels.functions.activations import sigmoid
from kernels.machine.elementary import exp
from kernels.machine.jit import jit
from kernels.types import LOSSES, Floats, Labels

CROSS_ENTROPY, QUADRATIC = LOSSES.values()


@jit
def softmax(logits: Floats) -> None:
    """Replace each row of `logits` (batch, classes) by `exp(z) / Σ exp(z)`.

    Notes
    -----
    The row's largest logit is taken off first, which changes nothing but keeps `exp` from overflowing.
    """
    for row in logits:
        highest, total = row[0], 0.0
        for j in range(1, row.size):  # numba compiles for half a second to call `max`
            highest = max(highest, row[j])
        for j in range(row.size):
            row[j] = exp(row[j] - highest)
            total += float(row[j])
        for j in range(row.size):
            row[j] = row[j] / total


@jit
def _cross_entropy(logits: Floats, labels: Labels, smoothing: float, grad: Floats) -> float:
    """Return the summed softmax cross-entropy, `-Σ y log softmax(z)`, and leave `softmax(z) - y` in `grad`.

    `y` is 1 for the label and 0 else, smoothed: a share of it is spread evenly over the classes.
    """
    spread = smoothing / logits.shape[1]
    for i in range(logits.shape[0]):
        highest = logits[i, 0]
        for j in range(1, logits.shape[1]):
            highest = max(highest, logits[i, j])
        for j in range(logits.shape[1]):
            grad[i, j] = logits[i, j] - highest
    # All rows at once: as a row of its own, ten logits would not fill a vector.
    flat, total = grad.reshape(-1), 0.0
    for k in range(flat.size):
        flat[k] = exp(flat[k])
    for i in range(logits.shape[0]):
        normaliser, shift, expected = 0.0, logits[i, 0], (1 - smoothing) * float(logits[i, labels[i]])
        for j in range(logits.shape[1]):
            normaliser += float(grad[i, j])
            shift = max(shift, logits[i, j])
            expected += spread * float(logits[i, j])
        factor, share = grad.dtype.type(1 / normaliser), grad.dtype.type(spread)
        for j in range(logits.shape[1]):
            grad[i, j] = grad[i, j] * factor - share
        grad[i, labels[i]] -= grad.dtype.type(1 - smoothing)
        total += math.log(normaliser) + float(shift) - expected  # -Σ y log softmax(z) = log Σ exp(z) - Σ y z
    return total


@jit
def _quadratic(logits: Floats, labels: Labels, grad: Floats) -> float:
    """Return the summed quadratic cost `½ Σ (a - y)²` of sigmoid outputs `a`; leave `(a - y) a (1 - a)` in `grad`."""
    total = 0.0
    for i in range(logits.shape[0]):
        for j in range(logits.shape[1]):
            a = sigmoid(logits[i, j])
            difference = a - (1 if j == labels[i] else 0)
            grad[i, j] = difference * a * (1 - a)
            total += 0.5 * float(difference) * float(difference)
    return total


@jit
def loss_backward(logits: Floats, labels: Labels, loss: int, smoothing: float, grad: Floats) -> float:
    """Return the summed loss of a mini-batch, and the derivative of its mean.

    Parameters
    ----------
    logits : (batch, classes) float
    labels : (batch,) uint8 or uint16
        Below `classes`.
    loss : int
        `CROSS_ENTROPY` or `QUADRATIC`.
    smoothing : float
        For cross-entropy: the share of what is expected that goes to all classes alike (Szegedy et al., "Rethinking the
        Inception architecture for computer vision", 2016, section 7). It keeps the logits from growing for ever.
    grad : (batch, classes) float
        On return, the derivative of the mean loss by the logits.

    Returns
    -------
    float
        The sum over the rows, added up in float64.
    """
    if loss == CROSS_ENTROPY:
        total = _cross_entropy(logits, labels, smoothing, grad)
    else:
        total = _quadratic(logits, labels, grad)
    share = grad.dtype.type(1 / logits.shape[0])
    for row in grad:
        for j in range(row.size):
            row[j] *= share
    return total


@jit
def loss_of(logits: Floats, labels: Labels, loss: int) -> float:
    """Return the summed loss of rows that nothing is to be learned from; parameters as for `loss_backward`."""
    return loss_backward(logits, labels, loss, 0.0, np.empty_like(logits))


@jit
def probabilities(logits: Floats, loss: int) -> npt.NDArray[np.float64]:
    """Return what a network trained for `loss` says of each class.

    Parameters
    ----------
    logits : (n, classes) float
    loss : int

    Returns
    -------
    (n, classes) float64
        Rows sum to 1: the softmax, or for the quadratic cost the sigmoid outputs divided by their sum.
    """
    result = logits.astype(np.float64)
    if loss == CROSS_ENTROPY:
        softmax(result)
        return result
    for row in result:
        total = 0.0
        for j in range(row.size):
            # A floor far below any real output keeps a row of zeros from becoming 0 / 0.
            row[j] = max(sigmoid(row[j]), 1e-300)
            total += row[j]
        for j in range(row.size):
            row[j] = row[j] / total
    return result
