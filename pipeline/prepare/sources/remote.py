"""Files behind a URL: fetched to the disk before they are read, as reading takes more than one pass over them.

`s3://` and `gs://` go through pyarrow's file systems, which also list what matches a pattern; `https://` and `http://`
through requests. Nothing is tried again beyond what those do by themselves.
"""

import contextlib
import fnmatch
import hashlib
import os
import re
from collections.abc import Generator, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.errors import ConfigError, DataError
from pipeline.files import output_errors
from pipeline.rules import shown
from pipeline.words import line

SCHEMES = ("s3", "gs", "https", "http")
CHUNK = 1 << 20
"""Bytes that are fetched at a time."""
CONNECT, READ = 10.0, 60.0
"""Seconds to wait for a connection, and for the next bytes."""
PATIENCE = 20.0
"""Seconds for which requests to Google's storage are made again before they count as failed."""
ATTEMPTS = 3
"""Times that a request to S3 is made before it counts as failed."""
MAX_REASON = 200
"""Characters of what a library says that a message quotes."""

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_MAGIC = re.compile(r"[*?\[]")
_PERMISSION = ("ACCESS_DENIED", "INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH", "EXPIRED_TOKEN", "UNAUTHENTICATED",
               "PERMISSION_DENIED", "OAuth2", "Unauthorized", "Forbidden", "HTTP 401", "HTTP 403")  # fmt: skip
_SECRET = re.compile("[?#]")
_BROKEN = ("partial file", "IncompleteRead")
_NO_BUCKET = ("NO_SUCH_BUCKET", "Bucket '")
_KEYS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile of AWS",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS, or what `gcloud auth application-default login` writes",
}


def is_url(name: str) -> bool:
    """Tell whether a name is a URL; a Windows drive is none."""
    return _URL.match(name) is not None


def public(url: str) -> str:
    """Return a URL as it may be told and kept: a web address without password and query, which may be secrets."""
    if _scheme(url) not in {"http", "https"}:
        return url
    host, slash, path = _SECRET.split(url.partition("://")[2], maxsplit=1)[0].partition("/")
    return f"{_scheme(url)}://{host.rpartition('@')[2]}{slash}{path}"


def matching(url: str) -> list[str]:
    """Return the URLs of the files that a URL stands for: itself, or, in a bucket, all that match its pattern.

    Within a pattern, `*` and `?` stand for no slash. Raises ConfigError if URLs of the kind are not read; DataError if
    the bucket can't be listed, or nothing matches.
    """
    scheme = _scheme(url)
    if scheme in {"http", "https"} or not _MAGIC.search(url):
        return [url]
    pattern = url.partition("://")[2].split("/")
    fixed = next(i for i, part in enumerate(pattern) if _MAGIC.search(part))
    if not fixed:
        raise ConfigError(f"{url}: expected the name of a bucket before any pattern, found one in it. Write it out.")
    with _told(url):
        from pyarrow.fs import FileSelector, FileType  # noqa: PLC0415 -- only a URL is worth the time this import takes

        base, deep = "/".join(pattern[:fixed]), len(pattern) > fixed + 1
        selector = FileSelector(base, recursive=deep, allow_not_found=fixed > 1)
        found = [info.path for info in _system(url).get_file_info(selector) if info.type == FileType.File]
    matched = [path for path in found if _matches(path.split("/"), pattern)]
    if not matched:
        raise DataError(f"{url}: expected files that match this pattern, found none; check it.")
    return [f"{scheme}://{path}" for path in matched]


def fetch(url: str, path: Path) -> str:
    """Copy what is behind a URL to a new file, and return its SHA-256 in hexadecimal.

    Raises DataError if it can't be had, or not the whole of it; OutputError if the copy can't be written.
    """
    digest, has_begun = hashlib.sha256(), False
    with output_errors(path), path.open("wb") as file, contextlib.closing(_chunks(url)) as chunks:
        while True:
            with _told(url, has_begun=has_begun):
                chunk = next(chunks, b"")
            if not chunk:
                return digest.hexdigest()
            file.write(chunk)
            digest.update(chunk)
            has_begun = True


def _scheme(url: str) -> str:
    """Return the kind of a URL; raise ConfigError if it is none that is read."""
    scheme = url.partition("://")[0].lower()
    if scheme not in SCHEMES:
        raise ConfigError(
            f"{url}: expected a path or a URL that begins with {', '.join(f'{each}://' for each in SCHEMES)}; found "
            f"{scheme}://. Copy the file to this machine and name it by its path."
        )
    return scheme


def _bucket(url: str) -> str:
    """Return the name of the bucket that a URL is in."""
    return url.partition("://")[2].partition("/")[0]


def _matches(path: list[str], pattern: list[str]) -> bool:
    """Tell whether a path matches a pattern, part by part."""
    return len(path) == len(pattern) and all(map(fnmatch.fnmatchcase, path, pattern))


def _chunks(url: str) -> Generator[bytes]:
    """Go through the bytes of what is behind a URL."""
    if _scheme(url) in {"http", "https"}:
        yield from _web_chunks(url)
        return
    with _system(url).open_input_stream(url.partition("://")[2]) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _web_chunks(url: str) -> Iterator[bytes]:
    """Go through the bytes behind a web address, as they are stored there."""
    import requests  # noqa: PLC0415 -- as in `matching`
    import urllib3  # noqa: PLC0415 -- likewise

    with requests.get(url, stream=True, timeout=(CONNECT, READ)) as response:
        if not response.ok:
            raise OSError(f"HTTP {response.status_code} {response.reason}")
        try:
            yield from response.raw.stream(CHUNK, decode_content=False)
        except urllib3.exceptions.HTTPError as error:  # the only one of theirs that is no OSError
            raise OSError(str(error)) from error


def _system(url: str, environ: Mapping[str, str] = os.environ) -> Any:  # noqa: ANN401 -- pyarrow ships no types
    """Return the file system of a bucket: the real one, or a server that stands in for it, as the environment says."""
    from pyarrow import fs  # noqa: PLC0415 -- as in `matching`

    if _scheme(url) == "gs":
        server = environ.get("STORAGE_EMULATOR_HOST")
        place = urlsplit(server if server and "://" in server else f"http://{server}")
        stand_in = {"anonymous": True, "scheme": place.scheme, "endpoint_override": place.netloc}
        return fs.GcsFileSystem(retry_time_limit=timedelta(seconds=PATIENCE), **(stand_in if server else {}))
    server = environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL")
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if region is None and server is None:
        region = fs.resolve_s3_region(_bucket(url))
    return fs.S3FileSystem(
        endpoint_override=server, region=region, connect_timeout=CONNECT, request_timeout=READ,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
    )  # fmt: skip


@contextlib.contextmanager
def _told(url: str, *, has_begun: bool = False) -> Iterator[None]:
    """Turn what goes wrong on the way, perhaps when some of the file has come, into a DataError."""
    try:
        yield
    except (OSError, ValueError, NotImplementedError) as error:
        raise DataError(f"{public(url)}: {_reason(url, error, has_begun=has_begun)}") from error


def _reason(url: str, error: Exception, *, has_begun: bool) -> str:
    """Return why a file can't be had and what to do, as the end of a sentence."""
    scheme, bucket, query = _scheme(url), _bucket(url), url.partition("?")[2]
    said = str(error).replace(query, "…") if query else str(error)
    said = line(said, MAX_REASON).rstrip(".")
    if has_begun or any(mark in said for mark in _BROKEN):
        return f"the connection broke before all of the file had come ({said}). Run the command again."
    if any(mark in str(error) for mark in _NO_BUCKET) or (isinstance(error, FileNotFoundError) and _lacks(url, bucket)):
        return f"there is no bucket {shown(bucket)}. Check its name, and the server that the environment names."
    if isinstance(error, FileNotFoundError) or "HTTP 404" in said:
        return "no such file there. Check the address."
    if any(mark in str(error) for mark in _PERMISSION):
        keys = f" Set {_KEYS[scheme]}." if scheme in _KEYS else " Download it by hand, and name it by its path."
        return f"it may not be read without permission ({said}).{keys}"
    return f"can't be read ({said}). Check the address and the connection."


def _lacks(url: str, bucket: str) -> bool:
    """Tell whether a server knows no bucket of the name."""
    from pyarrow.fs import FileType  # noqa: PLC0415 -- as in `matching`

    return bool(_system(url).get_file_info(bucket).type == FileType.NotFound)
