"""CSV files in a folder where they are looked for: a pair of files, or a single one."""

from pathlib import Path

from pipeline.prepare.sources.file_tables import Division, Reading, files_source
from pipeline.prepare.sources.inputs import Input
from pipeline.prepare.sources.source import Source

STEMS = (("mnist_train", "mnist_test"), ("train", "test"))
ENDS = (".csv", ".csv.gz", ".csv.zip", ".zip")


def find_csv(folder: Path) -> tuple[Path, Path | None] | None:
    """Return the training file of a folder and the test file that belongs to it, if there are such."""
    pairs = ((_find(folder, train), _find(folder, test)) for train, test in STEMS)
    return next(((train, test) for train, test in pairs if train is not None), None)


def find_test_csv(folder: Path) -> Path | None:
    """Return the first test file of a folder, whether or not there is a training file."""
    return next((path for _, test in STEMS if (path := _find(folder, test)) is not None), None)


def _find(folder: Path, stem: str) -> Path | None:
    """Return the file of a folder that has the given name, compressed or not."""
    return next((path for end in ENDS if (path := folder / f"{stem}{end}").is_file()), None)


def csv_folder(folder: Path, reading: Reading, division: Division) -> Source | None:
    """Return the source that the CSV files of a folder are, or None if there are none; see `files_source`.

    A test file without labels, such as Kaggle's, is left aside with a note.
    """
    train, test = find_csv(folder) or (None, None)
    if train is None:
        return None
    tests = [] if test is None else [Input(str(test), test)]
    return files_source([Input(str(train), train)], tests, reading, division, is_named=False)
