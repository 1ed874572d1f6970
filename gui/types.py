"""What lines on the board are made of."""

from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
"""x to the right and y downwards, in pixels of the board."""
Trace: TypeAlias = tuple[Point, ...]
"""A stroke: the places where the pen was, in order."""
Ink: TypeAlias = tuple[Trace, ...]
