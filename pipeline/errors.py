"""The errors a user can meet. Each message says what, where, expected, found, and what to do."""

from typing import ClassVar


class ScrawlError(Exception):
    """Base of every error that is a person's to mend; its text is shown as it is, without a traceback."""

    exit_code: ClassVar[int] = 1


class DataError(ScrawlError):
    """The input is not what it should be, or can't be read."""


class ConfigError(ScrawlError):
    """An option or a configuration file asks for something impossible."""

    exit_code: ClassVar[int] = 2


class ArtifactError(ScrawlError):
    """A stored model, checkpoint or prepared data set is missing, damaged or of another version."""


class OutputError(ScrawlError):
    """A result can't be written: no permission, no space, or something that is in the way."""


class TrainingDiverged(ScrawlError):  # noqa: N818 -- the name says what happened; it is the design's
    """The loss or a weight became infinite or not a number."""
