"""What `bench` was asked for, measured part by part, as one document."""

from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from pipeline.bench.contest import Program, contest
from pipeline.bench.data import DEFAULT_FOLDER, Work, work_for
from pipeline.bench.distortions import distortion_json
from pipeline.bench.growth import growth_rows
from pipeline.bench.kernels import kernel_rows
from pipeline.bench.machine import Ceiling, ceilings
from pipeline.bench.networks import NETWORKS, Setup
from pipeline.bench.race import EPOCHS, RACE, Course, race
from pipeline.bench.registry import SYSTEMS, Entry
from pipeline.bench.rows import Row, bench_json, label_of
from pipeline.threads import using_threads
from pipeline.types import Json

Say = Callable[[str], None]


class Request(NamedTuple):
    """What to measure.

    Attributes
    ----------
    data : Path or None
        Folder of prepared data; None for the usual one, or made-up images without it.
    rows, runs : int
        Rows in an epoch; runs to take the median of.
    threads : int or None
        None for all cores.
    peers, race, growth : bool
        Which parts; with none of them, the kernels one by one.
    """

    data: Path | None
    rows: int
    runs: int
    threads: int | None = None
    peers: bool = False
    race: bool = False
    growth: bool = False


def bench(
    request: Request,
    say: Say,
    systems: Mapping[str, Entry] = SYSTEMS,
    setups: tuple[Setup, ...] = NETWORKS,
    course: tuple[Setup, int] = (RACE, EPOCHS),
) -> Json:
    """Measure, telling `say` how far it is, and return the document that `bench --json` prints.

    Raises
    ------
    ArtifactError
        If the data can't be used.
    ConfigError
        If there are not so many threads.
    ScrawlError
        If Scrawl and NumPy can't both be measured, or a system computes something else than NumPy.
    """
    # There is no race on made-up images: with it, the usual folder counts as asked for.
    folder = request.data or (DEFAULT_FOLDER if request.race else None)
    work, source = work_for(folder, request.rows)
    with using_threads(request.threads) as threads:
        results, sgemm = _in_this_process(request, work, setups, threads, say)
        document = bench_json(results, threads, source)
        if not (request.peers or request.race or request.growth):
            rows = [result for result in results if isinstance(result, Row)]
            document["distortion"] = distortion_json(work, rows, request.runs)
            say("measured distortions")
    if request.peers:
        rows, missing = contest(Program(systems, setups, request.runs), work, sgemm, say)
        document = _with(document, bench_json([*rows], threads, source)["rows"], [], missing)
    if request.race and folder:
        trainers = {name: entry for name, entry in systems.items() if entry.trains}
        run = Course(folder, *course, seed=0, threads=threads)
        document = _with(document, [], *race(trainers, run, request.runs, say))
    document["machine"]["systems"] = versions(systems)
    return document


def versions(systems: Mapping[str, Entry]) -> dict[str, str]:
    """Return the versions of the systems' packages, as far as they are installed."""
    found = {}
    for package in (package for entry in systems.values() for package in entry.packages):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _in_this_process(
    request: Request, work: Work, setups: tuple[Setup, ...], threads: int, say: Say
) -> tuple[list[Ceiling | Row], Ceiling]:
    """Return the machine's ceilings and what is asked for of the kernels alone, and again the ceiling of sgemm."""
    limits = ceilings(threads, request.runs)
    sgemm = next(limit for limit in limits if limit.name == "sgemm" and limit.threads == threads)
    results: list[Ceiling | Row] = []
    alone = not (request.peers or request.race or request.growth)
    parts = [measure for measure, wanted in ((kernel_rows, alone), (growth_rows, request.growth)) if wanted]
    rows = (row for measure in parts for row in measure(setups, work, sgemm, request.runs))
    for result in chain[Ceiling | Row](limits, rows):
        results.append(result)
        say(f"measured {label_of(result)}")
    return results, sgemm


def _with(document: Json, rows: list[Json], race_: list[Json], missing: list[Json]) -> Json:
    """Return the document with more in it; a system that is missing in two parts is named once."""
    named = {line["system"] for line in document["not_measured"]}
    return {
        **document,
        "rows": [*document["rows"], *rows],
        "race": [*document["race"], *race_],
        "not_measured": [*document["not_measured"], *(line for line in missing if line["system"] not in named)],
    }
