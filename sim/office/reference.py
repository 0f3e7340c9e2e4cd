"""Writes docs/parameters.md and docs/scenario.schema.json from the definitions: ``python -m sim.office.reference``."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from sim.office.parameters import Scenario
from sim.office.parameters.listing import NOT_GIVEN, Parameter, all_parameters, facts
from sim.office.schema import json_schema

DOCS = Path(__file__).resolve().parents[2] / "docs"
POOLS = "staff.*"
LISTS = ("steps", "priorities", "pace")
"""Parameters of the scenario that are lists, and have a part of their own."""
COLUMNS = ("parameter", "unit", "default", "bounds", "plausible", "source", "meaning")

INTRODUCTION = """\
# Parameters / 参数

<!-- Written by `python -m sim.office.reference`; do not edit. -->

Every parameter of a scenario file, as defined in `sim/office/parameters/`: a value outside the bounds is an
error, one outside the plausible range a warning. `[]` stands for each member of a list; — means that there
is no default and every member says it. Where the source is *assumption*, nobody has observed the value.

场景文件的全部参数。超出硬性界限即报错，超出合理范围则警告。`[]` 表示列表中的每一项；— 表示无默认值、必须给出。
来源为 assumption 的取值均为假设，未经观测。

A scenario file says only what differs from its parent (`extends`, the name of a scenario in the same folder)
or, at the root, from these defaults. Mappings are joined member by member; lists and the plans of servers on
duty are replaced as a whole. Names and titles are not inherited.

场景文件只写与上级场景（`extends`）或默认值不同之处。映射逐项合并；列表与排班整体替换。名称与标题不继承。

For completion and checks in an editor, begin a file with
`# yaml-language-server: $schema=../docs/scenario.schema.json`.
"""


def parameters_markdown() -> str:
    """Return the reference of all parameters."""
    lines = [INTRODUCTION]
    rows = _once_for_all_pools()
    order = list(dict.fromkeys(["", *map(_section, rows)]))
    for section, members in groupby(sorted(rows, key=lambda row: order.index(_section(row))), key=_section):
        lines += [f"## {_heading(section)}", "", _row(*COLUMNS), "|---" * len(COLUMNS) + "|"]
        lines += [_line(member) for member in members] + [""]
    return "\n".join(lines)


def schema_text() -> str:
    """Return the JSON Schema as the file holds it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def write(folder: Path = DOCS) -> list[Path]:
    """Write both files into `folder` and return their paths."""
    written = []
    for name, text in (("parameters.md", parameters_markdown()), ("scenario.schema.json", schema_text())):
        path, temporary = folder / name, folder / f".{name}.tmp"
        temporary.write_text(text, encoding="utf-8", newline="\n")
        os.replace(temporary, path)
        written.append(path)
    return written


def _section(parameter: Parameter) -> str:
    section = parameter.path.split(".")[0].removesuffix("[]")
    return section if "." in parameter.path or section in LISTS else ""


def _heading(section: str) -> str:
    if not section:
        return "The scenario / 场景"
    info = Scenario.model_fields[section]
    return f"`{section}`: {info.description} / {facts(info)['zh']}"


def _once_for_all_pools() -> list[Parameter]:
    """Return all parameters, those of the six pools in one row each with the defaults side by side."""
    rows: dict[str, list[tuple[str, Parameter]]] = {}
    for parameter in all_parameters():
        section, *rest = parameter.path.split(".")
        pooled = section == "staff" and rest[0] != "midday"
        key = ".".join([POOLS, *rest[1:]]) if pooled else parameter.path
        rows.setdefault(key, []).append((rest[0] if pooled else "", parameter))
    return [_joined(key, members) for key, members in rows.items()]


def _joined(key: str, members: list[tuple[str, Parameter]]) -> Parameter:
    first = members[0][1]
    values = [shown_default(parameter) for _, parameter in members]
    if len(set(values)) == 1:
        return replace(first, path=key)
    side_by_side = [f"{pool} {value}" for (pool, _), value in zip(members, values, strict=True)]
    return replace(first, path=key, default="; ".join(side_by_side))


def shown_default(parameter: Parameter) -> str:
    """Return a default as the table shows it."""
    value = parameter.default
    if value is NOT_GIVEN:
        return "—"
    if parameter.path == "phone.profiles":
        return "; ".join(
            f"{p['name']}: share {p['share']:g}, talk {p['talk_seconds']:g} s (CV {p['talk_cv']:g}), "
            f"patience {p['patience_seconds']:g} s, walk-in {p['walk_in_share']:g}"
            for p in value
        )
    return _shown(value)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_shown(inner)}" for key, inner in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:,}" if isinstance(value, int) and value >= 10_000 else str(value)


def _line(parameter: Parameter) -> str:
    plausible = " – ".join(f"{limit:,g}" if limit < 10_000 else f"{limit:,}" for limit in parameter.plausible or ())
    return _row(
        f"`{parameter.path}`", parameter.unit, shown_default(parameter), parameter.bounds, plausible, parameter.source,
        f"{parameter.en}<br>{parameter.zh}",
    )  # fmt: skip


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    for path in write():
        print(path)
