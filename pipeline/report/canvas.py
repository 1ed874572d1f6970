"""A canvas of our own for pictures, whatever matplotlib is told elsewhere.

Needs the extra `report`. Drawn on matplotlib's own canvas and never through pyplot, which keeps global state and may
look for a window; by its own settings, and not by those of a person's matplotlibrc; without dates in the files, so that
the same figures give the same bytes.
"""

import contextlib
import importlib
import io
import logging
import os
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pipeline.errors import ScrawlError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 110
BACKEND = "MPLBACKEND"
"""The variable that names what draws in windows. Jupyter sets it for every terminal of its own, and matplotlib refuses
to be imported where what it names is not installed; our canvas needs no window."""


@contextlib.contextmanager
def drawing() -> Iterator[None]:
    """Draw by matplotlib's own settings, in quiet; whatever goes wrong in the block becomes a `ScrawlError`."""
    chosen = os.environ.pop(BACKEND, None)
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # a folder of fonts that can't be kept is nobody's concern
    try:
        matplotlib = importlib.import_module("matplotlib")
        with warnings.catch_warnings(action="ignore"), matplotlib.rc_context():
            matplotlib.rcdefaults()
            yield
    except ScrawlError:
        raise
    except ModuleNotFoundError as error:
        raise ScrawlError(f"Drawing needs {error.name}, which is not installed: pip install '.[report]'.") from error
    except Exception as error:
        raise ScrawlError(
            f"matplotlib can't draw here: {type(error).__name__}: {error}. Mend its settings, or install it anew: "
            "pip install --force-reinstall matplotlib."
        ) from error
    finally:
        if chosen is not None:
            os.environ[BACKEND] = chosen


def new_figure(width: float, height: float) -> "Figure":
    """Return an empty figure, in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 -- an extra, and slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def png_of(figure: "Figure") -> bytes:
    """Return a figure as PNG."""
    buffer = io.BytesIO()
    # The software's version would be the one thing in the file that is not of the figure.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
