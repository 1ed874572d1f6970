"""Matrix products: BLAS's `gemm`, called on views without copies, in blocks that do not depend on the thread count.

`np.dot` in jitted code copies what is not contiguous and knows no `alpha` and `beta`. SciPy carries BLAS as C
functions; their addresses are given to LLVM under names of ours, so that compiled code can be kept on disk.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import llvmlite.binding
import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import get_cython_function_address, intrinsic, overload

from kernels.jit import jit, jit_parallel
from kernels.types import Floats

Node: TypeAlias = Any
"""A type, value or builder that numba and llvmlite hand over; neither says of what class."""

SYMBOLS = {types.float32: "scrawl_sgemm", types.float64: "scrawl_dgemm"}
for _symbol in SYMBOLS.values():
    llvmlite.binding.add_symbol(
        _symbol, get_cython_function_address("scipy.linalg.cython_blas", _symbol.removeprefix("scrawl_"))
    )

BLOCKS = 4
"""Into how many pieces a large product is cut: enough for four cores, and few enough that each piece runs well."""

PARALLEL_FLOPS = 16_000_000
"""Products below this take less time than waking a second thread is worth (about 100 µs of one core)."""


def gemm(a: Floats, b: Floats, out: Floats, alpha: float, beta: float) -> None:
    """Compute `out ← alpha · a @ b + beta · out` on one thread.

    This body is what runs with the JIT switched off, and the specification of what the compiled one does.

    Parameters
    ----------
    a : (m, k) float32 or float64, rows or columns contiguous: a slice or a transpose will do
    b : (k, n) of the same dtype, likewise
    out : (m, n) of the same dtype, rows contiguous
    alpha, beta : float
        With `beta` 0, `out` need not be initialised.
    """
    product = alpha * (a @ b)
    out[...] = product if beta == 0 else product + beta * out


@intrinsic
def _call_gemm(
    _context: Node, dtype: Node, flags: Node, sizes: Node, scalars: Node, pointers: Node, strides: Node
) -> tuple[Node, Callable[..., Node]]:
    """Call Fortran's `gemm(transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)`, all by reference."""
    signature = types.void(dtype, flags, sizes, scalars, pointers, strides)
    scalar = dtype.dtype

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        def unpacked(position: int) -> list[Node]:
            return list(cgutils.unpack_tuple(builder, arguments[position]))  # type: ignore[no-untyped-call] # numba's own

        def by_reference(value: Node, kind: ir.Type) -> Node:
            cell = cgutils.alloca_once(builder, kind)  # type: ignore[no-untyped-call] # numba's own are untyped
            builder.store(value, cell)
            return cell

        characters = [by_reference(builder.trunc(flag, ir.IntType(8)), ir.IntType(8)) for flag in unpacked(1)]
        counts = [by_reference(builder.trunc(size, ir.IntType(32)), ir.IntType(32)) for size in unpacked(2)]
        number = context.get_value_type(scalar)
        alpha, beta = (by_reference(value, number) for value in unpacked(3))
        a, b, c = (builder.inttoptr(address, number.as_pointer()) for address in unpacked(4))
        lda, ldb, ldc = (by_reference(builder.trunc(s, ir.IntType(32)), ir.IntType(32)) for s in unpacked(5))
        values = [*characters, *counts, alpha, a, lda, b, ldb, beta, c, ldc]
        kind = ir.FunctionType(ir.VoidType(), [value.type for value in values])
        function = cgutils.get_or_insert_function(builder.module, kind, SYMBOLS[scalar])  # type: ignore[no-untyped-call] # likewise
        builder.call(function, values)
        return context.get_dummy_value()

    return signature, codegen


@jit
def layout_of(matrix: Floats) -> tuple[int, int]:
    """Return whether the rows are contiguous, and the distance between neighbouring rows (or columns) in elements."""
    if matrix.strides[1] == matrix.itemsize:
        return True, max(matrix.strides[0] // matrix.itemsize, matrix.shape[1], 1)
    return False, max(matrix.strides[1] // matrix.itemsize, matrix.shape[0], 1)


@overload(gemm)
def _gemm(a: Floats, b: Floats, out: Floats, alpha: float, beta: float) -> Callable[..., None]:  # noqa: ARG001 -- numba's protocol
    """Give numba the compiled `gemm`.

    Fortran reads a matrix with contiguous rows as its transpose, so it is asked for `outᵀ = bᵀ aᵀ`.
    """
    plain, transposed = ord("N"), ord("T")
    dtype: Node = a.dtype

    def implementation(a: Floats, b: Floats, out: Floats, alpha: float, beta: float) -> None:
        rows_of_a, stride_of_a = layout_of(a)
        rows_of_b, stride_of_b = layout_of(b)
        _, stride_of_out = layout_of(out)
        _call_gemm(  # type: ignore[call-arg] # numba passes the typing context itself
            dtype,
            (plain if rows_of_b else transposed, plain if rows_of_a else transposed),
            (out.shape[1], out.shape[0], a.shape[1]),
            (dtype(alpha), dtype(beta)),
            (b.ctypes.data, a.ctypes.data, out.ctypes.data),
            (stride_of_b, stride_of_a, stride_of_out),
        )

    return implementation


@jit_parallel
def _gemm_by_rows(a: Floats, b: Floats, out: Floats, alpha: float, beta: float) -> None:
    """Compute `gemm`, the rows of `out` shared among threads."""
    for block in numba.prange(BLOCKS):
        start, stop = block * out.shape[0] // BLOCKS, (block + 1) * out.shape[0] // BLOCKS
        gemm(a[start:stop], b, out[start:stop], alpha, beta)


@jit_parallel
def _gemm_by_columns(a: Floats, b: Floats, out: Floats, alpha: float, beta: float) -> None:
    """Compute `gemm`, the columns of `out` shared among threads."""
    for block in numba.prange(BLOCKS):
        start, stop = block * out.shape[1] // BLOCKS, (block + 1) * out.shape[1] // BLOCKS
        gemm(a, b[:, start:stop], out[:, start:stop], alpha, beta)


@jit
def matmul(a: Floats, b: Floats, out: Floats, alpha: float, beta: float) -> None:
    """Compute `out ← alpha · a @ b + beta · out`, large products on all threads; parameters as for `gemm`.

    Where the cuts lie depends on the shapes alone, and every piece is one thread's: the result is the same to the bit
    for any number of threads, as long as BLAS itself keeps to one.
    """
    if 2.0 * out.shape[0] * out.shape[1] * a.shape[1] < PARALLEL_FLOPS:
        gemm(a, b, out, alpha, beta)
    elif out.shape[0] > out.shape[1]:
        _gemm_by_rows(a, b, out, alpha, beta)
    else:
        _gemm_by_columns(a, b, out, alpha, beta)
