"""`python -m gui`: the drawing board."""

import argparse
import json
import sys
from pathlib import Path

from pipeline.errors import ScrawlError


def main(arguments: list[str] | None = None) -> int:
    """Open the board; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m gui", description="A board to draw digits on, read as you draw.")
    parser.add_argument("--model", type=Path, help="a trained network; the one that was trained last by default")
    parser.add_argument(
        "--latency", type=int, metavar="STROKES", help="draw so many strokes, print how long the answers took, and end"
    )
    given = parser.parse_args(arguments)
    try:
        if given.latency is not None:
            from gui.window.latency import measure  # noqa: PLC0415 -- the window shall not wait for it

            sys.stdout.write(json.dumps(measure(given.model, max(given.latency, 1))) + "\n")
            return 0
        from gui.window.app import run  # noqa: PLC0415 -- `--help` needs no window

        return run(given.model)
    except ScrawlError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
