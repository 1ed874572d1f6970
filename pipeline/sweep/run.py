"""A sweep from its request to the files that it leaves behind, told to a person as it goes."""

import contextlib
import importlib.util
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.errors import ConfigError, ScrawlError
from pipeline.files import output_errors, write_bytes
from pipeline.memory import budget
from pipeline.prepare.store.arrays import PreparedData
from pipeline.report.progress import compiling_progress
from pipeline.signals import Signalled
from pipeline.staging import discard, staged
from pipeline.sweep.plan import Plan, extremes, plan_to_json, proposed, read_plan
from pipeline.sweep.plots import draw_sweep
from pipeline.sweep.progress import Running, SweepProgress, sweep_progress
from pipeline.sweep.request import BEST, MEMORY, PARQUET, PLOT, SweepRequest, command_to_go_on
from pipeline.sweep.results import Trial, best_of, best_toml, sweep_json, trials_parquet
from pipeline.sweep.space import Value
from pipeline.sweep.trial import Job, prepared, rows_for
from pipeline.sweep.workers import Crew, Proposal, in_turn
from pipeline.train.adapt import suited
from pipeline.train.ensemble import epochs_in_all
from pipeline.train.narrate import Stopped, attempted
from pipeline.train.request import occupied
from pipeline.train.shuffle import TIMES, buffered, note_on
from pipeline.train.warm_up import warm_up
from pipeline.types import Json

if TYPE_CHECKING:
    from pipeline.sweep.study import Study

LOCAL = "local"
"""How clusters of this machine begin; see `pipeline.cluster.connect`."""

Say = Callable[[str], None]


class Sweep(NamedTuple):
    """A sweep that is about to begin or to go on."""

    request: SweepRequest
    plan: Plan
    data: PreparedData
    room: int  # bytes of features up to which they are read at once
    memory: int  # bytes that rows and what is made of them may take: where they take more, it decides their order

    def job(self, parameters: dict[str, Value]) -> Job:
        """Return what a trial with these values needs to be told."""
        asked, rows = proposed(self.plan, parameters), self.data.train
        config = buffered(suited(asked, rows), asked, rows, self.memory)
        folder = self.request.data.resolve() if self.request.cluster else self.request.data
        return Job(folder, self.data.data_hash, config, self.room)


def run_sweep(request: SweepRequest, say: Say) -> Json | Stopped:
    """Search, and leave everything in the sweep's folder; return what `sweep` prints as JSON, or what stopped it.

    `say` takes lines for people.

    Raises ConfigError if the request contradicts itself, the data or the sweep in the folder; ArtifactError if there
    are no data, or there is nothing to go on with; OutputError if something can't be written; ScrawlError if Optuna is
    not installed, or no trial ran to its end.
    """
    if request.resume and request.overwrite:
        raise ConfigError("--resume and --overwrite: expected one of them at most. Choose one.")
    plan = read_plan(request.config, request.trials)
    if importlib.util.find_spec("optuna") is None:
        raise ScrawlError("A sweep needs optuna, which is not installed: pip install '.[sweep]'.")
    memory = budget() if request.memory is None else request.memory
    data, room = prepared(request.data, memory // TIMES), memory // TIMES
    sweep = Sweep(request, plan, data, room, memory)
    for parameters in extremes(plan):
        rows_for(sweep.job(parameters))  # what does not suit the data is found before any work
    with occupied(request.folder), _crew(request.cluster) as crew:
        from pipeline.sweep.folder import place_for  # noqa: PLC0415 -- imports Optuna, an extra
        from pipeline.sweep.study import opened  # noqa: PLC0415 -- as above

        place, begun = place_for(request, plan_to_json(plan) | {"data": data.data_hash, MEMORY: memory})
        sweep = sweep._replace(memory=begun[MEMORY])
        jobs = [sweep.job(parameters) for parameters in extremes(plan)]
        if note := note_on(jobs[-1].config, rows_for(jobs[-1]).rows.size):
            say(note)
        study = opened(plan, place, max(epochs_in_all(job.config) for job in jobs))
        return _to_the_end(sweep, study, jobs, crew, say)


def _to_the_end(sweep: Sweep, study: "Study", jobs: list[Job], crew: Crew, say: Say) -> Json | Stopped:
    """Do the trials that there are still to do, and leave what has been found, be it all or some.

    The jobs are of the kinds that have to be compiled.
    """
    from pipeline.sweep.study import give_up, trials_of  # noqa: PLC0415 -- as above

    started, stopped_by = time.perf_counter(), 0
    try:
        _search(sweep, study, jobs, crew)
    except (KeyboardInterrupt, Signalled) as error:
        stopped_by = error.signal if isinstance(error, Signalled) else signal.SIGINT
    done = trials_of(study)
    if stopped_by:
        give_up(study)
        say(f"stopped after {len(done)} of {sweep.plan.settings.trials} trials; none of them is lost.")
    files = _leave(sweep, study, done, say)
    if stopped_by:
        say(f"Go on with: {command_to_go_on(sweep.request, study.place.url)}")
        return Stopped(stopped_by)
    if best_of(done) is None:
        reason = next((trial.reason for trial in reversed(done) if trial.reason), "all were pruned")
        raise ScrawlError(
            f"{sweep.request.folder}: none of {len(done)} trials ran to its end; of the last it is known: {reason}. "
            "Search elsewhere, such as at lower learning rates, with --overwrite."
        )
    return sweep_json(sweep.request.folder, done, files, time.perf_counter() - started)


def _search(sweep: Sweep, study: "Study", jobs: list[Job], crew: Crew) -> None:
    """Ask for trials, have them trained, and tell what came of them."""
    from pipeline.sweep.study import tell, trials_of  # noqa: PLC0415 -- as above

    done, trials = trials_of(study), sweep.plan.settings.trials
    if len(done) >= trials:
        return
    if (sweep.request.cluster or LOCAL).startswith(LOCAL):  # what is compiled here, workers find on disk
        with compiling_progress() as show:
            for job in jobs:
                warm_up(rows_for(job), job.config, show)
    with sweep_progress(trials, done) as progress:
        for proposal, outcome in crew(_proposals(sweep, study, trials - len(done), progress)):
            progress.ended(tell(study, proposal.trial, outcome))


@contextlib.contextmanager
def _crew(cluster: str | None) -> Iterator[Crew]:
    """Give who trains the trials: this process, or the workers of a cluster."""
    if cluster is None:
        yield in_turn
        return
    from pipeline.cluster.connect import connected  # noqa: PLC0415 -- what few ask for
    from pipeline.sweep.cluster import on_cluster  # noqa: PLC0415 -- as above

    with connected(cluster) as client:
        yield partial(on_cluster, client, cluster)


def _proposals(sweep: Sweep, study: "Study", count: int, progress: SweepProgress) -> Iterator[Proposal]:
    """Yield trials that are to be trained, each asked for when it is wanted, as later ones learn from earlier ones."""
    from pipeline.sweep.study import ask  # noqa: PLC0415 -- as above

    for _ in range(count):
        trial = ask(study)
        job = sweep.job(trial.params)
        progress.began(trial.number, Running(trial.params, epochs_in_all(job.config)))
        yield Proposal(trial, job, partial(_reported, study, progress, trial))


def _reported(study: "Study", progress: SweepProgress, trial: Any, epoch: int, accuracy: float) -> bool:  # noqa: ANN401 -- Optuna's
    """Keep and show what an epoch of a trial has led to; return whether it is to end there."""
    from pipeline.sweep.study import report  # noqa: PLC0415 -- as above

    progress.epoch_ended(trial.number, epoch, accuracy)
    return report(study, trial, epoch, accuracy)


def _leave(sweep: Sweep, study: "Study", done: tuple[Trial, ...], say: Say) -> list[str]:
    """Write what has been found, the table and the best settings together; return the names of the files."""
    from pipeline.sweep.study import importances_of  # noqa: PLC0415 -- as above

    folder, best = sweep.request.folder, best_of(done)
    if not done:
        return []
    with output_errors(folder), staged(folder) as stage:
        write_bytes(stage / PARQUET, trials_parquet(done, list(sweep.plan.space)))
        if best:
            write_bytes(stage / BEST, best_toml(sweep.job(best.parameters).config, best, len(done)))
        else:
            discard(stage, BEST)
        discard(stage, PLOT)
    if not best:
        return [PARQUET]

    def draw() -> list[str]:
        write_bytes(folder / PLOT, draw_sweep(done, sweep.plan.space, importances_of(study)))
        return [PLOT]

    return [PARQUET, BEST, *(attempted(PLOT, draw, say) or [])]
