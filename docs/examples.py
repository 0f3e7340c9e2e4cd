"""Run the Python examples of the documents and put in what they print: ``python docs/examples.py``.

The blocks of a page are run in order, as one program. What a block prints stands in a ``text`` block right after
it. The test suite runs them in the same way, and compares.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim.files import replaced_file

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "README.zh.md", "docs/library.md")
BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n(?:\n```text\n(?P<printed>.*?)```\n)?", re.DOTALL)


@dataclass(frozen=True)
class Example:
    """A block of code, what the page says it prints, and what it does print."""

    code: str
    promised: str
    printed: str


def examples_of(page: Path) -> Iterator[Example]:
    """Run the blocks of a page, in the repository's folder."""
    names: dict[str, object] = {"__name__": "example"}
    text = page.read_text(encoding="utf-8")
    for number, block in enumerate(BLOCK.finditer(text)):
        line = text.count("\n", 0, block.start("code"))
        code = compile("\n" * line + block["code"], str(page), "exec")
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.chdir(ROOT):
            exec(code, names)
        yield Example(f"{page.name}, block {number + 1}:\n{block['code']}", block["printed"] or "", output.getvalue())


def main() -> None:
    """Put what the examples print into the pages."""
    os.chdir(ROOT)
    for name in PAGES:
        page = ROOT / name
        printed = iter([example.printed for example in examples_of(page)])

        def with_output(block: re.Match[str], printed: Iterator[str] = printed) -> str:
            output = next(printed)
            return f"```python\n{block['code']}```\n" + (f"\n```text\n{output}```\n" if output else "")

        text = BLOCK.sub(with_output, page.read_text(encoding="utf-8"))
        with replaced_file(page) as new:
            new.write_text(text, encoding="utf-8", newline="\n")
        print(page.relative_to(ROOT))


if __name__ == "__main__":
    main()
