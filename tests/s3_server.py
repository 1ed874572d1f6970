"""A server on loopback that speaks S3, begun and ended by who needs it."""

import contextlib
import logging
import os
from collections.abc import Iterator
from unittest import mock

import requests

from tests.untraced import imported

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}


@contextlib.contextmanager
def s3_server(bucket: str, files: dict[str, bytes]) -> Iterator[str]:
    """Serve a bucket of files until the block ends, and let the environment name the server; give its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = imported("moto.server").ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        address = "http://{}:{}".format(*server.get_host_and_port())
        requests.put(f"{address}/{bucket}", timeout=60).raise_for_status()
        for name, content in files.items():
            requests.put(f"{address}/{bucket}/{name}", content, timeout=60).raise_for_status()
        with mock.patch.dict(os.environ, {**KEYS, "AWS_ENDPOINT_URL": address}):
            yield address
    finally:
        server.stop()
