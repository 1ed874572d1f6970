"""A trained network as a file to hand on."""

from pathlib import Path
from typing import NamedTuple

from pipeline.errors import ConfigError
from pipeline.model.artifact import load_model, save_model
from pipeline.model.storage import BITS
from pipeline.types import Json


class ExportRequest(NamedTuple):
    """What is to be written where."""

    model: Path
    out: Path
    bits: int = 32  # 32, 16 or 8, of each weight in the new file: see `pipeline.model.storage`
    # Takes the place of the network's own: one that was trained on all rows has none left to fit it on, but can take
    # that of a run alike with some held out.
    temperature: float | None = None
    overwrite: bool = False


def export(request: ExportRequest) -> Json:
    """Write a network to a file of its own; return what `export` prints as JSON.

    Raises ConfigError if there is a file already that may not be replaced, or nothing is stored in so many bits;
    ArtifactError if the network can't be read, or a weight is too large for float16; OutputError if the file can't be
    written; what was there is untouched.
    """
    if request.bits not in BITS:
        raise ConfigError(f"--bits: expected {', '.join(map(str, BITS[:-1]))} or {BITS[-1]}; found {request.bits}.")
    if request.out.exists() and not request.overwrite:
        raise ConfigError(f"{request.out}: is there already. Replace it by --overwrite, or name another file by --out.")
    artifact = load_model(request.model)
    if request.temperature is not None:
        artifact = artifact._replace(temperature=request.temperature)
    save_model(request.out, artifact, request.bits)
    parameters = sum(array.size for params in artifact.members for layer in params for array in layer)
    return {
        "model": str(request.out),
        "bytes": request.out.stat().st_size,
        "parameters": parameters,
        "bits": request.bits,
        "temperature": artifact.temperature,
    }
