"""Compressed files unpack to what was packed, UTF-16 is read as what it says; damage and bombs are refused."""

import gzip
import io
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given, strategies as st

from pipeline.errors import DataError
from pipeline.prepare.csv import open as csv_open
from pipeline.prepare.csv.open import is_utf16, open_csv
from pipeline.prepare.csv.table import CsvOptions, read_csv
from tests.bad_csv import GOOD
from tests.csv_files import zipped


def read(path: Path) -> bytes:
    with open_csv(path) as stream:
        return stream.read()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", GOOD),
        ("packed.csv.gz", gzip.compress(GOOD, mtime=0)),
        ("packed-but-named.csv", gzip.compress(GOOD, mtime=0)),
        ("members.gz", gzip.compress(GOOD[:9], mtime=0) + gzip.compress(GOOD[9:], mtime=0)),
        ("packed.ZIP", zipped(("a.csv", GOOD))),
        ("zipped-but-named.csv", zipped(("in/a folder/a.csv", GOOD), ("__MACOSX/._a.csv", b"junk"))),
    ],
)
def test_what_was_packed_is_read(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert read(path) == GOOD


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped(("a.csv", content))], ids=["gzip", "zip"])
def test_no_truncated_file_is_read(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    packed = pack(GOOD)
    path = tmp_path / "cut.csv"
    for length in range(2, len(packed)):
        path.write_bytes(packed[:length])
        with pytest.raises(DataError, match="damaged or truncated"):
            read(path)


@given(place=st.integers(10, len(gzip.compress(GOOD)) - 1), flip=st.integers(1, 255))
def test_no_damaged_gzip_is_read(tmp_path_factory: pytest.TempPathFactory, place: int, flip: int) -> None:
    packed = bytearray(gzip.compress(GOOD))
    packed[place] ^= flip
    path = tmp_path_factory.mktemp("damaged") / "a.gz"
    path.write_bytes(packed)
    with pytest.raises(DataError, match="damaged or truncated"):
        read(path)


@pytest.mark.parametrize("name", ["a.gz", "a.zip"])
def test_a_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    zeros = b"0,0,0,0\n" * 100_000
    path = tmp_path / name
    path.write_bytes(gzip.compress(zeros) if name == "a.gz" else zipped(("a.csv", zeros)))
    assert read(path) == zeros
    monkeypatch.setattr(csv_open, "BOMB_FLOOR", 100_000)
    with pytest.raises(DataError, match="at most 200 times the packed size"):
        read(path)
    monkeypatch.setattr(csv_open, "BOMB_RATIO", 10_000)
    monkeypatch.setattr(csv_open, "MAX_UNPACKED", 700_000)
    with pytest.raises(DataError, match="expected at most 700000"):
        read(path)


def test_a_zip_that_hides_its_size_is_refused(tmp_path: Path) -> None:
    packed = bytearray(zipped(("a.csv", GOOD)))
    packed[packed.index(b"PK\x01\x02") + 24] -= 1
    path = tmp_path / "a.zip"
    path.write_bytes(packed)
    with pytest.raises(DataError, match="damaged or truncated"):
        read(path)


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(GOOD)

    def refuse(*_: object) -> NoReturn:
        raise PermissionError(13, "Permission denied", str(path))

    # Whoever runs the tests may be allowed to read everything, so the refusal is played.
    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(DataError, match=r"mine\.csv: can't be read: Permission denied; check its permissions"):
        read(path)


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="found a folder"):
        read(tmp_path)
    with pytest.raises(DataError, match="expected a plain file, found a device"):
        read(Path("/dev/null"))


def test_a_stream_is_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(GOOD))
    with open_csv(path) as stream:
        assert list(stream) == list(io.BytesIO(GOOD))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@given(text=st.text(max_size=40), size=st.integers(1, 9))
def test_it_is_read_as_utf8(tmp_path_factory: pytest.TempPathFactory, encoding: str, text: str, size: int) -> None:
    path = tmp_path_factory.mktemp("recoded") / "a.csv"
    path.write_bytes(("\ufeff" + text).encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_open, "BUFFER_BYTES", size)
        assert is_utf16(path)
        assert read(path).decode() == text


def test_other_files_are_left_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf1,2\n")
    assert not is_utf16(path)
    assert read(path) == path.read_bytes()


@pytest.mark.parametrize("end", [b"\0", b"\x00\xd8", b"\x00\xd8a\0"])
def test_what_is_no_utf16_is_refused(tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("\ufefflabel,a\n".encode("utf-16-le") + "1,2\n".encode("utf-16-le") * 300_000 + end)
    with pytest.raises(DataError, match=r"a\.csv: expected UTF-16 text, as its first two bytes say"):
        read_csv(path, CsvOptions())


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_table_in_utf16(tmp_path: Path, pack: type[bytes]) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(pack("\ufeffgröße\tlabel\r\n1,5\tü\r\n2,25\t😀\r\n".encode("utf-16-be")))
    table = read_csv(path, CsvOptions())
    assert table.feature_names == ("größe",)
    assert table.class_names == ("ü", "😀")
    assert [batch.tolist() for batch in table.batches()] == [[[1.5], [2.25]]]
    assert table.notes == (
        f"{path} is UTF-16 and read as such",
        f"{path} is read with a comma as the decimal point",
    )
