"""Operations on 64-bit words for which processors have an instruction and numba no name."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.extending import intrinsic


@intrinsic
def product(typing: Any, a: Any, b: Any) -> Any:
    """Return the upper and the lower 64 bits of the product of two uint64."""
    halves = types.Tuple((types.uint64, types.uint64))  # type: ignore[no-untyped-call]

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        wide, word = ir.IntType(128), ir.IntType(64)
        whole = builder.mul(builder.zext(args[0], wide), builder.zext(args[1], wide))
        upper = builder.trunc(builder.lshr(whole, ir.Constant(wide, 64)), word)
        return context.make_tuple(builder, halves, (upper, builder.trunc(whole, word)))

    return halves(types.uint64, types.uint64), generate


@intrinsic
def trailing_zeros(typing: Any, word: Any) -> Any:
    """Return the number of zero bits below the lowest one of a uint64 that is not 0."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), generate


@intrinsic
def prefetch(typing: Any, array: Any, index: Any) -> Any:
    """Have row `index` of an array brought near, without waiting for it."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = signature.args[0]
        rows = context.make_array(kind)(context, builder, args[0])
        place = cgutils.get_item_pointer(context, builder, kind, rows, [args[1]], wraparound=False)  # type: ignore[no-untyped-call]
        place = builder.bitcast(place, ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        prefetching = builder.module.declare_intrinsic(
            "llvm.prefetch", [place.type], ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
        )
        builder.call(prefetching, [place, number(0), number(3), number(1)])

    return types.void(array, index), generate


def _product(a: Any, b: Any) -> tuple[Any, Any]:
    upper, lower = divmod(int(a) * int(b), 1 << 64)
    return np.uint64(upper), np.uint64(lower)


def _trailing_zeros(word: Any) -> Any:
    return np.uint64((int(word) & -int(word)).bit_length() - 1)


def _prefetch(array: Any, index: Any) -> None:
    """Do nothing: memory is not what Python waits for."""


if config.DISABLE_JIT:  # type: ignore[attr-defined]
    # So that all can be watched step by step.
    globals().update(product=_product, trailing_zeros=_trailing_zeros, prefetch=_prefetch)
    np.seterr(over="ignore")  # words are meant to wrap around
