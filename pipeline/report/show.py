"""The one place that prints what rich has drawn."""

from typing import NamedTuple

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

from pipeline.words import JOINERS, visible


class Visible(NamedTuple):
    """A result of which nothing steers the terminal but rich's own styles, and nothing in brackets is taken for one."""

    result: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Render as rich asks for it."""
        for segment in console.render(self.result, options.update(markup=False)):
            yield segment if segment.control else segment._replace(text=visible(segment.text, keep="\n" + JOINERS))


def show(result: RenderableType, console: Console | None = None) -> None:
    """Print a result on a console, stdout by default, without cutting off what is too wide for it."""
    (console or Console(emoji=False)).print(Visible(result), crop=False)
