"""The JSON Schema of sweep files, for editors: ``python -m sim.experiment.sweeps.schema`` writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sim.experiment.sweeps.form import SweepForm
from sim.experiment.sweeps.settings import OWN
from sim.files import replaced_file
from sim.office.parameters import Scenario
from sim.office.parameters.listing import keys_of
from sim.office.schema import bilingual, in_standard_words

FILE = Path(__file__).resolve().parents[3] / "docs" / "sweep.schema.json"
SCENARIO = "scenario.schema.json"
"""The schema of scenario files, in the same folder."""


def sweep_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of sweep files."""
    schema = SweepForm.model_json_schema(by_alias=True, mode="validation")
    for group in (schema, *schema["$defs"].values()):
        for name, member in group["properties"].items():
            bilingual(member)
            member.pop("source", None)
            if kinds := [kind for kind in member.pop("anyOf", ()) if kind != {"type": "null"}]:
                # A key without a value is a mistake in a file.
                member.update(kinds[0] if len(kinds) == 1 else {"anyOf": kinds})
            if member.get("default") in (None, [], {}) or "$ref" in member:
                member.pop("default", None)
            if name == "set":
                groups = [key for key in keys_of(Scenario) if key not in OWN]
                member["properties"] = {key: {"$ref": f"{SCENARIO}#/properties/{key}"} for key in groups}
                member["additionalProperties"] = False
    standard: dict[str, Any] = in_standard_words(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **standard}


def schema_text() -> str:
    """Return the JSON Schema as the file holds it."""
    return json.dumps(sweep_schema(), indent=2, ensure_ascii=False) + "\n"


def write(file: Path = FILE) -> Path:
    """Write the schema and return its path."""
    with replaced_file(file) as new:
        new.write_text(schema_text(), encoding="utf-8", newline="\n")
    return file


if __name__ == "__main__":
    print(write())
