"""Bring the catalogue up to date with the code: ``python -m sim.locale.catalogue``.

Messages that are new are added without a translation, and said; those that nobody says any more are removed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

SOURCES = Path(__file__).parents[1]
FILE = Path(__file__).with_name("zh") / "messages.po"
METHODS = [("**.py", "python"), ("**.jinja", "jinja2.ext:babel_extract")]
KEYWORDS: dict[str, Any] = {
    "_": None, "N_": None, "Message": None, "refused": None, "wrong": None, "problem": None, "stop": None, "said": None,
    "_n": (1, 2), "_c": ((1, "c"), 2),
}  # fmt: skip
HEADER = "# Chinese, as an office writes it. Found by the English; `python -m sim.locale.catalogue` keeps it complete."
Key = tuple[str, str | tuple[str, ...]]
"""Context (empty if there is none) and English; of a message with a plural, both forms."""


def said_in_code() -> set[Key]:
    """Return all messages of the code and of the templates."""
    found = extract_from_dir(SOURCES, METHODS, keywords=KEYWORDS)
    return {(context or "", english) for _, _, english, _, context in found if english}


def catalogue() -> Catalog:
    """Return the catalogue as it is."""
    with FILE.open("rb") as file:
        return read_po(file, locale="zh")


def translated() -> dict[Key, str]:
    """Return what the catalogue says, by message."""
    found: dict[Key, str] = {}
    for message in catalogue():
        english, chinese = message.id, message.string or ""
        if english:
            key = message.context or "", english if isinstance(english, str) else tuple(english)
            found[key] = chinese if isinstance(chinese, str) else chinese[0]
    return found


def gaps(template: str) -> set[str]:
    """Return the names of the gaps of a message."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def problems() -> Iterator[str]:
    """Yield what is wrong with the catalogue: missing and unused messages, and gaps that differ."""
    here, there = said_in_code(), translated()
    for context, english in sorted(here, key=str):
        chinese = there.get((context, english), "")
        forms = (english,) if isinstance(english, str) else english
        if not chinese:
            yield f"not translated: {forms[0]!r}" + (f" ({context})" if context else "")
        elif gaps(chinese) - set().union(*map(gaps, forms)):
            yield f"other gaps than the English: {chinese!r}"
    for context, english in sorted(there.keys() - here, key=str):
        yield f"nobody says: {english!r}" + (f" ({context})" if context else "")


def brought_up_to_date(known: dict[Key, str]) -> bytes:
    """Return the catalogue's file for what the code says.

    Parameters
    ----------
    known : dict
        Translations.
    """
    new = Catalog(locale="zh", fuzzy=False)
    for context, english in said_in_code():
        chinese = known.get((context, english), "")
        new.add(english, chinese if isinstance(english, str) else (chinese,), context=context or None)
    text = BytesIO()
    write_po(text, new, width=0, omit_header=True, sort_output=True)
    return f"{HEADER}\n\n".encode() + text.getvalue()


def main() -> int:
    """Update the file, and say what is still to be done; return the exit status."""
    FILE.write_bytes(brought_up_to_date(translated()))
    left = list(problems())
    sys.stdout.write("".join(f"{line}\n" for line in left))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
