"""Which model to use where nobody has named one."""

from pathlib import Path

from pipeline.errors import ArtifactError

TRAINED = ("artifacts/model/model.npz", "artifacts/quick/model.npz")
"""Where `train` and `make run` leave theirs."""
PRETRAINED = "artifacts/pretrained/digits.npz"


def is_boxed(root: Path, model: Path) -> bool:
    """Tell whether a model that `find_model` found is the one in the box."""
    return model == root / PRETRAINED


def find_model(root: Path) -> Path:
    """Return the model in a working folder that was trained last, or else the one that came in the box.

    Raises
    ------
    ArtifactError
        If there is none.
    """
    trained = [path for name in TRAINED if (path := root / name).is_file()]
    if trained:
        return max(trained, key=lambda path: path.stat().st_mtime_ns)
    if (boxed := root / PRETRAINED).is_file():
        return boxed
    raise ArtifactError(
        f"no model yet: expected one of {', '.join((*TRAINED, PRETRAINED))}, found none. "
        "Train one with `make run`, or name a file with --model."
    )
