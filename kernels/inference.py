"""What a network makes of rows that it does not learn from."""

import numpy as np

from kernels.gather import gather
from kernels.jit import jit
from kernels.network import forward
from kernels.params import writable
from kernels.types import Bytes, Floats, Params

CHUNK = 512
"""Rows that go through the network together: enough to keep BLAS busy, few enough to stay in a core's cache."""


@jit
def _infer(
    params: Params,
    inputs: Floats,
    outputs: tuple[Floats, ...],
    features: Bytes | Floats,
    shift: Floats,
    scale: Floats,
    activation: int,
    logits: Floats,
) -> None:
    """Fill `logits`, chunk by chunk; `inputs` and `outputs` are working memory for one chunk."""
    for start in range(0, logits.shape[0], inputs.shape[0]):
        stop = min(start + inputs.shape[0], logits.shape[0])
        x = inputs[: stop - start]
        gather(features, np.arange(start, stop), shift, scale, x)
        forward(params, x, outputs, activation)
        logits[start:stop] = outputs[-1][: stop - start]


def infer(params: Params, features: Bytes | Floats, shift: Floats, scale: Floats, activation: int) -> Floats:
    """Return the network's logits for rows.

    Parameters
    ----------
    params : Params
        Working copies of them (`kernels.params.thawed`).
    features : (n, d) uint8 or float32
    shift, scale : (d,) float32
    activation : int

    Returns
    -------
    (n, classes) of the parameters' dtype
    """
    rows, dtype = features.shape[0], params[0].weight.dtype
    logits = np.empty((rows, params[-1].bias.size), dtype)
    if not rows:
        return logits
    size = min(CHUNK, rows)
    inputs = np.empty((size, features.shape[1]), dtype)
    outputs = tuple(np.empty((size, layer.bias.size), dtype) for layer in params)
    _infer(params, inputs, outputs, writable(features), shift, scale, activation, logits)
    return logits
