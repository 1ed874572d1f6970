"""How many threads the kernels may use."""

import contextlib
from collections.abc import Iterator

from pipeline.errors import ConfigError


def available_threads() -> int:
    """Return how many threads numba was started with: the machine's cores, unless the environment says otherwise."""
    import numba  # noqa: PLC0415 -- costs half a second, which `--help` should not pay

    return int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined] # made at run time


@contextlib.contextmanager
def using_threads(count: int | None = None) -> Iterator[int]:
    """Run the block's kernels on `count` threads, or all of them for None.

    The setting belongs to the thread that asks for it: enter this where the kernels are called.

    Raises ConfigError if there are not so many.
    """
    import numba  # noqa: PLC0415 -- as above

    highest = available_threads()
    wanted = highest if count is None else count
    if not 1 <= wanted <= highest:
        raise ConfigError(f"--threads: expected 1 to {highest}, which is what this machine offers; found {wanted}.")
    before = numba.get_num_threads()
    numba.set_num_threads(wanted)
    try:
        yield wanted
    finally:
        numba.set_num_threads(before)
