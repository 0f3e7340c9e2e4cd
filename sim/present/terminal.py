"""Text and tables as a terminal shows them, and messages beside the answer."""

from __future__ import annotations

import io
import json
import math
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

import click

from sim.present.table import Piece, Sentence, Table, Tone, Traced, text_of

if TYPE_CHECKING:
    # Only when something is to be drawn, so that `--help` need not wait for it.
    from rich.table import Table as Drawn
    from rich.text import Text

COLOURS: dict[Tone, str] = {"good": "green", "bad": "red", "close": "yellow", "open": "magenta", "": ""}
WIDTH_OF_A_FILE = 400
Part = str | Sentence | Table | Traced
CONTROL = (*(code for code in range(32) if chr(code) not in "\n\t"), *range(127, 160))
DIRECTION = (0x061C, 0x200E, 0x200F, 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
UNSAFE = dict.fromkeys((*CONTROL, *DIRECTION), "\N{REPLACEMENT CHARACTER}")
"""Characters that a terminal obeys, or that turn the order of a line: names of files may have them, and their texts."""


def terminal_width() -> int:
    """Return how many columns there are; plenty in a file, where nothing is wrapped, so that grep finds lines."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDTH_OF_A_FILE


def rendered(parts: Sequence[Part]) -> str:
    """Return text and tables as they will be printed, coloured on a terminal only."""
    from rich.console import Console
    from rich.text import Text

    text = io.StringIO()
    console = Console(
        file=text, force_terminal=sys.stdout.isatty(), width=terminal_width(), highlight=False, emoji=False,
        markup=False,
    )  # fmt: skip
    for part in parts:
        if isinstance(part, Table):
            # A title may be longer than its table is wide.
            console.print(Text(part.title.translate(UNSAFE), style="bold"), soft_wrap=True)
            console.print(_drawn(part))
        else:
            console.print(part.translate(UNSAFE) if isinstance(part, str) else _line(part), soft_wrap=True)
    lines = [line.rstrip() for line in text.getvalue().split("\n")]
    return "\n".join(line for i, line in enumerate(lines) if line or not i or lines[i - 1])


def _line(part: Sentence | Traced) -> Text:
    from rich.text import Text

    line = Text()
    for piece in part.pieces if isinstance(part, Sentence) else (part,):
        line.append(_cell(piece))
    return line


def _cell(piece: Piece) -> Text:
    from rich.text import Text

    tone = piece.tone if isinstance(piece, Traced) else ""
    return Text(text_of(piece).translate(UNSAFE), style=f"bold {COLOURS[tone]}" if tone else "")


def _drawn(table: Table) -> Drawn:
    from rich import box
    from rich.table import Table as Drawn

    drawn = Drawn(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        header_style="dim",
        collapse_padding=True,
        caption=table.note.translate(UNSAFE) or None,
        caption_justify="left",
    )
    for column, head in enumerate(table.heads):
        words = column == 0 or column in table.wide
        vertical: Literal["bottom", "top"] = "bottom" if column == 0 else "top"
        # Of a number that has no room nothing is cut off.
        justify: Literal["left", "right"] = "left" if words else "right"
        drawn.add_column(head.translate(UNSAFE), justify=justify, vertical=vertical, overflow="fold")
    for number, row in enumerate(table.rows):
        if table.total and number == len(table.rows) - table.total:
            drawn.add_section()
        drawn.add_row(*map(_cell, row))
        if number in table.parts:
            drawn.add_section()
    return drawn


def one_line(text: object) -> str:
    """Return a text, or a message in words, without line breaks."""
    return " ".join(str(text).split())


def prepare_streams() -> None:
    """Make sure that there is something to write to, and that no character ends a run.

    A closed stream is replaced by nowhere; a terminal that cannot show a character shows a question mark.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 (it stays open until the end)
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def say(line: object) -> None:
    """Write a line to standard error; nobody listening there is no reason to stop working."""
    with suppress(OSError):
        click.echo(str(line).translate(UNSAFE), err=True)


def print_text(text: str) -> None:
    """Write to standard output, all at once."""
    _write(text.translate(UNSAFE))


def print_parts(parts: Sequence[Part]) -> None:
    """Write text and tables to standard output, coloured on a terminal."""
    _write(rendered(parts))


def _write(text: str) -> None:
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    sys.stdout.flush()


def print_json(value: dict[str, Any]) -> None:
    """Write one JSON object; what is not a finite number becomes null."""
    text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, default=str)
    _write(text.translate({code: f"\\u{code:04x}" for code in UNSAFE}))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def discard_stdout() -> None:
    """Send what is still to be written to standard output nowhere: its reader has gone.

    Without this, Python complains at exit about what it could not flush.
    """
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 (it stays open until the end)
