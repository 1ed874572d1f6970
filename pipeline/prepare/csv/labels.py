"""Labels as they are written in a CSV, as class names and as indices into them."""

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.labels import labels_of
from pipeline.prepare.csv.numbers import is_number
from pipeline.types import Labels

_WHOLE = re.compile(r"([+-]?\d{1,18})(?:\.0*)?", re.ASCII)


def canonical(label: str, decimal: str = ".") -> str:
    """Return the one way of writing a label: `7` for `7.0`, `07` and ` 7 `; words stay, without spaces around them."""
    text = label.strip()
    text = text.replace(decimal, ".") if is_number(text, decimal) else text
    whole = _WHOLE.fullmatch(text)
    return str(int(whole[1])) if whole else text


def lacks_label(name: str) -> bool:
    """Tell whether a canonical label is none: nothing, or the NaN that tools write for it."""
    return name.casefold() in {"", "nan"}


def in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    """Sort class names: as numbers if all are whole numbers, else as text."""
    are_whole = all(_WHOLE.fullmatch(name) for name in names)
    return tuple(sorted(names, key=int if are_whole else None))


def encode(
    column: pa.Array, names: tuple[str, ...], decimal: str = "."
) -> tuple[npt.NDArray[np.intp], tuple[str, ...]]:
    """Turn an array of strings, (k,), into indices, (k,), and the names known so far with the new ones behind them."""
    encoded = column.dictionary_encode()
    found = [canonical(label, decimal) for label in encoded.dictionary.to_pylist()]
    names = tuple(dict.fromkeys((*names, *found)))
    index = {name: i for i, name in enumerate(names)}
    table = np.array([index[name] for name in found], dtype=np.intp)
    return table[encoded.indices.to_numpy(zero_copy_only=False)], names


def reordered(indices: list[npt.NDArray[np.uint16]], names: tuple[str, ...], order: tuple[str, ...]) -> Labels:
    """Join batches of indices into `names` and turn them into indices into `order`: (n,)."""
    place = {name: i for i, name in enumerate(order)}
    places = labels_of([place[name] for name in names], len(order))
    return places[np.concatenate(indices)]
