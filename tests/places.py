"""Places where nothing can be written: no permission, or a file system that really is full."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def unwritable() -> Iterator[Path]:
    """Give a folder in which this process may not write, be it the superuser."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield next(path for path in (Path("/sys/kernel"), Path("/proc/self")) if path.is_dir())
        return
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o500)
        try:
            yield Path(name)
        finally:
            Path(name).chmod(0o700)


MOUNT = "mount -t tmpfs -o size={size}k none {folder}"
LIMITED = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
"""


def run_with_room(code: str, folder: Path, kilobytes: int) -> subprocess.CompletedProcess[str]:
    """Run Python code with a folder that has room for so many kilobytes and not one more.

    The folder is a file system of that size, mounted for this process alone. Where that is not permitted, no file of
    the process may grow beyond a quarter of it, as there are several.
    """
    folder.mkdir(exist_ok=True)
    python = [sys.executable, "-c"]
    private = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    mount = MOUNT.format(size=kilobytes, folder=folder)
    mounted = [*private, "sh", "-c", f'{mount} && exec "$@"', "sh", *python]
    if shutil.which("unshare") and subprocess.run([*mounted, ""], capture_output=True, check=False).returncode == 0:
        return subprocess.run([*mounted, code], capture_output=True, text=True, check=False)
    limited = LIMITED.format(size=256 * kilobytes) + code
    return subprocess.run([*python, limited], capture_output=True, text=True, check=False)
