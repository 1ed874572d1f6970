"""How much memory there is, and sizes as people write them."""

import re
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.files import read_whole
from pipeline.rules import shown

SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)  # no machine has more digits
SHARE = 4
"""By default, rows and what is made of them may take a quarter of what is free: other programs want to live, too."""
MAX_BYTES = 4096
"""Of a file that holds a number."""
CGROUP = Path("/sys/fs/cgroup")
"""Where Linux says what a container may take; what the machine has is no help there."""


def parse_size(text: str, source: str) -> int:
    """Return how many bytes a text such as `200MB`, `1.5 GiB` or `500000` stands for; raise ConfigError if it is none.

    As the SI has it, k, M, G and T are powers of 1,000, and Ki, Mi, Gi and Ti powers of 1,024.
    """
    found = SIZE.fullmatch(text.strip())
    if found is None or not (size := int(float(found[1]) * _unit(found[2], found[3]))):
        raise ConfigError(f"{source}: expected a size such as 200MB or 1.5GB; found {shown(text)}.")
    return size


def _unit(letter: str, binary: str) -> int:
    """Return how many bytes a unit has."""
    return int((1024 if binary else 1000) ** " kmgt".index(letter.lower() or " "))


def budget() -> int:
    """Return how many bytes of memory rows may take where nobody says: a quarter of what is free."""
    import psutil  # noqa: PLC0415 -- few commands ask

    return min(int(psutil.virtual_memory().available), _left_in_container()) // SHARE


def _left_in_container() -> int:
    """Return how many bytes a Linux container may still take; as good as no limit where there is none."""
    try:
        limit, used = (int(read_whole(CGROUP / name, MAX_BYTES)) for name in ("memory.max", "memory.current"))
    except (OSError, ValueError):  # no container, or one without a limit, which says "max"
        return 1 << 62
    return max(limit - used, 0)
