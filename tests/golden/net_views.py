"""From what the program has written to text that can be compared: one view for each way of presenting.

Numbers of full precision are shown with 9 significant digits; what differs from call to call or from machine to
machine (folders, times of day, versions, hashes) is replaced by a word in angle brackets.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
from lxml import etree, html
from pptx import Presentation

ROWS = 60
"""Of a long table that are kept as text; of all there is a hash."""
LONGEST = 400
"""Characters of a line of JSON up to which a mapping or list stays on one."""

NOT_OURS = ("model", "versions", "identity", "design_points", "log_sha256", "digest", "rests_on")
"""Keys of a manifest that hash sources or name versions."""
HIDDEN = ("script", "style", "title", "desc", "metadata", "defs")


def in_short(value: Any) -> str:
    """Return a value as text, a float with 9 significant digits."""
    if isinstance(value, float):
        return "-0" if value == 0 and math.copysign(1, value) < 0 else f"{value:.9g}"
    return str(value)


def usual(text: str, folder: Path) -> str:
    """Return a text without what differs from call to call or from machine to machine."""
    for name in {str(folder), str(folder.resolve())}:
        text = text.replace(name, "<folder>")
    for today in {datetime.now(), datetime.now() - timedelta(days=1)}:
        text = re.sub(rf"(?<!\d){today:%Y-%m-%d}([ T]\d\d:\d\d(:\d\d)?)?", "<now>", text)
    text = re.sub(r"((?:licence-office-sim|[Vv]ersion) |版本|versions\.[\w-]+ \| )\d+(\.\w+)+", r"\1<version>", text)
    # Of machine and process, in names of what is not finished.
    text = re.sub(r"-[0-9a-f]{6}-\d+-[0-9a-f]{8}(?![0-9A-Za-z])", "-<hash>", text)
    text = re.sub(r"(?<![0-9A-Za-z.])[0-9a-f]{12,64}(?![0-9A-Za-z])", _hash, text)
    text = re.sub(r"(?<![\d.])-?\d+\.\d{9,}(?![\d.])", lambda found: in_short(float(found[0])), text)
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)


def _hash(found: re.Match[str]) -> str:
    return "<hash>" if re.search("[a-f]", found[0]) and re.search("[0-9]", found[0]) else found[0]


RESULT_FILE = r"[\w.+*/-]+\.(?:parquet|csv|json|png|svg|yaml)"


def without_files(text: str) -> str:
    """Return a report without its list of the files of results: they are among the records."""
    return re.sub(rf"{RESULT_FILE}(?:(?:, |、){RESULT_FILE}){{2,}}", "<files>", text)


def without_sources(text: str) -> tuple[str, str]:
    """Return a text without the places in the results that its numbers come from, and the lines that name them."""
    source = r"[\w.+*/-]+\.(?:parquet|json)(?:#[\w.-]+(?:\[[^\]\n]*\])?)?"
    lines = [line for line in text.splitlines() if re.search(source, line)]
    return re.sub(source, "<source>", text), "\n".join(lines)


def json_view(text: str) -> str:
    """Return JSON with a line for each part that is not too long for one; the files of results are in the records."""
    if not text.strip():
        return ""
    found = json.loads(text)
    if not found.get("files") or not isinstance(found["files"][0], dict):
        found.pop("files", None)
    for scenario in found.get("scenarios", []):
        scenario.pop("files", None)
    return "\n".join(_lines(found, ""))


def _lines(value: Any, name: str, indent: str = "") -> Iterator[str]:
    head = f"{indent}{name}: " if name else indent
    flat = _flat(value)
    if not isinstance(value, dict | list) or len(flat) <= LONGEST:
        yield head + flat
        return
    yield head.rstrip()
    for key, inner in value.items() if isinstance(value, dict) else ((f"[{i}]", one) for i, one in enumerate(value)):
        yield from _lines(inner, key, indent + "  ")


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flat(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return in_short(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def records_view(folder: Path) -> str:
    """Return all records of a folder of results, and the names of all its files.

    The only view that knows how results are kept.
    """
    names = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    parts = ["\n".join(["files:", *(f"  {name}" for name in names)])]
    for name in names:
        file = folder / name
        if file.suffix == ".parquet":
            found = pq.read_table(file)
            # The name of batches is made from the sources of the model: it is another after any change of these.
            columns = [column for column in found.column_names if column != "key"]
            rows = [[in_short(row[column]) for column in columns] for row in found.to_pylist()]
            parts.append(table_text(name, columns, rows))
        elif file.name == "manifest.json":
            facts = json.loads(file.read_text(encoding="utf-8"))
            kept = {key: value for key, value in facts.items() if key not in NOT_OURS}
            parts.append(f"{name}:\n{json_view(json.dumps(kept, ensure_ascii=False))}")
        elif file.suffix == ".yaml":
            parts.append(f"{name}:\n{file.read_text(encoding='utf-8')}")
    return "\n\n".join(parts)


def table_text(name: str, columns: Sequence[str], rows: list[list[str]]) -> str:
    """Return a table as text: a hash of all rows, and some of them, spread over the table."""
    lines = [" | ".join(row) for row in rows]
    whole = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    head = f"{name}: {len(rows)} rows, sum of them {whole[:8]}-{whole[8:]}"
    step = max(1, math.ceil(len(lines) / ROWS))
    return "\n".join([head, *([" | ".join(columns)] if columns else []), *(line[:2000] for line in lines[::step])])


def visible(page: str) -> str:
    """Return the text of a page, and what its pictures and controls are called, a line for each block."""
    root = html.document_fromstring(page.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8"))
    lines: list[str] = [f"title: {root.findtext('.//title')}"]
    _seen(root.body, lines)
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


INLINE = ("a", "b", "strong", "em", "i", "span", "abbr", "code", "small", "sup", "sub", "td", "th", "output", "kbd")


def _seen(element: Any, lines: list[str]) -> None:
    if not isinstance(element.tag, str) or element.tag in HIDDEN:
        lines[-1] += element.tail or ""
        return
    inline = element.tag in INLINE
    lines.append("") if not inline else None
    if element.tag in ("td", "th") and lines[-1]:
        lines[-1] += " | "
    for name in ("alt", "aria-label", "title", "placeholder", "value", "href"):
        if (value := element.get(name)) and not value.startswith("data:"):
            lines[-1] += f"[{name}: {value}] "
    lines[-1] += element.text or ""
    for child in element:
        _seen(child, lines)
    if not inline:
        lines.append("")
    lines[-1] += element.tail or ""


def data_view(page: str) -> str:
    """Return the data that a replay shows, by a hash of each part."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return "" if found is None else "\n".join(_lines(_cut(json.loads(found[1])), "data"))


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _cut(inner) for key, inner in value.items()}
    if isinstance(value, list) and len(value) <= 12:
        return [_cut(inner) for inner in value]
    text = json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | str) and len(text) > LONGEST:
        whole = hashlib.sha256(text.encode()).hexdigest()
        return f"{text[:60]}... {len(value)} in all, sum of them {whole[:8]}-{whole[8:16]}"
    return value


def deck_view(file: Path) -> str:
    """Return all texts of a deck: of each slide its shapes, tables, names of pictures and notes."""
    lines: list[str] = []
    for number, slide in enumerate(Presentation(str(file)).slides, 1):
        lines.append(f"--- slide {number}")
        for shape in slide.shapes:
            said = shape._element.xpath(".//p:cNvPr/@descr")
            lines += [f"[picture: {text}]" for text in said if text]
            if shape.has_text_frame:
                lines += [paragraph.text for paragraph in shape.text_frame.paragraphs if paragraph.text]
            if getattr(shape, "has_table", False):
                lines += [" | ".join(cell.text for cell in row.cells) for row in shape.table.rows]
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            lines.append(f"[notes: {slide.notes_slide.notes_text_frame.text}]")
    return "\n".join(lines)


def workbook_view(file: Path, usual_of: Callable[[str], str]) -> str:
    """Return all cells of a workbook, long sheets cut as tables are, and the texts and sources of its charts."""
    parts = []
    for sheet in openpyxl.load_workbook(file):
        rows = [["" if cell is None else in_short(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        # What differs from call to call has to go before the sum is made, and so have the places in the results.
        rows = [[without_sources(usual_of(" | ".join(row).rstrip(" |")))[0]] for row in rows if any(row)]
        notes = [
            f"[{cell.coordinate}: {cell.comment.text}]" for row in sheet.iter_rows() for cell in row if cell.comment
        ]
        parts.append("\n".join([table_text(sheet.title, [], rows), *notes]))
    with zipfile.ZipFile(file) as packed:
        for name in sorted(name for name in packed.namelist() if re.fullmatch(r"xl/charts/chart\d+\.xml", name)):
            root = etree.fromstring(packed.read(name))
            said = [each.text for each in root.iter("{*}t", "{*}f") if each.text]
            parts.append(f"{Path(name).name}: " + " | ".join(said))
    return "\n\n".join(parts)
