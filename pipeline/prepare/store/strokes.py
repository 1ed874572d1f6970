"""Drawings as a column of Parquet: for each row a list of strokes, which are lists of points, which are x and y."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.rules import check
from pipeline.types import Strokes

Column: TypeAlias = Any
"""pyarrow ships no type information."""

STROKES = "strokes"
# So do files call what lists hold, whoever writes them.
POINT = pa.list_(pa.field("element", pa.float32()), 2)
STROKE = pa.list_(pa.field("element", POINT))
KIND = pa.list_(pa.field("element", STROKE))
NO_STROKES = Strokes(np.zeros((0, 2), np.float32), np.zeros(1, np.int64), np.zeros(1, np.int64))


def column_of(drawings: Strokes) -> Column:
    """Return drawings as an array of Arrow's."""
    points = pa.FixedSizeListArray.from_arrays(pa.array(drawings.points.reshape(-1)), type=POINT)
    strokes = pa.ListArray.from_arrays(drawings.strokes.astype(np.int32), points, type=STROKE)
    return pa.ListArray.from_arrays(drawings.drawings.astype(np.int32), strokes, type=KIND)


def drawings_in(column: Column) -> Strokes:
    """Return the drawings of a column that comes in chunks.

    Raises ValueError if a row has no stroke, a stroke no point, or a coordinate is not a number from 0 to 1.
    """
    drawings = column.combine_chunks()
    strokes = drawings.flatten()
    points = strokes.flatten()
    numbers = points.flatten()
    whole = [drawings.null_count, strokes.null_count, points.null_count, numbers.null_count] == [0] * 4
    check(whole, "expected strokes of points in each row, found none")
    coordinates = np.array(numbers.to_numpy(), np.float32).reshape(-1, 2)
    check(bool(((coordinates >= 0) & (coordinates <= 1)).all()), "expected coordinates from 0 to 1, found others")
    return Strokes(coordinates, _bounds(strokes), _bounds(drawings))


def _bounds(lists: Column) -> npt.NDArray[np.int64]:
    """Return where each list begins in what they hold together, and where the last one ends."""
    lengths = lists.value_lengths().to_numpy()
    check(bool((lengths > 0).all()), "expected strokes of points in each row, found an empty list")
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
