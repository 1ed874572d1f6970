"""Timings as a picture: the systems side by side, the race, and how cost grows. Needs the extra `report`."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from pipeline.report.canvas import drawing, new_figure, png_of
from pipeline.report.tables import duration
from pipeline.types import Json

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe & Ito's colours, which the colour-blind can tell apart; Scrawl has the strongest.
COLOURS = ("#D55E00", "#56B4E9", "#009E73", "#0072B2", "#CC79A7", "#E69F00", "#000000")
SPREAD = ("min", "median", "max")
OPERATIONS = ("forward", "backward", "epoch", "predict")
WIDTH, HEIGHT = 10.0, 3.4
"""Of a panel, in inches."""
ROOM = 3.0
"""An axis ends at so many times its highest value: the labels above the bars need it."""

Draw = Callable[["Axes"], object]


@drawing()
def require_matplotlib() -> None:
    """Raise ScrawlError unless pictures can be drawn: matplotlib is an extra."""
    new_figure(1, 1)


@drawing()
def draw_bench(document: Json) -> bytes:
    """Draw what `bench` prints as JSON, and return a PNG; raise ScrawlError as `require_matplotlib` does."""
    panels = _panels(document)
    figure = new_figure(WIDTH, HEIGHT * len(panels))
    for axes, draw in zip(figure.subplots(len(panels), 1, squeeze=False)[:, 0], panels, strict=True):
        draw(axes)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_axisbelow(True)
    machine = document["machine"]
    figure.suptitle(f"{machine['cpu']}, {machine['threads']} threads, {document['date'][:10]}", fontsize=10)
    return png_of(figure)


def _panels(document: Json) -> list[Draw]:
    """Return what draws each panel: one for every operation, the race, and each thing that grows."""
    compared = [row for row in document["rows"] if row["series"] is None]
    systems = list(dict.fromkeys(row["system"] for row in compared + document["race"]))
    colours = dict(zip(systems, COLOURS * len(systems), strict=False))
    panels: list[Draw] = []
    for operation in OPERATIONS:
        measured = [row for row in compared if row["operation"] == operation]
        groups = [row for row in measured if row["images"] > 1], [row for row in measured if row["images"] == 1]
        panels += [partial(_bars, rows=group, colours=colours) for group in groups if group]
    if document["race"]:
        panels.append(partial(_race, lines=document["race"], colours=colours))
    for series in ("rows", "width"):
        if grown := [row for row in document["rows"] if row["series"] == series]:
            panels.append(partial(_growth, rows=grown, series=series))
    return panels or [lambda axes: axes.text(0.5, 0.5, "Nothing measured", ha="center", va="center")]


def _as_duration(seconds: float, _position: float) -> str:
    """Return what stands beside a mark of a time axis."""
    return duration(seconds)


def _title(row: Json) -> str:
    """Return what a panel of bars shows."""
    if row["operation"] == "predict":
        return "Prediction of a single image" if row["images"] == 1 else f"Prediction of {row['images']:,} images"
    return f"Epoch of {row['images']:,} images" if row["operation"] == "epoch" else f"{row['operation']}, a mini-batch"


def _bars(axes: "Axes", rows: list[Json], colours: dict[str, str]) -> None:
    """Draw the systems side by side, network by network, over a logarithmic axis."""
    batches = {row["network"]: row["batch"] for row in rows}
    systems = [name for name in colours if any(row["system"] == name for row in rows)]
    thickness = 0.84 / len(systems)
    for i, system in enumerate(systems):
        own = {row["network"]: row["seconds"] for row in rows if row["system"] == system}
        places = [j + (i - (len(systems) - 1) / 2) * thickness for j, name in enumerate(batches) if name in own]
        lowest, times, highest = ([own[name][which] for name in batches if name in own] for which in SPREAD)
        bars = axes.bar(
            places, times, thickness * 0.94, label=system, color=colours[system],
            yerr=np.abs(np.subtract((lowest, highest), times)), error_kw={"linewidth": 0.8, "ecolor": "0.35"},
        )  # fmt: skip
        axes.bar_label(bars, list(map(duration, times)), fontsize=6, rotation=90, padding=3)
    # The mini-batch is told where it says more than the number of images.
    alone = rows[0]["operation"] == "predict"
    labels = [name if alone else f"{name}, batch {batch}" for name, batch in batches.items()]
    axes.set_xticks(range(len(batches)), labels, fontsize=8)
    axes.set_yscale("log")
    axes.set_ylim(top=ROOM * max(row["seconds"]["max"] for row in rows))
    axes.set_ylabel("time (log)")
    axes.yaxis.set_major_formatter(_as_duration)
    axes.set_title(_title(rows[0]), fontsize=10, loc="left")
    axes.legend(frameon=False, fontsize=7, ncols=len(systems), loc="lower right", bbox_to_anchor=(1, 1))


def _race(axes: "Axes", lines: list[Json], colours: dict[str, str]) -> None:
    """Draw the race: a bar a system, the fastest on top."""
    ordered = sorted(lines, key=lambda line: line["seconds"]["median"], reverse=True)
    times, names = [line["seconds"]["median"] for line in ordered], [line["system"] for line in ordered]
    bars = axes.barh(names, times, color=[colours[name] for name in names])
    labels = [f"{duration(line['seconds']['median'])}, {100 * line['accuracy']:.2f} %" for line in ordered]
    axes.bar_label(bars, labels, fontsize=7, padding=3)
    axes.set_xlim(0, 1.2 * max(times))
    axes.set_xlabel("seconds, process start included")
    axes.set_title(f"The race to 98 %: {lines[0]['network']}, {lines[0]['epochs']} epochs", fontsize=10, loc="left")


def _growth(axes: "Axes", rows: list[Json], series: str) -> None:
    """Draw an epoch's time over what grows, and what it would be if it grew in proportion."""
    networks = dict.fromkeys(row["network"] for row in rows) if series == "rows" else {"784-W-10": None}
    for colour, network in zip(COLOURS * len(networks), networks, strict=False):
        own = [row for row in rows if series == "width" or row["network"] == network]
        x = [row["images"] if series == "rows" else int(row["network"].split("-")[1]) for row in own]
        times = [row["seconds"]["median"] for row in own]
        axes.plot(x, times, color=colour, marker="o", markersize=4, linewidth=1.6, label=network)
        axes.plot(x, [times[-1] * value / x[-1] for value in x], color=colour, linewidth=0.8, linestyle=":")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(x, [f"{value:,}" for value in x], fontsize=8)
    axes.set_xlabel("rows" if series == "rows" else "width of the hidden layer")
    axes.set_ylabel("time of an epoch (log)")
    axes.yaxis.set_major_formatter(_as_duration)
    axes.yaxis.set_minor_formatter("")
    axes.set_title(f"Scrawl's epoch by its {series}; dotted: in proportion", fontsize=10, loc="left")
    axes.grid(visible=True, color="0.92")
    axes.legend(frameon=False, fontsize=7)
