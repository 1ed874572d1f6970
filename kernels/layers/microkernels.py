"""Products of small dense matrices, a tile of the result in registers at a time.

With AVX-512, a tile of 6 rows and 64 columns takes 24 registers; each step along the inner dimension loads 4 of the
right matrix and 6 numbers of the left one, for 24 fused multiply-adds: two a cycle, which is all that there is. With
narrower registers, a tile of 6 rows and 16 columns fills them just as well.

Every entry of a result is a sum in the order of the inner dimension, whatever the tile's shape: the shape is no part of
the answer. A tile that reaches over the last row reads and writes the slack there (`kernels.machine.blocks.SLACK`).
"""

from collections.abc import Callable

import numba

from kernels.functions.optimizers import StepConstants, update
from kernels.machine.blocks import block_start, blocks_in, padded
from kernels.machine.jit import jit_bare, named
from kernels.machine.simd import LANES, broadcast, fma_outer, load, repeat, store_rows
from kernels.machine.vectors import has_wide_registers
from kernels.types import Floats

STEP = 4 if has_wide_registers() or numba.config.DISABLE_JIT else 1  # type: ignore[attr-defined] # made at run time
"""Parts of a tile's rows at most; without the JIT there are no registers to fill, and all kernels are tried."""


def _multiply_kernel(rows: int, parts: int) -> Callable[..., None]:
    """Return the kernel for tiles of so many rows and parts."""

    def multiply_tiles(
        a: Floats, begin: int, end: int, inner: int,
        b: Floats, b_at: int, lanes: int, start: Floats, start_at: int, out: Floats, out_at: int,
    ) -> None:  # fmt: skip
        width = padded(inner)
        room, blocks, first = a.size // width, blocks_in(width), repeat(load(start, start_at, parts), rows)
        for i in range(begin, end, rows):
            tile, column, place = first, 0, b_at
            for block in range(blocks):
                after = block_start(width, block + 1)
                stride = after - column
                at = room * column + i * stride
                for k in range(min(after, inner) - column):
                    tile = fma_outer(a, at + k, stride, load(b, place, parts), tile)
                    place += lanes
                column = after
            store_rows(out, out_at + i * lanes, lanes, tile, parts)

    return jit_bare(named(multiply_tiles, rows, parts))


def _update_kernel(rows: int, parts: int) -> Callable[..., None]:
    """Return the kernel for tiles of so many rows and parts."""

    def update_tiles(
        x: Floats, x_at: int, units: int, known: int, batch: int,
        delta: Floats, delta_at: int, lanes: int, room: Floats,
        weight: Floats, first: Floats, second: Floats, at: int, constants: StepConstants,
    ) -> None:  # fmt: skip
        zero = repeat(broadcast(delta.dtype.type(0), parts), rows)
        for unit in range(0, known, rows):
            tile = zero
            for i in range(batch):
                tile = fma_outer(x, x_at + i * units + unit, 1, load(delta, delta_at + i * lanes, parts), tile)
            store_rows(room, 0, parts * LANES, tile, parts)
            for row in range(min(rows, known - unit)):
                grad = load(room, row * parts * LANES, parts)
                update(constants, grad, weight, first, second, at + (unit + row) * lanes)

    return jit_bare(named(update_tiles, rows, parts))


# Eight sums or more keep both multipliers of a core busy; so many rows and parts still fit its registers. Names that a
# processor with narrow registers has no use for stand for what is there: nothing else is compiled.
_multiply_1, _update_1 = (kernel(8 if STEP > 1 else 6, 1) for kernel in (_multiply_kernel, _update_kernel))
_multiply_2, _multiply_3, _multiply_4, _update_2, _update_3, _update_4 = (
    kernel(rows, parts) if STEP > 1 else narrow
    for kernel, narrow in ((_multiply_kernel, _multiply_1), (_update_kernel, _update_1))
    for rows, parts in ((8, 2), (6, 3), (6, 4))
)

TILE_ROWS = 24
"""A multiple of every tile's rows: where one thread's rows may end and another's begin."""


@jit_bare
def multiply(
    a: Floats, begin: int, end: int, inner: int,
    b: Floats, b_at: int, lanes: int, start: Floats, start_at: int, out: Floats, out_at: int,
) -> None:  # fmt: skip
    """Compute some rows of `out ← start + a · b`, for a block of columns.

    Parameters
    ----------
    a : flat array
        A matrix in blocks.
    begin, end, inner : int
        The rows that count, and how many columns there are.
    b : flat array, `b_at`, `lanes` : int
        Holds `inner` rows of `lanes` numbers, one after the other, from `b[b_at]` on.
    start : flat array, `start_at` : int
        A row of `lanes` numbers: what every row of the result starts from.
    out : flat array, `out_at` : int
        The block that the rows belong to begins at `out[out_at]`; up to 7 rows from `end` on may be written, too.
    """
    done = 0
    while done < lanes:
        parts = min((lanes - done) // LANES, STEP)
        at, bias, place = b_at + done, start_at + done, out_at + done
        if parts == 4:  # noqa: PLR2004 -- as many as the kernel takes
            _multiply_4(a, begin, end, inner, b, at, lanes, start, bias, out, place)
        elif parts == 3:  # noqa: PLR2004 -- as many as the kernel takes
            _multiply_3(a, begin, end, inner, b, at, lanes, start, bias, out, place)
        elif parts == 2:  # noqa: PLR2004 -- as many as the kernel takes
            _multiply_2(a, begin, end, inner, b, at, lanes, start, bias, out, place)
        else:
            _multiply_1(a, begin, end, inner, b, at, lanes, start, bias, out, place)
        done += parts * LANES


@jit_bare
def update_rows(
    x: Floats, x_at: int, units: int, known: int, batch: int,
    delta: Floats, delta_at: int, lanes: int, room: Floats,
    weight: Floats, first: Floats, second: Floats, at: int, constants: StepConstants,
) -> None:  # fmt: skip
    """Take a step on some rows of a weight's block of columns, along `xᵀ · δ`.

    Parameters
    ----------
    x : flat array, `x_at`, `units` : int
        The layer's input: its block for these rows begins at `x[x_at]` and has `units` columns.
    known : int
        How many of them there are rows of the weight for; the others pad.
    batch : int
    delta : flat array, `delta_at`, `lanes` : int
        The derivative by the layer's sums: its block for these columns, and how many they are.
    room : (512,) float
        Working memory.
    weight, first, second : flat arrays, `at` : int
        The first of the rows, in the block, begins at `weight[at]`; the optimizer's memory lies likewise.
    constants : StepConstants
    """
    done = 0
    while done < lanes:
        parts = min((lanes - done) // LANES, STEP)
        place, to = delta_at + done, at + done
        if parts == 4:  # noqa: PLR2004 -- as many as the kernel takes
            _update_4(x, x_at, units, known, batch, delta, place, lanes, room, weight, first, second, to, constants)
        elif parts == 3:  # noqa: PLR2004 -- as many as the kernel takes
            _update_3(x, x_at, units, known, batch, delta, place, lanes, room, weight, first, second, to, constants)
        elif parts == 2:  # noqa: PLR2004 -- as many as the kernel takes
            _update_2(x, x_at, units, known, batch, delta, place, lanes, room, weight, first, second, to, constants)
        else:
            _update_1(x, x_at, units, known, batch, delta, place, lanes, room, weight, first, second, to, constants)
        done += parts * LANES
