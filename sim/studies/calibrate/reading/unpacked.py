"""Packed files, kept from asking for more than they hold: unpacked with a limit, and workbooks looked over before."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sim.office.problems import Problem, ScenarioError, shown
from sim.text import Message

MOST_BYTES = 2 * 1024**3
FREE_BYTES, MOST_TIMES = 100 * 1024**2, 100
"""What unpacks to more bytes than that, and than so many times its own, holds no log."""
MOST_MARKED, MOST_HELD, MOST_OFTEN = 256 * 1024**2, 500 * 1024**2, 10_000
"""Bytes of a log in XES or JSON, and of what is kept of one while it is turned into a table: together less than 1 GB;
and different texts of which it is noticed that they are there again."""
FREE_CELLS, MOST_EMPTY = 10_000_000, 20
"""A sheet whose last row and column span more cells than that, and than so many for each that is there, is not read:
the reader asks for room for all of them."""
DAMAGED_ZIP = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, NotImplementedError, RuntimeError, ValueError,
    OverflowError,
)  # fmt: skip
"""What reading a zip file may raise if it is none, or damaged."""
OF_WORKBOOK = ("xl/", "content.xml", "[Content_Types].xml")
"""Beginnings of the names of what a workbook holds."""
COLUMNS, ROWS = 16_384, 1_048_576
_ODD = re.compile(rb'<(?:\w+:)?c (?!r="[A-Z][1-9]\d{0,5}")')
_CELL = re.compile(rb"""<(?:\w+:)?c\s(?:[^<>]*?\s)?r=["']([^"'<>]*)["']""")
_ROW = re.compile(rb"""<(?:\w+:)?row\s(?:[^<>]*?\s)?r=["'](\d{1,7})["']""")
_PLACE = re.compile(rb"([A-Z]{1,3})([1-9]\d{0,6})")
_START, _BLOCK = 4096, 1 << 22
MOST_MEMORY = 2 << 30
"""Bytes; a sheet with all cells that it can have takes a quarter."""
_OPENING = """
import io, sys
try:
    import resource
    for what, most in ((resource.RLIMIT_AS, {most}), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
except ImportError:
    pass
from python_calamine import CalamineWorkbook
try:
    book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    for name in book.sheet_names:
        book.get_sheet_by_name(name)
except BaseException:
    sys.exit({refused})
"""
_REFUSED, MOST_SECONDS = 3, 120


def stop(template: str, file: Path, row: int = 1, /, **values: object) -> ScenarioError:
    """Return the error, of this message, that a file cannot be read."""
    return ScenarioError([Problem(str(file), row, 1, Message(template, **values))])


def most_of(start: bytes) -> int:
    """Return how many bytes a file that begins so may have."""
    marked = start.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith((b"<", b"[", b"{"))
    return MOST_MARKED if marked else MOST_BYTES


def _most(raw: bytes) -> int:
    return min(max(FREE_BYTES, MOST_TIMES * len(raw)), MOST_BYTES)


def _held(packed: IO[bytes] | gzip.GzipFile, most: int) -> tuple[bytes, int]:
    """Return what is packed, at most one byte more than may be; and how many may be."""
    held = io.BytesIO()
    while block := packed.read(min(_BLOCK, most + 1 - held.tell())):
        if not held.tell():
            most = min(most, most_of(block[:_START]))
        held.write(block)
    return held.getvalue(), most


def _too_large(file: Path, most: int) -> ScenarioError:
    return stop("unpacks to more than {most} MB; export shorter periods, and give several files", file, most=most >> 20)


@dataclass
class Kept:
    """Counts what is kept of a file while it is read, and keeps a text that is there often once."""

    file: Path
    bytes: int = 0
    often: dict[str, str] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """Return a text to be kept.

        Raises
        ------
        ScenarioError
            If there is no room for it.
        """
        if (known := self.often.get(text)) is not None:
            return known
        self.add(sys.getsizeof(text))
        if len(self.often) < MOST_OFTEN:
            self.often[text] = text
        return text

    def add(self, more: int) -> None:
        """Keep so many bytes more.

        Raises
        ------
        ScenarioError
            If there is no room for them.
        """
        self.bytes += more
        if self.bytes > MOST_HELD:
            raise stop("holds more than can be read at once; export shorter periods, and give several files", self.file)


def gunzipped(file: Path, raw: bytes) -> bytes:
    """Return what bytes packed by gzip hold.

    Raises
    ------
    ScenarioError
        If they are damaged, or hold far more than a log of their size does.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
            held, most = _held(packed, _most(raw))
    except (OSError, EOFError, zlib.error):
        raise stop("is a damaged gzip file; export it again", file) from None
    if len(held) > most:
        raise _too_large(file, most)
    return held


def unzipped(file: Path, raw: bytes) -> bytes:
    """Return what the one file in a zip file holds; a workbook, which is one as well, as it is.

    Raises
    ------
    ScenarioError
        If it is damaged, holds several files or far more than a log of its size does, or is protected by a password.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            names = [info.filename for info in packed.infolist() if not _beside(info)]
            if any(name.startswith(OF_WORKBOOK) for name in packed.namelist()):
                return raw
            if len(names) != 1:
                raise stop("holds {number} files; unpack it, and give those that are the log", file, number=len(names))
            if packed.getinfo(names[0]).flag_bits & 1:
                raise stop("is protected by a password; pack it without one", file)
            with packed.open(names[0]) as inner:
                held, most = _held(inner, _most(raw))
    except ScenarioError:
        raise
    except DAMAGED_ZIP:
        if any(name.encode() in raw for name in OF_WORKBOOK):
            return raw  # a damaged one, of which its reader tells
        raise stop("is a damaged zip file or workbook; pack or save it again", file) from None
    if len(held) > most:
        raise _too_large(file, most)
    return held


def _beside(info: zipfile.ZipInfo) -> bool:
    """Say whether a part of a zip file is no file that somebody has packed: a folder, or what a desktop adds."""
    return info.is_dir() or info.filename.startswith("__MACOSX/") or info.filename.endswith(".DS_Store")


def check_workbook(file: Path, raw: bytes) -> None:
    """Look over a workbook of the kind that is a zip file.

    Raises
    ------
    ScenarioError
        If it is of another kind, holds far more than its size, or a sheet reaches far beyond its cells.
    """
    try:
        if not zipfile.is_zipfile(io.BytesIO(raw)):
            return  # the reader says what is wrong with it
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            names = packed.namelist()
            if "xl/workbook.bin" in names or "content.xml" in names:
                raise stop("is a workbook, but not of the kind .xlsx; save it as .xlsx or CSV", file)
            if sum(info.file_size for info in packed.infolist()) > _most(raw):
                raise _too_large(file, _most(raw))
            # Which of them are sheets is for the workbook to say, wherever they lie.
            for name in names:
                _check_sheet(file, name, packed)
    except ScenarioError:
        raise
    except DAMAGED_ZIP:
        raise stop("is a damaged workbook; save it as .xlsx or CSV again", file) from None


def _check_sheet(file: Path, name: str, packed: zipfile.ZipFile) -> None:
    cells, columns, rows, rest, is_sheet = 0, 1, 1, b"", False
    with packed.open(name) as sheet:
        while block := sheet.read(_BLOCK):
            # A tag that the block cuts belongs to the next one.
            whole, mark, rest = (rest + block).rpartition(b"<")
            rest = mark + rest
            is_sheet |= b"sheetData" in whole
            cells += whole.count(b"<c ") + whole.count(b":c ")
            numbers = _ROW.findall(whole)
            rows = max(rows, max(map(int, numbers), default=1))
            # As nearly all are: looked at one by one only where that is not so.
            if numbers and _ODD.search(whole) is None:
                columns = max(columns, 26)
                continue
            for place in _CELL.findall(whole):
                column, row = _placed(file, place)
                columns, rows = max(columns, column), max(rows, row)
    # The list of formulas, for one, names cells too.
    if is_sheet and rows * columns > max(FREE_CELLS, MOST_EMPTY * cells):
        raise stop(
            "{sheet} has {cells} cells, but one of them is in row {row} or column {column}, far from the others; "
            "delete what is there, or save it as CSV", file, sheet=name.rpartition("/")[2], cells=cells, row=rows,
            column=columns,
        )  # fmt: skip


def _placed(file: Path, place: bytes) -> tuple[int, int]:
    """Return the column and the row of a cell."""
    found, column = _PLACE.fullmatch(place), 0
    for letter in found[1] if found else b"":
        column = column * 26 + letter - ord("A") + 1
    if found is None or column > COLUMNS or int(found[2]) > ROWS:
        raise stop("has a cell {place}, which no sheet has; save it as .xlsx or CSV again", file,
                   place=shown(place[:20].decode("utf-8", "replace")))  # fmt: skip
    return column, int(found[2])


def check_old_workbook(file: Path, raw: bytes) -> None:
    """Open a workbook of the kind before .xlsx in a process of its own, which may die of it.

    Raises
    ------
    ScenarioError
        If it does: as where a single cell far from all others asks for more memory than there is.
    """
    # Nothing that lies where the log does is imported.
    line = [sys.executable, "-P", "-c", _OPENING.format(most=MOST_MEMORY, refused=_REFUSED)]
    try:
        status = subprocess.run(
            line, input=raw, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=MOST_SECONDS
        ).returncode
    except subprocess.TimeoutExpired:
        status = -1
    # What it refuses in an orderly way is told by whoever reads it.
    if status not in (0, 1, _REFUSED):
        raise stop("is a damaged workbook, or has a cell far from all others; save it as .xlsx or CSV again", file)


@contextmanager
def without_backtrace() -> Iterator[None]:
    """Keep to itself what a compiled reader writes to standard error before it gives up."""
    kept = None
    with suppress(OSError):
        kept = os.dup(2)
    if kept is None:
        yield
        return
    try:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
