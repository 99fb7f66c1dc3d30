"""Registers of 16 floats for compiled functions, alone and in fives.

LLVM makes of them what the processor has: one register of AVX-512, two of AVX, four of NEON. Five
are held at a time since 15, the mission's second number of filters, 5, its first, and 5, the rows
of a kernel, are multiples of it. Arrays are taken as flat, and places in them are not checked.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import models, register_model

from asl_core.training.compiled import compiled, intrinsic

LANES = 16
"""Floats of a vector."""

_FLOAT = ir.FloatType()
_FLOATS = ir.VectorType(_FLOAT, LANES)


class _Vector(types.Type):  # type: ignore[misc]  # Numba has no types
    def __init__(self) -> None:
        super().__init__(name="Vector")


@register_model(_Vector)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _FLOATS)


def _pointer(context: Any, builder: Any, kind: Any, place: Any, to: Any) -> Any:
    array, at = place
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [at]), to.as_pointer())


def _in_all_lanes(builder: Any, number: Any) -> Any:
    lane, nothing = ir.IntType(32), ir.Constant(_FLOATS, ir.Undefined)
    first = builder.insert_element(nothing, number, lane(0))
    return builder.shuffle_vector(first, nothing, ir.VectorType(lane, LANES)([0] * LANES))


@intrinsic
def fill(typing: Any, number: Any) -> Any:
    """A vector of one number."""
    build = lambda context, builder, told, given: _in_all_lanes(builder, given[0])  # noqa: E731
    return _Vector()(types.float32), build


@intrinsic
def load(typing: Any, array: Any, at: Any) -> Any:
    """The 16 floats of a flat array from a place on."""

    def build(context: Any, builder: Any, told: Any, given: Any) -> Any:
        pointer = _pointer(context, builder, told.args[0], given, _FLOATS)
        return builder.load(pointer, align=4)

    return _Vector()(array, types.intp), build


@intrinsic
def store(typing: Any, array: Any, at: Any, vector: Any) -> Any:
    """Write them there."""

    def build(context: Any, builder: Any, told: Any, given: Any) -> Any:
        pointer = _pointer(context, builder, told.args[0], given[:2], _FLOATS)
        builder.store(given[2], pointer, align=4)
        return context.get_dummy_value()

    return types.none(array, types.intp, vector), build


@intrinsic
def plus(typing: Any, total: Any, vector: Any, weights: Any, at: Any) -> Any:
    """The total, plus the vector times one number of a flat array."""

    def build(context: Any, builder: Any, told: Any, given: Any) -> Any:
        pointer = _pointer(context, builder, told.args[2], given[2:], _FLOAT)
        weight, fuse = _in_all_lanes(builder, builder.load(pointer)), ("contract",)
        return builder.fadd(builder.fmul(given[1], weight, flags=fuse), given[0], flags=fuse)

    return total(total, vector, weights, types.intp), build


@intrinsic
def if_above(typing: Any, a: Any, b: Any, then: Any, otherwise: Any) -> Any:
    """In each lane `then` if a > b, else `otherwise`."""

    def build(context: Any, builder: Any, told: Any, given: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *given[:2]), *given[2:])

    return a(a, b, then, otherwise), build


@compiled
def all5(vector: Any) -> Any:
    """One vector, five times."""
    return vector, vector, vector, vector, vector


@compiled
def load5(array: Any, at: int, step: int) -> Any:
    """Five vectors of an array, a step apart."""
    return (
        load(array, at),
        load(array, at + step),
        load(array, at + 2 * step),
        load(array, at + 3 * step),
        load(array, at + 4 * step),
    )


@compiled
def plus5(totals: Any, vectors: Any, weights: Any, at: int, step: int) -> Any:
    """Each total plus its vector times a number; the numbers lie a step apart."""
    return (
        plus(totals[0], vectors[0], weights, at),
        plus(totals[1], vectors[1], weights, at + step),
        plus(totals[2], vectors[2], weights, at + 2 * step),
        plus(totals[3], vectors[3], weights, at + 3 * step),
        plus(totals[4], vectors[4], weights, at + 4 * step),
    )


@compiled
def if_above5(a: Any, b: Any, then: Any, otherwise: Any) -> Any:
    """`if_above` of each of five."""
    return (
        if_above(a[0], b[0], then[0], otherwise[0]),
        if_above(a[1], b[1], then[1], otherwise[1]),
        if_above(a[2], b[2], then[2], otherwise[2]),
        if_above(a[3], b[3], then[3], otherwise[3]),
        if_above(a[4], b[4], then[4], otherwise[4]),
    )
