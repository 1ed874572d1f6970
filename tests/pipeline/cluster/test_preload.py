"""Workers of a local cluster, which leave Ctrl-C to the command that they belong to; see `test_connect`, too."""

import signal

import pytest

from pipeline.cluster.preload import dask_setup

pytestmark = pytest.mark.plain  # no kernel is called


def test_interrupts_are_ignored_from_then_on() -> None:
    before = signal.getsignal(signal.SIGINT)
    try:
        dask_setup(None)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
