"""What a worker of a local cluster does first."""

import signal


def dask_setup(_worker: object) -> None:
    """Ignore Ctrl-C, which a terminal sends to the workers as well: the command that they belong to ends them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
