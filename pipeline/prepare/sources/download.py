"""The original MNIST files from their public mirrors: each is whole and right, or it is not there."""

import contextlib
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.files import output_errors, sha256_of
from pipeline.staging import staged

if TYPE_CHECKING:
    from pipeline.prepare.sources.meter import Meter

import concurrent.futures
import threading
from collections.abc import Callable
from typing import TypeVar

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
"""Bytes between two looks at the progress bar."""

MAX_BYTES = 1 << 25
"""Three times the largest of the files."""


class Timeouts(NamedTuple):
    """How long to wait for a mirror; not for ever, as the next one or the sample may serve."""

    connect: float = 4.0  # seconds to wait for a connection
    read: float = 15.0  # and for the next bytes
    patience: float = 60.0  # seconds that a file may take in any case
    slowest: float = 4096.0  # bytes a second that must come on the whole after that: fewer than a modem carried


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
    reachable = list(mirrors)
    wanted = [name for name, expected in sums.items() if not _is_intact(folder / name, expected)]
    for position, name in enumerate(wanted):
        for mirror in tuple(reachable):
            failure = _download(mirror, folder / name, sums[name], timeouts)
            if failure is None:
                used.append(mirror)
                break
            failures.append(failure.text)
            if failure.unreachable:
                reachable.remove(mirror)
        else:
            return Fetched(tuple(dict.fromkeys(used)), tuple(failures), tuple(wanted[position:]))
    return Fetched(tuple(dict.fromkeys(used)), tuple(failures), ())


class _Failure(NamedTuple):
    """Why a file did not come, and whether the whole mirror is out of reach."""

    text: str
    unreachable: bool


class _Unfinished(Exception):  # noqa: N818 -- it never leaves this module
    """What there is of a file is not to be kept."""


def _download(mirror: str, path: Path, expected: str, timeouts: Timeouts) -> _Failure | None:
    """Fetch one file from one mirror; return why that failed, or None."""
    from pipeline.prepare.sources.meter import Meter  # noqa: PLC0415 -- see `_retrieve`

    url, meter = f"{mirror.rstrip('/')}/{path.name}", Meter(path.name, MAX_BYTES)
    bound = f"{timeouts.slowest:,.0f} bytes a second after {timeouts.patience:g} seconds"
    failure: _Failure | None = _Failure(f"{url}: it takes too long: expected at least {bound}", unreachable=True)
    with output_errors(path), contextlib.suppress(_Unfinished), staged(path.parent) as folder:
        task = functools.partial(_retrieve, url, folder / path.name, expected, meter, timeouts)
        try:
            failure = done_in_time(task, lambda: is_too_slow(meter.seconds, meter.arrived, timeouts), failure)
        finally:
            meter.close()
        if failure:
            raise _Unfinished
    return failure


def is_too_slow(seconds: float, arrived: int, timeouts: Timeouts) -> bool:
    """Tell whether a file of which so many bytes have arrived after so many seconds is not worth waiting for."""
    return seconds > timeouts.patience + arrived / timeouts.slowest


def _retrieve(url: str, path: Path, expected: str, meter: "Meter", timeouts: Timeouts) -> _Failure | None:
    """Fetch a file; return why that failed, or None."""
    import pooch  # noqa: PLC0415 -- only a download is worth the time that these imports take
    import requests  # noqa: PLC0415 -- likewise

    pooch.get_logger().setLevel("ERROR")  # what there is to tell is in the failures
    waits = timeouts.connect, timeouts.read
    downloader = pooch.HTTPDownloader(progressbar=meter, chunk_size=CHUNK, timeout=waits)
    try:
        pooch.retrieve(url, f"sha256:{expected}", fname=path.name, path=path.parent, downloader=downloader)
    except requests.Timeout:
        return _Failure(f"{url}: no answer in time", unreachable=True)
    except requests.ConnectionError:
        return _Failure(f"{url}: no connection", unreachable=True)
    except requests.RequestException as error:
        return _Failure(f"{url}: {error}", unreachable=False)
    except ValueError:
        # From pooch if the sum does not match, or from the meter.
        return _Failure(f"{url}: the content is not the file that was published", unreachable=False)
    return None


def _is_intact(path: Path, expected: str) -> bool:
    """Return whether a file is there and has the SHA-256 that it should have."""
    return path.is_file() and sha256_of(path) == expected


T = TypeVar("T")

TICK = 0.1
"""Seconds between two looks."""


def done_in_time(task: Callable[[], T], is_too_slow: Callable[[], bool], otherwise: T) -> T:
    """Return, or raise, what comes of a task on a thread of its own; `otherwise` if `is_too_slow` before it ends.

    A thread that waits for a name, an answer or its next byte can't be ended. It is left to itself, and goes with the
    process at the latest.
    """
    outcome: concurrent.futures.Future[T] = concurrent.futures.Future()

    def work() -> None:
        try:
            outcome.set_result(task())
        except BaseException as error:  # noqa: BLE001 -- it is raised where somebody waits for it
            outcome.set_exception(error)

    threading.Thread(target=work, name="download", daemon=True).start()
    while not concurrent.futures.wait([outcome], timeout=TICK).done:
        if is_too_slow():
            return otherwise
    return outcome.result()
