"""`python -m gui`: the drawing board."""

from pipeline.signals import end_on_signals, ignore_signals

if __name__ == "__main__":
    end_on_signals()  # before the imports below, which take a while

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from gui.window.app import run
from pipeline.environment import check_environment
from pipeline.errors import ScrawlError
from pipeline.words import line


class Parser(argparse.ArgumentParser):
    """A parser whose errors quote arguments in a way that can be printed."""

    def error(self, message: str) -> NoReturn:
        """End the program with what is wrong."""
        super().error(line(message))


def main(arguments: list[str] | None = None) -> int:
    """Open the board; return the exit code."""
    parser = Parser(prog="python -m gui", description="A board to draw digits on, read as you draw.")
    parser.add_argument(
        "--model", type=Path, help="a trained network; by default your last run's, or else the bundled one"
    )
    given = parser.parse_args(arguments)
    try:
        check_environment()
        return run(given.model, _say)
    except ScrawlError as error:
        _say(f"error: {error}")
        return error.exit_code


def _say(text: str) -> None:
    """Print a line for people to stderr, which a program without a terminal may lack on Windows."""
    if sys.stderr is not None:
        sys.stderr.write(f"{line(text)}\n")


if __name__ == "__main__":
    code = main()
    ignore_signals()  # the work is done
    sys.exit(code)
