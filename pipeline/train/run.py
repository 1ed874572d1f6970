"""A training run and its folder: how it begins or goes on, what it leaves behind."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config import changed, combined, config_to_json
from pipeline.errors import ArtifactError, ConfigError
from pipeline.files import output_errors, write_bytes
from pipeline.model.artifact import save_model
from pipeline.model.calibration import fit_temperature
from pipeline.model.classify import measure, outputs_of
from pipeline.model.score import class_logits, fit_threshold, margins_of
from pipeline.prepare.store.arrays import PreparedData
from pipeline.staging import discard, staged
from pipeline.train.adapt import suited
from pipeline.train.ahead import discard_ahead, keep_ahead, with_ahead
from pipeline.train.at_once import Crew
from pipeline.train.checkpoint import Checkpoint, check_belongs, check_size, load_checkpoint, save_checkpoint
from pipeline.train.ensemble import members_of
from pipeline.train.finetune import check_fits
from pipeline.train.loop import batches_per_epoch, initial_state
from pipeline.train.nondigits import check_known, with_nondigits
from pipeline.train.scans import with_scans
from pipeline.train.training_set import TrainingSet, check_reach, training_set_of, with_drawings
from pipeline.types import Artifact, EpochReport, Metrics, Params, TrainConfig, TrainState

MODEL, CHECKPOINT, HISTORY = "model.npz", "checkpoint.npz", "history.parquet"
CONFIG, CURVES = "config.json", "curves.png"


class Run(NamedTuple):
    """A run that is about to begin or to go on."""

    folder: Path
    data: PreparedData
    config: TrainConfig
    training_set: TrainingSet
    state: TrainState
    start: tuple[Params, ...] = ()  # the networks that a new run began with, if they had learned already
    crew: Crew | None = None  # who trains members and shards at the same time; None for this process, one by one


def begin(
    folder: Path, data: PreparedData, config: TrainConfig, *, overwrite: bool, start: Artifact | None = None
) -> Run:
    """Return a new run, with the checkpoint of its first step written: from here on it can be gone on with.

    It begins with a network of random numbers, or with `start`, which must be of the configuration's shape.

    The old model of a run that is overwritten stays until the new one is complete; its checkpoint does not, as nobody
    must take it for the new run's.

    Raises ConfigError if the folder holds a run already and may not be overwritten, or the configuration does not suit
    the data; DataError if there is nothing to learn from the data; OutputError if the checkpoint can't be written.
    """
    found = [name for name in (MODEL, CHECKPOINT) if (folder / name).exists()]
    if found and not overwrite:
        raise ConfigError(
            f"{folder}: holds a training run already ({', '.join(found)}). Go on with it by --resume, replace it by "
            "--overwrite, or name another folder with --out."
        )
    training_set = training_set_for(data, config)
    check_size(training_set.shapes, config)
    if start is not None:
        check_fits(start, data, training_set)
    state = initial_state(training_set, config)
    if start is not None:
        state = state._replace(params=start.params, waiting=start.others)
    run = Run(folder, data, config, training_set, state, start.members if start else ())
    discard_ahead(folder)  # nothing but the run itself tells by what network a member began
    return keep(run, run.state)


def training_set_for(data: PreparedData, config: TrainConfig) -> TrainingSet:
    """Return what there is to learn, drawings and what is no digit included.

    Raises ConfigError if the configuration does not suit the data; DataError if there is nothing to learn from the
    data.
    """
    training_set = training_set_of(data.train, config)
    check_reach(data.train.features, training_set.scaling, "training row")
    check_reach(data.test.features, training_set.scaling, "test row")
    seen = with_scans(training_set, data.train, config)
    if data.drawn is not None:
        check_known(data.drawn, data.train, config)
        seen = with_drawings(seen, data.drawn, data.strokes, config.distortion)
    return with_nondigits(seen, data.train, config)


def resume(folder: Path, data: PreparedData, preset: str | None, toml: Path | None, options: Mapping[str, Any]) -> Run:
    """Return the run that a checkpoint in `folder` holds.

    The data must be those that the run began with, and so must preset, TOML file and options, if there are any: see
    `pipeline.config.combined`.

    Raises ArtifactError if there is no usable checkpoint, or it is of other data; ConfigError if the options differ
    from the checkpoint's.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        raise ArtifactError(f"{path}: there is no run to go on with. Start one without --resume.")
    checkpoint = load_checkpoint(path)
    if checkpoint.data_hash != data.data_hash:
        raise ArtifactError(
            f"{path}: the run began with other data (arrays.npz had sha256 {checkpoint.data_hash[:12]}…, now "
            f"{data.data_hash[:12]}…). Prepare the same data again, or start anew with --overwrite."
        )
    config = checkpoint.config
    asked = changed(config, options)
    if preset or toml:
        wanted = combined(preset, toml, options)
        asked = suited(wanted, data.train)
        if "shuffle_buffer" not in wanted.chosen:  # how much memory there is now has no say
            asked = asked._replace(shuffle_buffer=config.shuffle_buffer)
    if asked != config:
        fields = zip(config._fields, config, asked, strict=True)
        differing = [f"{name} {old!r} (now {new!r})" for name, old, new in fields if old != new]
        raise ConfigError(
            f"{path}: the run began with {', '.join(differing)}. Omit these options to go on with it, or start "
            "anew with --overwrite."
        )
    training_set = training_set_for(data, config)
    check_belongs(path, checkpoint, training_set.shapes, batches_per_epoch(training_set, config))
    state = with_ahead(folder, checkpoint.state, training_set, config, data.data_hash)
    return Run(folder, data, config, training_set, state)


def keep(run: Run, state: TrainState) -> Run:
    """Write the checkpoint of a new state, and return the run that it belongs to.

    The run is as it was kept last: what its state has already of members ahead of their turn is not written again.
    """
    keep_ahead(run.folder, state, run.state, run.config, run.data.data_hash)
    save_checkpoint(run.folder / CHECKPOINT, Checkpoint(state, run.config, run.data.data_hash))
    discard_ahead(run.folder, state)
    return run._replace(state=state)


def finish(run: Run, versions: dict[str, str]) -> Metrics:
    """Test the network that the run has led to, write all that the run leaves behind, and return the test's counts.

    Model, history and configuration appear together. Curves of an earlier run go; those of this one are not drawn yet.

    Raises OutputError if a file can't be written.
    """
    artifact, test = tested(run, versions)
    with output_errors(run.folder), staged(run.folder) as folder:
        write_bytes(folder / HISTORY, history_parquet(run.state))
        write_bytes(folder / CONFIG, json.dumps(config_to_json(run.config), indent=2, allow_nan=False).encode() + b"\n")
        save_model(folder / MODEL, artifact)
        discard(folder, CURVES)
    discard_ahead(run.folder)
    return test


def tested(run: Run, versions: dict[str, str]) -> tuple[Artifact, Metrics]:
    """Return the network that the run has led to, its temperature fitted, and what it gets right of the test rows."""
    data, config = run.data, run.config
    members = members_of(run.state, config)
    test = measure(members, run.training_set.scaling, config, data.test.features, data.test.labels)
    temperature, threshold = certainty_of(members, run.training_set, config)
    artifact = Artifact(
        params=members[0],
        others=members[1:],
        scaling=run.training_set.scaling,
        config=config,
        class_names=data.train.class_names,
        image_shape=data.train.image_shape,
        metrics={"n": test.n, "correct": test.correct},
        manifest={"data": data.data_hash, "versions": versions},
        transposed=data.transposed,
        feature_names=data.train.feature_names,
        temperature=temperature,
        threshold=threshold,
    )
    return artifact, test


def certainty_of(
    members: tuple[Params, ...], training_set: TrainingSet, config: TrainConfig
) -> tuple[float, float | None]:
    """Return what the rows that were held out say of how sure a network is to be.

    That is the temperature at which it is as sure as it is right, and the threshold from which ink counts as a digit.
    The temperature is 1, which changes nothing, for a network that has no softmax, and where nothing says how often the
    network is wrong: no row was held out, or there is no mistake among them. The threshold is None for a network that
    has no score, and 0, where either is as likely, if no row was held out.
    """
    features, labels = training_set.held_out
    if config.loss != "cross-entropy":
        return 1.0, None
    outputs = outputs_of(members, training_set.scaling, config, features)
    logits, margins = class_logits(outputs, config), margins_of(outputs, config)
    temperature = fit_temperature(logits, labels) if (logits.argmax(axis=1) != labels).any() else 1.0
    return temperature, None if margins is None else fit_threshold(margins)


def history_parquet(state: TrainState) -> bytes:
    """Return the history as Parquet: one row an epoch, a column for each field of `EpochReport`."""
    reports = [report._asdict() for report in state.history]
    schema = pa.schema([(name, pa.int32() if name == "epoch" else pa.float64()) for name in EpochReport._fields])
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(reports, schema=schema), sink, write_page_checksum=True)
    return sink.getvalue()


def write_curves(run: Run) -> None:
    """Draw `curves.png`.

    Raises ScrawlError if it can't be drawn, which needs the extra `report`; OutputError if it can't be written.
    """
    from pipeline.report.pictures import draw_curves  # noqa: PLC0415 -- an extra: training goes without it

    smoothing, distortion = run.config.label_smoothing, run.config.distortion
    harder = (f"labels smoothed by {smoothing:g}",) * bool(smoothing) + ("images distorted",) * bool(distortion)
    write_bytes(run.folder / CURVES, draw_curves(run.state.history, harder))
