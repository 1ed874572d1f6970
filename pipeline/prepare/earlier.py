"""What is prepared already where rows are to go: whether it is of the same kind, and who has learned from it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.archive import manifest_of
from pipeline.errors import ArtifactError
from pipeline.prepare.store.arrays import ARRAYS
from pipeline.prepare.store.drawn import DRAWN, joint_hash
from pipeline.prepare.store.manifest import SplitSummary, read_manifest
from pipeline.rules import shown
from pipeline.staging import discard
from pipeline.types import Json
from pipeline.words import line, listed

STORED = ("model.npz", "checkpoint.npz")
"""What names the data that a run has learned from."""
MAX_SOURCE = 200
"""Characters of a source that a message tells: two files with their folders."""


class Earlier(NamedTuple):
    """Rows that are prepared already."""

    train: SplitSummary
    test: SplitSummary
    manifest: Json


def earlier_in(folder: Path) -> Earlier | None:
    """Return what is prepared in a folder; None if that is nothing, or nothing that anybody could use."""
    try:
        manifest = read_manifest(folder)
        train, test = (SplitSummary(**manifest[name]) for name in ("train", "test"))
    except (ArtifactError, KeyError, TypeError):
        return None
    are_counts = all(type(number) is int for number in (*train[:3], *test[:3]))
    are_sums = all(map(_are_sums, (train.inputs, test.inputs, manifest["outputs"])))
    return Earlier(train, test, manifest) if are_counts and are_sums else None


def _are_sums(files: Any) -> bool:  # noqa: ANN401 -- anything that JSON can say
    """Tell whether these are sums by the names of files."""
    return isinstance(files, dict) and all(isinstance(value, str) for value in files.values())


def refusal(out: Path, content: Json) -> str | None:
    """Return why rows must not take the place of those in a folder unless somebody says so; None if they may.

    They may if they come from the same source, with the same label and shape, and wherever nothing usable is. `content`
    is the manifest of the new rows; files of the same content are one source, whatever their names.
    """
    earlier = earlier_in(out)
    if earlier is None or _is_alike(earlier, content):
        return None
    return (
        f"{out} holds {_told(earlier.manifest)}; {_told(content)} would take their place.{_learners(out, earlier)} "
        "Replace them by --overwrite, or name another folder with --out."
    )


def losses(out: Path, content: Json, folder: Path) -> Iterator[str]:
    """Yield what a person should know who replaces the rows in a folder by others, made in `folder`, for good.

    Drawings beside rows of another kind are no longer drawings of what the rows are: they go.
    """
    earlier = earlier_in(out)
    if earlier is None or earlier.manifest["outputs"].get(ARRAYS) == content["outputs"][ARRAYS]:
        return
    if learners := _learners(out, earlier):
        yield f"replaced {_told(earlier.manifest)}.{learners} Going on with it takes them: prepare them again elsewhere"
    if (out / DRAWN).exists() and not _is_alike(earlier, content):
        discard(folder, DRAWN)
        yield f"{out / DRAWN} is gone, as it went with those rows; `prepare --drawn` makes it anew"


def _is_alike(earlier: Earlier, content: Json) -> bool:
    """Tell whether rows come from the same source as earlier ones, with the same label and shape."""
    old = earlier.manifest
    sums = [sorted(split.inputs.values()) for split in (earlier.train, earlier.test)]
    same_files = sums == [sorted(content[name]["inputs"].values()) for name in ("train", "test")]
    same_label = old.get("label", content["label"]) == content["label"]
    return (same_files or old["source"] == content["source"]) and same_label and _shape_of(old) == _shape_of(content)


def _shape_of(manifest: Json) -> tuple[Any, ...]:
    """Return what decides which models read the rows."""
    return tuple(manifest["image_shape"] or ()), manifest["train"]["features"], manifest["transposed"]


def _told(manifest: Json) -> str:
    """Return, for a message, what rows a manifest is of."""
    shape, train = manifest["image_shape"], manifest["train"]
    kind = f"images of {shape[0]}x{shape[1]}" if shape else f"rows of {train['features']:,} features"
    turned = ", turned over" if manifest["transposed"] else ""
    label = f", label {shown(str(manifest['label']))}" if manifest.get("label") else ""
    return f"{train['rows']:,} training {kind} ({line(manifest['source'], MAX_SOURCE)}{turned}{label})"


def _learners(out: Path, earlier: Earlier) -> str:
    """Return, as a sentence, which runs beside a folder have learned from its rows; empty if none has."""
    arrays = earlier.manifest["outputs"].get(ARRAYS)
    hashes = [arrays, joint_hash(arrays, out / DRAWN) if (out / DRAWN).is_file() else arrays]
    stored = sorted(path for name in STORED for path in out.absolute().parent.glob(f"*/{name}"))
    learned = [out.parent / path.parent.name for path in stored if manifest_of(path).get("data") in hashes]
    runs = listed([*dict.fromkeys(map(str, learned))])
    return f" What is trained in {runs} has learned from them." if runs else ""
