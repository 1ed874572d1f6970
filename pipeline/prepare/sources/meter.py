"""A progress bar for bytes on their way, on stderr and only on a terminal."""

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn


class Meter:
    """What pooch calls while it downloads; a class, for that is the interface it asks for.

    It also ends a download that is larger than it can rightly be, so that no server can fill the disk, and one that
    nobody waits for any more.

    Attributes
    ----------
    total : int
        Bytes to come, set by pooch; 0 where the server does not say.
    arrived : int
        Bytes that have come.
    """

    def __init__(self, name: str, limit: int) -> None:
        self.total = 0
        self._limit = limit
        self._received = self.arrived = 0
        self._is_open, self._start = True, time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task(name, total=None)
        self._bar.start()

    def update(self, count: int) -> None:
        """Take note of `count` more bytes.

        Raises ValueError if there are more than the limit, or nobody counts any more.
        """
        self._received += count
        self.arrived = max(self.arrived, self._received)
        if not self._is_open:
            raise ValueError("it took too long")
        if self._received > self._limit:
            raise ValueError(f"more than {self._limit:,} bytes")
        self._bar.update(self._task, completed=self._received, total=self.total or None)

    def reset(self) -> None:
        """Begin to count anew, as pooch does before it reports the whole at the end."""
        self._received = 0

    def close(self) -> None:
        """Leave the bar as it is, give the terminal back, and count no more."""
        self._is_open = False
        self._bar.stop()

    @property
    def seconds(self) -> float:
        """Seconds since the meter was made."""
        return time.monotonic() - self._start
