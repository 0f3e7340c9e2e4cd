"""The JSON Schema of scenario files, for editors: from the same definitions as the checks."""

from __future__ import annotations

from typing import Any

from sim.office.parameters import Scenario
from sim.office.samples import GIVEN, UNITS

WHOLE = ("CallerProfile", "Surge", "Help", "GivenOutage", "DrawnOutages", "Titles", "Step", "PriorityRule")
"""Members of lists, which no parent fills in; of all others a file says only what differs."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of scenario files."""
    schema = Scenario.model_json_schema(by_alias=True, mode="validation")
    for name, group in schema["$defs"].items():
        if name not in WHOLE:
            group.pop("required", None)
        for member in group["properties"].values():
            bilingual(member)
    # A file names another one with the times in it; what it is filled in with here.
    for group in schema["$defs"].values():
        for key in GIVEN:
            if key in group["properties"]:
                group["properties"][key]["anyOf"].append({"type": "string"})
    schema["$defs"]["Sample"]["properties"] |= {
        "column": {"type": "string", "description": "its column; needed if there are several / 列名；多列时必填"},
        "unit": {"enum": list(UNITS), "description": "its unit, min if it is not given / 单位，默认 min"},
    }  # fmt: skip
    for member in schema["properties"].values():
        bilingual(member)
        # The default of a whole group is said by its members.
        if "$ref" in member:
            member.pop("default", None)
    schema["properties"]["extends"] = {
        "type": "string",
        "description": "scenario in the same folder from which everything is taken that this one does not say"
        " / 同一文件夹中的上级场景，未写明的参数均取自它",
    }
    schema["required"] = ["name", "title"]
    standard: dict[str, Any] = in_standard_words(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **standard}


def in_standard_words(part: Any) -> Any:
    """Return a part of the schema with bounds named as the standard does, and no other keys in a plan."""
    if isinstance(part, list):
        return [in_standard_words(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    words = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum"}
    renamed = {words.get(key, key): in_standard_words(inner) for key, inner in part.items()}
    return renamed | ({"additionalProperties": False} if "patternProperties" in renamed else {})


def bilingual(member: dict[str, Any]) -> None:
    """Put both languages into the description that an editor shows."""
    if "zh" in member:
        member["description"] = f"{member['description']} / {member.pop('zh')}"
