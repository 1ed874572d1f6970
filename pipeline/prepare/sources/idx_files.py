"""The four IDX files of MNIST, and of the sets made in its image: their names, and both splits in one go."""

from collections.abc import Mapping
from pathlib import Path

from pipeline.prepare.sources.idx import read_idx
from pipeline.prepare.sources.source import Source, Split

PARTS = ("train-images", "train-labels", "t10k-images", "t10k-labels")
ENDS = {"images": "idx3-ubyte", "labels": "idx1-ubyte"}


def find_idx(folder: Path) -> dict[str, Path]:
    """Return those of the four files that a folder holds, by part, gzipped or not, under any of their usual names."""
    candidates = {part: (folder / name for name in _names(part)) for part in PARTS}
    found = {part: next((path for path in paths if path.is_file()), None) for part, paths in candidates.items()}
    return {part: path for part, path in found.items() if path is not None}


def missing_idx(found: Mapping[str, Path]) -> str:
    """Return the usual names of the parts that were not found, as a message lists them; empty if none is missing."""
    return ", ".join(next(iter(_names(part))) for part in PARTS if part not in found)


def idx_source(name: str, found: Mapping[str, Path]) -> Source:
    """Return the source that the four files are.

    Raises
    ------
    DataError
        If one of them is not as it should be.
    """
    images, labels, test_images, test_labels = (found[part] for part in PARTS)
    train = read_idx(images, labels)
    test = read_idx(test_images, test_labels, train.class_names, len(train.feature_names))
    return Source(name, (), Split(train, (images, labels)), Split(test, (test_images, test_labels)))


def _names(part: str) -> list[str]:
    """Return the names under which a part is found in the wild, the usual one first."""
    end = ENDS[part.partition("-")[2]]
    return [f"{part}{joint}{end}{zipped}" for zipped in (".gz", "") for joint in "-."]
