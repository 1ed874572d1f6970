"""Whether a run can have reached the state that a checkpoint tells of, asked before any of it is believed.

`check_progress` holds the counts to each other and to the configuration; `check_fits` the networks and the steps to the
rows that the run is to go on with.
"""

from collections.abc import Mapping

from pipeline.config import MAX_LAYERS, MAX_MEMBERS
from pipeline.rules import (
    FINITE,
    MAX_COUNT,
    OBJECT,
    TEXT,
    Rule,
    check,
    check_fields,
    integer,
    list_of,
    number,
    optional,
)
from pipeline.train.ensemble import epochs_in_all
from pipeline.types import Json, TrainConfig, TrainState

NOT_NEGATIVE = number(lambda value: value >= 0, "a finite number from 0 up")
FIELDS: Mapping[str, Rule] = {
    "format": TEXT,
    "schema": integer(0),
    "config": OBJECT,
    "data": TEXT,
    "layers": integer(1, MAX_LAYERS + 1),
    "epoch": integer(0, MAX_COUNT * MAX_MEMBERS),
    "step": integer(0, MAX_COUNT**2 * MAX_MEMBERS),
    "loss_sum": FINITE,
    "best": optional(OBJECT),
    "history": list_of(OBJECT, 0, MAX_COUNT * MAX_MEMBERS, "a list of reports"),
    "finished": integer(0, MAX_MEMBERS),
    "waiting": integer(0, MAX_MEMBERS),
}
"""What the manifest of a checkpoint holds."""
BEST: Mapping[str, Rule] = {"epoch": integer(1, MAX_COUNT), "validation_loss": FINITE}
REPORT: Mapping[str, Rule] = {
    "epoch": integer(1, MAX_COUNT * MAX_MEMBERS),
    "loss": FINITE,
    "validation_loss": optional(FINITE),
    "validation_accuracy": optional(number(lambda value: 0 <= value <= 1, "a number from 0 to 1")),
    "learning_rate": NOT_NEGATIVE,
    "seconds": NOT_NEGATIVE,
}
"""What is told of an epoch."""


def check_progress(manifest: Json, config: TrainConfig) -> None:
    """Raise ValueError unless a manifest, its fields as in `FIELDS`, has the counts of a run of this configuration."""
    layers, epoch, history = manifest["layers"], manifest["epoch"], manifest["history"]
    whole = len(config.hidden) + 1 + bool(config.filters)
    check(layers == whole, f"layers are {layers}, but the configuration has {whole}")
    check(epoch <= epochs_in_all(config), f"epoch is {epoch} of {epochs_in_all(config)}")
    check(len(history) == epoch, f"epoch is {epoch}, but there are {len(history)} reports")
    for place, report in enumerate(history, start=1):
        check_fields(REPORT, report, f"fields of report {place}", f"report {place}: ")
        check(report["epoch"] == place, f"report {place} is of epoch {report['epoch']}")
        for name in ("validation_loss", "validation_accuracy"):
            judged = report[name] is not None
            check(judged == bool(config.validation_fraction), f"report {place}: {name} is {report[name]}")
    finished, waiting = min(epoch // config.epochs, config.members - 1), manifest["waiting"]
    check(manifest["finished"] == finished, f"{manifest['finished']} members are finished, expected {finished}")
    left = config.members - 1 - finished
    check(waiting in {0, left}, f"{waiting} members are waiting, expected {left}, or none")
    _check_best(manifest["best"], [report["validation_loss"] for report in history], config)


def _check_best(best: Json | None, losses: list[float], config: TrainConfig) -> None:
    """Raise unless the best epoch is the first of the lowest losses, where one has to be kept."""
    kept = bool(config.patience and losses)
    check((best is not None) == kept, f"best is {best}, with patience {config.patience} after {len(losses)} epochs")
    if best is None:
        return
    check_fields(BEST, best, "fields of best", "best: ")
    lowest, found = min(losses), (best["epoch"], best["validation_loss"])
    expected = losses.index(lowest) + 1, lowest
    check(found == expected, f"best is epoch and loss {found}, expected {expected}")


def check_fits(state: TrainState, config: TrainConfig, shapes: tuple[tuple[int, int], ...], batches: int) -> None:
    """Raise ValueError unless a state is one of a run with these rows.

    A network that reads them has layers of `shapes`, (fan_in, fan_out) each, and an epoch of them so many batches.
    """
    found = tuple(layer.weight.shape for layer in state.params)
    check(found == shapes, f"layers are {found}, but these rows ask for {shapes}")
    first = state.epoch * batches
    last = first if state.epoch == epochs_in_all(config) else first + batches - 1
    check(first <= state.step <= last, f"step is {state.step}, expected {first} to {last} after {state.epoch} epochs")
    check(state.step > first or not state.loss_sum, f"loss_sum is {state.loss_sum} between two epochs, expected 0.0")
