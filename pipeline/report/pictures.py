"""Results as pictures: how training went, and the mistakes that a network makes with the most conviction.

Needs the extra `report`.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipeline.report.canvas import drawing, new_figure, png_of
from pipeline.types import Bytes, EpochReport
from pipeline.words import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 8
MOST_DOTS = 40
"""Epochs whose dots can still be told apart."""
STEEP = 10
"""A curve that falls by more than this factor is drawn over a logarithmic axis, or its end would be a flat line."""
EASIER = "The training loss may lie above the validation loss: only it is taken with"
LOSS, VALIDATION = "#3b6ea5", "#c8553d"  # told apart by the colour-blind too, and by their brightness in grey


@drawing()
def draw_curves(history: Sequence[EpochReport], harder: Sequence[str] = ()) -> bytes:
    """Draw how the loss and the validation error went, epoch by epoch, and return a PNG; see `drawing` for errors.

    Below the curves stands what makes the training rows `harder` than those held out, if anything: without that, a
    training loss above the validation loss looks like a fault.
    """
    validated = any(report.validation_loss is not None for report in history)
    figure = new_figure(10.0 if validated else 5.5, 4.0)
    epochs = [report.epoch for report in history]
    panels = figure.subplots(1, 2 if validated else 1, squeeze=False)[0]
    _curve(panels[0], epochs, [report.loss for report in history], LOSS, "training")
    if validated:
        # None becomes not-a-number, which matplotlib leaves out.
        losses = np.array([report.validation_loss for report in history], float)
        errors = 100 * (1 - np.array([report.validation_accuracy for report in history], float))
        _curve(panels[0], epochs, losses, VALIDATION, "validation")
        _curve(panels[1], epochs, errors, VALIDATION, "validation")
        _label(panels[1], "Error on held-out rows, %")
        lowest = int(np.nanargmin(errors))
        panels[1].set_title(f"lowest: {errors[lowest]:.2f} % after epoch {epochs[lowest]}", loc="right", fontsize=9)
        panels[0].legend(frameon=False)
        if harder:
            figure.supxlabel(f"{EASIER} {' and '.join(harder)}.", fontsize=8, color="0.35")
    _label(panels[0], "Loss, mean over rows")
    return png_of(figure)


@drawing()
def draw_worst(
    images: Bytes | npt.NDArray[np.float32],
    truths: Sequence[str],
    guesses: Sequence[str],
    confidences: Sequence[float],
) -> bytes:
    """Draw images with what they are and what the network took them for, and return a PNG; see `drawing` for errors.

    Parameters
    ----------
    images : (k, height, width) uint8 or float32, ink bright and paper 0
    truths, guesses, confidences : k class names, k class names, k probabilities of the guesses
    """
    columns = min(COLUMNS, max(len(images), 2))
    rows = math.ceil(len(images) / columns) or 1
    figure = new_figure(1.25 * columns, 1.6 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel in panels:
        panel.set_axis_off()
    for panel, image, truth, guess, confidence in zip(panels, images, truths, guesses, confidences, strict=False):
        _image(panel, image, truth, guess, confidence)
    if not len(images):
        figure.text(0.5, 0.5, "No mistakes", ha="center", va="center")
    return png_of(figure)


def _image(panel: "Axes", image: npt.NDArray[np.generic], truth: str, guess: str, confidence: float) -> None:
    """Draw one image as ink on paper, in its own range of brightness, so that faint ink can be seen."""
    panel.imshow(image, cmap="gray_r", vmin=0, vmax=max(float(image.max()), 1e-6), interpolation="nearest")
    caption = f"{_short(truth)}, read as {_short(guess)}\n{100 * confidence:.1f} %"
    panel.set_title(caption, fontsize=8, parse_math=False)  # a class may be called `$`


def _curve(panel: "Axes", epochs: Sequence[int], values: npt.ArrayLike, colour: str, name: str) -> None:
    """Draw values over epochs."""
    marker = "o" if len(epochs) <= MOST_DOTS else ""
    panel.plot(epochs, values, color=colour, label=name, linewidth=1.8, marker=marker, markersize=4)
    panel.set_xlim(epochs[0] - 0.5, epochs[-1] + 0.5)


def _label(panel: "Axes", what: str) -> None:
    """Say what a panel shows, and choose its axes by what was drawn."""
    from matplotlib.ticker import LogLocator, NullLocator  # noqa: PLC0415 -- an extra, and half a second to import

    values = np.concatenate([np.asarray(line.get_ydata(), float) for line in panel.lines])
    if np.nanmax(values) > STEEP * np.nanmin(values) > 0:
        panel.set_yscale("log")
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter("{x:g}")
        panel.yaxis.set_minor_locator(NullLocator())
    else:
        panel.set_ylim(bottom=0)
    panel.set_xlabel("Epoch")
    panel.set_ylabel(what)
    panel.locator_params(axis="x", integer=True, min_n_ticks=1)
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(visible=True, axis="y", color="0.9")
    panel.set_axisbelow(True)


def _short(name: str, length: int = 6) -> str:
    """Return a class's name, short enough for a caption."""
    name = visible(name)
    return name if len(name) <= length else f"{name[: length - 1]}…"
