"""The form of a sweep file: every key declared once, with its meaning in both languages; and its JSON Schema.

``python -m sim.studies.sweep.form`` writes the schema, for editors.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from sim.files import replaced_file
from sim.office.parameters import Scenario
from sim.office.parameters.fields import Count, Flag, Group, Name, Number, Text, Titles, param, wrong
from sim.office.parameters.listing import keys_of
from sim.office.problems import shown
from sim.office.schema import bilingual, in_standard_words

OWN = ("name", "title")
"""What each design point says for itself."""
MOST_POINTS = 10_000
MOST_FACTORS = 10
LARGEST = 10**15
"""Of a value: far beyond every parameter, and still exact."""
GRID, LIST, SPACE_FILLING = "grid", "list", "space-filling"
Design = Literal["grid", "list", "space-filling"]

COLUMNS = frozenset({
    "point", "verdict", "estimate", "low", "high", "replications", "p_value", "why",
    "key", "subject", "by", "group", "statistic", "unit", "mean", "confidence", "smallest", "largest",
})  # fmt: skip
"""Columns that the results of a sweep have besides those of the factors."""

Value = float | str | bool
"""Of a factor: a number, a text or true/false; whole numbers stay whole."""


FACTOR_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,39}$"


def _factor_name(value: Any) -> str:
    if not isinstance(value, str) or value.endswith("\n") or not re.match(FACTOR_NAME, value, re.ASCII):
        raise wrong("must be a name of letters, digits and _ such as 'reviewers', 40 at most, not {value}",
                    value=shown(value))  # fmt: skip
    if value.lower() in COLUMNS:
        raise wrong("{name!r} is a column of the results already; take another name", name=value)
    return value


def _value(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) <= LARGEST:
            raise wrong("must be a finite number, not {value}", value=shown(value))
    elif not isinstance(value, str | bool) or (isinstance(value, str) and not (value.strip() and value.isprintable())):
        raise wrong("must be a number, a text of one line, true or false, not {value}", value=shown(value))
    return value


def _mapping(value: Any) -> Any:
    if not isinstance(value, dict):
        raise wrong("must be a mapping as in a scenario file, not {value}", value=shown(value))
    return value


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _in_both(value: Any) -> Any:
    return {"en": value, "zh": value} if isinstance(value, str) else value


FactorName = Annotated[str, BeforeValidator(_factor_name), WithJsonSchema({"type": "string", "pattern": FACTOR_NAME})]
AnyValue = Annotated[Any, BeforeValidator(_value), WithJsonSchema({"type": ["number", "string", "boolean"]})]
Settings = Annotated[Any, BeforeValidator(_mapping), WithJsonSchema({"type": "object"})]
Paths = Annotated[
    tuple[Text, ...],
    BeforeValidator(_one_or_more),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
_TEXT = {"type": "string"}
_BOTH = {
    "type": "object", "properties": {"en": _TEXT, "zh": _TEXT}, "required": ["en", "zh"], "additionalProperties": False,
}  # fmt: skip
Label = Annotated[Titles, BeforeValidator(_in_both), WithJsonSchema({"anyOf": [_TEXT, _BOTH]})]
End = Annotated[Number, Field(ge=-LARGEST, le=LARGEST)]
Steps = Annotated[Count, Field(ge=2, le=MOST_POINTS)]
Points = Annotated[Count, Field(ge=1, le=MOST_POINTS)]
Replications = Annotated[Count, Field(ge=1, le=100_000)]


class ChoiceForm(Group):
    """Settings that go together under one label."""

    label: Label = param(en="label: a text, or one in each language", zh="标签：同一文本或中英文各一")
    set_: Settings = param(alias="set", en="what differs, as in a scenario file", zh="不同之处，写法同场景文件")


class FactorForm(Group):
    """One thing that is varied: a parameter, an amount, a multiple, or named choices."""

    title: Titles = param(en="title in both languages", zh="中英文标题")
    unit: Label | None = param(None, en="unit: a text, or one in each language", zh="单位：同一文本或中英文各一")
    parameter: Paths = param(
        (), en="parameters that get the value: demand.growth, demand.half_hour_index[7]", zh="取该值的参数路径",
    )  # fmt: skip
    add_to: Paths = param(
        (), en="numbers, or plans of servers on duty, to which the value is added; a plan never goes below 0",
        zh="加上该值的参数或排班；排班不低于0",
    )  # fmt: skip
    multiply: Paths = param((), en="numbers that are multiplied by the value", zh="乘以该值的参数")
    choices: tuple[ChoiceForm, ...] = param((), en="named bundles of settings", zh="命名的一组设置")
    values: tuple[AnyValue, ...] = param((), max_length=MOST_POINTS, en="values", zh="取值")
    from_: End | None = param(None, alias="from", en="lowest value", zh="最小值")
    to: End | None = param(None, en="highest value", zh="最大值")
    steps: Steps | None = param(None, en="values from `from` to `to`, evenly spaced", zh="等距取值个数（含两端）")
    whole: Flag = param(False, en="only whole numbers", zh="仅取整数")


class ChartForm(Group):
    """Which factor goes where in the charts."""

    x: Text | None = param(None, en="factor across; the first one if left out", zh="横轴因素；默认第一个")
    rows: Text | None = param(None, en="factor up in the map; the second one if left out", zh="纵轴因素；默认第二个")
    lines: Text | None = param(
        None, en="factor with a line for each value; `rows` if left out", zh="每个取值一条线的因素；默认同 rows",
    )  # fmt: skip


class SweepForm(Group):
    """A sweep: a base scenario, what is varied, and which combinations are run."""

    name: Name = param(en="name, the same as that of the file", zh="名称，与文件名一致")
    title: Titles = param(en="title in both languages", zh="中英文标题")
    base: Text = param(en="scenario in this folder or the one above", zh="基础场景（同一或上级文件夹）")
    set_: Settings = param(
        {}, alias="set", en="what differs from the base in all design points", zh="全部组合与基础场景的不同",
    )  # fmt: skip
    design: Design = param(
        GRID, en="grid = all combinations, list = those under `design_points`, space-filling = `points` spread evenly",
        zh="grid 全部组合，list 为 design_points 所列，space-filling 为均匀散布的 points 个点",
    )  # fmt: skip
    vary: dict[FactorName, FactorForm] = param(
        min_length=1, max_length=MOST_FACTORS, en="factors by name", zh="因素（按名称）",
    )  # fmt: skip
    design_points: tuple[dict[str, AnyValue], ...] = param(
        (), max_length=MOST_POINTS, en="design points of a list: a value for each factor",
        zh="list 的各组合：每个因素一个值",
    )  # fmt: skip
    points: Points | None = param(None, en="points of a space-filling design", zh="space-filling 的点数")
    method: Literal["sobol", "latin-hypercube", "halton"] = param("sobol", en="how points are spread", zh="散布方法")
    seed: Annotated[Count, Field(ge=0, le=2**63)] = param(1, en="seed of the points", zh="散布的随机种子")
    max_replications: Replications | None = param(
        None, en="most replications a design point", zh="每个组合最多重复次数",
    )  # fmt: skip
    chart: ChartForm = param(ChartForm(), en="charts", zh="图表")


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
