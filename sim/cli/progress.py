"""Progress on standard error: a bar on a terminal, else one clean line for each scenario."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from sim.cli.output import say


class Steps(Protocol):
    """What a command tells of its progress."""

    def begin(self, name: str) -> None:
        """Say which scenario is being run."""

    def advance(self, steps: int = 1) -> None:
        """Say that replications are done."""

    def end(self, text: str) -> None:
        """Say how the scenario has ended."""


class _Bar:
    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=total)

    def begin(self, name: str) -> None:
        self._progress.update(self._task, description=name)

    def advance(self, steps: int = 1) -> None:
        self._progress.advance(self._task, steps)

    def end(self, text: str) -> None:
        """Say nothing: the bar has said it."""


class _Lines:
    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._name = ""

    def begin(self, name: str) -> None:
        self._name, self._began = name, time.perf_counter()

    def advance(self, steps: int = 1) -> None:
        """Say nothing: only a bar shows single steps."""

    def end(self, text: str) -> None:
        say(f"{self._name}: {text} ({time.perf_counter() - self._began:.1f} s)")


@contextmanager
def progress_of(total: int) -> Iterator[Steps]:
    """Yield what shows the progress of `total` replications."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    # Standard output is not redirected through the bar: it belongs to the answer alone.
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        yield _Bar(progress, total)
