"""UTF-16 with its mark is read as what it says, wherever blocks end; what is none is refused."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from pipeline.errors import DataError
from pipeline.prepare.csv import text as csv_text
from pipeline.prepare.csv.table import CsvOptions, read_csv
from pipeline.prepare.csv.text import is_recoded, open_csv_text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@given(text=st.text(max_size=40), size=st.integers(1, 9))
def test_it_is_read_as_utf8(tmp_path_factory: pytest.TempPathFactory, encoding: str, text: str, size: int) -> None:
    path = tmp_path_factory.mktemp("recoded") / "a.csv"
    path.write_bytes(("\ufeff" + text).encode(encoding))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_text, "BUFFER_BYTES", size)
        with open_csv_text(path) as stream:
            assert is_recoded(stream)
            assert stream.read().decode() == text


def test_other_files_are_left_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbf1,2\n")
    with open_csv_text(path) as stream:
        assert not is_recoded(stream)
        assert stream.read() == path.read_bytes()


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
