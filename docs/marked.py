"""Text between two marks of a Markdown file, replaced by what a command has just printed or computed."""

from __future__ import annotations

import re
from pathlib import Path

from sim.files import replaced_file


def replace_between_marks(file: Path, name: str, text: str) -> None:
    """Put `text` between ``<!-- name: begin ... -->`` and ``<!-- name: end -->``.

    Raises
    ------
    ValueError
        If the file does not have the two marks, once each.
    """
    marks = re.compile(rf"(<!-- {name}: begin[^\n]*-->\n).*?(<!-- {name}: end -->)", re.DOTALL)
    old = file.read_text(encoding="utf-8")
    new, found = marks.subn(lambda marked: f"{marked[1]}{text.strip(chr(10))}\n{marked[2]}", old)
    if found != 1:
        raise ValueError(f"{file}: the marks 'begin' and 'end' of {name!r} must be there once each, not {found} times")
    with replaced_file(file) as temporary:
        temporary.write_text(new, encoding="utf-8", newline="\n")
