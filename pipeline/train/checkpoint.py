"""A training run on disk: everything that is needed to go on to the very same bytes."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kernels.types import MOMENTS
from pipeline.archive import MAX_BYTES, MAX_MANIFEST_BYTES, read_archive, write_archive
from pipeline.config import config_from_json, config_to_json
from pipeline.contents import Expected, check_arrays, length_of
from pipeline.errors import ArtifactError, ConfigError
from pipeline.model.shapes import layer_shapes
from pipeline.rules import check, check_fields
from pipeline.train.reachable import FIELDS, check_fits, check_progress
from pipeline.types import Best, EpochReport, Json, Layer, OptimizerState, Params, TrainConfig, TrainState

FORMAT = "scrawl checkpoint"
SCHEMA = 3
FLOAT32 = np.dtype(np.float32)

Arrays = Mapping[str, npt.NDArray[np.generic]]


class Checkpoint(NamedTuple):
    """A state, what it is a state of, and the fingerprint of the data."""

    state: TrainState
    config: TrainConfig
    data_hash: str


def check_size(shapes: tuple[tuple[int, int], ...], config: TrainConfig) -> None:
    """Raise ConfigError if a network is so large that its checkpoint could not be stored, before it is made.

    `shapes` are (fan_in, fan_out) of each layer. The optimizer decides how many numbers go with each parameter, the
    patience whether the best are kept, too.
    """
    count = sum(fan_in * fan_out + fan_out for fan_in, fan_out in shapes)
    copies = config.members + MOMENTS[config.optimizer] + (config.patience > 0)
    needed, room = np.dtype(np.float32).itemsize * count * copies, MAX_BYTES - MAX_MANIFEST_BYTES
    if needed > room:
        layers = ", ".join(f"{fan_in}x{fan_out}" for fan_in, fan_out in shapes)
        raise ConfigError(
            f"a network of layers {layers} has {count:,} parameters, and with {config.optimizer} its "
            f"checkpoint takes {needed:,} bytes; expected at most {room:,}. Choose narrower layers with --hidden"
            f"{', fewer --filters' if config.filters else ''}{', fewer --members' if config.members > 1 else ''}"
            f"{'' if config.optimizer == 'sgd' else ', or --optimizer sgd, which remembers nothing'}."
        )


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint atomically.

    Raises OutputError if it can't be written; the one before it is untouched.
    """
    state = checkpoint.state
    networks = {"params": state.params, "first": state.optimizer_state.first, "second": state.optimizer_state.second}
    if state.best:
        networks["best"] = state.best.params
    for prefix, several in (("finished", state.finished), ("waiting", state.waiting)):
        networks |= {f"{prefix}{i}": params for i, params in enumerate(several)}
    arrays = {name: array for prefix, params in networks.items() for name, array in _named(prefix, params)}
    manifest = {
        "format": FORMAT,
        "schema": SCHEMA,
        "config": config_to_json(checkpoint.config),
        "data": checkpoint.data_hash,
        "layers": len(state.params),
        "epoch": state.epoch,
        "step": state.step,
        "loss_sum": state.loss_sum,
        "best": {"epoch": state.best.epoch, "validation_loss": state.best.validation_loss} if state.best else None,
        "history": [report._asdict() for report in state.history],
        "finished": len(state.finished),
        "waiting": len(state.waiting),
    }
    write_archive(path, arrays, manifest)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises ArtifactError if there is none, it is damaged or of another version, or no run can have left it.
    """
    arrays, manifest = read_archive(path)
    if manifest.get("format") != FORMAT or manifest.get("schema") != SCHEMA:
        raise ArtifactError(
            f"{path}: expected a {FORMAT} of schema {SCHEMA}; found {manifest.get('format')!r}, schema "
            f"{manifest.get('schema')!r}. Start the run anew with --overwrite."
        )
    with _refusals(path):
        check_fields(FIELDS, manifest)
        config = config_from_json(manifest["config"])
        check_progress(manifest, config)
        check_arrays(_expected(arrays, manifest, config), arrays)
        state = _state(arrays, manifest)
        for layer in state.optimizer_state.second:
            check(not any((array < 0).any() for array in layer), "a mean of squares is negative")
        return Checkpoint(state, config, manifest["data"])


def check_belongs(path: Path, checkpoint: Checkpoint, shapes: tuple[tuple[int, int], ...], batches: int) -> None:
    """Raise ArtifactError unless a checkpoint is of a run with rows like these; parameters as for `check_fits`."""
    with _refusals(path):
        check_fits(checkpoint.state, checkpoint.config, shapes, batches)


@contextlib.contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Complete what is wrong with a checkpoint's contents to a message."""
    try:
        yield
    except (ValueError, ConfigError) as error:
        raise ArtifactError(
            f"{path}: the checkpoint's contents don't fit together: {error} Start the run anew with --overwrite."
        ) from error


def _named(prefix: str, params: Params) -> Iterator[tuple[str, npt.NDArray[np.generic]]]:
    """Yield each array with its name in the archive."""
    for i, layer in enumerate(params):
        yield f"{prefix}.layer{i}.weight", layer.weight
        yield f"{prefix}.layer{i}.bias", layer.bias


def _expected(arrays: Arrays, manifest: Json, config: TrainConfig) -> Expected:
    """Return each array of a run that has come so far, in the shapes that follow from the first and last of them."""
    features = length_of("params.layer0.weight", 0, arrays)
    classes = length_of(f"params.layer{manifest['layers'] - 1}.bias", 0, arrays)
    shapes = layer_shapes((features, *config.hidden, classes), config.filters)
    nothing = ((0, 0),) * len(shapes)
    networks = {"params": shapes} | ({"best": shapes} if manifest["best"] else {})
    moments = MOMENTS[config.optimizer]
    networks |= {"first": shapes if moments > 0 else nothing, "second": shapes if moments > 1 else nothing}
    networks |= {f"{prefix}{i}": shapes for prefix in ("finished", "waiting") for i in range(manifest[prefix])}
    expected: Expected = {}
    for prefix, each in networks.items():
        for i, (fan_in, fan_out) in enumerate(each):
            expected[f"{prefix}.layer{i}.weight"] = (fan_in, fan_out), FLOAT32
            expected[f"{prefix}.layer{i}.bias"] = (fan_out,), FLOAT32
    return expected


def _state(arrays: Arrays, manifest: Json) -> TrainState:
    """Return the state that the archive holds."""

    def network(prefix: str) -> Params:
        names = (f"{prefix}.layer{i}" for i in range(manifest["layers"]))
        # The archive has checked the types already: this only tells the type checker.
        pairs = ((np.asarray(arrays[f"{name}.{part}"], np.float32) for part in ("weight", "bias")) for name in names)
        return tuple(Layer(*pair) for pair in pairs)

    best = manifest["best"]
    return TrainState(
        epoch=manifest["epoch"],
        step=manifest["step"],
        loss_sum=float(manifest["loss_sum"]),
        params=network("params"),
        optimizer_state=OptimizerState(network("first"), network("second")),
        best=Best(best["epoch"], float(best["validation_loss"]), network("best")) if best else None,
        history=tuple(_report(report) for report in manifest["history"]),
        finished=tuple(network(f"finished{i}") for i in range(manifest["finished"])),
        waiting=tuple(network(f"waiting{i}") for i in range(manifest["waiting"])),
    )


def _report(fields: Json) -> EpochReport:
    """Return what is told of an epoch; JSON may write a float as a whole number, of any size."""
    values: Json = {name: value if value is None else float(value) for name, value in fields.items()}
    return EpochReport(**{**values, "epoch": fields["epoch"]})
