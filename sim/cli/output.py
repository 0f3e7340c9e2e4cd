"""Writing to standard output and standard error."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import click

from sim.office.problems import Problem


def one_line(text: str) -> str:
    """Return a text without line breaks."""
    return " ".join(text.split())


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


def say(line: str) -> None:
    """Write a line to standard error; nobody listening there is no reason to stop working."""
    with suppress(OSError):
        click.echo(line, err=True)


def print_text(text: str) -> None:
    """Write to standard output, all at once."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    sys.stdout.flush()


def print_json(value: dict[str, Any]) -> None:
    """Write one JSON object; what is not a finite number becomes null."""
    print_text(json.dumps(_finite(value), ensure_ascii=False, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def problem_dicts(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return errors or warnings of scenario files for JSON."""
    return [
        {"file": found.file, "line": found.line, "column": found.column, "message": one_line(found.message)}
        for found in problems
    ]


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
