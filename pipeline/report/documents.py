"""What `--json` prints: plain dictionaries, whose names programs rely on."""

import json
from collections.abc import Iterable
from pathlib import Path

from pipeline.report.metrics import figures_by_class, wilson_interval
from pipeline.types import EpochReport, Json, Metrics


def json_text(document: Json) -> str:
    """Return a document as `--json` prints it, on one line.

    Raises ValueError if a number in it is infinite or not a number, which JSON has no word for: no reader would
    take the rest.
    """
    return json.dumps(document, allow_nan=False)


def training_json(
    model: Path, history: tuple[EpochReport, ...], test: Metrics, seconds: float, compile_seconds: float
) -> Json:
    """Return the result of `train`; `seconds` is the whole command's wall time, compilation included."""
    names = ("epoch", "loss", "validation_accuracy", "seconds")
    return {
        "model": str(model),
        "epochs": [{name: getattr(report, name) for name in names} for report in history],
        "test": {"n": test.n, "correct": test.correct, "accuracy": test.correct / max(test.n, 1)},
        "seconds": seconds,
        "compile_seconds": compile_seconds,
    }


def evaluation_json(
    metrics: Metrics, class_names: tuple[str, ...], files: Iterable[tuple[Path, Metrics, int]], seconds: float
) -> Json:
    """Return the result of `evaluate`: the accuracy with its 95 % interval, and precision and recall a class.

    What tells of the calibration is there if the metrics hold it. Of each file there are its metrics and how many of
    its lines were left out.
    """
    bins = () if metrics.calibration is None else metrics.calibration.bins
    figures = zip(class_names, figures_by_class(metrics.confusion), strict=True)
    return {
        **_counts(metrics),
        "reliability": [each._asdict() for each in bins],
        "confusion": metrics.confusion.tolist(),
        "classes": [{"name": name, **figure._asdict()} for name, figure in figures],
        "files": [{"file": str(path), "left_out": left_out, **_counts(each)} for path, each, left_out in files],
        "seconds": seconds,
    }


def _counts(metrics: Metrics) -> Json:
    """Return the figures that are one number each, and the accuracy's interval."""
    calibration = metrics.calibration
    certainty = {} if calibration is None else {"temperature": calibration.temperature, "ece": calibration.ece}
    return {
        "n": metrics.n,
        "correct": metrics.correct,
        "accuracy": metrics.correct / max(metrics.n, 1),
        "interval": list(wilson_interval(metrics.correct, metrics.n)),
        "loss": metrics.loss,
        **certainty,
        **({} if metrics.refused is None else {"refused": metrics.refused}),
        **({} if metrics.others is None else {"others": metrics.others[0], "others_refused": metrics.others[1]}),
    }
