"""Whether all systems compute the same thing: without that, comparing their times would mean nothing."""

import math

import numpy as np

from pipeline.bench.system import Labels, Network
from pipeline.errors import ScrawlError

TOLERANCE = 1e-4
"""Of the loss, and of the gradient in proportion to its norm, layer by layer: float32 rounds some 1e-6 away."""
SAME_ANSWERS = 0.999
"""Share of the held-out rows that untrained networks must answer alike: rounding may decide where two classes tie."""
ACCURACY_BOUND = 0.01
"""After an epoch, thousands of rounded steps lie between the systems; more than a point of accuracy is no rounding."""


class Disagreement(ScrawlError):  # noqa: N818 -- the name says what happened
    """Two systems that should compute the same do not."""


def check_loss(system: str, network: str, found: float, reference: float) -> None:
    """Raise Disagreement unless the loss of a mini-batch is NumPy's."""
    if not math.isclose(found, reference, rel_tol=TOLERANCE):
        raise _disagreement(system, network, f"the loss of the first mini-batch is {found:.6g}", f"{reference:.6g}")


def check_gradients(system: str, network: str, found: Network, reference: Network) -> None:
    """Raise Disagreement unless every layer's gradients are NumPy's."""
    for i, (layer, expected) in enumerate(zip(found, reference, strict=True)):
        for what, array, twin in zip(("weight", "bias"), layer, expected, strict=True):
            error = float(np.linalg.norm(array - twin) / np.linalg.norm(twin))
            if not error <= TOLERANCE:
                where = f"layer {i + 1}'s {what} gradient is {error:.2g} of its norm away"
                raise _disagreement(system, network, where, f"at most {TOLERANCE:g}")


def check_answers(system: str, network: str, found: Labels, reference: Labels) -> None:
    """Raise Disagreement unless the classes that the untrained network predicts are NumPy's."""
    same = float(np.mean(found == reference))
    if same < SAME_ANSWERS:
        raise _disagreement(system, network, f"{same:.2%} of its answers are NumPy's", f"at least {SAME_ANSWERS:.1%}")


def check_accuracy(system: str, network: str, found: float, reference: float) -> None:
    """Raise Disagreement unless the accuracy after an epoch is about NumPy's."""
    if not abs(found - reference) <= ACCURACY_BOUND:
        expected = f"{reference:.2%} give or take {ACCURACY_BOUND:.0%}"
        raise _disagreement(system, network, f"the accuracy after an epoch is {found:.2%}", expected)


def _disagreement(system: str, network: str, found: str, expected: str) -> Disagreement:
    """Return the error."""
    return Disagreement(
        f"bench --peers: {system} does not compute what NumPy does: network {network}: {found}; expected {expected}. "
        "Its times would mean nothing; is its version one of constraints.txt?"
    )
