"""A cluster of Dask's to work on: one that is started for a command, or one that runs already.

Nobody who does without imports Dask. What is sent to a cluster is run there: a scheduler that anybody can reach runs
anybody's code, so Dask's own settings for TLS are left as they are, and hold here too.
"""

import contextlib
import logging
import os
import platform
import re
import tempfile
import warnings
from collections.abc import Iterator
from typing import Any, TypeAlias

from pipeline.errors import ConfigError, ScrawlError, told
from pipeline.rules import shown

Client: TypeAlias = Any
Future: TypeAlias = Any
"""`distributed`'s, whose package is an extra."""

LOCAL = re.compile(r"local(?::([1-9]\d{0,2}))?")
REMOTE = re.compile(r"(?:tcp|tls|ws|wss|ucx|inproc)://\S+")
PATIENCE = 20
"""Seconds within which a scheduler must answer, and a worker be there."""
SETTINGS = {
    # A worker that dies takes its task with it to the next: only one that kills them all is given up.
    "distributed.scheduler.allowed-failures": 10,
    "distributed.comm.timeouts.connect": PATIENCE,
    "distributed.worker.daemon": True,
}


@contextlib.contextmanager
def connected(spec: str) -> Iterator[Client]:
    """Give a client of the cluster that `local`, `local:4` or an address such as `tcp://host:8786` stands for.

    A local one has so many processes, by default as many as cores, and ends with the block.

    Raises ConfigError if it stands for nothing, or for what takes certificates, and there are none; ScrawlError if Dask
    is not installed, or there is no scheduler or no worker at the address.
    """
    local = LOCAL.fullmatch(spec)
    if local is None and not REMOTE.fullmatch(spec):
        raise ConfigError(
            f"--cluster: expected local, local:4 or the address of a scheduler such as tcp://host:8786; "
            f"found {shown(spec)}."
        )
    try:
        import dask  # noqa: PLC0415 -- an extra
        import distributed  # noqa: PLC0415
    except ImportError as error:
        raise ScrawlError("--cluster: needs Dask. Install it by `pip install '.[cluster]'`, or do without.") from error
    with contextlib.ExitStack() as stack:
        stack.enter_context(dask.config.set(SETTINGS))
        stack.enter_context(_quiet())
        check_certificates(distributed, spec)
        address = spec if local is None else stack.enter_context(_local(distributed, local[1]))
        yield stack.enter_context(_client(distributed, address, spec))


def check_certificates(distributed: Any, spec: str) -> None:  # noqa: ANN401 -- modules have no type
    """Raise ConfigError if an address takes certificates, and Dask's settings name none that can be used."""
    if not spec.startswith(("tls:", "wss:")):
        return
    try:
        found = distributed.Security().get_connection_args("client").get("ssl_context")
        reason = "" if found else "found none"
    except (OSError, ValueError) as error:  # no such file, or nothing like a certificate in it
        reason = f"found some that can't be used: {error}"
    if reason:
        raise ConfigError(
            f"--cluster {spec}: expected certificates in Dask's settings, {reason}. Name the files by "
            "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, …__CLIENT__CERT and …__CLIENT__KEY."
        )


@contextlib.contextmanager
def _client(distributed: Any, address: Any, spec: str) -> Iterator[Client]:  # noqa: ANN401 -- as above
    """Give a client that has found a worker."""
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:  # time that is over is an OSError
        raise ScrawlError(
            f"--cluster {spec}: expected a scheduler of Dask's there, found none. Start one with `dask scheduler`, or "
            "mend the address."
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise ScrawlError(
                f"--cluster {spec}: the scheduler has no worker. Start some with `dask worker {spec}`."
            ) from error
        yield client


@contextlib.contextmanager
def _local(distributed: Any, count: str | None) -> Iterator[Any]:  # noqa: ANN401 -- as above
    """Give a cluster of processes on this machine, which can be reached from it alone."""
    cores = os.cpu_count() or 1
    workers = int(count) if count else cores
    threads = str(max(cores // workers, 1))
    environment = {"NUMBA_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
    with (
        tempfile.TemporaryDirectory(prefix="scrawl-cluster-") as folder,
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0",
            local_directory=folder, silence_logs=logging.CRITICAL, env=environment,
            preload=["pipeline.cluster.preload"],
        ) as cluster,
    ):  # fmt: skip
        # What is killed while it starts is given up by its nanny, but not by the cluster then.
        cluster.adapt(minimum=workers, maximum=workers)
        yield cluster


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own messages off the terminal: what matters of them becomes an error of ours."""
    # Some of them have a level of their own, and tell of a lost scheduler by a traceback.
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"(dask|distributed)\b.*")
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def name_of_worker() -> str:
    """Return how a message calls the worker that this runs on."""
    from distributed import get_worker  # noqa: PLC0415 -- an extra

    return f"worker {get_worker().address} on {platform.node()}"


@contextlib.contextmanager
def worker_named() -> Iterator[None]:
    """Name the worker that this runs on in whatever goes wrong in the block."""
    try:
        yield
    except ScrawlError:
        raise
    except Exception as error:
        is_of_system = isinstance(error, OSError) and error.filename is None  # a full disk, most likely
        raise ScrawlError(f"{name_of_worker()}: {error if is_of_system else told(error)}") from error
