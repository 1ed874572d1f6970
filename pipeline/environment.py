"""What a person has set for numba in the environment, tried before anything relies on it."""

import os
import textwrap
import warnings
from collections.abc import Mapping

from pipeline.errors import ConfigError
from pipeline.threads import available_threads

PREFIX = "NUMBA_"
HARMLESS = {"NUMBA_CACHE_DIR", "NUMBA_DISABLE_JIT=0", "NUMBA_DISABLE_JIT=1", "NUMBA_OPT=2"}
"""Settings that can't keep numba from starting: whoever has no others waits for no import. The last is
`kernels.machine.jit`'s own, which every process that it starts inherits."""
MOST_THREADS = 1024
"""More than any machine here has cores; a million threads would end the process without a word."""


def check_environment(environment: Mapping[str, str] = os.environ) -> None:
    """Start the kernels, if the environment holds settings for numba.

    Raises ConfigError if numba does not take one of them.
    """
    settings = {
        name: value
        for name, value in environment.items()
        if name.startswith(PREFIX) and HARMLESS.isdisjoint({name, f"{name}={value}"})
    }
    if not settings:
        return
    if any(feature[:1] not in "+-" for feature in settings.get("NUMBA_CPU_FEATURES", "").split(",")):
        raise refusal(settings, "NUMBA_CPU_FEATURES: expected features such as +avx2,-fma")  # LLVM would abort
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", "Environment variable")  # numba takes a default, and prints a traceback
            from kernels.machine import jit  # noqa: F401, PLC0415 -- its import reads the settings and starts the threads
        threads = available_threads()
    except (ValueError, RuntimeError, Warning) as error:
        raise refusal(settings, str(error).partition("\nThe parse failed")[0]) from error
    if threads > MOST_THREADS:
        raise refusal(settings, f"NUMBA_NUM_THREADS: expected 1 to {MOST_THREADS}; found {threads}")


def refusal(settings: Mapping[str, str], reason: str) -> ConfigError:
    """Return the error that names the one setting that the reason names, or else all that there are."""
    named = [name for name in settings if name in reason] or sorted(settings)
    shown = ", ".join(f"{name}={textwrap.shorten(settings[name], 60)}" for name in named)
    short = textwrap.shorten(reason, 300).rstrip(".")
    return ConfigError(
        f"{shown} in the environment: numba can't start: {short}. Unset the variable, or mend its value."
    )
