"""A numba type over LLVM's `<16 x float>`, and the code that numba emits for what is done to it.

What the compiler alone runs is here. What each operation means stands in `kernels.machine.simd`, which
`tests/kernels/machine/test_simd.py` compares with what this leads to, on processors with wide registers and with narrow
ones.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic, models, register_model

Node: TypeAlias = Any
"""A type, value or builder that numba and llvmlite hand over; neither says of what class."""


def has_wide_registers() -> bool:
    """Tell whether numba compiles for a processor with AVX-512: 32 registers of 16 numbers."""
    if numba.config.CPU_NAME:  # type: ignore[attr-defined] # made at run time
        return False
    features = numba.config.CPU_FEATURES or get_host_cpu_features()  # type: ignore[attr-defined, no-untyped-call] # likewise
    return "+avx512f" in features


LANES = 16
"""Numbers in a part: a register of AVX-512, or a line of the cache, in float32."""


class Vector(types.Type):
    """The type of `parts` times 16 numbers of one dtype."""

    def __init__(self, dtype: Node, parts: int) -> None:
        self.dtype, self.parts = dtype, parts
        super().__init__(name=f"Vector({dtype}, {parts})")


def _number_type(dtype: Node) -> ir.Type:
    """Return what LLVM calls a dtype."""
    if isinstance(dtype, types.Integer):
        return ir.IntType(dtype.bitwidth)  # type: ignore[attr-defined] # numba's own
    return ir.FloatType() if dtype == types.float32 else ir.DoubleType()


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    """How LLVM holds it: an array of parts, each of which it can keep in a register."""

    def __init__(self, manager: Node, kind: Vector) -> None:
        super().__init__(manager, kind, ir.ArrayType(ir.VectorType(_number_type(kind.dtype), LANES), kind.parts))  # type: ignore[no-untyped-call] # numba's own


def _number(value: int) -> ir.Constant:
    return ir.Constant(ir.IntType(64), value)


def _splat(builder: Node, value: Node) -> Node:
    """Return one part with `value` in every lane."""
    kind, lanes = ir.VectorType(value.type, LANES), ir.VectorType(ir.IntType(32), LANES)
    undefined = ir.Constant(kind, ir.Undefined)
    single = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(single, undefined, ir.Constant(lanes, [0] * LANES))


def _unpacked(builder: Node, vector: Node) -> list[Node]:
    """Return a vector's parts."""
    return [builder.extract_value(vector, i) for i in range(vector.type.count)]


def _packed(builder: Node, parts: list[Node]) -> Node:
    """Return the vector of these parts."""
    vector = ir.Constant(ir.ArrayType(parts[0].type, len(parts)), ir.Undefined)
    for i, part in enumerate(parts):
        vector = builder.insert_value(vector, part, i)
    return vector


def _address(context: Node, builder: Node, kind: Node, array: Node, index: Node) -> Node:
    """Return the address of `array[index]`."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index], inbounds=True)


def _parts_at(builder: Node, address: Node, part: ir.Type, count: int) -> list[Node]:
    """Return the addresses of `count` parts that lie one after the other."""
    first = builder.bitcast(address, part.as_pointer())
    return [builder.gep(first, [_number(i)], inbounds=True) for i in range(count)]


def _load_parts(builder: Node, address: Node, kind: ir.ArrayType) -> Node:
    """Return the vector at an address; no more than a number's own alignment is taken for granted."""
    places = _parts_at(builder, address, kind.element, kind.count)
    return _packed(builder, [builder.load(place, align=_bytes_of(kind.element)) for place in places])


def _store_parts(builder: Node, address: Node, parts: list[Node]) -> None:
    """Write the parts one after the other, likewise."""
    for part, place in zip(parts, _parts_at(builder, address, parts[0].type, len(parts)), strict=True):
        builder.store(part, place, align=_bytes_of(part.type))


def _bytes_of(part: ir.VectorType) -> int:
    """Return the size of one number."""
    if isinstance(part.element, ir.IntType):
        return int(part.element.width) // 8
    return 4 if isinstance(part.element, ir.FloatType) else 8


def _call(builder: Node, name: str, arguments: list[Node]) -> Node:
    """Return LLVM's own function of one part or several."""
    kind = arguments[0].type
    signature = ir.FunctionType(kind, [kind] * len(arguments))
    symbol = f"llvm.{name}.v{LANES}f{8 * _bytes_of(kind)}"
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, symbol), arguments)  # type: ignore[no-untyped-call] # numba's own


def _fma_parts(builder: Node, triples: list[list[Node]]) -> Node:
    """Return the vector of the parts `a b + c`: in one instruction, if the processor has it."""
    return _packed(builder, [_call(builder, "fmuladd", triple) for triple in triples])


@intrinsic(prefer_literal=True)
def broadcast(_context: Node, value: Node, parts: Node) -> tuple[Node, Callable[..., Node]]:
    """`broadcast(value, parts)`: a shuffle of one lane into all."""

    def codegen(_context: Node, builder: Node, signature: Node, arguments: Node) -> Node:
        return _packed(builder, [_splat(builder, arguments[0])] * signature.return_type.parts)

    return Vector(value, parts.literal_value)(value, parts), codegen


@intrinsic(prefer_literal=True)
def broadcast_like(_context: Node, value: Node, vector: Node) -> tuple[Node, Callable[..., Node]]:
    """`broadcast_like(value, vector)`: likewise, the value converted first."""

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        number = context.cast(builder, arguments[0], value, vector.dtype)
        return _packed(builder, [_splat(builder, number)] * vector.parts)

    return vector(value, vector), codegen


@intrinsic(prefer_literal=True)
def repeat(_context: Node, vector: Node, times: Node) -> tuple[Node, Callable[..., Node]]:
    """`repeat(vector, times)`: the same parts again."""

    def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        return _packed(builder, _unpacked(builder, arguments[0]) * times.literal_value)

    return Vector(vector.dtype, vector.parts * times.literal_value)(vector, times), codegen


@intrinsic(prefer_literal=True)
def load(_context: Node, array: Node, index: Node, parts: Node) -> tuple[Node, Callable[..., Node]]:
    """`load(array, index, parts)`: a load for each part."""

    def codegen(context: Node, builder: Node, signature: Node, arguments: Node) -> Node:
        address = _address(context, builder, array, *arguments[:2])
        return _load_parts(builder, address, context.get_value_type(signature.return_type))

    return Vector(array.dtype, parts.literal_value)(array, index, parts), codegen


@intrinsic(prefer_literal=True)
def load_rows(_context: Node, array: Node, index: Node, stride: Node) -> tuple[Node, Callable[..., Node]]:
    """`load_rows(array, index, stride)`: a load for each of 16 rows."""
    square = Vector(array.dtype, LANES)

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        kind = ir.ArrayType(context.get_value_type(square).element, 1)
        parts = []
        for row in range(LANES):
            start = builder.add(arguments[1], builder.mul(arguments[2], _number(row)))
            address = _address(context, builder, array, arguments[0], start)
            parts += _unpacked(builder, _load_parts(builder, address, kind))
        return _packed(builder, parts)

    return square(array, index, stride), codegen


@intrinsic(prefer_literal=True)
def load_like(_context: Node, array: Node, index: Node, vector: Node) -> tuple[Node, Callable[..., Node]]:
    """`load_like(array, index, vector)`: likewise."""

    def codegen(context: Node, builder: Node, signature: Node, arguments: Node) -> Node:
        address = _address(context, builder, array, *arguments[:2])
        return _load_parts(builder, address, context.get_value_type(signature.return_type))

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
        return _packed(builder, [cast(value, part) for value in _unpacked(builder, arguments[0])])

    return result(vector, array), codegen


@intrinsic(prefer_literal=True)
def prefetch(_context: Node, array: Node, index: Node) -> tuple[Node, Callable[..., Node]]:
    """`prefetch(array, index)`: LLVM's own."""

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        word, byte = ir.IntType(32), ir.IntType(8).as_pointer()
        signature = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        function = cgutils.get_or_insert_function(builder.module, signature, "llvm.prefetch.p0")  # type: ignore[no-untyped-call] # numba's own
        address = builder.bitcast(_address(context, builder, array, *arguments), byte)
        # To be read, to stay in every cache, and data.
        builder.call(function, [address, ir.Constant(word, 0), ir.Constant(word, 3), ir.Constant(word, 1)])
        return context.get_dummy_value()

    return types.void(array, index), codegen


@intrinsic(prefer_literal=True)
def store(_context: Node, array: Node, index: Node, vector: Node) -> tuple[Node, Callable[..., Node]]:
    """`store(array, index, vector)`: a store for each part."""

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        _store_parts(builder, _address(context, builder, array, *arguments[:2]), _unpacked(builder, arguments[2]))
        return context.get_dummy_value()

    return types.void(array, index, vector), codegen


@intrinsic(prefer_literal=True)
def store_rows(
    _context: Node, array: Node, index: Node, stride: Node, vector: Node, parts: Node
) -> tuple[Node, Callable[..., Node]]:
    """`store_rows(array, index, stride, vector, parts)`: likewise, row by row."""

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        values, count = _unpacked(builder, arguments[3]), parts.literal_value
        for row in range(len(values) // count):
            start = builder.add(arguments[1], builder.mul(arguments[2], _number(row)))
            address = _address(context, builder, array, arguments[0], start)
            _store_parts(builder, address, values[row * count : (row + 1) * count])
        return context.get_dummy_value()

    return types.void(array, index, stride, vector, parts), codegen


def _elementwise(instruction: str) -> Node:
    """Return the intrinsic that applies one of LLVM's instructions to every pair of numbers."""

    @intrinsic(prefer_literal=True)
    def operation(_context: Node, a: Node, b: Node) -> tuple[Node, Callable[..., Node]]:
        def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
            pairs = zip(*(_unpacked(builder, vector) for vector in arguments), strict=True)
            return _packed(builder, [getattr(builder, instruction)(*pair) for pair in pairs])

        return a(a, b), codegen

    return operation


add, subtract, multiply, divide = map(_elementwise, ("fadd", "fsub", "fmul", "fdiv"))


@intrinsic(prefer_literal=True)
def maximum(_context: Node, a: Node, b: Node) -> tuple[Node, Callable[..., Node]]:
    """`maximum(a, b)`: a comparison and a choice, which processors do in one instruction."""

    def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        pairs = zip(*(_unpacked(builder, vector) for vector in arguments), strict=True)
        return _packed(builder, [builder.select(builder.fcmp_ordered(">", *pair), *pair) for pair in pairs])

    return a(a, b), codegen


@intrinsic(prefer_literal=True)
def sqrt(_context: Node, vector: Node) -> tuple[Node, Callable[..., Node]]:
    """`sqrt(vector)`: LLVM's own, part by part."""

    def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        return _packed(builder, [_call(builder, "sqrt", [part]) for part in _unpacked(builder, arguments[0])])

    return vector(vector), codegen


@intrinsic(prefer_literal=True)
def flush_small(_context: Node, vector: Node, least: Node) -> tuple[Node, Callable[..., Node]]:
    """`flush_small(vector, least)`: part by part; what is not a number is kept."""

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        number = context.cast(builder, arguments[1], least, vector.dtype)
        result = []
        for part in _unpacked(builder, arguments[0]):
            large = builder.fcmp_unordered(">=", _call(builder, "fabs", [part]), _splat(builder, number))
            result.append(builder.select(large, part, ir.Constant(part.type, None)))
        return _packed(builder, result)

    return vector(vector, least), codegen


@intrinsic(prefer_literal=True)
def fma(_context: Node, a: Node, b: Node, c: Node) -> tuple[Node, Callable[..., Node]]:
    """`fma(a, b, c)`: LLVM's own, part by part."""

    def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        triples = zip(*(_unpacked(builder, vector) for vector in arguments), strict=True)
        return _fma_parts(builder, [list(triple) for triple in triples])

    return c(a, b, c), codegen


def _differs_from_zero(builder: Node, part: Node) -> Node:
    """Return a bit for each lane."""
    zero = ir.Constant(part.type, None)
    if isinstance(part.type.element, ir.IntType):
        return builder.icmp_unsigned("!=", part, zero)
    return builder.fcmp_unordered("!=", part, zero)


def _gathered(builder: Node, part: Node, mask: Node) -> Node:
    """Return a part's chosen numbers, one after the other: each is written, and the next one over it if it is not one.

    LLVM's own expansion of its `vector.csr_of` crashed on processors without the instruction (LLVM 22).
    """
    word = ir.IntType(64)
    room = cgutils.alloca_once(builder, ir.ArrayType(part.type.element, LANES))  # type: ignore[no-untyped-call] # numba's own
    builder.store(ir.Constant(room.type.pointee, None), room)
    place = _number(0)
    for lane in range(LANES):
        index = ir.Constant(ir.IntType(32), lane)
        target = builder.gep(room, [_number(0), place], inbounds=True)
        kept = builder.extract_element(mask, index)
        builder.store(builder.select(kept, builder.extract_element(part, index), builder.load(target)), target)
        place = builder.add(place, builder.zext(kept, word))
    return builder.load(builder.bitcast(room, part.type.as_pointer()), align=_bytes_of(part.type))


@intrinsic(prefer_literal=True)
def count_nonzero(_context: Node, vector: Node) -> tuple[Node, Callable[..., Node]]:
    """`count_nonzero(vector)`: the bits of a comparison, as a number whose ones are counted."""

    def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        half, total = ir.IntType(16), _number(0)
        for part in _unpacked(builder, arguments[0]):
            bits = builder.bitcast(_differs_from_zero(builder, part), half)
            total = builder.add(total, builder.zext(builder.ctpop(bits), ir.IntType(64)))
        return total

    return types.int64(vector), codegen


@intrinsic(prefer_literal=True)
def compress(_context: Node, vector: Node, condition: Node) -> tuple[Node, Callable[..., Node]]:
    """`compress(vector, condition)`: one instruction, where there is one, else number by number."""

    def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        (part,), (other,) = (_unpacked(builder, argument) for argument in arguments)
        mask, kind = _differs_from_zero(builder, other), part.type
        if not has_wide_registers() or {_bytes_of(kind), _bytes_of(other.type)} != {4}:
            return _packed(builder, [_gathered(builder, part, mask)])
        signature = ir.FunctionType(kind, [kind, mask.type, kind])
        letter = "i" if isinstance(kind.element, ir.IntType) else "f"
        symbol = f"llvm.experimental.vector.compress.v{LANES}{letter}32"
        function = cgutils.get_or_insert_function(builder.module, signature, symbol)  # type: ignore[no-untyped-call] # numba's own
        return _packed(builder, [builder.call(function, [part, mask, ir.Constant(kind, None)])])

    return vector(vector, condition), codegen


@intrinsic(prefer_literal=True)
def iota(_context: Node, array: Node, start: Node) -> tuple[Node, Callable[..., Node]]:
    """`iota(array, start)`: a constant, and `start` in every lane."""
    result = Vector(array.dtype, 1)

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        kind = context.get_value_type(result).element
        first = _splat(builder, context.cast(builder, arguments[1], start, array.dtype))
        return _packed(builder, [builder.add(first, ir.Constant(kind, list(range(LANES))))])

    return result(array, start), codegen


@intrinsic(prefer_literal=True)
def transpose(_context: Node, vector: Node) -> tuple[Node, Callable[..., Node]]:
    """`transpose(vector)`: in four rounds, in each of which every two rows swap halves that are half as long."""

    def codegen(_context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        rows, lanes = _unpacked(builder, arguments[0]), ir.VectorType(ir.IntType(32), LANES)
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
        return _packed(builder, rows)

    return vector(vector), codegen


@intrinsic(prefer_literal=True)
def fma_outer(
    _context: Node, array: Node, index: Node, stride: Node, b: Node, c: Node
) -> tuple[Node, Callable[..., Node]]:
    """`fma_outer(array, index, stride, b, c)`: a scalar load and a broadcast for each row of the tile."""

    def codegen(context: Node, builder: Node, _signature: Node, arguments: Node) -> Node:
        factors, sums = _unpacked(builder, arguments[3]), _unpacked(builder, arguments[4])
        triples = []
        for row in range(len(sums) // len(factors)):
            place = builder.add(arguments[1], builder.mul(arguments[2], _number(row)))
            value = _splat(builder, builder.load(_address(context, builder, array, arguments[0], place)))
            triples += [[value, factor, sums[row * len(factors) + i]] for i, factor in enumerate(factors)]
        return _fma_parts(builder, triples)

    return c(array, index, stride, b, c), codegen
