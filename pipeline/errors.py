"""The errors a user can meet. Each message says what, where, expected, found, and what to do."""

import errno
from typing import ClassVar

FAULT = "This is a fault of Scrawl, not of yours; with --debug it shows where it happened."
SMALLER = "Close other programs, or ask for less: fewer rows, narrower layers, a smaller --batch-size."
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class ScrawlError(Exception):
    """Base of every error that is a person's to mend; its text is shown as it is, without a traceback."""

    exit_code: ClassVar[int] = 1


class DataError(ScrawlError):
    """The input is not what it should be, or can't be read."""


class AnswerError(DataError):
    """A network's answer for a row is no finite number."""


class ConfigError(ScrawlError):
    """An option or a configuration file asks for something impossible."""

    exit_code: ClassVar[int] = 2


class ArtifactError(ScrawlError):
    """A stored model, checkpoint or prepared data set is missing, damaged or of another version."""


class OutputError(ScrawlError):
    """A result can't be written: no permission, no space, or something that is in the way."""


class TrainingDiverged(ScrawlError):  # noqa: N818 -- the name says what happened
    """The loss or a weight became infinite or not a number."""


def is_full(error: Exception) -> bool:
    """Tell whether an error says that standard output is full or closed."""
    return isinstance(error, OSError) and error.errno in NO_ROOM


def told(error: Exception) -> str:
    """Return what a person is told of an error that ends a command."""
    if isinstance(error, ScrawlError):
        return str(error)
    if isinstance(error, MemoryError):
        return f"not enough memory: {str(error) or 'none is left'}. {SMALLER}"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: can't be used: {error.strerror}. Check its name and its permissions."
    if isinstance(error, OSError) and is_full(error):
        return f"standard output: can't be written: {error.strerror}. Free some space where it goes."
    return f"{type(error).__name__}: {error}. {FAULT}"
