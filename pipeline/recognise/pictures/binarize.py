"""Ink told from everything else: paper under uneven light, shadows, the desk, printed lines, grain, specks.

Not everything that differs from the paper is ink. Ink is darker than the paper around it (or lighter, as chalk is), by
more than the noise; it is no straight line from side to side (`rulings`), and neither small nor a remnant at a side
(`pieces`); and it ends, where shade fades.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from pipeline.recognise.mnist_form import Mask, bounding_box
from pipeline.recognise.pictures.background import contrast_of
from pipeline.recognise.pictures.cropped import cropped_ink
from pipeline.recognise.pictures.pieces import SMALLEST, SMALLEST_OF_PAGE, around, line_width, main_piece
from pipeline.recognise.pictures.rulings import without_lines
from pipeline.recognise.pictures.small import small_ink
from pipeline.types import Floats

LEAST_CONTRAST = 12.0
"""Grey levels by which ink must differ from paper that is even: pure yellow on white, hard to see, does by 29."""
LEAST_IN_PHOTO = 44.0
"""Where paper is uneven, shade within the width of a stroke differs by up to 41, in most made photos of bare paper."""
LEAST_SHARE = 0.3
"""Of the darkest that stands out: what is fainter may be shade that ink lies in."""
NOISE_FACTOR = 6.0
"""Standard deviations of the paper's noise by which ink must differ: by chance, none of a million pixels does."""
FULL_PERCENTILE = 75  # of what is darker than half of the darkest: the level of full ink
DARKEST_PERCENTILE = 98
FADED = 0.35
"""Of full ink: what is left of it outside its edge, a third of its line's width away, even out of focus."""
ENDING = 0.8
"""Of that outline: where at least so much has faded, it is ink."""
FAINT = 60.0
"""Contrast below which ink in a photo is in doubt: pencils and pens leave more."""
NEARLY, SHARP = 0.85, 0.25
"""Where less than a quarter of the ink is nearly as dark as the darkest, it is out of focus by more than half of a
pen's width, and a loop may have become a blot. In ordinary photos, two thirds of the ink are so dark."""
SHORT = 0.15
"""Of the picture's longer side: what is shorter is a leftover, where lines were taken out."""
CLUTTER = 0.5
"""Of the ink: if other pieces that could be a digit as well hold more, it is in doubt which is."""


class FoundInk(NamedTuple):
    """What is drawn in a picture."""

    amount: Floats  # (height, width): from 0, paper, to 1, ink
    mask: Mask  # (height, width): where there is more ink than paper
    doubtful: bool = False  # whether it may as well be something else


class Standing(NamedTuple):
    """What stands out from a picture's paper."""

    contrast: Floats  # (height, width): by how much each pixel is darker than the paper; see `Contrast`
    candidates: Mask  # where that is more than noise and shade
    clean: Mask  # the same without printed lines
    strips: Mask  # where something else than the paper shows
    is_even: bool  # whether no camera has seen the paper


def find_ink(grey: Floats, *, single: bool = True) -> FoundInk | None:
    """Tell ink from paper, whichever is darker, in grey levels from 0 to 255; None if nothing looks like ink.

    With `single`, the ink is that of one digit, and of several the largest one's; else it is all that may be digits.
    """
    if min(grey.shape) == 1:
        return None
    cropped = small_ink(grey) or cropped_ink(grey)
    if cropped is not None:
        contrast, mask = cropped
        full = full_contrast(contrast[mask])
        return _inked(contrast, around(contrast > full / 2, mask), full)
    seen = standing_out(grey)
    if seen is None:
        return None
    found = main_piece(seen.clean, seen.contrast, seen.strips, SMALLEST if single else SMALLEST_OF_PAGE)
    if found is None:
        return None
    main, others, all_pieces = found
    full = full_contrast(seen.contrast[main])
    # Soft edges belong to the ink, but not those of lines that were taken out.
    edges = ndimage.binary_dilation(main if single else all_pieces, iterations=2) & ~seen.candidates
    contrast = np.where(seen.clean | edges, seen.contrast, 0)
    mask = around(contrast > full / 2, main) if single else (contrast > full / 2) & all_pieces
    is_short = max(part.stop - part.start for part in bounding_box(mask)) < SHORT * max(grey.shape)
    leftover = is_short and not np.array_equal(seen.clean, seen.candidates)
    if leftover or not _ends(contrast, mask, full):
        return None
    cluttered = single and others > CLUTTER
    return _inked(contrast, mask, full, doubtful=cluttered or (full < FAINT and not seen.is_even))


def standing_out(grey: Floats) -> Standing | None:
    """Return what is darker than the paper by more than noise and shade are; None if nothing is."""
    contrast, noise, strips, is_even = contrast_of(grey)
    least = max(LEAST_CONTRAST if is_even else LEAST_IN_PHOTO, NOISE_FACTOR * noise)
    outstanding = contrast[(contrast > least) & ~strips]
    if not outstanding.size:
        return None
    candidates = contrast > max(least, LEAST_SHARE * float(np.percentile(outstanding, DARKEST_PERCENTILE)))
    return Standing(contrast, candidates, without_lines(candidates, strips), strips, is_even)


def _inked(contrast: Floats, mask: Mask, full: float, *, doubtful: bool = False) -> FoundInk:
    """Return ink that is where `mask` says, with soft edges; further off there is nothing but noise."""
    near = ndimage.binary_dilation(mask, iterations=2)
    amount = np.where(near, np.clip(contrast / full, 0, 1), 0).astype(np.float32)
    return FoundInk(amount, mask, doubtful or not _is_sharp(contrast[mask]))


def _is_sharp(contrast: Floats) -> bool:
    """Tell whether enough of the ink is as dark as its darkest."""
    return bool((contrast > NEARLY * np.percentile(contrast, DARKEST_PERCENTILE)).mean() >= SHARP)


def full_contrast(contrast: Floats) -> float:
    """Return the contrast of full ink, among that of ink and of what is blurred around it."""
    darkest = np.percentile(contrast, DARKEST_PERCENTILE)
    return float(np.percentile(contrast[contrast > darkest / 2], FULL_PERCENTILE))


def _ends(contrast: Floats, mask: Mask, full: float) -> bool:
    """Tell whether ink ends at its edge, all around."""
    reach = max(line_width(mask) / 3, 2.0)
    rows, columns = bounding_box(ndimage.binary_dilation(mask, iterations=int(reach) + 3))
    distance = ndimage.distance_transform_edt(~mask[rows, columns])
    outline = contrast[rows, columns][(distance > reach) & (distance <= reach + 1.5)]
    return not outline.size or bool((outline < FADED * full).mean() > ENDING)
