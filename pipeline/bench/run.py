"""What `bench` was asked for, measured part by part, as one document."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from pipeline.bench.contest import Program, contest
from pipeline.bench.data import DEFAULT_FOLDER, work_for
from pipeline.bench.kernels import distortion_json, growth_rows, kernel_rows
from pipeline.bench.machine import Ceiling, ceilings
from pipeline.bench.networks import NETWORKS, Setup
from pipeline.bench.processes import Say
from pipeline.bench.race import EPOCHS, RACE, race
from pipeline.bench.racer import Course
from pipeline.bench.rows import Row, bench_json, label_of, plain
from pipeline.bench.system import SYSTEMS, Entry
from pipeline.threads import using_threads
from pipeline.types import Json


class Request(NamedTuple):
    """What to measure; with none of the parts, the kernels one by one."""

    data: Path | None  # the folder of prepared data; None for the usual one, or made-up images without it
    rows: int  # in an epoch
    runs: int  # to take the median of
    threads: int | None = None  # None for all cores
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

    Raises ArtifactError if the data can't be used; ConfigError if there are not so many threads; ScrawlError if
    Scrawl and NumPy can't both be measured, or a system computes something else than NumPy.
    """
    # There is no race on made-up images: with it, the usual folder counts as asked for.
    folder = request.data or (DEFAULT_FOLDER if request.race else None)
    work, source = work_for(folder, request.rows)
    alone = not (request.peers or request.race or request.growth)
    with using_threads(request.threads) as threads:
        limits = ceilings(threads, request.runs)
        sgemm = next(limit for limit in limits if limit.name == "sgemm" and limit.threads == threads)
        parts = [measure for measure, wanted in ((kernel_rows, alone), (growth_rows, request.growth)) if wanted]
        results: list[Ceiling | Row] = []
        for result in chain[Ceiling | Row](limits, *(measure(setups, work, sgemm, request.runs) for measure in parts)):
            results.append(result)
            say(f"measured {label_of(result)}")
        document = bench_json(results, threads, source)
        if alone:
            rows = [result for result in results if isinstance(result, Row)]
            document["distortion"] = distortion_json(work, rows, request.runs)
            say("measured distortions")
    if request.peers:
        found, missing = contest(Program(systems, setups, request.runs), work, sgemm, say)
        document["rows"] += map(plain, found)
        document["not_measured"] += missing
    if request.race and folder:
        trainers = {name: entry for name, entry in systems.items() if entry.trains}
        document["race"], missing = race(trainers, Course(folder, *course, seed=0, threads=threads), request.runs, say)
        named = {each["system"] for each in document["not_measured"]}
        document["not_measured"] += [each for each in missing if each["system"] not in named]
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
