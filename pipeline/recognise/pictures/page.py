"""From a picture to what in it may be digits, and from a network's answers to the numbers that it shows.

The two halves are apart so that the segments of many pictures go through the network together.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kernels.images.drawings import FIELD
from pipeline.errors import ScrawlError
from pipeline.model.classify import Answers, Recogniser
from pipeline.recognise.kinds import shape_read_from
from pipeline.recognise.number import Reading, by_row, in_training_range
from pipeline.recognise.pictures.binarize import find_ink
from pipeline.recognise.pictures.choose import choose
from pipeline.recognise.pictures.decode import name_of, read_grey
from pipeline.recognise.pictures.normalize import Legible, legible_ink, no_ink, ready_made
from pipeline.recognise.pictures.rows import rows_of
from pipeline.recognise.pictures.segments import Cutting, Segment, cut
from pipeline.recognise.pictures.small import FEW_PIXELS
from pipeline.recognise.strokes.segment import Group
from pipeline.types import Artifact, ImageShape

APART, MORE = 0.9, 2.5
"""A gap parts two numbers of a row if it is wider than so much of its tallest digit, and than so many usual gaps."""


class Look(NamedTuple):
    """What may be digits in a picture, row by row."""

    rows: tuple[Cutting, ...]
    doubtful: bool  # whether the ink was hard to tell from what else is in the picture
    factor: int  # by which the picture was reduced; boxes are those of the reduced one

    @property
    def segments(self) -> tuple[Segment, ...]:
        """All that may be digits."""
        return tuple(segment for row in self.rows for segment in row.segments)


def look(source: Path | bytes, shape: ImageShape = (FIELD, FIELD), *, single: bool = False) -> Look:
    """Return what may be digits in a picture, each as the network is to see it; see `pictures.normalize`.

    With `single`, all that is one digit. A picture in MNIST's form is one in any case, and so is any of so few pixels.

    Raises DataError if the picture can't be read, or there is no ink in it.
    """
    grey, factor = read_grey(source)
    ready = ready_made(grey, shape)
    if ready is not None:
        return alone(ready)
    single = single or max(grey.shape) <= FEW_PIXELS
    ink = find_ink(grey, single=single)
    if ink is None:
        raise no_ink(name_of(source))
    if single:
        return alone(legible_ink(ink, shape, factor))
    return Look(tuple(cut(row, shape) for row in rows_of(ink)), ink.doubtful, factor)


def read_pictures(
    sources: Sequence[Path | bytes], artifact: Artifact, recognise: Recogniser, *, single: bool = False
) -> Iterator[tuple[Reading, ...] | ScrawlError]:
    """Yield what a network reads in each of some pictures, one digit at least, or what is wrong with the picture.

    All digits of all pictures go through the network together; see `look`.
    """
    looks = [_looked(source, artifact, single=single) for source in sources]
    images = [segment.pixels for seen in looks if isinstance(seen, Look) for segment in seen.segments]
    answers = recognise(in_training_range(np.stack(images), artifact)) if images else Answers(np.empty((0, 0)), None)
    start = 0
    for source, seen in zip(sources, looks, strict=True):
        if isinstance(seen, ScrawlError):
            yield seen
            continue
        stop = start + len(seen.segments)
        scores = None if answers.scores is None else answers.scores[start:stop]
        readings = readings_of(seen, Answers(answers.probabilities[start:stop], scores))
        start = stop
        yield readings or no_ink(name_of(source))


def _looked(source: Path | bytes, artifact: Artifact, *, single: bool) -> Look | ScrawlError:
    """Return what may be digits in a picture, or what is wrong with it."""
    try:
        return look(source, shape_read_from(name_of(source), artifact), single=single)
    except ScrawlError as error:
        return error


def readings_of(seen: Look, answers: Answers) -> tuple[Reading, ...]:
    """Return the digits in a picture, row by row from left to right, given the answers for its segments.

    Their boxes are in the picture's pixels.
    """
    found: list[Reading] = []
    start = 0
    for row, cutting in enumerate(seen.rows):
        mine = slice(start, start + len(cutting.segments))
        start = mine.stop
        likely, scores = answers.probabilities[mine], None if answers.scores is None else answers.scores[mine]
        digits = choose(cutting, likely, scores)
        of_each = by_row(scores, len(likely))
        wide = _wide_gaps([cutting.segments[i] for i in digits])
        for apart, i in zip(wide, digits, strict=True):
            segment = cutting.segments[i]
            left, top, right, bottom = (at * seen.factor for at in segment.box)
            group = Group((), (left, top, right, bottom))
            # Cut out of other ink: another digit's, or that of a letter, which may be cut into 1s.
            doubtful = seen.doubtful or max(cutting.cuts[segment.start], cutting.cuts[segment.stop]) > 0
            found.append(Reading(group, segment.pixels, likely[i], doubtful, of_each[i], row, apart))
    return tuple(found)


def alone(legible: Legible) -> Look:
    """Return a picture of one digit."""
    segment = Segment(0, 1, legible.box, 1.0, 1.0, legible.pixels)
    return Look((Cutting((segment,), (0.0, 0.0), (1.0,)),), legible.doubtful, 1)


def _wide_gaps(segments: Sequence[Segment]) -> list[bool]:
    """Tell of each digit of a row whether it begins another number than the one before.

    It does where the gap between them is clearly wider than the others: than most of a digit, and than most gaps.
    """
    gaps = [after.box[0] - before.box[2] for before, after in pairwise(segments)]
    tall = max((each.box[3] - each.box[1] for each in segments), default=0.0)
    usual = max(float(np.median(gaps)), 0.0) if len(gaps) > 1 else 0.0
    return [False, *(gap > APART * tall and gap > MORE * usual for gap in gaps)][: len(segments)]
