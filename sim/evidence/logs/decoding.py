"""Bytes of an export to text: the encoding found, lines in another one read as such, what is no text counted."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from sim.evidence.logs.report import KEPT, MOST_EXAMPLES, REPLACED, Example, Finding, short
from sim.office.problems import Problem, ScenarioError

MARK = "\N{REPLACEMENT CHARACTER}"
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)  # fmt: skip
_BLOCK = 1 << 20
_CODECS = {"utf-8": "utf-8", "gb18030": "gb18030", "utf-16": "utf-16-le"}
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_UNICODE_WORD = re.compile(rb"(?<![\x80-\xff])(?:[\xe2-\xef][\x80-\xbf]{2})+(?![\x80-\xff])")
"""A word that is Chinese in UTF-8; one in GB18030 hardly ever looks like it."""
_SMALL_LETTERS = re.compile("[\x80-\u1fff]")
"""Letters of two bytes in UTF-8, which Chinese text has next to none of; GB18030 looks like them by chance."""


@dataclass(frozen=True)
class Decoded:
    """A text.

    Attributes
    ----------
    content : bytes
        In UTF-8, without a mark of its order of bytes.
    encoding : str
        That it had: ``utf-8``, ``gb18030`` or ``utf-16``.
    findings : tuple of Finding
    """

    content: bytes
    encoding: str
    findings: tuple[Finding, ...] = ()


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
        If the file holds no text.
    """
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
        message = "is no text, and no workbook of Excel; export it as CSV, Excel (.xlsx) or XES"
        raise ScenarioError([Problem(str(file), 1, 1, message)])
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
    chinese: list[Example] = []
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
                    chinese.append(Example(name, number, short(text.rstrip())))
                blocks.append(text.encode())
        line += block.count(b"\n")
        begin = end
    content = b"".join(blocks)
    found = _undecodable(name, content)
    if unicode_lines:
        chinese_lines += sum(not part.isascii() for block in whole for part in _LINE.findall(block))
    if unicode_lines and chinese_lines:
        found = (*found, Finding("mixed_encodings", chinese_lines, KEPT, "gb18030", tuple(chinese)))
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


def _undecodable(name: str, content: bytes) -> tuple[Finding, ...]:
    """Return the finding that a text holds marks of bytes that are none."""
    mark = MARK.encode()
    count = content.count(mark)
    examples: list[Example] = []
    at = content.find(mark)
    while at >= 0 and len(examples) < MOST_EXAMPLES:
        begin, end = content.rfind(b"\n", 0, at) + 1, content.find(b"\n", at)
        line = content[begin : end if end >= 0 else len(content)]
        examples.append(Example(name, content.count(b"\n", 0, at) + 1, short(line.decode("utf-8", "replace").rstrip())))
        at = content.find(mark, begin + len(line))
    return (Finding("undecodable", count, REPLACED, "", tuple(examples)),) if count else ()
