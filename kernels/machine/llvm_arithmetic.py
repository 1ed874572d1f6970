"""The code that numba emits where vectors are computed with; see `kernels.machine.llvm`."""

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
    bytes_of,
    call_llvm,
    fma_parts,
    has_wide_registers,
    int64,
    packed,
    splat,
    unpacked,
)


def _elementwise(instruction: str) -> Node:
    """Return the intrinsic that applies one of LLVM's instructions to every pair of numbers."""

    @intrinsic(prefer_literal=True)
    def operation(_context: Node, a: Node, b: Node) -> tuple[Node, Callable[..., Node]]:
        def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
            pairs = zip(*(unpacked(builder, vector) for vector in arguments), strict=True)
            return packed(builder, [getattr(builder, instruction)(*pair) for pair in pairs])

        return a(a, b), codegen

    return operation


add, subtract, multiply, divide = map(_elementwise, ("fadd", "fsub", "fmul", "fdiv"))


@intrinsic(prefer_literal=True)
def maximum(_context: Node, a: Node, b: Node) -> tuple[Node, Callable[..., Node]]:
    """`maximum(a, b)`: a comparison and a choice, which processors do in one instruction."""

    def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        pairs = zip(*(unpacked(builder, vector) for vector in arguments), strict=True)
        return packed(builder, [builder.select(builder.fcmp_ordered(">", *pair), *pair) for pair in pairs])

    return a(a, b), codegen


@intrinsic(prefer_literal=True)
def sqrt(_context: Node, vector: Node) -> tuple[Node, Callable[..., Node]]:
    """`sqrt(vector)`: LLVM's own, part by part."""

    def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        return packed(builder, [call_llvm(builder, "sqrt", [part]) for part in unpacked(builder, arguments[0])])

    return vector(vector), codegen


@intrinsic(prefer_literal=True)
def flush_small(_context: Node, vector: Node, least: Node) -> tuple[Node, Callable[..., Node]]:
    """`flush_small(vector, least)`: part by part; what is not a number is kept."""

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        number = context.cast(builder, arguments[1], least, vector.dtype)
        result = []
        for part in unpacked(builder, arguments[0]):
            large = builder.fcmp_unordered(">=", call_llvm(builder, "fabs", [part]), splat(builder, number))
            result.append(builder.select(large, part, ir.Constant(part.type, None)))
        return packed(builder, result)

    return vector(vector, least), codegen


@intrinsic(prefer_literal=True)
def fma(_context: Node, a: Node, b: Node, c: Node) -> tuple[Node, Callable[..., Node]]:
    """`fma(a, b, c)`: LLVM's own, part by part."""

    def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        triples = zip(*(unpacked(builder, vector) for vector in arguments), strict=True)
        return fma_parts(builder, [list(triple) for triple in triples])

    return c(a, b, c), codegen


def _differs_from_zero(builder: Node, part: Node) -> Node:
    """Return a bit for each lane."""
    zero = ir.Constant(part.type, None)
    if isinstance(part.type.element, ir.IntType):
        return builder.icmp_unsigned("!=", part, zero)
    return builder.fcmp_unordered("!=", part, zero)


def _gathered(builder: Node, part: Node, mask: Node) -> Node:
    """Return a part's chosen numbers, one after the other: each is written, and the next one over it if it is not one.

    LLVM's own expansion of its `vector.compress` crashed on processors without the instruction (LLVM 22).
    """
    word = ir.IntType(64)
    room = cgutils.alloca_once(builder, ir.ArrayType(part.type.element, LANES))  # type: ignore[no-untyped-call] # numba's own
    builder.store(ir.Constant(room.type.pointee, None), room)
    place = int64(0)
    for lane in range(LANES):
        index = ir.Constant(ir.IntType(32), lane)
        target = builder.gep(room, [int64(0), place], inbounds=True)
        kept = builder.extract_element(mask, index)
        builder.store(builder.select(kept, builder.extract_element(part, index), builder.load(target)), target)
        place = builder.add(place, builder.zext(kept, word))
    return builder.load(builder.bitcast(room, part.type.as_pointer()), align=bytes_of(part.type))


@intrinsic(prefer_literal=True)
def count_nonzero(_context: Node, vector: Node) -> tuple[Node, Callable[..., Node]]:
    """`count_nonzero(vector)`: the bits of a comparison, as a number whose ones are counted."""

    def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        half, total = ir.IntType(16), int64(0)
        for part in unpacked(builder, arguments[0]):
            bits = builder.bitcast(_differs_from_zero(builder, part), half)
            total = builder.add(total, builder.zext(builder.ctpop(bits), ir.IntType(64)))
        return total

    return types.int64(vector), codegen


@intrinsic(prefer_literal=True)
def compress(_context: Node, vector: Node, condition: Node) -> tuple[Node, Callable[..., Node]]:
    """`compress(vector, condition)`: one instruction, where there is one, else number by number."""

    def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        (part,), (other,) = (unpacked(builder, argument) for argument in arguments)
        mask, kind = _differs_from_zero(builder, other), part.type
        if not has_wide_registers() or {bytes_of(kind), bytes_of(other.type)} != {4}:
            return packed(builder, [_gathered(builder, part, mask)])
        signature = ir.FunctionType(kind, [kind, mask.type, kind])
        letter = "i" if isinstance(kind.element, ir.IntType) else "f"
        symbol = f"llvm.experimental.vector.compress.v{LANES}{letter}32"
        function = cgutils.get_or_insert_function(builder.module, signature, symbol)  # type: ignore[no-untyped-call] # numba's own
        return packed(builder, [builder.call(function, [part, mask, ir.Constant(kind, None)])])

    return vector(vector, condition), codegen


@intrinsic(prefer_literal=True)
def iota(_context: Node, array: Node, start: Node) -> tuple[Node, Callable[..., Node]]:
    """`iota(array, start)`: a constant, and `start` in every lane."""
    result = Vector(array.dtype, 1)

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        kind = context.get_value_type(result).element
        first = splat(builder, context.cast(builder, arguments[1], start, array.dtype))
        return packed(builder, [builder.add(first, ir.Constant(kind, list(range(LANES))))])

    return result(array, start), codegen


@intrinsic(prefer_literal=True)
def transpose(_context: Node, vector: Node) -> tuple[Node, Callable[..., Node]]:
    """`transpose(vector)`: in four rounds, in each of which every two rows swap halves that are half as long."""

    def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        rows, lanes = unpacked(builder, arguments[0]), ir.VectorType(ir.IntType(32), LANES)
        step = LANES // 2
        while step:
            # Lane j of the upper row of a pair comes from either, by the bit of j that the round is about.
            above = [j if not j & step else LANES + j - step for j in range(LANES)]
            below = [j + step if not j & step else LANES + j for j in range(LANES)]
            for i in (i for i in range(LANES) if not i & step):
                pair = rows[i], rows[i + step]
                rows[i], rows[i + step] = (
                    builder.shuffle_vector(*pair, ir.Constant(lanes, mask)) for mask in (above, below)
                )
            step //= 2
        return packed(builder, rows)

    return vector(vector), codegen


@intrinsic(prefer_literal=True)
def fma_outer(
    _context: Node, array: Node, index: Node, stride: Node, b: Node, c: Node
) -> tuple[Node, Callable[..., Node]]:
    """`fma_outer(array, index, stride, b, c)`: a scalar load and a broadcast for each row of the tile."""

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        factors, sums = unpacked(builder, arguments[3]), unpacked(builder, arguments[4])
        triples = []
        for row in range(len(sums) // len(factors)):
            place = builder.add(arguments[1], builder.mul(arguments[2], int64(row)))
            value = splat(builder, builder.load(address_of(context, builder, array, arguments[0], place)))
            triples += [[value, factor, sums[row * len(factors) + i]] for i, factor in enumerate(factors)]
        return fma_parts(builder, triples)

    return c(array, index, stride, b, c), codegen
