"""How many threads the kernels may use; BLAS itself is held to one, so that the two do not multiply."""

import contextlib
from collections.abc import Iterator

from pipeline.errors import ConfigError


def available_threads() -> int:
    """Return how many threads numba was started with: the machine's cores, unless the environment says otherwise."""
    import numba  # noqa: PLC0415 -- costs half a second, which `--help` should not pay

    return int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined] # made at run time


@contextlib.contextmanager
def using_threads(count: int | None = None) -> Iterator[int]:
    """Run the block's kernels on `count` threads (all of them for None), and BLAS on one.

    The setting belongs to the thread that asks for it: enter this where the kernels are called.

    Raises
    ------
    ConfigError
        If there are not so many.
    """
    import numba  # noqa: PLC0415 -- as above
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 -- must come after the libraries that it limits

    highest = available_threads()
    wanted = highest if count is None else count
    if not 1 <= wanted <= highest:
        raise ConfigError(f"--threads: expected 1 to {highest}, which is what this machine offers; found {wanted}.")
    before = numba.get_num_threads()
    numba.set_num_threads(wanted)
    try:
        with threadpool_limits(1, user_api="blas"):
            yield wanted
    finally:
        numba.set_num_threads(before)
