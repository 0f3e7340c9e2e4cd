"""A file of separated values as a table: bytes decoded, separators found, stray quotes survived, wrong rows out."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from sim.studies.calibrate.log.report import MOST_EXAMPLES, Finding, noted
from sim.studies.calibrate.log.steps import I64
from sim.studies.calibrate.reading.mapping import FileMapping
from sim.studies.calibrate.reading.tables import (
    MOST_ROWS_ABOVE,
    Table,
    Taken,
    heading_place,
    known_headings,
    no_rows,
    rows_above,
)
from sim.studies.calibrate.reading.unpacked import stop

MARK = "\N{REPLACEMENT CHARACTER}"
_SEPARATORS = (",", ";", "\t", "|")
_ANYTHING = re.compile(rb"[^\r\n]")
_START = 1 << 18
"""Bytes among which the headings are looked for."""
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)  # fmt: skip
_BLOCK = 1 << 20
MANY, SHORTEST = 2_000_000, 10
"""Of so many lines or more, the bytes that one takes on average at least: each takes room and time, however empty."""
_CODECS = {"utf-8": "utf-8", "gb18030": "gb18030", "utf-16": "utf-16-le"}
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_UNICODE_WORD = re.compile(rb"(?<![\x80-\xff])(?:[\xe2-\xef][\x80-\xbf]{2})+(?![\x80-\xff])")
"""A word that is Chinese in UTF-8; one in GB18030 hardly ever looks like it."""
_SMALL_LETTERS = re.compile("[\x80-\u1fff]")
"""Letters of two bytes in UTF-8, which Chinese text has next to none of; GB18030 looks like them by chance."""


@dataclass
class _Rows:
    """Rows that have been read.

    Attributes
    ----------
    columns : list of pyarrow.ChunkedArray
    rows : (rows,) int64
        Numbers in the file.
    wrong : list of int
        Rows with a wrong number of fields.
    widths : Counter
        Their numbers of fields.
    texts : list of str
        The first of them.
    """

    columns: list[pa.ChunkedArray] = field(default_factory=list)
    rows: I64 = field(default_factory=lambda: np.empty(0, np.int64))
    wrong: list[int] = field(default_factory=list)
    widths: Counter[int] = field(default_factory=Counter)
    texts: list[str] = field(default_factory=list)

    def add_wrong(self, row: int, width: int, text: str) -> None:
        """Note a row with a wrong number of fields."""
        self.wrong.append(row)
        self.widths[width] += 1
        if len(self.texts) < MOST_EXAMPLES:
            self.texts.append(text)


def separated_table(file: Path, raw: bytes, mapping: FileMapping) -> Table:
    """Open a file of separated values.

    Raises
    ------
    ScenarioError
        If it is no text.
    """
    text = decoded(file, raw, mapping.encoding)
    start = text.content[:_START].decode("utf-8", "ignore")
    mark = {"auto": "", "tab": "\t"}.get(mapping.separator, mapping.separator)
    mark = mark or max(_SEPARATORS, key=lambda mark: _promise(start, mark, mapping))
    rows = _first_rows(start, mark)
    place = heading_place(rows, mapping)
    headings = [cell.strip() for cell in rows[place]] if rows else []
    following = rows[place + 1 :]
    if following and all(len(row) == len(headings) + 1 and not row[-1] for row in following):
        headings.append("")  # every row but that of the headings ends with a separator
    findings = [*text.findings, *rows_above(file.name, rows, place)]
    begin, width = _end_of(start, place + 1, mark), len(headings)
    # Let go as soon as it is read.
    body = [text.content]

    def take(places: Sequence[int]) -> Taken:
        read = _read(body.pop(), begin, mark, width, places, place + 1)
        if not len(read.rows) and read.wrong:
            raise stop(
                "there are {headings} headings, but rows of {width} fields; quote values that hold the separator, or "
                "set 'separator'", file, read.wrong[0], headings=width, width=read.widths.most_common(1)[0][0],
            )  # fmt: skip
        if not len(read.rows):
            raise no_rows(file, place + 1)
        wrong = zip(read.wrong, read.texts, strict=False)
        findings.extend(noted("wrong_number_of_fields", "left_out", file.name, wrong, len(read.wrong)))
        return read.columns, read.rows

    return Table("csv", text.encoding, tuple(headings), place + 1, findings, take)


def _read(content: bytes, begin: int, mark: str, width: int, places: Sequence[int], above: int) -> _Rows:
    """Return the rows from a byte on, below so many others."""
    if _ANYTHING.search(content, begin) is None:
        return _Rows()
    has_quotes = content.find(b'"', begin) >= 0
    read = _at_once(content, begin, has_quotes, mark, width, places, above)
    lines = content.count(b"\n", begin) + (not content.endswith(b"\n"))
    if read is None or (has_quotes and lines > len(read.rows) + len(read.wrong)):
        # A quote that is never closed, or closed by another such one, has swallowed lines; or values hold some.
        by_lines = _line_by_line(content[begin:], mark, width, places, above)
        read = by_lines if read is None or len(by_lines.rows) > len(read.rows) else read
    return read


def _promise(start: str, mark: str, mapping: FileMapping) -> tuple[int, int]:
    """Return how many headings are known, and how many there are, if this is the separator."""
    rows = _first_rows(start, mark)
    headings = rows[heading_place(rows, mapping)] if rows else []
    return known_headings(headings, mapping), len(headings)


def _first_rows(start: str, mark: str) -> list[list[str]]:
    rows = []
    try:
        for row in csv.reader(io.StringIO(start, newline=""), delimiter=mark):
            rows.append(row)
            if len(rows) > MOST_ROWS_ABOVE + 1:
                break
    except csv.Error:
        pass  # a value too long to be a heading
    return rows


def _end_of(start: str, rows: int, mark: str) -> int:
    """Return where some rows end, in bytes of UTF-8; they may hold line ends in quotes."""
    lines = io.StringIO(start, newline="")
    reader = csv.reader(iter(lines.readline, ""), delimiter=mark)
    # A value too long to be a heading ends what can be read of them.
    with suppress(csv.Error):
        for _ in range(rows):
            next(reader, None)
    return len(start[: lines.tell()].encode())


def _at_once(
    content: bytes, begin: int, has_quotes: bool, mark: str, width: int, places: Sequence[int], above: int
) -> _Rows | None:
    """Read all rows; None if quotes are so unbalanced that this cannot be done."""
    found = _Rows()

    def wrong(row: arrow_csv.InvalidRow) -> str:
        found.add_wrong(above + row.number, row.actual_columns, row.text)
        return "skip"

    names = [f"column {place}" for place in range(width)]
    wanted = [names[place] for place in places]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(content)[begin:]),
            # Rows are numbered only if one thread reads them.
            arrow_csv.ReadOptions(use_threads=False, column_names=names),
            arrow_csv.ParseOptions(
                delimiter=mark, quote_char='"' if has_quotes else False, newlines_in_values=has_quotes,
                ignore_empty_lines=False, invalid_row_handler=wrong,
            ),
            arrow_csv.ConvertOptions(
                include_columns=wanted, column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False,
            ),
        )  # fmt: skip
    except pa.ArrowInvalid:
        return None
    found.columns = [table[name] for name in wanted]
    numbers = np.arange(above + 1, above + 1 + table.num_rows + len(found.wrong))
    found.rows = np.delete(numbers, np.array(found.wrong, np.int64) - above - 1)
    return found


def _line_by_line(body: bytes, mark: str, width: int, places: Sequence[int], above: int) -> _Rows:
    """Read each line as a row, whatever its quotes."""
    found = _Rows()
    rows: list[int] = []
    columns: list[list[str]] = [[] for _ in places]
    for number, fields, line in _fields(body, mark):
        if len(fields) != width and fields:
            found.add_wrong(above + number, len(fields), line)
            continue
        rows.append(above + number)
        for column, place in zip(columns, places, strict=True):
            column.append(fields[place] if fields else "")
    found.columns = [pa.chunked_array([pa.array(column, pa.large_string())]) for column in columns]
    found.rows = np.array(rows, np.int64)
    return found


def _fields(body: bytes, mark: str) -> Iterator[tuple[int, list[str], str]]:
    for number, line in enumerate(io.StringIO(body.decode(), newline=None), 1):
        text = line.rstrip("\n")
        try:
            yield number, next(csv.reader([text], delimiter=mark), []), text
        except csv.Error:
            yield number, [text], text


@dataclass(frozen=True)
class Decoded:
    """A text.

    Attributes
    ----------
    content : bytes
        In UTF-8, without a mark of its order of bytes.
    encoding : str
        That it had: ``utf-8``, ``gb18030`` or ``utf-16``.
    findings : sequence of Finding
    """

    content: bytes
    encoding: str
    findings: Sequence[Finding] = ()


def decoded(file: Path, raw: bytes, encoding: str = "auto") -> Decoded:
    """Decode the bytes of a file.

    Parameters
    ----------
    file : Path
        For messages.
    raw : bytes
    encoding : str
        ``auto``, ``utf-8``, ``gb18030`` or ``utf-16``.

    Raises
    ------
    ScenarioError
        If the file holds no text, or hardly more than the ends of lines.
    """
    lines = max(raw.count(b"\n"), raw.count(b"\r"))
    if lines > MANY and len(raw) < SHORTEST * lines:
        raise stop("has {lines:,} lines of less than {most} bytes on average, as no log has; export it again", file,
                   lines=lines, most=SHORTEST)  # fmt: skip
    bom, codec = next(((bom, codec) for bom, codec in _BOMS if raw.startswith(bom)), (b"", ""))
    if encoding != "auto" and not codec.startswith(encoding):
        bom, codec = b"", _CODECS[encoding]
    elif not codec:
        codec = _wide(raw)
    raw = raw[len(bom) :] if bom else raw
    if codec.startswith("utf-16"):
        content = raw.decode(codec, "replace").encode("utf-8", "replace")
        return Decoded(content, "utf-16", _undecodable(file.name, content))
    start = raw[:4096]
    if len(_CONTROL.findall(start)) > len(start) / 100:
        raise stop("is no text, and no workbook of Excel; export it as CSV, Excel (.xlsx), Parquet or XES",
                   file)  # fmt: skip
    zeros = raw.count(b"\0")
    raw = raw.replace(b"\0", MARK.encode()) if zeros else raw
    if codec in ("", "utf-8") and _is_utf8(raw):
        return Decoded(raw, "utf-8", _undecodable(file.name, raw) if zeros else ())
    if codec:
        content = raw.decode(codec, "replace").encode()
        return Decoded(content, codec, _undecodable(file.name, content))
    return _block_by_block(file.name, raw)


def _is_utf8(raw: bytes) -> bool:
    """Say whether bytes are UTF-8, without ever holding all of the text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for begin in range(0, len(raw), _BLOCK):
            decoder.decode(raw[begin : begin + _BLOCK], final=begin + _BLOCK >= len(raw))
    except UnicodeDecodeError:
        return False
    return True


def _wide(raw: bytes) -> str:
    """Return the codec of UTF-16 without a mark: Latin letters, digits and commas have a zero byte on one side."""
    start = raw[:4096]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) < len(start) / 8 or min(even, odd) > len(start) / 100:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _block_by_block(name: str, raw: bytes) -> Decoded:
    """Decode a text that is not UTF-8 as a whole: most of it at once, each line of the rest by what it is."""
    blocks: list[bytes] = []
    whole: list[bytes] = []
    chinese: list[tuple[int, str]] = []
    unicode_lines = chinese_lines = line = begin = 0
    while begin < len(raw):
        end = raw.find(b"\n", begin + _BLOCK) + 1 or len(raw)
        block = raw[begin:end]
        text = None if _UNICODE_WORD.search(block) else _strict(block, "gb18030")
        if text is not None:
            whole.append(block)
            blocks.append(text.encode())
        else:
            for number, part in enumerate(_LINE.findall(block), line + 1):
                text, is_chinese = _of_line(part)
                unicode_lines += not is_chinese and not part.isascii()
                chinese_lines += is_chinese
                if is_chinese and len(chinese) < MOST_EXAMPLES:
                    chinese.append((number, text.rstrip()))
                blocks.append(text.encode())
        line += block.count(b"\n")
        begin = end
    content = b"".join(blocks)
    found = _undecodable(name, content)
    if unicode_lines:
        chinese_lines += sum(not part.isascii() for block in whole for part in _LINE.findall(block))
    if unicode_lines and chinese_lines:
        found += noted("mixed_encodings", "kept", name, chinese, chinese_lines, "gb18030")
    return Decoded(content, "utf-8" if unicode_lines else "gb18030", found)


def _strict(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return None


def _of_line(line: bytes) -> tuple[str, bool]:
    """Return the text of a line, and whether it is in GB18030: most of it makes no sense in UTF-8."""
    text = line.decode("utf-8", "replace")
    strange = text.count(MARK) + len(_SMALL_LETTERS.findall(text))
    letters = sum(character > "\u2000" for character in text) - text.count(MARK)
    if letters > strange or line.isascii():
        return text, False
    return line.decode("gb18030", "replace"), True


def _undecodable(name: str, content: bytes) -> list[Finding]:
    """Return the finding that a text holds marks of bytes that are none."""
    return noted("undecodable", "replaced", name, _marked_lines(content), content.count(MARK.encode()))


def _marked_lines(content: bytes) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold a mark, with their numbers."""
    at = content.find(MARK.encode())
    while at >= 0:
        begin, end = content.rfind(b"\n", 0, at) + 1, content.find(b"\n", at)
        line = content[begin : end if end >= 0 else len(content)]
        yield content.count(b"\n", 0, at) + 1, line.decode("utf-8", "replace").rstrip()
        at = content.find(MARK.encode(), begin + len(line))
