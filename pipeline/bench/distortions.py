"""What it costs that every epoch sees its images distorted anew, and filters their edges."""

from collections.abc import Iterable

import numpy as np

from pipeline.bench.data import Work
from pipeline.bench.registry import SCRAWL
from pipeline.bench.rows import Row
from pipeline.bench.scrawl_system import found_edges
from pipeline.bench.timing import Contender, summary, time_in_turns
from pipeline.train.augment import DISTORTION, Augmentation, augmented
from pipeline.types import Json

SHAPE = (28, 28)


def distortion_json(work: Work, rows: Iterable[Row], runs: int) -> Json:
    """Return how long distorting an epoch's images takes, on the threads that kernels may use.

    Parameters
    ----------
    work : Work
    rows : iterable of Row
        Figures of the same run; the epochs among them, of as many images as they are, take their share.
    runs : int
        To take the median of.

    Returns
    -------
    dict
        `images`, `seconds` (fastest, median, slowest), `images_per_second`, and `shares`: for each network, of the time
        that distorting and training on them take together, the share of the distorting. `edges_seconds`: how long it
        takes to find the edges of as many images.
    """
    images = Augmentation(work.features, SHAPE, DISTORTION)
    room = np.empty_like(work.features)
    distort = Contender(lambda: augmented(images, 0, 0, out=room), 1)
    seconds = summary(time_in_turns({SCRAWL: distort}, runs)[SCRAWL])
    find = Contender(lambda: found_edges(work.features, *SHAPE), 1)
    edges = summary(time_in_turns({SCRAWL: find}, runs)[SCRAWL])
    epochs = [row for row in rows if (row.system, row.operation, row.series) == (SCRAWL, "epoch", None)]
    return {
        "images": len(work.features),
        "seconds": seconds._asdict(),
        "images_per_second": len(work.features) / seconds.median,
        "edges_seconds": edges._asdict(),
        "shares": [
            {"network": row.network, "share": seconds.median / (seconds.median + row.seconds.median)} for row in epochs
        ],
    }
