"""Forged files given to Scrawl: each is refused in a sentence, or is as good as one that is not forged.

`python -m tests.campaign KIND COUNT [FIRST]` tries many of a kind, in a process that may die of them without a loss: it
prints the number of each forgery that was neither, and exits with 1 if there was one.
"""

import functools
import io
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from kernels.network.epoch import new_stop_token
from pipeline.archive import decode, encode
from pipeline.bench.document import load_document
from pipeline.bench.tables import bench_markdown, bench_table
from pipeline.errors import ScrawlError
from pipeline.files import sha256_of
from pipeline.model.artifact import load_model, save_model
from pipeline.model.classify import classifier, explainer, recogniser
from pipeline.prepare.store import manifest as manifests
from pipeline.prepare.store.arrays import ARRAYS, Prepared, PreparedData, load_arrays
from pipeline.prepare.store.columnar import write_parquet
from pipeline.prepare.store.drawn import DRAWN, with_drawn
from pipeline.recognise.number import read_number
from pipeline.report.documents import json_text
from pipeline.report.tables import show
from pipeline.rows import Features
from pipeline.train.checkpoint import Checkpoint, save_checkpoint
from pipeline.train.finetune import finetuning_config
from pipeline.train.loop import advance, initial_state, is_finished, train
from pipeline.train.run import CHECKPOINT, MODEL, begin, finish, keep, resume
from pipeline.train.training_set import training_set_of
from pipeline.types import Drawing, Json, TrainConfig
from tests import bench_document
from tests.digits import TINY, blobs, trained
from tests.forging import Arrays, forged, forged_document
from tests.pipeline.model import test_artifact
from tests.tables import table_of

REFUSED, USED = "refused", "used"
LINE = Drawing((np.array([[0, 0], [3, 8], [9, 9]], np.float32),))

CONFIGS: tuple[TrainConfig, ...] = (
    TINY._replace(batch_size=40),
    TINY._replace(batch_size=40, optimizer="momentum", patience=2, activation="tanh"),
    TINY._replace(batch_size=40, optimizer="sgd", members=3, loss="quadratic", epochs=2),
)


@functools.cache
def data() -> Prepared[Features]:
    """Return rows to train on and to test."""
    return Prepared(blobs(60), blobs(30, seed=1), "0" * 64, "a test")


@functools.cache
def checkpoints(config: TrainConfig) -> tuple[bytes, ...]:
    """Return a run's checkpoints: before it, in the middle of its second epoch, between two, and after it."""
    training_set = training_set_of(data().train, config)
    states, stop_token = [initial_state(training_set, config)], new_stop_token()
    states += train(states[0], training_set, config, new_stop_token())
    stop_token.limit[0] = 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / CHECKPOINT
        contents = []
        for state in (states[0], advance(states[1], training_set, config, stop_token), states[-2], states[-1]):
            save_checkpoint(path, Checkpoint(state, config, data().data_hash))
            contents.append(path.read_bytes())
    return tuple(contents)


def try_checkpoint(random: np.random.Generator, folder: Path) -> str:
    """Go on with a run whose checkpoint was forged."""
    several = checkpoints(CONFIGS[random.integers(len(CONFIGS))])
    genuine = decode(several[random.integers(len(several))], CHECKPOINT)
    (folder / CHECKPOINT).write_bytes(encode(*forged(*genuine, random)))
    run, stop_token = resume(folder, data(), None, None, {}), new_stop_token()
    stop_token.limit[0] = 2
    if is_finished(run.state, run.config):
        finish(run, {})
    else:
        keep(run, advance(run.state, run.training_set, run.config, stop_token))
    return USED


@functools.cache
def models() -> tuple[bytes, ...]:
    """Return networks of several kinds as files: with one member and more, of images and of a table, in 8 bits."""
    kinds = [(trained(data().train, config), bits) for config, bits in zip(CONFIGS, (32, 8, 32), strict=True)]
    kinds.append((trained(blobs(60, image_shape=None), CONFIGS[1]), 16))
    kinds.append((test_artifact.model(filters=2), 32))
    with tempfile.TemporaryDirectory() as folder:
        contents = []
        for artifact, bits in kinds:
            save_model(Path(folder) / MODEL, artifact, bits)
            contents.append((Path(folder) / MODEL).read_bytes())
    return tuple(contents)


def try_model(random: np.random.Generator, folder: Path) -> str:
    """Ask a network that was forged, and learn with it."""
    several = models()
    genuine = decode(several[random.integers(len(several))], MODEL)
    (folder / MODEL).write_bytes(encode(*forged(*genuine, random)))
    artifact = load_model(folder / MODEL)
    rows = random.integers(0, 256, (5, artifact.scaling.shift.size), np.uint8)
    for some in (rows, rows[:1], rows.astype(np.float32)):
        assert np.isfinite(classifier(artifact)(some)).all()
    explainer(artifact)(rows[0], 0)
    if artifact.image_shape is not None:
        read_number(LINE, artifact, recogniser(artifact))
    save_model(folder / MODEL, artifact)
    run, stop_token = (
        begin(folder, data(), finetuning_config(artifact, {}), overwrite=True, start=artifact),
        new_stop_token(),
    )
    stop_token.limit[0] = 1
    keep(run, advance(run.state, run.training_set, run.config, stop_token))
    return USED


def try_data(random: np.random.Generator, folder: Path) -> str:
    """Learn from prepared rows that were forged."""
    train, test = data().train, data().test
    table = bool(random.integers(2))
    shape = None if table else (4, 4)
    dtype, row = (np.float32, (16,)) if table else (np.uint8, (4, 4))
    arrays: Arrays = {
        "x_train": train.features.astype(dtype).reshape(-1, *row), "y_train": train.labels,
        "x_test": test.features.astype(dtype).reshape(-1, *row), "y_test": test.labels,
    }  # fmt: skip
    manifest: Json = {
        "format": manifests.FORMAT, "schema": manifests.SCHEMA, "class_names": ["0", "1", "2"],
        "dtype": np.dtype(dtype).name, "feature_names": [f"f{i}" for i in range(16)] if table else None,
        "image_shape": shape and list(shape), "outputs": {}, "source": "a test", "transposed": False,
        "train": {"features": 16},
    }  # fmt: skip
    arrays, manifest = forged(arrays, manifest, random)
    np.savez(folder / ARRAYS, allow_pickle=False, **arrays)
    if isinstance(manifest.get("outputs"), dict) and random.integers(20):
        manifest["outputs"][ARRAYS] = sha256_of(folder / ARRAYS)
    (folder / manifests.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return _learned(load_arrays(folder), random, folder)


def try_drawn(random: np.random.Generator, folder: Path) -> str:
    """Learn drawings that were forged."""
    with (folder / DRAWN).open("wb") as file:
        write_parquet(file, table_of(data().test.features, data().test.labels, ("0", "1", "2"), (4, 4)))
    rows = pq.read_table(folder / DRAWN)
    description = {key.decode(): json.loads(value) for key, value in rows.schema.metadata.items()}
    kind = random.integers(6)
    if kind == 0:
        rows = rows.slice(0, random.integers(0, 2))
    elif kind == 1:
        rows = rows.set_column(0, rows.schema.field(0), pa.array(random.integers(0, 6, len(rows)).astype(np.uint8)))
    else:
        description = forged_document(description, random)
    described = {key: json.dumps(value) for key, value in sorted(description.items())}
    pq.write_table(rows.replace_schema_metadata(described), folder / DRAWN, write_page_checksum=True)
    return _learned(with_drawn(data(), folder), random, folder)


def _learned(found: PreparedData, random: np.random.Generator, folder: Path) -> str:
    """Begin a run with rows, take two steps, and leave its files behind."""
    stop_token, config = new_stop_token(), CONFIGS[random.integers(len(CONFIGS))]
    run = begin(folder / "run", found, config, overwrite=True)
    stop_token.limit[0] = 2
    finish(keep(run, advance(run.state, run.training_set, run.config, stop_token)), {})
    load_model(folder / "run" / MODEL)
    return USED


def try_figures(random: np.random.Generator, folder: Path) -> str:
    """Show figures that were forged."""
    document = {**bench_document.whole(), "distortion": bench_document.distortion() if random.integers(2) else None}
    for _ in range(random.integers(1, 4)):
        document = forged_document(document, random)
    (folder / "bench.json").write_text(json.dumps(document), encoding="utf-8")
    found = load_document(folder / "bench.json")
    show(bench_table(found), Console(file=io.StringIO()))
    bench_markdown(found)
    json_text(found)
    return USED


Kind = Callable[[np.random.Generator, Path], str]
KINDS: Mapping[str, Kind] = {
    "checkpoint": try_checkpoint,
    "model": try_model,
    "data": try_data,
    "drawn": try_drawn,
    "figures": try_figures,
}


def outcome(kind: str, number: int, folder: Path) -> str:
    """Return what became of a forgery: it was refused, or used like a genuine file; all else is raised."""
    try:
        with np.errstate(all="ignore"):
            return KINDS[kind](np.random.default_rng(number), folder)
    except ScrawlError:
        return REFUSED


def _try_some(kind: str, first: int, end: int) -> None:
    """Print the number of each forgery, and what became of it."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, end):
            sys.stdout.write(f"{number} ")
            sys.stdout.flush()
            try:
                found = outcome(kind, number, Path(folder))
            except Exception as error:  # noqa: BLE001 -- a fault, whatever it is
                found = f"fault: {type(error).__name__}: {error}".replace("\n", " ")
            sys.stdout.write(f"{found}\n")
    sys.stdout.flush()


def main(kind: str, count: str, first: str = "0") -> int:
    """Try so many forgeries, from a number on; where the process dies, go on after what it died of."""
    number, end, found = int(first), int(first) + int(count), Counter[str]()
    while number < end:
        command = [sys.executable, "-m", "tests.campaign", "--some", kind, str(number), str(end)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, errors="replace")
        for line in done.stdout.splitlines():
            place, _, what = line.partition(" ")
            number = int(place) + 1
            what = what or f"death: {done.returncode}: {done.stderr[-300:]}"
            if what not in {REFUSED, USED}:
                print(f"{kind} {place}: {what}", flush=True)  # noqa: T201 -- a tool for a terminal
            found[what.partition(":")[0]] += 1
        if done.returncode and not done.stdout:
            print(done.stderr)  # noqa: T201 -- likewise
            return 1
    print(f"{kind}: {dict(found)}")  # noqa: T201 -- likewise
    return int(set(found) > {REFUSED, USED})


if __name__ == "__main__":
    if sys.argv[1] == "--some":
        _try_some(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        sys.exit(main(*sys.argv[1:]))
