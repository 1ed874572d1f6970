"""Foreign text is printed in a way that steers nothing, and not at endless length."""

import io
import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from rich.console import Console
from rich.text import Text

from cli import main
from gui.__main__ import main as board
from gui.words import label_of, model_line, verdict_on
from pipeline.model.artifact import save_model
from pipeline.recognise.number import Reading
from pipeline.report.tables import new_table, pairs, show
from pipeline.words import HIDDEN, JOINERS, LONGEST, MAX_LISTED, MAX_NAME, line, listed, visible
from tests.digits import blobs, trained

EVIL = "a\x1b[2J\x07\r\n\x9b31m\u202eb\u2028\udcffc"
SPELLED = r"a\x1b[2J\x07\r\n\x9b31m\u202eb\u2028\udcffc"
ENDLESS = "x" * 160_000


def hidden_in(text: str, keep: str = "") -> set[str]:
    return {each for each in text if unicodedata.category(each) in HIDDEN} - {*JOINERS, *keep}


@given(st.text(st.characters(), max_size=40), st.text("ab \u200d\xa0é中", max_size=9))
def test_nothing_hidden_is_printed_and_the_rest_stays(foreign: str, plain: str) -> None:
    assert not hidden_in(visible(foreign))
    assert not hidden_in(line(foreign, 5))
    assert not hidden_in(listed([foreign, plain]))
    assert visible(plain) == line(plain) == plain
    assert visible(EVIL) == line(EVIL) == SPELLED


def test_what_is_endless_is_cut_in_the_middle() -> None:
    text = f"model.npz: expected {ENDLESS}. Name another one."
    assert line(text) == f"{text[:2666]}… ({len(text) - LONGEST:,} more) …{text[2666 - LONGEST :]}"
    assert line("abcdefghij", 6) == "abcd…ij"
    assert listed(["a", "b"]) == "a, b"
    many = listed([str(i) for i in range(300)])
    assert (many.split(", ")[-3:], many.count(",")) == (["9", "…", "299"], MAX_LISTED - 1)
    assert len(listed([ENDLESS])) <= MAX_NAME + 1
    assert len(line("\x1b" * 160_000)) < 1.1 * LONGEST, "it is cut as it is printed"


def test_tables_steer_nothing_but_their_own_colours() -> None:
    table = new_table("class", EVIL)
    table.add_row("[red]", Text(EVIL))
    plain = Console(file=io.StringIO(), width=300)
    coloured = Console(file=io.StringIO(), width=300, force_terminal=True, color_system="standard")
    for console in (plain, coloured):
        show(table, console)
        show(pairs((EVIL, EVIL)), console)
        assert isinstance(console.file, io.StringIO)
        text = console.file.getvalue()
        assert SPELLED in text
        own = text.replace("\x1b[1m", "").replace("\x1b[0m", "")
        assert (own != text) is (console is coloured)
        assert hidden_in(own) == {"\n"}


def test_the_board_says_nothing_hidden() -> None:
    names = (EVIL, ENDLESS)
    readings = tuple(Reading(None, np.zeros(4, np.uint8), np.array(shares)) for shares in ((0.9, 0.1), (0.1, 0.9)))
    for chosen in (0, 1):
        headline, detail, _ = verdict_on(readings, names, chosen)
        said = headline + detail + label_of(readings[chosen], names)
        assert not hidden_in(said)
        assert len(said) < 500
    path = Path(EVIL + ENDLESS)
    told = model_line(path, Path(), trained(blobs(rows=60))._replace(metrics={"n": 1, "correct": 1}))
    assert not hidden_in(told)
    assert len(told) < 2 * LONGEST


def test_the_board_that_is_started_wrongly_says_nothing_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    for odd in (EVIL, ENDLESS):
        with pytest.raises(SystemExit) as ended:
            board([odd])
        assert ended.value.code == 2
        errors = capsys.readouterr().err
        assert not hidden_in(errors, "\n")
        assert len(errors) < 2 * LONGEST


@pytest.fixture
def folder(in_tmp_path: Path) -> Path:
    """Return a working folder with files that are full of odd names."""
    network = trained(blobs(rows=60))
    save_model(in_tmp_path / "evil.npz", network._replace(class_names=(EVIL, ENDLESS, "[red]")))
    stroke = [[[0, 0], [5, 9], [9, 20]]]
    for name, labels in (("known", [EVIL, ENDLESS, "[red]"]), ("evil", [EVIL + "!"]), ("endless", [ENDLESS + "!"])):
        lines = [json.dumps({"label": label, "strokes": stroke}) for label in labels]
        (in_tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    (in_tmp_path / "evil.toml").write_text(f'{json.dumps(EVIL[:-2])} = 1\n"epochs" = 3')
    (in_tmp_path / "endless.toml").write_text(f'{ENDLESS} = 1\nepochs = "{ENDLESS}"')
    (in_tmp_path / "value.toml").write_text(f'activation = "{ENDLESS}"')
    rows = "\n".join(f"{i % 2},{i},{i}.5" for i in range(20))
    (in_tmp_path / "rows.csv").write_text(f"kind,{ENDLESS},b\n{rows}\n")
    (in_tmp_path / "bad.csv").write_text(f"kind,a,b\n0,1,{ENDLESS}\n{rows}\n")
    return in_tmp_path


COMMANDS = [
    ["evaluate", "--model", "evil.npz", "--strokes", "known.jsonl"],
    ["evaluate", "--model", "evil.npz", "--strokes", "evil.jsonl"],
    ["evaluate", "--model", "evil.npz", "--strokes", "endless.jsonl"],
    ["evaluate", "--model", "evil.npz", "--strokes", "known.jsonl", "--worst", "3", "--sheet", "worst.png"],
    ["predict", "--model", "evil.npz", "known.jsonl"],
    ["train", "--config", "evil.toml"],
    ["train", "--config", "endless.toml"],
    ["train", "--config", "value.toml"],
    ["prepare", "--train", "rows.csv", "--label", "kind"],
    ["prepare", "--train", "bad.csv"],
    *(
        [*command, odd]
        for odd in (EVIL, ENDLESS)
        for command in (
            [], ["predict", "--model"], ["predict", "--model", "evil.npz"], ["train", "--preset"], ["train", "--data"],
            ["train", "--hidden"], ["train", "--activation"], ["train", "--epochs"], ["train", "--config"],
            ["evaluate", "--split"], ["evaluate"], ["evaluate", "--model", "evil.npz", "--strokes"],
            ["prepare", "--train"], ["prepare", "--image-shape"], ["prepare", "--train", "bad.csv", "--label"],
            ["bench", "--show"], ["prepare", "--drawn", "--strokes"], ["augment", "--sheet"],
            ["export", "--model", "evil.npz", "--out"],
        )
    ),
]  # fmt: skip


@pytest.mark.jit  # slow without it
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command)[:60].translate({27: "!", 10: "!"}))
def test_no_command_prints_anything_hidden_or_endless(
    folder: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert folder.is_dir()
    assert main(command) in {0, 1, 2}
    for text in capsys.readouterr():
        assert not hidden_in(text, "\n")
        assert all(len(each) < 1.1 * LONGEST for each in text.splitlines())
        assert "fault of Scrawl" not in text


def test_json_holds_exact_names(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.is_dir()
    assert main(["evaluate", "--model", "evil.npz", "--strokes", "known.jsonl", "--json"]) == 0
    names = [figures["name"] for figures in json.loads(capsys.readouterr().out)["classes"]]
    assert names == [EVIL, ENDLESS, "[red]"]
    assert main(["predict", "--model", "evil.npz", "known.jsonl", "--json"]) == 0
    answers = [json.loads(each)["number"] for each in capsys.readouterr().out.splitlines()]
    assert set(answers) <= {EVIL, ENDLESS, "[red]"}
