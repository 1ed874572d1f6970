"""A trained network as a file to hand on."""

from pathlib import Path
from typing import NamedTuple

from pipeline.errors import ConfigError
from pipeline.model.artifact import load_model, save_model
from pipeline.types import Json


class ExportRequest(NamedTuple):
    """What is to be written where.

    Attributes
    ----------
    model, out : Path
        The network as it is, and the new file.
    half : bool
        Store weights and biases as float16.
    temperature : float or None
        Takes the place of the network's own: one that was trained on all rows has none left to fit it on, but can take
        that of a run alike with some held out.
    overwrite : bool
        Replace what is at `out`.
    """

    model: Path
    out: Path
    half: bool = False
    temperature: float | None = None
    overwrite: bool = False


def export(request: ExportRequest) -> Json:
    """Write a network to a file of its own; return what `export` prints as JSON.

    Raises
    ------
    ConfigError
        If there is a file already that may not be replaced.
    ArtifactError
        If the network can't be read, or a weight is too large for float16.
    OutputError
        If the file can't be written; what was there is untouched.
    """
    if request.out.exists() and not request.overwrite:
        raise ConfigError(f"{request.out}: is there already. Replace it by --overwrite, or name another file by --out.")
    artifact = load_model(request.model)
    if request.temperature is not None:
        artifact = artifact._replace(temperature=request.temperature)
    save_model(request.out, artifact, half=request.half)
    parameters = sum(array.size for params in artifact.members for layer in params for array in layer)
    return {
        "model": str(request.out),
        "bytes": request.out.stat().st_size,
        "parameters": parameters,
        "half": request.half,
        "temperature": artifact.temperature,
    }
