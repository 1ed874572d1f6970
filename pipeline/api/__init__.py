"""Scrawl from Python: a handful of functions that stay as they are, whatever is rearranged behind them.

`load_model` and `save_model` read and write model files, `classify` answers for arrays, `train` learns from arrays, and
`read_drawing` reads pen strokes. What they are handed is checked as files are: what is wrong with it is said in a
`ScrawlError`, by which place, what was expected, what was found, and what to do. `docs/tutorial.md` shows each of them.
"""

from pipeline.api.functions import Trained, classify, load_model, read_drawing, save_model, train
from pipeline.errors import ScrawlError
from pipeline.recognise.predict import Digit
from pipeline.types import Artifact, EpochReport

__all__ = [
    "Artifact",
    "Digit",
    "EpochReport",
    "ScrawlError",
    "Trained",
    "classify",
    "load_model",
    "read_drawing",
    "save_model",
    "train",
]
