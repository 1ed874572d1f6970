"""A trained network as a file to hand on."""

from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.model.artifact import load_model, save_model
from pipeline.model.storage import BITS
from pipeline.types import Json


def export(
    model: Path, out: Path, bits: int = 32, temperature: float | None = None, *, overwrite: bool = False
) -> Json:
    """Write a network to a file of its own, in so many bits a weight; return what `export` prints as JSON.

    A temperature takes the place of the network's own: one that was trained on all rows has none left to fit it on, but
    can take that of a run alike with some held out.

    Raises ConfigError if there is a file already that may not be replaced, or nothing is stored in so many bits;
    ArtifactError if the network can't be read, or a weight is too large for float16; OutputError if the file can't be
    written; what was there is untouched.
    """
    if bits not in BITS:
        raise ConfigError(f"--bits: expected {', '.join(map(str, BITS[:-1]))} or {BITS[-1]}; found {bits}.")
    if out.exists() and not overwrite:
        raise ConfigError(f"{out}: is there already. Replace it by --overwrite, or name another file by --out.")
    artifact = load_model(model)
    if temperature is not None:
        artifact = artifact._replace(temperature=temperature)
    save_model(out, artifact, bits)
    parameters = sum(array.size for params in artifact.members for layer in params for array in layer)
    return {
        "model": str(out),
        "bytes": out.stat().st_size,
        "parameters": parameters,
        "bits": bits,
        "temperature": artifact.temperature,
    }
