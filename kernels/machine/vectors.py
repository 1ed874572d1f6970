"""A numba type over LLVM's `<16 x float>`, and the parts that it is made of."""

from typing import Any, TypeAlias

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.codegen import get_host_cpu_features
from numba.extending import models, register_model

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


def number_type(dtype: Node) -> ir.Type:
    """Return what LLVM calls a dtype."""
    if isinstance(dtype, types.Integer):
        return ir.IntType(dtype.bitwidth)  # type: ignore[attr-defined] # numba's own
    return ir.FloatType() if dtype == types.float32 else ir.DoubleType()


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    """How LLVM holds it: an array of parts, each of which it can keep in a register."""

    def __init__(self, manager: Node, kind: Vector) -> None:
        super().__init__(manager, kind, ir.ArrayType(ir.VectorType(number_type(kind.dtype), LANES), kind.parts))  # type: ignore[no-untyped-call] # numba's own


def int64(value: int) -> ir.Constant:
    """Return a whole number as LLVM has it."""
    return ir.Constant(ir.IntType(64), value)


def splat(builder: Node, value: Node) -> Node:
    """Return one part with `value` in every lane."""
    kind, lanes = ir.VectorType(value.type, LANES), ir.VectorType(ir.IntType(32), LANES)
    undefined = ir.Constant(kind, ir.Undefined)
    single = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(single, undefined, ir.Constant(lanes, [0] * LANES))


def unpacked(builder: Node, vector: Node) -> list[Node]:
    """Return a vector's parts."""
    return [builder.extract_value(vector, i) for i in range(vector.type.count)]


def packed(builder: Node, parts: list[Node]) -> Node:
    """Return the vector of these parts."""
    vector = ir.Constant(ir.ArrayType(parts[0].type, len(parts)), ir.Undefined)
    for i, part in enumerate(parts):
        vector = builder.insert_value(vector, part, i)
    return vector


def address_of(context: Node, builder: Node, kind: Node, array: Node, index: Node) -> Node:
    """Return the address of `array[index]`."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index], inbounds=True)


def parts_at(builder: Node, address: Node, part: ir.Type, count: int) -> list[Node]:
    """Return the addresses of `count` parts that lie one after the other."""
    first = builder.bitcast(address, part.as_pointer())
    return [builder.gep(first, [int64(i)], inbounds=True) for i in range(count)]


def load_parts(builder: Node, address: Node, kind: ir.ArrayType) -> Node:
    """Return the vector at an address; no more than a number's own alignment is taken for granted."""
    places = parts_at(builder, address, kind.element, kind.count)
    return packed(builder, [builder.load(place, align=bytes_of(kind.element)) for place in places])


def store_parts(builder: Node, address: Node, parts: list[Node]) -> None:
    """Write the parts one after the other, likewise."""
    for part, place in zip(parts, parts_at(builder, address, parts[0].type, len(parts)), strict=True):
        builder.store(part, place, align=bytes_of(part.type))


def bytes_of(part: ir.VectorType) -> int:
    """Return the size of one number."""
    if isinstance(part.element, ir.IntType):
        return int(part.element.width) // 8
    return 4 if isinstance(part.element, ir.FloatType) else 8


def call_llvm(builder: Node, name: str, arguments: list[Node]) -> Node:
    """Return LLVM's own function of one part or several."""
    kind = arguments[0].type
    signature = ir.FunctionType(kind, [kind] * len(arguments))
    symbol = f"llvm.{name}.v{LANES}f{8 * bytes_of(kind)}"
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, symbol), arguments)  # type: ignore[no-untyped-call] # numba's own


def fma_parts(builder: Node, triples: list[list[Node]]) -> Node:
    """Return the vector of the parts `a b + c`: in one instruction, if the processor has it."""
    return packed(builder, [call_llvm(builder, "fmuladd", triple) for triple in triples])
