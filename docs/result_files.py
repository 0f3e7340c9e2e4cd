"""Write docs/result-files.md and docs/result-files.zh.md, every table of every kind of results, from the records.

    python docs/result_files.py

What a column means is said once, where its field is declared (`sim.results.codec.column`); workbooks head their columns
with the same words.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

from sim.files import replaced_file
from sim.results.codec import meaning, tables_of
from sim.studies import studies
from sim.studies.base import Study
from sim.text import LANGUAGES, Language, _, speaking

DOCS = Path(__file__).resolve().parent
PAGES = {"en": DOCS / "result-files.md", "zh": DOCS / "result-files.zh.md"}
HEAD = {
    "en": """# Files of results

Made by `python docs/result_files.py` from the records that are saved. Each table is there as `NAME.parquet` and as
`NAME.csv`; what is not in a table is in `manifest.json`, by the names of the record's fields. Not listed are columns
whose names only the data know (the factors of a sweep), and long tables that are figures of one form: `kpis` of a run,
`figures` of a sweep, as its `summary`. What the figures are is told in [method](method.md), how to read the answers
in the page of each verb.
""",
    "zh": """# 结果文件

本页由 `python docs/result_files.py` 根据所保存的记录生成。每张表同时有 `名称.parquet` 与 `名称.csv`；
表格以外的内容在 `manifest.json` 中，以记录的字段命名。未列出的有：名称取决于数据的列（扫描的各因素），
以及与 `summary` 同一形式的长表（单次运行的 `kpis`、扫描的 `figures`）。
""",
}
HEADS = {"en": ("column", "meaning", "unit", "type"), "zh": ("列", "含义", "单位", "类型")}


def page(language: Language) -> str:
    """Return the page in a language."""
    with speaking(language):
        lines = [HEAD[language]]
        for study in studies():
            lines += list(_of_study(study, HEADS[language]))
        return "\n".join(lines)


def _of_study(study: Study[object], heads: tuple[str, ...]) -> Iterator[str]:
    folders = ", ".join(f"`results/{folder}/`" for folder in (study.folder, *study.also_in))
    yield f"## `{study.verb}`\n\n{folders}\n"
    for name, (_field, row) in tables_of(study.record).items():
        title = f": {_(study.tables[name])}" if name in study.tables else ""
        yield f"### `{name}`{title}\n\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}"
        hints = get_type_hints(row)
        for each in dataclasses.fields(row):
            said, unit = meaning(row, each.name)
            if said:
                kind = getattr(hints[each.name], "__name__", str(hints[each.name]))
                yield f"| `{each.name}` | {_(said)} | {_(unit) if unit else ''} | {kind} |"
        yield ""


def main() -> None:
    """Write both pages."""
    for language in LANGUAGES:
        with replaced_file(PAGES[language]) as new:
            new.write_text(page(language), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
