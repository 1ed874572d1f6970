"""What the documents promise: lengths, links, places in the sources, and figures that were measured."""

import re

import pytest

from tests.markdown import ROOT, blocks_of
from tests.results import RESULTS, updated

DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "data" / "README.md", ROOT / "artifacts/pretrained/README.md"]
)
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
LINK = re.compile(r"\]\(([^)\s]+)\)")
SOURCE = re.compile(r"`((?:cli|gui|kernels|pipeline|tests)[\w/]*(?:\.py|/))`")
EVENING = 1_100
"""Lines that can be read in one."""


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose_of(name: str) -> str:
    return re.sub(r"^```.*?^```$", "", text_of(name), flags=re.MULTILINE | re.DOTALL)


def anchors_of(text: str) -> set[str]:
    """Return what the headings of a document are linked by."""
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}


def test_readme_is_short() -> None:
    assert len(text_of("README.md").splitlines()) <= 120


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    for link in LINK.findall(prose_of(name)):
        if not link.startswith("https://"):
            target, _, anchor = link.partition("#")
            path = (ROOT / name).parent / target if target else ROOT / name
            assert path.exists(), link
            assert not anchor or anchor in anchors_of(path.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("name", [name for name in NAMES if name != "CHANGELOG.md"])
def test_every_source_that_is_named_is_there(name: str) -> None:
    for source in SOURCE.findall(text_of(name)):
        assert (ROOT / source).exists(), source


def test_every_document_and_picture_is_shown_to_somebody() -> None:
    shown = {link.rpartition("/")[2] for name in NAMES for link in LINK.findall(text_of(name))}
    there = [*ROOT.glob("docs/*.md"), *ROOT.glob("artifacts/pictures/*.png")]
    assert not {path.name for path in there} - shown


def test_the_network_can_be_read_in_an_evening() -> None:
    reading = re.findall(r"^\| `(\S+\.py)` \|", text_of("docs/architecture.md"), re.MULTILINE)
    assert reading[1] == "kernels/reference.py"
    assert "kernels/network/epoch.py" in reading
    assert sum(len(text_of(name).splitlines()) for name in reading) <= EVENING


def test_the_tables_of_times_are_those_of_the_figures() -> None:
    text = RESULTS.read_text(encoding="utf-8")
    assert text.count("<!-- bench: ") == 3
    assert updated(text) == text


def test_a_table_that_is_not_the_figures_is_found() -> None:
    text = RESULTS.read_text(encoding="utf-8")
    forged = text.replace("| scrawl | ", "| scrawl | 1", 1)
    assert forged != text == updated(forged)


def test_every_table_has_as_many_cells_as_its_head() -> None:
    for name in NAMES:
        for table in re.findall(r"(?:^\|.*\|$\n)+", text_of(name), re.MULTILINE):
            counts = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
            assert len(counts) == 1, f"{name}: {table.splitlines()[0]}"


@pytest.mark.parametrize("name", NAMES)
def test_blocks_of_code_are_closed(name: str) -> None:
    assert text_of(name).count("```") == 2 * len(blocks_of(name))
