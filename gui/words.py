"""What the window says: of an answer, of the model, of a drawing that is taught."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.labels import NO_DIGIT
from pipeline.model.find import is_bundled
from pipeline.recognise.number import BETWEEN, NOT_SURE, Reading, is_digit, is_sure, number_of
from pipeline.types import Artifact
from pipeline.words import MAX_NAME, line

NOTHING = "nothing drawn"


class Verdict(NamedTuple):
    """An answer in words."""

    headline: str  # in large type: the digit or the number, or what stands in its place
    detail: str  # the probability and the runner-up, or what to do
    kind: str  # "answer", "unsure", "none" for what is no digit, or "nothing"


def verdict_on(readings: tuple[Reading, ...], names: tuple[str, ...], chosen: int) -> Verdict:
    """Return what to say of what was read, by the names of the classes; the details are about the `chosen` digit."""
    if not readings:
        return Verdict("-", f"{NOTHING} yet: draw a digit", "nothing")
    details = _runner_up(readings[chosen], names)
    if not any(is_digit(reading.score) for reading in readings):
        return Verdict(NO_DIGIT, f"nearest: {details}", "none")
    sure = [is_sure(each.probabilities, doubtful=each.doubtful, score=each.score) for each in readings]
    shown = [_shown(reading, names) if ok else "?" for reading, ok in zip(readings, sure, strict=True)]
    number = number_of(readings, shown, BETWEEN)
    kind = "answer" if all(sure) else "unsure"
    if len(readings) == 1:
        return Verdict(number, details if all(sure) else f"{NOT_SURE}: {details}", kind)
    place = f"digit {chosen + 1} of {len(readings)}: {details}"
    return Verdict(number, place if all(sure) else f"{NOT_SURE}, {place}", kind)


def name_of(reading: Reading, names: tuple[str, ...]) -> str:
    """Return the name of the most likely class."""
    return names[int(reading.probabilities.argmax())]


def _shown(reading: Reading, names: tuple[str, ...]) -> str:
    """Return the name of the most likely class as it is shown."""
    return line(name_of(reading, names), MAX_NAME)


def label_of(reading: Reading, names: tuple[str, ...]) -> str:
    """Return the answer with its probability, as it stands beside a digit on the board."""
    return f"{_shown(reading, names)}  {_percent(reading.probabilities.max())}"


def model_line(path: Path, root: Path, artifact: Artifact) -> str:
    """Return which model answers, and how good it is by its own count; `root` is the folder that the board works in."""
    name = f"the bundled one ({path.name})" if is_bundled(root, path) else line(str(path))
    count, correct = artifact.metrics.get("n"), artifact.metrics.get("correct")
    if not isinstance(count, int) or not isinstance(correct, int) or count < 1:
        return f"Model: {name} (never tested)"
    return f"Model: {name}, {_percent(correct / count, 2)} of {count:,} test images right"


def _runner_up(reading: Reading, names: tuple[str, ...]) -> str:
    """Return the two likeliest classes with their probabilities."""
    likeliest = np.argsort(-reading.probabilities, kind="stable")[:2]
    shares = reading.probabilities
    each = (f"{line(names[i], MAX_NAME)} with {_percent(shares[i])}" for i in likeliest)
    return ", else ".join(each)


def _percent(share: float, digits: int = 0) -> str:
    """Return a share in percent that no line's end tears apart."""
    return f"{share:.{digits}%}".replace("%", "\u00a0%")
