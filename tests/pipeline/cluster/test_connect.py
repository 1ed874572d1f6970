"""Clusters that there are, and what is said of those that there are not."""

import errno
import logging
import signal
import sys
from types import SimpleNamespace

import dask
import distributed
import pytest

from pipeline.cluster.connect import _quiet, check_certificates, connected, name_of_worker, worker_named
from pipeline.errors import ConfigError, ScrawlError

pytestmark = pytest.mark.plain  # no kernel is called


@pytest.mark.parametrize("spec", ["", "here", "local:0", "local:", "local:2000", "tcp://", "http://a:1", "a:8786"])
def test_a_spec_that_stands_for_nothing_is_refused(spec: str) -> None:
    with pytest.raises(ConfigError, match=r"--cluster: expected local, local:4 or the address of a scheduler"):
        connected(spec).__enter__()


def test_without_dask_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ScrawlError, match=r"--cluster: needs Dask\. Install it by `pip install '\.\[cluster\]'`"):
        connected("local").__enter__()


def test_a_scheduler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.cluster.connect.PATIENCE", 1)
    with pytest.raises(ScrawlError, match="--cluster tcp://localhost:9: expected a scheduler of Dask's there"):
        connected("tcp://localhost:9").__enter__()


@pytest.mark.parametrize("scheme", ["tls", "wss"])
@pytest.mark.parametrize(
    ("certificate", "reason"),
    [(None, "found none"), ("nowhere.pem", "found some that can't be used: ")],
)
def test_certificates_that_are_not_there_are_asked_for(scheme: str, certificate: str | None, reason: str) -> None:
    settings = {"ca-file": certificate, "client": {"cert": certificate, "key": certificate}}
    with (
        dask.config.set({f"distributed.comm.tls.{name}": value for name, value in settings.items()}),
        pytest.raises(ConfigError, match=f"--cluster {scheme}://localhost:9: expected certificates .*{reason}"),
    ):
        connected(f"{scheme}://localhost:9").__enter__()


def test_certificates_that_are_there_are_used() -> None:
    security = SimpleNamespace(get_connection_args=lambda role: {"ssl_context": "there"} if role == "client" else {})
    check_certificates(SimpleNamespace(Security=lambda: security), "tls://localhost:9")


def test_a_scheduler_without_workers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.cluster.connect.PATIENCE", 1)
    none = {"n_workers": 0, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "host": "127.0.0.1"}
    with distributed.LocalCluster(**none) as cluster, pytest.raises(ScrawlError, match="the scheduler has no worker"):
        connected(cluster.scheduler_address).__enter__()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "worker 7: not enough memory: none is left"),
        (OSError(errno.ENOSPC, "No space left on device", "rows"), "worker 7: rows: can't be used: No space left"),
        (OSError(errno.ENOSPC, "No space left on device"), r"worker 7: \[Errno \d+\] No space left"),
        (ScrawlError("worker 7: as it is"), "worker 7: as it is"),
    ],
)
def test_what_fails_on_a_worker_names_it(monkeypatch: pytest.MonkeyPatch, error: Exception, told: str) -> None:
    monkeypatch.setattr("pipeline.cluster.connect.name_of_worker", lambda: "worker 7")
    with pytest.raises(ScrawlError, match=f"^{told}"), worker_named():
        raise error


def test_a_worker_has_a_name_and_ignores_interrupts() -> None:
    with connected("local:1") as client:
        assert client.submit(name_of_worker).result().startswith("worker tcp://127.0.0.1:")
        assert client.submit(signal.getsignal, signal.SIGINT).result() == signal.SIG_IGN


def test_dask_itself_says_nothing_meanwhile() -> None:
    logger = logging.getLogger("distributed.client")  # which has a level of its own
    before = logger.level
    with _quiet():
        assert not logger.isEnabledFor(logging.ERROR)
    assert logger.level == before
    assert logger.isEnabledFor(logging.ERROR)
