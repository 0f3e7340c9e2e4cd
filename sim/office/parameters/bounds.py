"""The hard bounds of a parameter, found in its declaration and said in words."""

from __future__ import annotations

import types
from typing import Annotated, Any, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic.fields import FieldInfo

from sim.text import Message


def peeled(kind: Any) -> tuple[Any, list[Any]]:
    """Return a type without annotations and without its None, and the constraints found in them."""
    constraints: list[Any] = []
    while True:
        if get_origin(kind) is Annotated:
            kind, *more = get_args(kind)
            for item in more:
                constraints += item.metadata if isinstance(item, FieldInfo) else [item]
        elif get_origin(kind) in (Union, types.UnionType):
            kind = next(part for part in get_args(kind) if part is not type(None))
        else:
            return kind, constraints


def inner_type(kind: Any) -> Any:
    """Return the type of a list's members or of a mapping's values, None if it is neither."""
    origin = get_origin(kind)
    return get_args(kind)[1] if origin is dict else get_args(kind)[0] if origin is tuple else None


def first(constraints: list[Any], kind: type, name: str) -> Any:
    """Return the limit that a kind of constraint sets, None if there is none."""
    return next((getattr(item, name) for item in constraints if isinstance(item, kind)), None)


def limits(constraints: list[Any]) -> Message | None:
    """Return between what a number must be, in words; None if there are no bounds."""
    low, above = first(constraints, Ge, "ge"), first(constraints, Gt, "gt")
    high, below = first(constraints, Le, "le"), first(constraints, Lt, "lt")
    if low is not None and high is not None:
        return Message("between {low:,} and {high:,}", low=low, high=high)
    if above is not None and high is not None:
        return Message("above {low:,} and at most {high:,}", low=above, high=high)
    if above is not None and below is not None:
        return Message("above {low:,} and below {high:,}", low=above, high=below)
    if above is not None:
        return Message("above {low:,}", low=above)
    if low is not None:
        return Message("at least {low:,}", low=low)
    return Message("at most {high:,}", high=high) if high is not None else None


def length(constraints: list[Any], given: int | None = None) -> Message | None:
    """Return how many members there must be, in words; only the limit that `given` members break."""
    low, high = first(constraints, MinLen, "min_length") or 0, first(constraints, MaxLen, "max_length")
    if high is None and low == 0:
        return None
    if low == high:
        return Message("{number} values", number=low)
    if given is None and high is not None and low > 0:
        return Message("{low} to {high} values", low=low, high=high)
    if high is None or (given is not None and given < low):
        return Message("at least 1 value") if low == 1 else Message("at least {number} values", number=low)
    return Message("at most {number} values", number=high)


def in_words(info: FieldInfo) -> str:
    """Return the bounds of a parameter, of a list or plan also those of its members."""
    kind, constraints = peeled(info.annotation)
    constraints = [*info.metadata, *constraints]
    found = [limits(constraints), length(constraints)]
    while (inner := inner_type(kind)) is not None:
        kind, constraints = peeled(inner)
        each = limits(constraints)
        found.append(each and Message("each {limits}", limits=each))
    return ", ".join(str(each) for each in found if each)
