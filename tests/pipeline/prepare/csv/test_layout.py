"""The first lines tell delimiter, header and label column, in every layout that is met in the wild."""

from pathlib import Path

import pytest

from pipeline.prepare.csv import records as csv_records
from pipeline.prepare.csv.layout import Layout, column_text, sniff


def look(folder: Path, text: str, label: str | None = None) -> Layout:
    path = folder / "a.csv"
    path.write_bytes(text.encode())
    return sniff(path, label)


@pytest.mark.parametrize(
    ("text", "has_header", "label", "is_guess"),
    [
        ("label,1x1,1x2\n5,0,0\n", True, 0, False),
        ("LABEL,pixel0,pixel1\n5,0,0\n", True, 0, False),
        ("pixel1,pixel2,class\n0,0,5\n", True, 2, False),
        ("label,0,1,2,3\n5,0,0,0,0\n", True, 0, False),
        ("0,1,2,3,4\n5,0,0,0,0\n", True, 0, True),
        ("0,1,2\n5,0,0\n", False, 0, True),
        ("5,0,0\n4,0,0\n", False, 0, True),
        ("kind,0,1,2,3\ncat,5,6,7,8\ndog,5,6,7,8\n", True, 0, False),
        ("kind,0,1,2,3\n5,5,6,7,8\n", True, 0, True),
        ("5.1,3.5,setosa\n4.9,3.0,setosa\n5.0,3.1,virginica\n", False, 2, False),
        ("width,height,kind\n5.1,3.5,cat\n4.9,3.0,dog\n", True, 2, False),
        ("width,height,kind\n5.1,3.5,1\n4.9,3.0,2\n", True, None, False),
        ("width,kind,sort\n5.1,a,b\n4.9,c,d\n", True, None, False),
        ("y,1,2\nn,3,4\ny,5,6\n", False, 0, False),
        ("5,0,x\n4,0,0\n3,0,0\n", False, 0, True),
        ("5,0,x\n", False, 0, True),
        ("5,,,\n4,0,0,0\n", False, 0, True),
        ("target,y,label\n1,2,3\n", True, 2, False),
    ],
)
def test_header_and_label(tmp_path: Path, text: str, *, has_header: bool, label: int | None, is_guess: bool) -> None:
    layout = look(tmp_path, text)
    assert (layout.has_header, layout.label, layout.is_guess) == (has_header, label, is_guess)
    assert layout.features == tuple(i for i in range(len(layout.names)) if i != label)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter(tmp_path: Path, delimiter: str) -> None:
    layout = look(tmp_path, delimiter.join(("label", '"a,;\t,;\t,;\tb"', "c\n")) + delimiter.join("123\n"))
    assert layout.delimiter == delimiter
    assert layout.names == ("label", "a,;\t,;\t,;\tb", "c")


@pytest.mark.parametrize(
    ("text", "line", "body"),
    [
        ("label,a\n1,2\n", 2, "1,2\n"),
        ("\ufefflabel,a\r\n\r\n1,2\r\n", 3, "1,2\r\n"),
        ('\n"la\nbel",a\n1,2\n', 4, "1,2\n"),
        ("\ufeff1,2\n3,4\n", 1, "1,2\n3,4\n"),
    ],
)
def test_where_the_rows_begin(tmp_path: Path, text: str, line: int, body: str) -> None:
    layout = look(tmp_path, text)
    assert layout.line == line
    assert text.encode()[layout.start :] == body.encode()
    assert layout.row_bytes == len(body.splitlines(keepends=True)[0])


def test_the_label_that_the_user_names(tmp_path: Path) -> None:
    assert look(tmp_path, "label,Kind,a\n1,2,3\n", "kind").label == 1
    assert look(tmp_path, "1,2,3\n4,5,6\n", "3").label == 2
    assert look(tmp_path, "a,2,3\n4,5,6\n", "A").names == ("a", "2", "3")


def test_only_the_head_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_records, "HEAD_BYTES", 15)
    layout = look(tmp_path, "label,a\n1,2\n3,4,5\n")
    assert layout.names == ("label", "a")


def test_columns_in_messages(tmp_path: Path) -> None:
    assert column_text(look(tmp_path, "label,a\n1,2\n"), 1) == "column 2 ('a')"
    assert column_text(look(tmp_path, "1,2\n"), 1) == "column 2"
