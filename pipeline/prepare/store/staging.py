"""A folder in which outputs are made, unseen, until all are complete."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipeline.files import held, sync_folder

PREFIX = ".unfinished-"


@contextlib.contextmanager
def staged(out: Path, last: str) -> Iterator[Path]:
    """Give a temporary folder whose files move to `out` when the block ends well, and vanish when it does not.

    The temporary folder lies inside `out`, so that it is on the same file system and moving takes no space. What a
    killed run left there is removed.

    Parameters
    ----------
    out : Path
        Made if it is not there.
    last : str
        The file that is moved last: the one by which readers know that the others are complete.

    Raises
    ------
    OSError
        On any refusal by the operating system; what was in `out` is untouched, unless the very moving was refused.
    """
    fresh = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    try:
        _remove_leftovers(out)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=out))
        try:
            with held(folder):
                yield folder
                for path in sorted(folder.iterdir(), key=lambda path: (path.name == last, path.name)):
                    path.replace(out / path.name)
                sync_folder(out)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        if fresh:
            with contextlib.suppress(OSError):
                out.rmdir()  # refused unless it is empty, which is what is wanted


def _remove_leftovers(out: Path) -> None:
    """Remove the temporary folders of runs that are no longer alive."""
    for folder in out.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), held(folder):
            shutil.rmtree(folder)
