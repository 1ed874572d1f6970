"""The original MNIST files from their public mirrors: each is whole and right, or it is not there."""

import concurrent.futures
import functools
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.files import output_errors, sha256_of
from pipeline.staging import staged

if TYPE_CHECKING:
    from rich.progress import Progress

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
MNIST_SUMS = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
"""SHA-256 of the files as LeCun, Cortes and Burges published them."""

CHUNK = 1 << 16
"""Bytes that are read at a time."""

MAX_BYTES = 1 << 25
"""Three times the largest of the files."""


class Timeouts(NamedTuple):
    """How long to wait for a mirror; not for ever, as the next one or the sample may serve."""

    connect: float = 4.0  # seconds to wait for a connection
    read: float = 15.0  # and for the next bytes
    patience: float = 60.0  # seconds that a file may take in any case
    slowest: float = 4096.0  # bytes a second that must come on average after that: fewer than a modem carried


TIMEOUTS = Timeouts()


class Fetched(NamedTuple):
    """What came of it."""

    mirrors: tuple[str, ...]  # those that files came from
    failures: tuple[str, ...]  # what went wrong, one sentence an attempt
    missing: tuple[str, ...]  # names of files that could not be had; empty if all is well


def fetch(
    folder: Path,
    mirrors: tuple[str, ...] = MIRRORS,
    sums: Mapping[str, str] = MNIST_SUMS,
    timeouts: Timeouts = TIMEOUTS,
) -> Fetched:
    """Fetch those files that a folder does not hold already, each from the first mirror that gives it whole.

    A mirror that can't be reached is not asked for the next file. Raises OutputError if the folder can't be written.
    """
    used: list[str] = []
    failures: list[str] = []
    missing: list[str] = []
    reachable = list(mirrors)
    wanted = [name for name, expected in sums.items() if not _is_intact(folder / name, expected)]
    for position, name in enumerate(wanted):
        for mirror in tuple(reachable):
            try:
                _download(mirror, folder / name, sums[name], timeouts)
            except _MirrorError as failure:
                failures.append(str(failure))
                if isinstance(failure, _UnreachableError):
                    reachable.remove(mirror)
            else:
                used.append(mirror)
                break
        else:
            missing = wanted[position:]
            break
    return Fetched(tuple(dict.fromkeys(used)), tuple(failures), tuple(missing))


class _MirrorError(Exception):
    """Why a file did not come from a mirror; it never leaves this module."""


class _UnreachableError(_MirrorError):
    """Why no file will come from it."""


def _is_intact(path: Path, expected: str) -> bool:
    """Return whether a file is there and has the SHA-256 that it should have."""
    return path.is_file() and sha256_of(path) == expected


def _download(mirror: str, path: Path, expected: str, timeouts: Timeouts) -> None:
    """Fetch one file from one mirror."""
    url, bar = f"{mirror.rstrip('/')}/{path.name}", _bar(path.name)
    with output_errors(path), staged(path.parent) as folder, bar:
        task = functools.partial(_retrieve, url, folder / path.name, expected, bar, timeouts)
        (count,) = bar.tasks
        try:
            if not done_in_time(task, lambda: is_too_slow(count.elapsed or 0, count.completed, timeouts)):
                bound = f"{timeouts.slowest:,.0f} bytes a second after {timeouts.patience:g} seconds"
                raise _UnreachableError(f"{url}: it takes too long: expected at least {bound}")
        finally:
            bar.stop_task(count.id)


def _bar(name: str) -> "Progress":
    """Return a progress bar for bytes on their way, on stderr and only on a terminal."""
    from rich.console import Console  # noqa: PLC0415 -- only a download is worth the time that these imports take
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn  # noqa: PLC0415 -- likewise

    columns = "{task.description}", BarColumn(), DownloadColumn(), TransferSpeedColumn()
    bar = Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())
    bar.add_task(name, total=None)
    return bar


def is_too_slow(seconds: float, arrived: float, timeouts: Timeouts) -> bool:
    """Tell whether a file of which so many bytes have arrived after so many seconds is not worth waiting for."""
    return seconds > timeouts.patience + arrived / timeouts.slowest


def _retrieve(url: str, path: Path, expected: str, bar: "Progress", timeouts: Timeouts) -> None:
    """Fetch a file."""
    import pooch  # noqa: PLC0415 -- as in `_bar`
    import requests  # noqa: PLC0415 -- likewise

    def download(url: str, output: str, _: object) -> None:
        (count,) = bar.tasks
        with requests.get(url, stream=True, timeout=timeouts[:2]) as response, Path(output).open("wb") as file:
            response.raise_for_status()
            bar.update(count.id, total=int(response.headers.get("content-length", 0)) or None)
            for chunk in response.iter_content(CHUNK):
                file.write(chunk)
                bar.advance(count.id, len(chunk))
                # No server can fill the disk, or go on when nobody waits any more.
                if count.completed > MAX_BYTES or count.stop_time is not None:
                    raise ValueError

    pooch.get_logger().setLevel("ERROR")  # what there is to tell is in the failures
    try:
        pooch.retrieve(url, f"sha256:{expected}", fname=path.name, path=path.parent, downloader=download)
    except requests.Timeout as error:
        raise _UnreachableError(f"{url}: no answer in time") from error
    except requests.ConnectionError as error:
        raise _UnreachableError(f"{url}: no connection") from error
    except requests.RequestException as error:
        raise _MirrorError(f"{url}: {error}") from error
    except ValueError as error:  # of pooch's if the sum does not match, or ours
        raise _MirrorError(f"{url}: the content is not the file that was published") from error


TICK = 0.1
"""Seconds between two looks."""


def done_in_time(task: Callable[[], object], is_too_slow: Callable[[], bool]) -> bool:
    """Do a task on a thread of its own, and raise what it raises; return False if `is_too_slow` before it ends.

    A thread that waits for a name, an answer or its next byte can't be ended. It is left to itself, and goes with the
    process at the latest.
    """
    outcome: concurrent.futures.Future[object] = concurrent.futures.Future()

    def work() -> None:
        try:
            outcome.set_result(task())
        except BaseException as error:  # noqa: BLE001 -- it is raised where somebody waits for it
            outcome.set_exception(error)

    threading.Thread(target=work, name="download", daemon=True).start()
    while not concurrent.futures.wait([outcome], timeout=TICK).done:
        if is_too_slow():
            return False
    outcome.result()
    return True
