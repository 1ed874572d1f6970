"""What is asked of a sweep, and how to ask for the rest of it."""

from pathlib import Path

from pipeline.sweep.request import SweepRequest, command_to_go_on


def test_the_command_to_go_on_asks_for_the_same() -> None:
    request = SweepRequest(Path("my sweep"), Path("rows"), Path("sweep.toml"))
    command = "python cli.py sweep --resume --config sweep.toml --data rows --out 'my sweep'"
    assert command_to_go_on(request, None) == command
    more = request._replace(trials=7, memory=5000, cluster="local:2")
    expected = command.replace("--data", "--trials 7 --storage sqlite:///a.db --cluster local:2 --memory 5000 --data")
    assert command_to_go_on(more, "sqlite:///a.db") == expected
