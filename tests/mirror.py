"""A mirror on loopback that serves a folder, well or in each of the ways in which mirrors fail."""

import contextlib
import http.server
import socket
import threading
from collections.abc import Iterator
from typing import NamedTuple


class Mirror(NamedTuple):
    """A running server: `url("fine")` serves files as they are, `url("404")` and the others fail in their way."""

    port: int
    asked: list[str]

    def url(self, manner: str) -> str:
        """Return the base URL under which the mirror behaves in the given manner."""
        return f"http://127.0.0.1:{self.port}/{manner}/"


@contextlib.contextmanager
def mirror(files: dict[str, bytes]) -> Iterator[Mirror]:
    """Serve files on loopback until the block ends."""
    asked: list[str] = []
    ended = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            _, manner, name = self.path.split("/")
            answer(self, manner, files.get(name), ended)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield Mirror(server.server_address[1], asked)
        finally:
            ended.set()
            server.shutdown()
            thread.join()


def answer(
    request: http.server.BaseHTTPRequestHandler, manner: str, content: bytes | None, ended: threading.Event
) -> None:
    """Answer a request in the given manner."""
    if manner == "stalled":
        ended.wait()
        return
    if manner == "dripping-header":
        drip(request, b"HTTP/1.1 200 OK" + b"." * 10_000, ended)
        return
    if manner == "loop":
        request.send_response(302)
        request.send_header("Location", request.path)
        request.send_header("Content-Length", "0")
        request.end_headers()
        return
    if content is None or manner in {"404", "500"}:
        request.send_error(int(manner) if manner in {"404", "500"} else 404)
        return
    body = {
        "truncated": content[: len(content) // 2],
        "stalled-midway": content[: len(content) // 2],
        "wrong": b"x" * len(content),
        "html": b"<html>Sign in to this network</html>",
        "endless": content * 50,
    }.get(manner, content)
    request.send_response(200)
    request.send_header("Content-Length", str(len(body if manner in {"wrong", "html", "endless"} else content)))
    request.end_headers()
    with contextlib.suppress(OSError):  # the other side may have had enough
        if manner == "dripping":
            drip(request, body, ended)
        request.wfile.write(body)
        if manner == "stalled-midway":
            ended.wait()


def drip(request: http.server.BaseHTTPRequestHandler, content: bytes, ended: threading.Event) -> None:
    """Send a byte now and then, as long as there is somebody who takes it."""
    with contextlib.suppress(OSError):
        for i in range(len(content)):
            request.wfile.write(content[i : i + 1])
            if ended.wait(0.02):
                return


def refusing() -> str:
    """Return the URL of a port on which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}/"
