"""Which of the dark pieces in a picture are the digit."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from pipeline.recognise.mnist_form import Mask, bounding_box
from pipeline.types import Floats

SPECK_SHARE = 0.03
"""Of the largest piece of ink: a smaller one, apart from it, is dirt."""
GAP_SHARE = 0.02
"""Of the longer side: narrower gaps don't part a piece of ink. Thin lines break where they fade."""
SMALLEST = 0.06
"""Of the picture's longer side: what is shorter is no digit but dirt, or what is left of crossing lines."""
SMALLEST_OF_PAGE = 0.02
"""The same where the picture may show many digits, and four pixels at least."""
AT_THE_SIDE = 0.1
"""What counts of a piece that touches a side, as people write into a picture's middle."""
SPANNING = 0.5
"""Of a side: a piece that covers more of it is a line that was left over there, or shade."""
AROUND = 0.5
"""Of the digit's size: how far beyond its largest piece the others may reach."""
STRAIGHT = 0.05
"""Of its length: the thickness of a piece of a ruling that was left over at a side."""
EVERY_SIDE = np.ones((3, 3))


def main_piece(
    mask: Mask, contrast: Floats, strips: Mask, smallest: float = SMALLEST
) -> tuple[Mask, float, Mask] | None:
    """Return the piece of a mask that holds most of the ink, what all others hold as a share of it, and all together.

    All arrays are (height, width): the mask tells where there may be ink, the strips where something else than the
    paper shows. None if there is nothing but dirt, and what was left over at the sides.
    """
    pieces, count = ndimage.label(mask, EVERY_SIDE)
    if not count:
        return None
    numbers = np.arange(1, count + 1)
    boxes = ndimage.find_objects(pieces)
    lengths = [max(part.stop - part.start for part in box) for box in boxes]
    large = np.array(lengths) >= max(smallest * max(mask.shape), 3)
    sides = pieces[0], pieces[-1], pieces[:, 0], pieces[:, -1]
    covered = np.max([np.bincount(side, minlength=count + 1)[1:] / side.size for side in sides], axis=0)
    mass = ndimage.sum_labels(contrast, pieces, numbers) * large * (covered <= SPANNING)
    mass *= [
        not edge or not large[i] or not _is_straight(*np.nonzero(pieces[box] == i + 1))
        for i, (edge, box) in enumerate(zip(covered, boxes, strict=True))
    ]
    mass *= np.where(covered > 0, AT_THE_SIDE, 1) * (ndimage.mean(strips, pieces, numbers) <= 0.5)  # noqa: PLR2004 -- most of it
    if not mass.any():
        return None
    largest = int(mass.argmax())
    every = np.append(False, mass > 0)[pieces]
    return np.asarray(pieces == largest + 1), float(mass.sum() / mass[largest] - 1), every


def around(mask: Mask, main: Mask) -> Mask:
    """Return the pieces of a mask that belong to the digit of which `main` is the largest piece, or a part of it."""
    reach = max(round(GAP_SHARE * max(mask.shape) / 2), 1)
    pieces, count = ndimage.label(ndimage.binary_dilation(mask, EVERY_SIDE, iterations=reach))
    areas = np.bincount(pieces[mask], minlength=count + 1)
    number = int(np.bincount(pieces[mask & main], minlength=count + 1).argmax())
    boxes = np.array([[(part.start, part.stop) for part in box] for box in ndimage.find_objects(pieces)])
    room = AROUND * np.ptp(boxes[number - 1], axis=1).max()
    near = (boxes[:, :, 0] >= boxes[number - 1, :, 0] - room) & (boxes[:, :, 1] <= boxes[number - 1, :, 1] + room)
    kept = np.append(False, near.all(axis=1)) & (areas >= SPECK_SHARE * areas[number])
    return np.asarray(mask & kept[pieces])


def line_width(mask: Mask) -> float:
    """Return the width of the lines in a mask that is not empty, in pixels, to within a pixel or a fifth.

    Across a line of width `w`, the distance to the nearest pixel of paper is `(w + 2) / 4` on average.
    """
    depth = ndimage.distance_transform_edt(np.pad(mask[bounding_box(mask)], 1))
    return float(4 * depth[depth > 0].mean() - 2)


def _is_straight(rows: npt.NDArray[np.intp], columns: npt.NDArray[np.intp]) -> bool:
    """Tell whether pixels lie along a thin straight line: their deviation across it is small beside that along it."""
    across, along = np.linalg.eigvalsh(np.cov(rows, columns))
    return bool(across < STRAIGHT**2 * along)
