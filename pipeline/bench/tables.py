"""Timings as tables for a terminal of 80 columns."""

from collections.abc import Callable, Iterator
from itertools import groupby

from rich.console import Group, RenderableType
from rich.text import Text

from pipeline.report.tables import NOTHING, Whole, duration, new_table, pairs, percent
from pipeline.types import Json

NEARLY_ONE = 0.995
"""From here on, three digits would say "1/1"."""


def bench_table(document: Json) -> RenderableType:
    """Return timings, from what `bench` prints as JSON."""
    machine = document["machine"]
    heading = Text(f"{machine['cpu']}, {machine['threads']} threads; medians; rows: {document['data']}")
    parts: list[RenderableType] = [heading, pairs(*map(_ceiling, document["ceiling"]))]
    compared = [row for row in document["rows"] if row["series"] is None]
    for network, rows in groupby(compared, lambda row: row["network"]):
        parts += _network(network, list(rows))
    for series, what in (("rows", "How an epoch's time grows with its rows"), ("width", "And with a layer's width")):
        if grown := [row for row in document["rows"] if row["series"] == series]:
            parts += [Text(what, "bold"), _growth(grown, series)]
    parts += _race(document["race"]) if document["race"] else []
    if distortion := document.get("distortion"):  # what was measured before there were any has none
        parts += _distortion(distortion)
    parts += [Text(f"not measured: {line['system']}: {line['reason']}") for line in document["not_measured"]]
    return Group(*parts)


def latency_table(document: Json) -> RenderableType:
    """Return how long a person at the drawing board waits, from what `bench --gui` prints as JSON."""
    painted = document["first_paint_s"]
    return pairs(
        ("start to first paint", NOTHING if painted is None else duration(painted)),
        ("first stroke, drawn at once, to its answer", duration(document["first_answer_s"])),
        (f"stroke to answer, median of {document['strokes']}", duration(document["p50_ms"] / 1e3)),
        ("99 % within", duration(document["p99_ms"] / 1e3)),
        ("longest", duration(document["max_ms"] / 1e3)),
    )


def memory_table(document: Json) -> RenderableType:
    """Return what commands took, from what `bench --memory` prints as JSON."""
    table = new_table("rows", "their size", "command", "most memory", "time")
    for taken in document["taken"]:
        size = f"{compact(taken['rows'] * document['row_bytes'])}B"
        memory = f"{taken['peak'] / 1e6:,.0f} MB"
        table.add_row(f"{taken['rows']:,}", size, taken["command"], memory, duration(taken["seconds"]))
    return Whole(table)


def ratio_text(ratio: float) -> str:
    """Return a ratio of times as people say it: "1/6.2" for a sixth, "1.50" for one and a half."""
    return f"1/{1 / ratio:.3g}" if ratio < NEARLY_ONE else f"{ratio:.3g}"


def compact(number: float) -> str:
    """Return a large number in three digits, such as "352k" or "1.2M"."""
    for size, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g}{prefix}"
    return f"{number:.3g}"


def _ceiling(limit: Json) -> tuple[str, str]:
    """Return a limit of the machine, as name and value."""
    unit = "GB/s" if limit["name"] == "memory" else "GFLOP/s"
    threads = limit["threads"]
    return f"{limit['name']}, {threads} thread{'s' * (threads > 1)}", f"{limit['rate']:.0f} {unit}"


def _network(name: str, rows: list[Json]) -> Iterator[RenderableType]:
    """Yield what was measured on a network: a part for every operation, in it a line for every system."""
    table = new_table("operation, system", "time", "images/s", "GFLOP/s", "share", "ratio", "its spread")
    for (operation, images), group in groupby(rows, lambda row: (row["operation"], row["images"])):
        table.add_row(Text(f"{operation} {images:,}", "bold"))
        for row in group:
            table.add_row(
                f"  {row['system']}", duration(row["seconds"]["median"]), compact(row["images_per_second"]),
                f"{row['gflops']:.3g}", percent(row["share"], 0), ratio_text(row["ratio"]), _spread(row),
            )  # fmt: skip
    batch = next((row["batch"] for row in rows if row["operation"] != "predict"), None)
    yield Text(f"{name}, batch {batch} (share: of sgemm; ratio: Scrawl's time over its)", "bold")
    yield Whole(table)
    first = [row for row in rows if row["compile_seconds"] is not None]
    if first:
        yield Text("first epoch, compiling: " + _listed(first, lambda row: duration(row["compile_seconds"])))
        yield Text("accuracy after it: " + _listed(first, lambda row: percent(row["accuracy"])))
        yield Text()


def _spread(row: Json) -> str:
    """Return the lowest and the highest of a row's ratios."""
    return " to ".join(map(ratio_text, row["spread"]))


def _listed(rows: list[Json], value: Callable[[Json], str]) -> str:
    """Return systems with a value each."""
    return ", ".join(f"{row['system']} {value(row)}" for row in rows)


def _growth(rows: list[Json], series: str) -> RenderableType:
    """Return epoch times in the order of what grows, and how much longer each took than the one before."""
    table, before = new_table("network", "rows", "time", "images/s", "GFLOP/s", "share", "than above"), Json()
    for row in rows:
        follows = before and (series == "width" or before["network"] == row["network"])
        table.add_row(
            row["network"], f"{row['images']:,}", duration(row["seconds"]["median"]),
            compact(row["images_per_second"]), f"{row['gflops']:.3g}", percent(row["share"], 0),
            f"{row['seconds']['median'] / before['seconds']['median']:.2f} times" if follows else NOTHING,
        )  # fmt: skip
        before = row
    return Whole(table)


def _race(lines: list[Json]) -> Iterator[RenderableType]:
    """Yield the race's title and result."""
    first = lines[0]
    course = f"{first['network']}, batch {first['batch']}, {first['epochs']} epochs"
    yield Text(f"Process start to 98 % of the test images: {course}", "bold")
    table = new_table("system", "time", "fastest", "slowest", "test accuracy", "ratio", "its spread")
    for line in lines:
        seconds = line["seconds"]
        table.add_row(
            line["system"], *(duration(seconds[name]) for name in ("median", "min", "max")),
            percent(line["accuracy"]) + ("" if line["reached"] else ", too low"),
            ratio_text(line["ratio"]), _spread(line),
        )  # fmt: skip
    yield Whole(table)


def _distortion(figures: Json) -> Iterator[RenderableType]:
    """Yield what distorting an epoch's images costs, and its share of an epoch."""
    yield Text(f"{figures['images']:,} images distorted", "bold")
    speed = f"{compact(figures['images_per_second'])} images/s"
    edges = figures.get("edges_seconds")  # what was measured before there were filters has none
    yield pairs(
        ("all strengths as in training", f"{duration(figures['seconds']['median'])}, {speed}"),
        *([("their edges found", duration(edges["median"]))] if edges else []),
        *((f"share of an epoch of {line['network']}", percent(line["share"], 0)) for line in figures["shares"]),
    )


def bench_markdown(document: Json) -> str:
    """Return what was measured as tables for documents: times, and Scrawl's ratio to each other system's."""
    machine, rows = document["machine"], document["rows"]
    where = f"{machine['cpu']}, {machine['threads']} threads, {document['date'][:10]}"
    parts = [f"({where}; medians; in brackets, Scrawl's time over the other's.)"]
    parts += _compared([row for row in rows if row["series"] is None])
    parts += _grown([row for row in rows if row["series"] == "rows"], [row for row in rows if row["series"] == "width"])
    return "\n\n".join([*parts, *_raced(document["race"])])


def _compared(rows: list[Json]) -> Iterator[str]:
    """Yield a table for each operation: a line for each network, a column for each system."""
    titles = {
        ("epoch", 60_000): "An epoch of 60,000 images",
        ("predict", 10_000): "10,000 images read in one batch",
        ("predict", 1): "One image read",
    }
    for key, title in titles.items():
        measured = [row for row in rows if (row["operation"], row["images"]) == key]
        systems = list(dict.fromkeys(row["system"] for row in measured))
        lines = []
        for (network, batch), group in groupby(measured, lambda row: (row["network"], row["batch"])):
            found = {row["system"]: row for row in group}
            name = network if key[0] == "predict" else f"{network}, {batch}"
            lines.append([name, *(_cell(found.get(system)) for system in systems)])
        if lines:
            yield _markdown([title, *systems], lines)


def _grown(by_rows: list[Json], by_width: list[Json]) -> Iterator[str]:
    """Yield how an epoch's time grows: with its rows, a line for each network, and with a layer's width."""
    if by_rows:
        heads = dict.fromkeys(f"{row['images']:,} rows" for row in by_rows)
        groups = groupby(by_rows, lambda row: row["network"])
        yield _markdown(["An epoch of", *heads], [[network, *map(_cell, group)] for network, group in groups])
    if by_width:
        widths = (f"{row['network'].split('-')[1]} units" for row in by_width)
        yield _markdown(["A hidden layer of", *widths], [["an epoch", *map(_cell, by_width)]])


def _raced(lines: list[Json]) -> Iterator[str]:
    """Yield the race's result, a line for each system."""
    if lines:
        heads = [f"Process start to 98 %: {lines[0]['network']}", "time", "test accuracy"]
        yield _markdown(heads, [[line["system"], _cell(line), percent(line["accuracy"])] for line in lines])


def _markdown(heads: list[str], lines: list[list[str]]) -> str:
    """Return a table."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [heads, ["---"] * len(heads), *lines])


def _cell(row: Json | None) -> str:
    """Return a system's time, and the ratio of Scrawl's to it."""
    if row is None:
        return NOTHING
    time = duration(row["seconds"]["median"])
    return time if row["ratio"] == 1 else f"{time} ({ratio_text(row['ratio'])})"
