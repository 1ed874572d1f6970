"""The code that numba emits where vectors are made, loaded and stored; `kernels.machine.llvm_arithmetic` has the rest.

What the compiler alone runs is here. What each operation means stands in `kernels.machine.simd`, which
`tests/kernels/machine/test_simd.py` compares with what this leads to, on processors with wide registers and with narrow
ones.
"""

from collections.abc import Callable

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from kernels.machine.vectors import (
    LANES,
    Node,
    Vector,
    address_of,
    int64,
    load_parts,
    packed,
    splat,
    store_parts,
    unpacked,
)


@intrinsic(prefer_literal=True)
def broadcast(_context: Node, value: Node, parts: Node) -> tuple[Node, Callable[..., Node]]:
    """`broadcast(value, parts)`: a shuffle of one lane into all."""

    def codegen(_context: Node, builder: Node, signature: Node, arguments: Node) -> Node:
        return packed(builder, [splat(builder, arguments[0])] * signature.return_type.parts)

    return Vector(value, parts.literal_value)(value, parts), codegen


@intrinsic(prefer_literal=True)
def broadcast_like(_context: Node, value: Node, vector: Node) -> tuple[Node, Callable[..., Node]]:
    """`broadcast_like(value, vector)`: likewise, the value converted first."""

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        number = context.cast(builder, arguments[0], value, vector.dtype)
        return packed(builder, [splat(builder, number)] * vector.parts)

    return vector(value, vector), codegen


@intrinsic(prefer_literal=True)
def repeat(_context: Node, vector: Node, times: Node) -> tuple[Node, Callable[..., Node]]:
    """`repeat(vector, times)`: the same parts again."""

    def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        return packed(builder, unpacked(builder, arguments[0]) * times.literal_value)

    return Vector(vector.dtype, vector.parts * times.literal_value)(vector, times), codegen


@intrinsic(prefer_literal=True)
def load(_context: Node, array: Node, index: Node, parts: Node) -> tuple[Node, Callable[..., Node]]:
    """`load(array, index, parts)`: a load for each part."""

    def codegen(context: Node, builder: Node, signature: Node, arguments: Node) -> Node:
        address = address_of(context, builder, array, *arguments[:2])
        return load_parts(builder, address, context.get_value_type(signature.return_type))

    return Vector(array.dtype, parts.literal_value)(array, index, parts), codegen


@intrinsic(prefer_literal=True)
def load_rows(_context: Node, array: Node, index: Node, stride: Node) -> tuple[Node, Callable[..., Node]]:
    """`load_rows(array, index, stride)`: a load for each of 16 rows."""
    square = Vector(array.dtype, LANES)

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        kind = ir.ArrayType(context.get_value_type(square).element, 1)
        parts = []
        for row in range(LANES):
            start = builder.add(arguments[1], builder.mul(arguments[2], int64(row)))
            address = address_of(context, builder, array, arguments[0], start)
            parts += unpacked(builder, load_parts(builder, address, kind))
        return packed(builder, parts)

    return square(array, index, stride), codegen


@intrinsic(prefer_literal=True)
def load_like(_context: Node, array: Node, index: Node, vector: Node) -> tuple[Node, Callable[..., Node]]:
    """`load_like(array, index, vector)`: likewise."""

    def codegen(context: Node, builder: Node, signature: Node, arguments: Node) -> Node:
        address = address_of(context, builder, array, *arguments[:2])
        return load_parts(builder, address, context.get_value_type(signature.return_type))

    return vector(array, index, vector), codegen


@intrinsic(prefer_literal=True)
def convert(_context: Node, vector: Node, array: Node) -> tuple[Node, Callable[..., Node]]:
    """`convert(vector, array)`: zero-extended, made floating-point, or of another precision."""
    result = Vector(array.dtype, vector.parts)

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        part = context.get_value_type(result).element
        if vector.dtype == array.dtype:
            return arguments[0]
        if isinstance(vector.dtype, types.Float):
            cast = builder.fpext if vector.dtype.bitwidth < array.dtype.bitwidth else builder.fptrunc
        else:
            cast = builder.zext if isinstance(array.dtype, types.Integer) else builder.uitofp
        return packed(builder, [cast(value, part) for value in unpacked(builder, arguments[0])])

    return result(vector, array), codegen


@intrinsic(prefer_literal=True)
def prefetch(_context: Node, array: Node, index: Node) -> tuple[Node, Callable[..., Node]]:
    """`prefetch(array, index)`: LLVM's own."""

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        word, byte = ir.IntType(32), ir.IntType(8).as_pointer()
        signature = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        function = cgutils.get_or_insert_function(builder.module, signature, "llvm.prefetch.p0")  # type: ignore[no-untyped-call] # numba's own
        address = builder.bitcast(address_of(context, builder, array, *arguments), byte)
        # To be read, to stay in every cache, and data.
        builder.call(function, [address, ir.Constant(word, 0), ir.Constant(word, 3), ir.Constant(word, 1)])
        return context.get_dummy_value()

    return types.void(array, index), codegen


@intrinsic(prefer_literal=True)
def store(_context: Node, array: Node, index: Node, vector: Node) -> tuple[Node, Callable[..., Node]]:
    """`store(array, index, vector)`: a store for each part."""

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        store_parts(builder, address_of(context, builder, array, *arguments[:2]), unpacked(builder, arguments[2]))
        return context.get_dummy_value()

    return types.void(array, index, vector), codegen


@intrinsic(prefer_literal=True)
def store_rows(
    _context: Node, array: Node, index: Node, stride: Node, vector: Node, parts: Node
) -> tuple[Node, Callable[..., Node]]:
    """`store_rows(array, index, stride, vector, parts)`: likewise, row by row."""

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        values, count = unpacked(builder, arguments[3]), parts.literal_value
        for row in range(len(values) // count):
            start = builder.add(arguments[1], builder.mul(arguments[2], int64(row)))
            address = address_of(context, builder, array, arguments[0], start)
            store_parts(builder, address, values[row * count : (row + 1) * count])
        return context.get_dummy_value()

    return types.void(array, index, stride, vector, parts), codegen
