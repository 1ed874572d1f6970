"""Many files read by the workers of a cluster: the same answers in the same order as one after the other."""

import contextlib
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.cluster.connect import connected, name_of_worker, worker_named
from pipeline.cluster.spread import errors_of, spread
from pipeline.errors import ScrawlError
from pipeline.files import sha256_of
from pipeline.model.artifact import load_model
from pipeline.recognise.labelled import Labelled, Read, read_labelled
from pipeline.recognise.predict import Answer, predict
from pipeline.threads import using_threads
from pipeline.types import Artifact


class Reader(NamedTuple):
    """What a worker needs to know of a model."""

    path: Path  # where workers find it, too
    sha256: str


def predict_on(
    spec: str, paths: Iterable[Path], model: Path, *, single: bool = False
) -> Iterator[Answer | ScrawlError]:
    """Yield what `pipeline.recognise.predict.predict` yields, each file read by a worker of a cluster.

    The files, and the model's, must be there under the same names for each worker.

    Raises ScrawlError if there is no cluster, or none is left; see `pipeline.cluster.connect.connected`.
    """
    reader = Reader(model.resolve(), sha256_of(model))
    with connected(spec) as client, errors_of(spec, "Begin again once that is mended."):
        task = functools.partial(answers_for, reader, single=single)
        for answers in spread(client, task, paths):
            yield from answers


@contextlib.contextmanager
def reading_on(spec: str, model: Path) -> Iterator[Read]:
    """Give what reads files of labelled drawings, each on a worker; see `predict_on`."""
    reader = Reader(model.resolve(), sha256_of(model))
    with connected(spec) as client, errors_of(spec, "Begin again once that is mended."):
        yield functools.partial(spread, client, functools.partial(labelled_in, reader))


def labelled_in(reader: Reader, path: Path) -> Labelled:
    """Return the drawings of a file; this is what runs on a worker."""
    with worker_named():
        return read_labelled(path, _loaded(reader))


def answers_for(reader: Reader, path: Path, *, single: bool) -> list[Answer | ScrawlError]:
    """Return the answers for a file; this is what runs on a worker."""
    with using_threads(1), worker_named():
        return list(predict([path], _loaded(reader), single=single))


@functools.lru_cache(maxsize=1)
def _loaded(reader: Reader) -> Artifact:
    """Return the model, read once in each worker; raise ScrawlError, which names the worker, if it is another there."""
    if sha256_of(reader.path) != reader.sha256:
        raise ScrawlError(f"{name_of_worker()}: {reader.path}: expected the model that is used here, found another.")
    return load_model(reader.path)
