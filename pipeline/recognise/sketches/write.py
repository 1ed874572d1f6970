"""The stroke file that `sketch` writes."""

import hashlib
import json
from collections import Counter
from itertools import chain
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.files import output_errors, sha256_of, stat_of, write_bytes
from pipeline.labels import NO_DIGIT
from pipeline.recognise.sketches.digits import FORMS
from pipeline.recognise.sketches.draw import Sketch, digits, non_digits
from pipeline.recognise.strokes.json_lines import drawing_to_json
from pipeline.types import Json


def write_sketches(path: Path, count: int, nondigits: int, seed: int, *, overwrite: bool = False) -> Json:
    """Write a stroke file of so many digits and non-digits, the same for the same seed; return what `sketch` prints.

    Raises ConfigError if other drawings are there, somebody's lessons perhaps, which must not be replaced, or none are
    asked for; OutputError if it can't be written; what was there is untouched.
    """
    if not count + nondigits:
        raise ConfigError("--count 0: expected drawings, digits or others; ask for some of these by --nondigits.")
    counts, lines = Counter[str](), list[str]()
    for sketch in chain(digits(count, seed), non_digits(nondigits, seed)):
        counts[sketch.kind] += 1
        lines.append(_line(sketch))
    content = "".join(lines).encode()
    with output_errors(path):
        is_other = stat_of(path) is not None and sha256_of(path) != hashlib.sha256(content).hexdigest()
    if is_other and not overwrite:
        raise ConfigError(
            f"{path}: holds other drawings already. Replace them by --overwrite, or name another file by --out."
        )
    write_bytes(path, content)
    labels = [*(sorted({label for label, _, _ in FORMS}) if count else []), *([NO_DIGIT] if nondigits else [])]
    return {"sketches": str(path), "drawings": len(lines), "labels": labels, "kinds": dict(counts), "seed": seed}


def _line(sketch: Sketch) -> str:
    """Return a sketch as a line of a stroke file."""
    beside = {"label": sketch.label, "form": sketch.form}
    return json.dumps(json.loads(drawing_to_json(sketch.drawing)) | beside, allow_nan=False) + "\n"
