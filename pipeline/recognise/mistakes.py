"""A network's most confident mistakes as a picture."""

from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.files import write_bytes
from pipeline.recognise.evaluate import worst_mistakes
from pipeline.report.pictures import draw_worst
from pipeline.types import Artifact, Dataset, ImageShape


def write_worst(path: Path, artifact: Artifact, dataset: Dataset, count: int) -> int:
    """Draw the most confident mistakes, `count` at most; return how many there are to see.

    Raises
    ------
    ConfigError
        If the rows are no images.
    DataError
        If the rows are not of the kind that the network was trained on.
    OutputError
        If the file can't be written.
    ScrawlError
        If matplotlib is not installed, or can't draw.
    """
    shape = drawable(dataset)
    mistakes, names = worst_mistakes(artifact, dataset, count), artifact.class_names
    images = dataset.features[[mistake.row for mistake in mistakes]].reshape(-1, *shape)
    truths, guesses = [names[mistake.label] for mistake in mistakes], [names[mistake.answer] for mistake in mistakes]
    write_bytes(path, draw_worst(images, truths, guesses, [mistake.confidence for mistake in mistakes]))
    return len(mistakes)


def drawable(dataset: Dataset) -> ImageShape:
    """Return the height and width of the images that the rows are.

    Raises
    ------
    ConfigError
        If they are none.
    """
    if dataset.image_shape is None:
        raise ConfigError("--worst: expected images to draw; found a table of other features. Omit the option.")
    return dataset.image_shape
