"""A sweep in one picture: how it went, what mattered, and which values lead where. Needs the extra `report`."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from pipeline.report.canvas import drawing, new_figure, png_of
from pipeline.sweep.results import Trial, shortly
from pipeline.sweep.space import Choices, Range, Value
from pipeline.sweep.trial import COMPLETE, PRUNED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Space: TypeAlias = Mapping[str, Choices | Range]

BEST, OTHER, ENDED = "#c8553d", "#3b6ea5", "0.6"  # told apart in grey, too
WIDTH = 1.7  # inches of an axis of parallel coordinates


@drawing()
def draw_sweep(trials: Sequence[Trial], space: Space, importances: Mapping[str, float]) -> bytes:
    """Draw the trials of a sweep, of which at least one ran to its end, and return a PNG; see `drawing` for errors.

    `importances` are the share of each field, or empty where nobody can tell: then they are left out.
    """
    figure = new_figure(max(9.0, WIDTH * (len(space) + 1)), 7.0)
    upper, lower = figure.subfigures(2, 1, squeeze=False)[:, 0]
    panels = upper.subplots(1, 2 if importances else 1, squeeze=False)[0]
    _history(panels[0], trials)
    if importances:
        _importances(panels[1], importances)
    _parallel(lower.subplots(), [trial for trial in trials if trial.state == COMPLETE], space)
    return png_of(figure)


def height_of(value: Value, parameter: Choices | Range) -> float:
    """Return where a value lies on the axis of its field: 0 at the bottom, 1 at the top."""
    if isinstance(parameter, Choices):
        return parameter.values.index(value) / max(len(parameter.values) - 1, 1)
    low, high, here = parameter.low, parameter.high, float(value)
    if parameter.log:
        low, high, here = math.log(low), math.log(high), math.log(here)
    return (here - low) / (high - low) if high > low else 0.0


def _history(panel: "Axes", trials: Sequence[Trial]) -> None:
    """Draw the accuracy of each trial, and of the best so far."""
    for state, colour in ((COMPLETE, OTHER), (PRUNED, ENDED)):
        found = [trial for trial in trials if trial.state == state]
        panel.plot([each.number for each in found], _percents(found), "o", color=colour, markersize=4, label=state)
    complete = [trial for trial in trials if trial.state == COMPLETE]
    best = np.maximum.accumulate(_percents(complete))
    panel.step([trial.number for trial in complete], best, where="post", color=BEST, label="best so far")
    panel.set(xlabel="Trial", ylabel="Validation accuracy, %")
    panel.locator_params(axis="x", integer=True, min_n_ticks=1)
    panel.legend(frameon=False, fontsize=8)
    panel.spines[["top", "right"]].set_visible(False)


def _importances(panel: "Axes", importances: Mapping[str, float]) -> None:
    """Draw the share of each field as a bar, the largest on top."""
    names = list(importances)[::-1]
    panel.barh(names, [100 * importances[name] for name in names], color=OTHER)
    panel.set_xlabel("Share in what distinguishes the good trials, %")
    panel.spines[["top", "right"]].set_visible(False)


def _parallel(panel: "Axes", trials: Sequence[Trial], space: Space) -> None:
    """Draw each trial as a line through its values, one axis a field, the accuracy last; the best one on top."""
    percents = _percents(trials)
    lowest, highest = min(percents), max(percents)
    best = percents.index(highest)
    for place in sorted(range(len(trials)), key=lambda place: (place == best, percents[place])):
        share = (percents[place] - lowest) / (highest - lowest or 1.0)
        heights = [height_of(trials[place].parameters[name], parameter) for name, parameter in space.items()]
        colour, opacity, width = (BEST, 1.0, 2.2) if place == best else (OTHER, 0.15 + 0.6 * share, 1.2)
        panel.plot([*heights, share], color=colour, alpha=opacity, linewidth=width)
    for place, (bottom, top) in enumerate([*map(_ends, space.values()), (f"{lowest:.2f}", f"{highest:.2f}")]):
        panel.axvline(place, color="0.8", linewidth=1, zorder=0)
        panel.text(place, -0.05, bottom, ha="center", va="top", fontsize=8)
        panel.text(place, 1.05, top, ha="center", va="bottom", fontsize=8)
    panel.set_xticks(range(len(space) + 1), [*space, "validation accuracy, %"])
    panel.tick_params(axis="x", length=0)
    panel.set_yticks([])
    panel.set_ylim(-0.2, 1.2)
    panel.spines[:].set_visible(False)


def _percents(trials: Sequence[Trial]) -> list[float]:
    """Return the accuracy of trials in percent."""
    return [100 * (trial.accuracy or 0.0) for trial in trials]


def _ends(parameter: Choices | Range) -> tuple[str, str]:
    """Return what stands at the bottom and at the top of a field's axis."""
    if isinstance(parameter, Choices):
        return shortly(parameter.values[0]), shortly(parameter.values[-1])
    return shortly(parameter.low), shortly(parameter.high)
