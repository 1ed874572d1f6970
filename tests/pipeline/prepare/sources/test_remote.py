"""What is behind a URL is fetched whole, or not at all, with a sentence that says why."""

import contextlib
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from pipeline.errors import ConfigError, DataError, OutputError
from pipeline.prepare.sources import remote
from pipeline.prepare.sources.remote import fetch, is_url, matching
from tests.mirror import mirror, refusing
from tests.s3_server import KEYS, s3_server

pytestmark = pytest.mark.xdist_group("bucket")  # one process starts the server
CONTENT = bytes(range(256)) * 8000
FILES = {"part-1.csv": b"one", "deep/part-2.csv": CONTENT, "deep/part-10.csv": b"ten", "deep/er/part-3.csv": b"three"}


@pytest.fixture(name="s3", scope="module")
def server_of_a_bucket() -> Iterator[str]:
    with s3_server("bucket", FILES) as address:
        yield address


def test_what_a_url_is() -> None:
    assert is_url("s3://a/b")
    assert is_url("https://a")
    assert not any(map(is_url, ("C:/a", "C://a", "a/b", "://")))


@pytest.mark.usefixtures("s3")
def test_a_bucket(tmp_path: Path) -> None:
    for name, content in FILES.items():
        assert fetch(f"s3://bucket/{name}", tmp_path / "copy") == hashlib.sha256(content).hexdigest()
        assert (tmp_path / "copy").read_bytes() == content


@pytest.mark.usefixtures("s3")
def test_patterns_in_a_bucket() -> None:
    def found(pattern: str) -> set[str]:
        return {url.removeprefix("s3://bucket/") for url in matching(f"s3://bucket/{pattern}")}

    assert found("part-*.csv") == {"part-1.csv"}
    assert found("deep/part-*.csv") == {"deep/part-2.csv", "deep/part-10.csv"}
    assert found("deep/part-?.csv") == {"deep/part-2.csv"}
    assert found("d*/part-[12]*.csv") == {"deep/part-2.csv", "deep/part-10.csv"}
    assert found("none.csv") == {"none.csv"}, "who fetches it finds out"
    for pattern in ("none-*.csv", "none/*.csv"):
        with pytest.raises(DataError, match=r"\*.csv: expected files that match this pattern, found none"):
            found(pattern)


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("s3://bucket/none.csv", r"none.csv: no such file there\. Check the address"),
        ("s3://other-bucket/a.csv", r"a.csv: there is no bucket 'other-bucket'\. Check its name"),
        ("s3://other-bucket/*.csv", r"\*.csv: there is no bucket 'other-bucket'"),
        ("s3://bucket", r"s3://bucket: can't be read \(.*\)\. Check the address"),
    ],
)
def test_what_a_bucket_lacks(tmp_path: Path, url: str, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        fetch(matching(url)[0], tmp_path / "copy")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (
            "ftp://host/a.csv",
            r"expected a path or a URL that begins with s3://, gs://, https://, http://; found ftp://",
        ),
        ("s3://b*/a.csv", r"expected the name of a bucket before any pattern"),
    ],
)
def test_what_is_no_address(url: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        matching(url)


class Grudging(http.server.BaseHTTPRequestHandler):
    """Answers as the first part of the path says: with a refusal, or with half of what it promised."""

    def do_HEAD(self) -> None:
        """Answer without content."""
        self.do_GET()

    def do_GET(self) -> None:
        """Answer a request."""
        manner = self.path.split("/")[1]
        if manner.isdecimal():
            self.send_error(int(manner))
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(CONTENT[: len(CONTENT) // 2])
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def served(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    """Answer requests on loopback until the block ends; give the address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(name="grudging", scope="module")
def server_that_refuses() -> Iterator[str]:
    with served(Grudging) as address:
        yield address


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("s3://403/a.csv", r"it may not be read without permission \(.*ACCESS_DENIED.*\)\. Set AWS_ACCESS_KEY_ID and"),
        (
            "s3://half/a.csv",
            r"the connection broke before all of the file had come \(.*partial file.*\)\. Run the",
        ),
    ],
)
def test_a_bucket_that_is_not_to_be_had(
    tmp_path: Path, grudging: str, monkeypatch: pytest.MonkeyPatch, url: str, reason: str
) -> None:
    for name, value in {**KEYS, "AWS_ENDPOINT_URL_S3": grudging, "AWS_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(DataError, match=reason):
        fetch(url, tmp_path / "copy")


def test_a_server_of_buckets_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "ATTEMPTS", 1)
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": refusing().rstrip("/")}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(DataError, match=r"can't be read \(.*[Cc]ould not connect.*\)\. Check the address"):
        fetch("s3://bucket/a.csv", tmp_path / "copy")


def test_the_web(tmp_path: Path) -> None:
    with mirror({"a.csv": CONTENT}) as server:
        url = f"{server.url('fine')}a.csv"
        assert matching(f"{url}?version=*") == [f"{url}?version=*"], "a web address is no pattern"
        assert fetch(url, tmp_path / "copy") == hashlib.sha256(CONTENT).hexdigest()
        assert (tmp_path / "copy").read_bytes() == CONTENT
        with pytest.raises(DataError, match=r"404/a.csv: no such file there\. Check the address"):
            fetch(f"{server.url('404')}a.csv", tmp_path / "copy")
        with pytest.raises(DataError, match=r"a.csv: can't be read \(HTTP 500 .*\)\. Check the address"):
            fetch(f"{server.url('500')}a.csv", tmp_path / "copy")
        with pytest.raises(OutputError, match=r"none/copy: can't be written"):
            fetch(url, tmp_path / "none" / "copy")
    with pytest.raises(DataError, match=r"can't be read \(.*Connection refused.*\)\. Check the address") as raised:
        fetch(f"{refusing()}a.csv?token=secret", tmp_path / "copy")
    assert "secret" not in str(raised.value)


def test_a_web_address_that_is_not_to_be_had(tmp_path: Path, grudging: str) -> None:
    with pytest.raises(DataError, match=r"http://\[: can't be read \(.*\)\. Check the address"):
        fetch("http://[", tmp_path / "copy")
    with pytest.raises(DataError, match=r"may not be read without permission \(HTTP 403 .*\)\. Download it by hand"):
        fetch(f"{grudging}/403/a.csv", tmp_path / "copy")
    with pytest.raises(DataError, match=r"broke before all of the file had come \(.*IncompleteRead.*\)\. Run the"):
        fetch(f"{grudging}/half/a.csv", tmp_path / "copy")


class Emulator(http.server.BaseHTTPRequestHandler):
    """Serves one object of one bucket as Google's storage does."""

    def do_GET(self) -> None:
        """Answer a request."""
        if self.path != "/storage/v1/b/bucket/o/a.csv?alt=media":
            self.send_error(401 if "/secret/" in self.path else 404)
            return
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"abc")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("form", ["http://{}", "{}"])
def test_a_bucket_of_google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    with served(Emulator) as address:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", form.format(address.removeprefix("http://")))
        assert fetch("gs://bucket/a.csv", tmp_path / "copy") == hashlib.sha256(b"abc").hexdigest()
        with pytest.raises(DataError, match=r"gs://other/a.csv: there is no bucket 'other'"):
            fetch("gs://other/a.csv", tmp_path / "copy")
        with pytest.raises(DataError, match=r"it may not be read without permission \(.*\)\. Set GOOGLE_APPLICATION"):
            fetch("gs://secret/a.csv", tmp_path / "copy")


def test_a_bucket_of_amazon_is_looked_for_in_its_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    asked = mock.Mock(side_effect=OSError("Bucket 'bucket' not found"))
    monkeypatch.setattr("pyarrow.fs.resolve_s3_region", asked)
    with pytest.raises(DataError, match=r"s3://bucket/a.csv: there is no bucket 'bucket'"):
        fetch("s3://bucket/a.csv", tmp_path / "copy")
    asked.assert_called_once_with("bucket")
