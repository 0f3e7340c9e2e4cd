"""All parameters in a row, for the reference, the schema and the checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from sim.office.parameters.bounds import in_words
from sim.office.parameters.fields import Group, Range
from sim.office.parameters.root import Scenario

NOT_GIVEN = PydanticUndefined


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as the reference shows it.

    Attributes
    ----------
    path : str
        Dotted; ``[]`` stands for each member of a list.
    default : object
        As a file would say it; `NOT_GIVEN` if every member of the list has to give it.
    bounds : str
        In words.
    plausible : (low, high) or None
    unit, source, en, zh : str
    """

    path: str
    default: Any
    bounds: str
    plausible: Range | None
    unit: str
    source: str
    en: str
    zh: str


@cache
def all_parameters() -> tuple[Parameter, ...]:
    """Return every parameter of a scenario, in the order of the definitions."""
    return tuple(_members(Scenario, "", None, None))


def keys_of(model: type[Group]) -> dict[str, FieldInfo]:
    """Return the parameters of a group by their names in a file."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def facts(info: FieldInfo) -> dict[str, Any]:
    """Return what `param` noted of a parameter besides its default and bounds."""
    return dict(info.json_schema_extra) if isinstance(info.json_schema_extra, dict) else {}


def _members(model: type[Group], prefix: str, default: Group | None, owner: FieldInfo | None) -> Iterator[Parameter]:
    """Yield the parameters of a group; a group used in several places is explained by its owner."""
    values = default.model_dump(mode="json", by_alias=True) if default is not None else {}
    owner_note = facts(owner) if owner else {}
    plausible = owner_note.get("plausible", {})
    for (key, info), name in zip(keys_of(model).items(), model.model_fields, strict=True):
        note = facts(info)
        inner = info.default
        if isinstance(inner, Group):
            inner = getattr(default, name, inner)
            yield from _members(type(inner), f"{prefix}{key}.", inner, info)
            continue
        shared = owner is not None and "source" not in note
        yield Parameter(
            path=prefix + key,
            default=values.get(key, info.default),
            bounds=in_words(info),
            plausible=plausible.get(key, note.get("plausible")),
            unit=note.get("unit", ""),
            source=owner_note.get("source", "") if shared else note.get("source", ""),
            en=f"{owner.description}: {info.description}" if shared and owner else info.description or "",
            zh=f"{owner_note['zh']}：{note['zh']}" if shared else note["zh"],
        )
        listed = get_origin(info.annotation) is tuple
        for part in get_args(info.annotation) if listed else ():
            if isinstance(part, type) and issubclass(part, Group):
                yield from _members(part, f"{prefix}{key}[].", None, None)
