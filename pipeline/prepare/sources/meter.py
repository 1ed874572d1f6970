"""A progress bar for bytes on their way, on stderr and only on a terminal."""

import sys

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn


class Meter:
    """What pooch calls while it downloads; a class, for that is the interface it asks for.

    It also ends a download that is larger than it can rightly be, so that no server can fill the disk.

    Attributes
    ----------
    total : int
        Bytes to come, set by pooch; 0 where the server does not say.
    """

    def __init__(self, name: str, limit: int) -> None:
        self.total = 0
        self._limit = limit
        self._received = 0
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

        Raises
        ------
        ValueError
            If there are more than the limit.
        """
        self._received += count
        if self._received > self._limit:
            raise ValueError(f"more than {self._limit:,} bytes")
        self._bar.update(self._task, completed=self._received, total=self.total or None)

    def reset(self) -> None:
        """Begin to count anew, as pooch does before it reports the whole at the end."""
        self._received = 0

    def close(self) -> None:
        """Leave the bar as it is and give the terminal back."""
        self._bar.stop()
