"""Counts of what is read in made photographs: `python -m tests.photograph_counts --count 100 --seed 2 [KIND …]`.

The digits are MNIST's training images (which the bundled model has seen; the sample's, where the files are not to be
had) and, where they lie beside the checkout, drawings by people, which no model has: as many of each class, with thin,
ordinary and bold pens. All kinds get the same digits, so that each row compares with "clean".
"""

import argparse
import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.errors import ScrawlError
from pipeline.model.artifact import load_model
from pipeline.model.classify import recogniser
from pipeline.model.find import PRETRAINED
from pipeline.prepare.sources.idx import read_idx
from pipeline.prepare.sources.sample import find_sample, read_sample
from pipeline.recognise.labelled import read_labelled
from pipeline.recognise.number import Reading, is_sure, number_of
from pipeline.recognise.pictures.page import read_pictures
from pipeline.types import Artifact
from tests.conftest import MNIST_FILES, ROOT, mnist_folder
from tests.photographs import BLANKS, DIGITS, PAGES, Kind
from tests.scene import Bytes, Coverage, ink_of
from tests.tables import rows_of

PENS = (0.3, 0.5, 0.5, 0.65)
COLUMNS = ("right", "sure of it", "wrong and sure", "wrong, not sure", "refused")


def sources(count: int, seed: int) -> list[tuple[int, Coverage]]:
    """Return so many labelled inks, half of them drawn by people where there are such."""
    folder, sample = mnist_folder(), find_sample()
    assert sample
    table = read_idx(folder / MNIST_FILES[0], folder / MNIST_FILES[1]) if folder else read_sample(sample)
    sets = [rows_of(table)]
    drawings = ROOT.parent / "shared" / "strokes" / "uji.jsonl"
    if drawings.is_file():
        drawn, _ = read_labelled(drawings, load_model(ROOT / PRETRAINED))
        sets.append((drawn.features, drawn.labels))
    chosen = [_of_each_class(*rows, -(-count // len(sets)), seed) for rows in sets]
    mixed = list(itertools.chain.from_iterable(zip(*chosen, strict=True)))[:count]
    return [(label, ink_of(pixels, PENS[number // 20 % 4])) for number, (label, pixels) in enumerate(mixed)]


def _of_each_class(pixels: Bytes, labels: Bytes, count: int, seed: int) -> list[tuple[int, Bytes]]:
    """Return images of the classes in turn, drawn by lot."""
    order = np.random.default_rng(seed).permutation(len(labels))
    per_class = [order[labels[order] == label] for label in range(10)]
    return [(number % 10, pixels[per_class[number % 10][number // 10]]) for number in range(count)]


def counts(
    name: str, kind: Kind, digits: list[tuple[int, Coverage]], seed: int, artifact: Artifact, *, single: bool
) -> list[int]:
    """Return how many pictures of a kind are read right, and so on: see `COLUMNS`."""
    found, recognise = [0] * len(COLUMNS), recogniser(artifact)
    for number, (label, ink) in enumerate(digits):
        random = np.random.default_rng([seed, number, *name.encode()])
        (readings,) = read_pictures([kind(random, ink)], artifact, recognise, single=single)
        if isinstance(readings, ScrawlError):
            found[4] += 1
            continue
        right, sure = number_in(readings) == str(label) and name in DIGITS, all(map(is_read_surely, readings))
        found[0] += right
        found[1] += right and sure
        found[2] += not right and sure
        found[3] += not right and not sure
    return found


def page_counts(name: str, digits: list[tuple[int, Coverage]], seed: int, artifact: Artifact) -> list[int]:
    """Return the same for pages: each has three rows of three, of which some kinds show the first."""
    found, recognise = [0] * len(COLUMNS), recogniser(artifact)
    for number in range(len(digits) // 9):
        rows = [digits[number * 9 + 3 * row : number * 9 + 3 * row + 3] for row in range(3)]
        random = np.random.default_rng([seed, number, *name.encode()])
        (readings,) = read_pictures(
            [PAGES[name](random, [[ink for _, ink in row] for row in rows])], artifact, recognise
        )
        if isinstance(readings, ScrawlError):
            found[4] += 1
            continue
        truth = ["".join(str(label) for label, _ in row) for row in rows]
        right = number_in(readings) == ("\n".join(truth) if name.startswith("page") else truth[0])
        sure = all(map(is_read_surely, readings))
        for column, holds in enumerate((right, right and sure, not right and sure, not right and not sure)):
            found[column] += holds
    return found


def number_in(readings: Sequence[Reading]) -> str:
    """Return what is read, as `predict --json` has it."""
    return number_of(readings, [str(reading.probabilities.argmax()) for reading in readings], "\n")


def is_read_surely(reading: Reading) -> bool:
    """Tell whether a reading is one to rely on."""
    return is_sure(reading.probabilities, doubtful=reading.doubtful, score=reading.score)


def main() -> None:
    """Print a line of counts for each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="pictures of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", type=Path, default=ROOT / PRETRAINED)
    parser.add_argument("--single", action="store_true", help="read each picture as one digit")
    parser.add_argument("kinds", nargs="*", help="parts of the names of kinds; all without")
    chosen = parser.parse_args()
    artifact, digits = load_model(chosen.model), sources(chosen.count, chosen.seed)
    print(f"{f'of {len(digits)} each, seed {chosen.seed}':28}", *(f"{column:>16}" for column in COLUMNS))  # noqa: T201 -- a report
    for name, kind in {**DIGITS, **BLANKS}.items():
        if not chosen.kinds or any(part in name for part in chosen.kinds):
            row = counts(name, kind, digits, chosen.seed, artifact, single=chosen.single)
            print(f"{name:28}", *(f"{value:16}" for value in row), flush=True)  # noqa: T201 -- a report
    for name in PAGES:
        if not chosen.kinds or any(part in name for part in chosen.kinds):
            row = page_counts(name, digits, chosen.seed, artifact)
            print(f"{name:28}", *(f"{value:16}" for value in row), f" of {len(digits) // 9}", flush=True)  # noqa: T201 -- a report


if __name__ == "__main__":
    main()
