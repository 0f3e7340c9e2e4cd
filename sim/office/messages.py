"""Validation errors in plain words, and the ranges of a parameter found by its path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from annotated_types import MaxLen, MinLen
from pydantic import ValidationError

from sim.office.parameters.bounds import first, inner_type, length, limits, peeled
from sim.office.parameters.fields import Group
from sim.office.parameters.listing import all_parameters, keys_of
from sim.office.problems import nearest, shown

Key = str | int
Path = tuple[Key, ...]
Found = tuple[Path, str, bool]
"""Path, message, and whether it is about the key rather than the value."""

KEY = "[key]"
"""How the validator marks that a key of a mapping, not its value, is wrong."""


def annotation_at(model: type[Group], path: Path) -> tuple[Any, list[Any]]:
    """Return the type that belongs at `path`, and its constraints."""
    kind: Any = model
    constraints: list[Any] = []
    for step in path:
        if isinstance(kind, type) and issubclass(kind, Group):
            info = keys_of(kind).get(str(step))
            outer, constraints = (info.annotation, list(info.metadata)) if info else (None, [])
        else:
            outer, constraints = inner_type(kind), []
        kind, more = peeled(outer)
        constraints += more
    return kind, constraints


def problems_of(error: ValidationError, model: type[Group]) -> Iterator[Found]:
    """Translate what the validator found."""
    for item in error.errors(include_url=False):
        path: Path = tuple(item["loc"])
        about_key = bool(path) and path[-1] == KEY
        if about_key:
            path = path[:-1]
        kind, context, value = item["type"], item.get("ctx", {}), item["input"]
        if kind == "plain":
            for at, text in context["found"]:
                yield (*path, *at), text, about_key
        elif kind == "extra_forbidden":
            owner, _ = annotation_at(model, path[:-1])
            yield path, f"there is no such parameter; {_meant(str(path[-1]), owner)}", True
        elif kind == "missing":
            yield path, "is missing; add it", False
        elif kind == "literal_error":
            yield path, f"must be one of {context['expected'].replace(' or ', ', ')}, not {shown(value)}", about_key
        elif kind in ("too_short", "too_long"):
            constraints = annotation_at(model, path)[1]
            low, high = first(constraints, MinLen, "min_length") or 0, first(constraints, MaxLen, "max_length")
            # The validator counts only the values that are right; those that are not speak for themselves.
            if not low <= len(value) <= (len(value) if high is None else high):
                yield path, f"must have {length(constraints, len(value))}, not {len(value)}", about_key
        elif kind in ("greater_than_equal", "less_than_equal", "greater_than"):
            yield path, f"must be {limits(annotation_at(model, path)[1])}, not {shown(value)}", about_key
        elif kind in ("tuple_type", "list_type"):
            yield path, f"must be a list, not {shown(value)}; write [..., ...] or lines that begin with '- '", about_key
        elif kind in ("model_type", "dict_type", "model_attributes_type"):
            yield path, f"must be a mapping (lines of 'key: value' below it), not {shown(value)}", about_key
        else:
            yield path, f"{item['msg'][:1].lower()}{item['msg'][1:]}, not {shown(value)}", about_key


def _meant(key: str, owner: type[Group]) -> str:
    """Return what an unknown key may mean: one like it here, the very one elsewhere, or all that are here."""
    here = nearest(key, keys_of(owner))
    elsewhere = [parameter.path for parameter in all_parameters() if parameter.path.endswith(f".{key}")]
    return f"did you mean {elsewhere[0]!r}?" if here.startswith("possible") and elsewhere else here
