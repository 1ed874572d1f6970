"""What can be done with Scrawl from Python; see `pipeline.api`."""

import hashlib
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from signal import SIGINT
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.network.epoch import new_stop_token
from pipeline.api.arrays import checked_dataset, checked_rows
from pipeline.config import combined, parse_hidden
from pipeline.endings import file_ending_in
from pipeline.errors import ConfigError, DataError
from pipeline.model.artifact import load_model as read_model, save_model as write_model
from pipeline.model.classify import classifier, recogniser
from pipeline.model.find import PRETRAINED
from pipeline.prepare.store.arrays import PreparedData
from pipeline.prepare.store.manifest import versions
from pipeline.recognise.number import read_number
from pipeline.recognise.predict import Digit, digits_read
from pipeline.recognise.strokes.json_lines import drawing_from
from pipeline.rules import shown
from pipeline.signals import Signalled
from pipeline.threads import using_threads
from pipeline.train.adapt import suited
from pipeline.train.interruptible import on_a_thread, stopping_on_signals
from pipeline.train.loop import initial_state, train as epochs_of
from pipeline.train.narrate import TRAINED_BY
from pipeline.train.run import Run, tested, training_set_for
from pipeline.train.warm_up import warm_up
from pipeline.types import Artifact, Dataset, Drawing, EpochReport, ImageShape, Json, TrainConfig
from pipeline.words import listed

BUNDLED = Path(__file__).parents[2] / PRETRAINED


class Trained(NamedTuple):
    """What training leads to."""

    model: Artifact
    history: tuple[EpochReport, ...]  # an entry an epoch


def load_model(path: str | PathLike[str] | None = None) -> Artifact:
    """Read a model file; without a path, the bundled network, which reads handwritten digits.

    Raises ArtifactError if the file is missing, damaged, no model, or made by a newer Scrawl.
    """
    return read_model(BUNDLED if path is None else Path(path))


def save_model(path: str | PathLike[str], model: Artifact, bits: int = 32) -> None:
    """Write a model file, whole or not at all.

    Raises ConfigError if the name promises another kind of file; OutputError if the file can't be written, and then
    what was there is untouched.

    Parameters
    ----------
    path : str or path
        Ends in `.npz`.
    model : Artifact
        From `load_model` or `train`.
    bits : 32, 16 or 8
        Of each weight: fewer make a smaller file.
    """
    file_ending_in(".npz", "a model", "save_model:")(Path(path))
    write_model(Path(path), _checked_model(model), bits)


def classify(model: Artifact, rows: npt.ArrayLike, *, brightest: float | None = None) -> npt.NDArray[np.float64]:
    """Return the probability of each class for each row.

    Raises DataError if the array is none that the model can read; nothing is answered then.

    Parameters
    ----------
    model : Artifact
        From `load_model` or `train`.
    rows : (n, height, width), (n, d), (height, width) or (d,), whole or floating-point numbers
        Images, upright, ink bright and paper 0; or rows of a table, in the units and the order of the training rows.
        A single image or row is taken for n = 1.
    brightest : float, optional
        What a white pixel is in `rows`: 1 for images that were scaled to 0..1. By default, what it was in the images
        that the model was trained on, which is 255 for the bundled one.

    Returns
    -------
    (n, classes) float64
        Rows sum to 1; the columns are those of `model.class_names`.
    """
    features = checked_rows(_checked_model(model), rows, brightest)
    if not len(features):
        return np.empty((0, len(model.class_names)))
    return classifier(model)(features)


def read_drawing(model: Artifact, strokes: Any, *, single: bool = False) -> tuple[Digit, ...]:  # noqa: ANN401 -- lists in lists, or arrays
    """Return the digits of a drawing, from left to right, read as the drawing board reads it.

    Raises DataError if there is no stroke, a stroke without a point, a point that is none, or no ink at all is left
    of them; ConfigError if the model reads rows that are no images.

    Parameters
    ----------
    model : Artifact
        Of images.
    strokes : list of strokes, each a list of points or a (k, 2) array; or a Drawing
        x to the right and y downwards, in any unit, in the order in which they were drawn.
    single : bool
        Whether to take the whole drawing for one digit, however far apart its strokes are.
    """
    found = strokes.strokes if isinstance(strokes, Drawing) else strokes
    drawing = drawing_from(_plain(found), "strokes")
    readings = read_number(drawing, _checked_model(model), recogniser(model), single=single)
    return digits_read(readings, model.class_names)


def train(  # noqa: PLR0913 -- what is rarely needed is named
    features: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    image_shape: ImageShape | None = None,
    preset: str | None = None,
    on_epoch: Callable[[EpochReport], object] | None = None,
    threads: int | None = None,
    **settings: Any,  # noqa: ANN401 -- those of the command line
) -> Trained:
    """Train a network; the same arrays, settings and seed lead to the same network, byte for byte.

    Raises DataError if the arrays are none that can be learned from; ConfigError if a setting is unknown, out of
    range, or does not suit the rows; TrainingDiverged if the numbers run away; KeyboardInterrupt after Ctrl-C, at
    the end of the mini-batch.

    Parameters
    ----------
    features : (n, height, width) or (n, d), whole or floating-point numbers
        Images, upright, ink bright and paper 0; or rows of a table.
    labels : (n,) whole numbers or texts
    image_shape : (height, width), optional
        Of rows (n, d) that are images. By default, a square number of bytes, 64 or more, is one, as in a CSV file.
    preset : str, optional
        "quick" (the default), "good", "best" or "original".
    on_epoch : callable, optional
        Called with an `EpochReport` after each epoch.
    threads : int, optional
        For the kernels; all cores by default.
    **settings
        The options of `python cli.py train`, with underscores: `hidden=(64,), epochs=5, seed=1`.
    """
    dataset = checked_dataset(features, labels, image_shape)
    config = suited(combined(preset, None, _checked_settings(settings)), dataset)
    with using_threads(threads):
        run = _followed(_run_for(dataset, config), on_epoch or (lambda _: None))
        return Trained(tested(run, versions(*TRAINED_BY))[0], run.state.history)


def _run_for(dataset: Dataset, config: TrainConfig) -> Run:
    """Return a run that writes nothing, before its first step; it has no test rows."""
    nothing = dataset._replace(features=dataset.features[:0], labels=dataset.labels[:0])
    fingerprint = hashlib.sha256(dataset.features.tobytes() + dataset.labels.tobytes()).hexdigest()
    data = PreparedData(dataset, nothing, fingerprint, "Python")
    training_set = training_set_for(data, config)
    return Run(Path(), data, config, training_set, initial_state(training_set, config))


def _followed(run: Run, on_epoch: Callable[[EpochReport], object]) -> Run:
    """Return the run after its last epoch."""
    warm_up(run.training_set, run.config)  # else the first epoch's seconds would be the compiler's
    stop_token, signals = new_stop_token(), list[int]()
    states = epochs_of(run.state, run.training_set, run.config, stop_token)
    with stopping_on_signals(stop_token, signals.append):
        for state in on_a_thread(states, lambda: None):
            told = len(run.state.history)
            run = run._replace(state=state)
            for report in state.history[told:]:  # none where a signal came in mid-epoch
                on_epoch(report)
    if signals:
        raise KeyboardInterrupt if signals[0] == SIGINT else Signalled(signals[0])
    return run


def _checked_model(model: Artifact) -> Artifact:
    """Return the model if it is one, and not its file's name, say."""
    if not isinstance(model, Artifact):
        raise DataError(f"model: expected one from load_model or train; found {shown(model)}. Load it first.")
    return model


def _checked_settings(settings: Mapping[str, Any]) -> Json:
    """Return settings as `pipeline.config` takes them, which says if they are out of range."""
    unknown = sorted(set(settings) - set(TrainConfig._fields))
    if unknown:
        raise ConfigError(f"unknown settings {listed(unknown)}; expected some of {', '.join(TrainConfig._fields)}.")
    plain = {name: _plain(value) for name, value in settings.items()}
    match plain.get("hidden"):
        case str(widths):
            plain["hidden"] = parse_hidden(widths, "hidden")
        case list(widths):
            plain["hidden"] = tuple(widths)
    return plain


def _plain(value: Any) -> Any:  # noqa: ANN401 -- whatever somebody hands over
    """Return Python's own numbers for NumPy's, lists in the place of arrays and tuples, and all else as it is."""
    value = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
