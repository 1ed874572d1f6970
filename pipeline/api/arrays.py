"""Arrays that come in from Python, checked as rows of a file are before a network sees them."""

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from pipeline.errors import DataError
from pipeline.labels import MAX_CLASSES, labels_of
from pipeline.prepare.csv.images import inferred_shape
from pipeline.prepare.csv.labels import canonical, in_order, lacks_label
from pipeline.rows import Features
from pipeline.rules import MAX_PIXELS, shown
from pipeline.types import Artifact, Dataset, ImageShape
from pipeline.words import listed

Array: TypeAlias = npt.NDArray[Any]

GREY_LEVELS = 255
FAINTEST = 1 / 8
"""Share of the usual brightness below which no pixel of any image is ink that somebody meant: pixels from 0 to 1, or
from 0 to 16, where 255 is white."""
GLARE = 2
"""How many times as bright as the training images' brightest pixel others may be, whose hands or scanners differ."""
NEARLY = 1e-3
"""Grey levels by which a scaled pixel may miss a whole number, and is meant to be one: 0.2 * 255 in float32."""


def checked_rows(model: Artifact, rows: npt.ArrayLike, brightest: float | np.floating[Any] | None) -> Features:
    """Return rows, (n, d), that a model can read, or raise DataError; see `pipeline.api.classify`."""
    array = _flattened(_numbers(rows, "rows"), model)
    if model.image_shape is None:
        if brightest is not None:
            raise DataError("brightest: expected a model that reads images; found one of tables. Leave it out.")
        return _as_features(array)
    own = 1 / float(model.scaling.scale.max())
    white = own if brightest is None else _checked_brightness(brightest)
    _check_brightness(array, white, own, given=brightest is not None)
    return _as_features(array if brightest is None else _scaled(array, own / white))


def checked_dataset(features: npt.ArrayLike, labels: npt.ArrayLike, image_shape: ImageShape | None) -> Dataset:
    """Return labelled rows to learn from, or raise DataError; see `pipeline.api.train`."""
    array = _numbers(features, "features")
    if array.ndim not in {2, 3} or not array.size:
        raise DataError(
            f"features: expected an array (n, d), or images (n, height, width), that holds something; found one of "
            f"shape {array.shape}. Reshape it."
        )
    rows = _as_features(array.reshape(len(array), -1))
    shape = _shape_of(array, rows, None if image_shape is None else tuple(image_shape))
    names, indices = _classes(labels, len(rows))
    return Dataset(rows, labels_of(indices, len(names)), shape, names)


def _numbers(values: npt.ArrayLike, what: str) -> Array:
    """Return an array of finite numbers."""
    if isinstance(values, np.ma.MaskedArray):
        raise DataError(f"{what}: expected an array without gaps; found a masked one. Fill it, or leave rows out.")
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise DataError(f"{what}: expected rows of one length; found a list that makes no array: {error}.") from error
    if array.dtype.kind not in "buif":
        raise DataError(
            f"{what}: expected whole or floating-point numbers; found values of type {array.dtype}. Convert them."
        )
    with np.errstate(over="ignore"):  # what is too large for float32 is told
        finite = array.dtype.kind != "f" or np.isfinite(array.astype(np.float32, copy=False))
    if not np.all(finite):
        place = tuple(np.argwhere(~np.asarray(finite))[0].tolist())
        raise DataError(
            f"{what}: expected finite numbers that float32 holds; found {array[place]} at {list(place)}. Mend it, or "
            "leave the row out."
        )
    return array


def _flattened(array: Array, model: Artifact) -> Array:
    """Return rows (n, d) of what is one of the shapes that a model reads."""
    width, shape = model.scaling.shift.size, model.image_shape
    if array.shape[-1:] == (width,) and array.ndim in {1, 2}:
        return array.reshape(-1, width)
    if shape is not None and array.ndim in {2, 3} and array.shape[-2:] == shape:
        return array.reshape(-1, width)
    images = "" if shape is None else f" or images (n, {shape[0]}, {shape[1]})"
    raise DataError(
        f"rows: expected an array (n, {width}){images}; found one of shape {array.shape}. Reshape it, or use the model "
        "that it was made for."
    )


def _checked_brightness(brightest: float | np.floating[Any]) -> float:
    """Return the brightness of white if it can be one."""
    is_number = isinstance(brightest, Real) and not isinstance(brightest, bool)
    if not is_number or not 0 < brightest < math.inf:
        raise DataError(f"brightest: expected a number above 0, such as 255 or 1; found {shown(brightest)}.")
    return float(brightest)


def _check_brightness(array: Array, white: float, own: float, *, given: bool) -> None:
    """Raise unless the pixels are grey levels of a scale that ends at `white`."""
    lowest, highest = (float(array.min()), float(array.max())) if array.size else (0.0, 0.0)
    too_bright = highest > (white * (1 + NEARLY) if given else GLARE * own)
    too_faint = 0 < highest < FAINTEST * own and not given
    if lowest < 0 or too_bright or too_faint:
        raise DataError(
            f"rows: expected grey levels from 0 (paper) to {white:g} (ink); found numbers from {lowest:g} to "
            f"{highest:g}. Say what white is by brightest=, such as brightest=1, or undo what was done to the pixels."
        )


def _scaled(array: Array, factor: float) -> Array:
    """Return pixels on another scale, as whole numbers where they are meant to be."""
    scaled = array * np.float64(factor)
    whole = np.rint(scaled)
    return whole if bool((np.abs(scaled - whole) < NEARLY).all()) else scaled


def _as_features(array: Array) -> Features:
    """Return numbers as kernels take them: bytes where all are whole and from 0 to 255, else float32."""
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    inside = not array.size or (array.min() >= 0 and array.max() <= GREY_LEVELS)
    if inside and (array.dtype.kind != "f" or bool((np.rint(array) == array).all())):
        return np.ascontiguousarray(array, np.uint8)
    return np.ascontiguousarray(array, np.float32)


def _shape_of(array: Array, rows: Features, given: Sequence[int] | None) -> ImageShape | None:
    """Return the shape of the images that are to be learned from; None for a table."""
    found = given
    if array.ndim > 2:  # noqa: PLR2004 -- rows and columns
        found = (array.shape[1], array.shape[2])
    elif given is None:
        found = inferred_shape(rows.shape[1], is_bytes=rows.dtype == np.uint8)
    if found is None:
        return None
    if given not in {None, found} or len(found) != 2 or min(found) < 1 or math.prod(found) != rows.shape[1]:  # noqa: PLR2004 -- height and width
        raise DataError(f"image_shape: expected that of the rows; found {given} for features of shape {array.shape}.")
    if math.prod(found) > MAX_PIXELS:
        raise DataError(f"features: expected images of at most {MAX_PIXELS:,} pixels; found {found}. Reduce them.")
    return int(found[0]), int(found[1])


def _classes(labels: npt.ArrayLike, rows: int) -> tuple[tuple[str, ...], npt.NDArray[np.intp]]:
    """Return the names of the classes in order, and the index of each row's: (rows,)."""
    array = np.asarray(labels)
    if array.shape != (rows,):
        raise DataError(f"labels: expected one for each of {rows} rows; found an array of shape {array.shape}.")
    written = [canonical(str(label)) for label in array.tolist()]
    names = in_order(tuple(set(written)))
    missing = next((i for i, label in enumerate(array.tolist()) if label is None or lacks_label(written[i])), None)
    if missing is not None:
        raise DataError(f"labels: expected a class for each row; found none at [{missing}]. Leave such rows out.")
    fraction = array.dtype.kind == "f" and bool((np.rint(array) != array).any())
    if fraction or array.dtype.kind not in "buifUOT" or len(names) > MAX_CLASSES:
        raise DataError(
            f"labels: expected whole numbers or texts, of at most {MAX_CLASSES} classes; found {len(names)} values of "
            f"type {array.dtype} ({listed(names)}). Scrawl tells classes apart; it does not predict numbers."
        )
    index = {name: i for i, name in enumerate(names)}
    return names, np.array([index[name] for name in written], np.intp)
