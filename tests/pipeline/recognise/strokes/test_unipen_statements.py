"""The statements of a UNIPEN file, and of those that it names."""

from pathlib import Path

import pytest

from pipeline.errors import DataError
from pipeline.recognise.strokes import unipen_statements
from pipeline.recognise.strokes.unipen_statements import statements_of


def found_in(path: Path) -> list[tuple[str, str, int, list[str]]]:
    return [(each.word, each.path.name, each.line, each.words) for each in statements_of(path)]


def test_statements_go_over_many_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.dat"
    path.write_text("passed over 1 2\n.coord X Y\n .PEN_DOWN 1 2\n.5 3\n4 .6\n.\n.PEN_UP")
    assert found_in(path) == [
        ("COORD", "a.dat", 2, ["X", "Y"]),
        ("PEN_DOWN", "a.dat", 3, ["1", "2", ".5", "3", "4", ".6", "."]),
        ("PEN_UP", "a.dat", 7, []),
    ]
    path.write_text("no word at all")
    assert found_in(path) == []


def test_letters_are_those_of_utf8_or_latin1(tmp_path: Path) -> None:
    path = tmp_path / "a.dat"
    for content in ("\ufeff.COMMENT ä".encode(), b".COMMENT \xe4"):
        path.write_bytes(content)
        assert found_in(path) == [("COMMENT", "a.dat", 1, ["ä"])]


def test_included_files_come_where_they_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "cd" / "data" / "1a"
    (data / "below").mkdir(parents=True)
    (tmp_path / "cd" / "include" / "hp").mkdir(parents=True)
    (tmp_path / "cd" / "include" / "hp" / "hp.doc").write_text(".COORD X Y\n.INCLUDE more.doc")
    (tmp_path / "cd" / "include" / "hp" / "more.doc").write_text(".Y_DIM 5")
    (data / "below" / "b.dat").write_text(".PEN_DOWN")
    (tmp_path / "secret").write_text(".SECRET")
    names = ["hp\\hp.doc", "below/b.dat", "none.doc", "../../../secret", str(tmp_path / "secret"), "", "x" * 300]
    (data / "a.dat").write_text("".join(f".INCLUDE {name}\n" for name in names) + ".DT 1")
    expected = [("COORD", "hp.doc"), ("Y_DIM", "more.doc"), ("PEN_DOWN", "b.dat"), ("DT", "a.dat")]
    assert [each[:2] for each in found_in(data / "a.dat")] == expected
    monkeypatch.chdir(data)
    assert [each[:2] for each in found_in(Path("a.dat"))] == expected


def test_files_that_include_themselves_are_refused(tmp_path: Path) -> None:
    for name, other in ("ab", "ba"):
        (tmp_path / name).write_text(f"\n.INCLUDE {other}")
    with pytest.raises(DataError, match=r"/b, line 2: expected at most 8 files .* found a once more"):
        found_in(tmp_path / "a")
    for number in range(9):
        (tmp_path / str(number)).write_text(f".INCLUDE {number + 1}")
    with pytest.raises(DataError, match=r"/7, line 1: expected at most 8 files"):
        found_in(tmp_path / "0")
    assert found_in(tmp_path / "1") == []


def test_all_that_is_read_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unipen_statements, "MAX_FILE", 40)
    (tmp_path / "a").write_text(".INCLUDE b\n" * 2)
    (tmp_path / "b").write_text(".COMMENT")
    assert len(found_in(tmp_path / "a")) == 2
    (tmp_path / "b").write_text(".COMMENT x")
    with pytest.raises(DataError, match=r"/b: expected at most 40 bytes with all that is included, found more; divide"):
        found_in(tmp_path / "a")
