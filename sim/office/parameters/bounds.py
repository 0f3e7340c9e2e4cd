"""The hard bounds of a parameter, found in its declaration and said in words."""

from __future__ import annotations

import types
from typing import Annotated, Any, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic.fields import FieldInfo


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


def limits(constraints: list[Any]) -> str:
    """Return between what a number must be, in words; empty if there are no bounds."""
    low, above, high = first(constraints, Ge, "ge"), first(constraints, Gt, "gt"), first(constraints, Le, "le")
    if low is not None and high is not None:
        return f"between {low:,} and {high:,}"
    if above is not None:
        return f"above {above:,}" + (f" and at most {high:,}" if high is not None else "")
    return f"at least {low:,}" if low is not None else f"at most {high:,}" if high is not None else ""


def length(constraints: list[Any], given: int | None = None) -> str:
    """Return how many members there must be, in words; only the limit that `given` members break."""
    low, high = first(constraints, MinLen, "min_length") or 0, first(constraints, MaxLen, "max_length")
    if high is None and low == 0:
        return ""
    if low == high:
        wanted = f"{low}"
    elif given is None:
        wanted = f"at least {low}" if high is None else f"at most {high}" if low == 0 else f"{low} to {high}"
    else:
        wanted = f"at least {low}" if given < low else f"at most {high}"
    return f"{wanted} value" if wanted.split()[-1] == "1" else f"{wanted} values"


def in_words(info: FieldInfo) -> str:
    """Return the bounds of a parameter, of a list or plan also those of its members."""
    kind, constraints = peeled(info.annotation)
    constraints = [*info.metadata, *constraints]
    texts = [limits(constraints), length(constraints)]
    while (inner := inner_type(kind)) is not None:
        kind, constraints = peeled(inner)
        texts.append(f"each {limits(constraints)}" if limits(constraints) else "")
    return ", ".join(filter(None, texts))
