"""Progress on standard error: a bar on a terminal, else a clean line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from sim.present.terminal import say
from sim.replicate.gather import Progress as Gathered
from sim.text import N_, _, _c

BETWEEN_LINES = 5.0
"""Seconds between two lines if there is no terminal."""


class Watching(Protocol):
    """What a command tells of its progress."""

    def step(self, progress: Gathered, so_far: str) -> None:
        """Show how far the replications are, and what they have answered `so_far`."""

    def end(self, text: str) -> None:
        """Show how it has ended."""

    @property
    def seconds(self) -> float:
        """Time since it began."""


class _Bar:
    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._task = progress.add_task(name, total=None, text="")
        self._began = time.perf_counter()

    def step(self, progress: Gathered, so_far: str) -> None:
        self._progress.update(
            self._task,
            completed=progress.replications,
            total=progress.replications + progress.expected,
            text=_told(progress, so_far),
        )

    def end(self, text: str) -> None:
        """Take the bar away, which has said it: what comes now is the answer."""
        self._progress.stop()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began


class _Lines:
    def __init__(self, name: str) -> None:
        self._name = name
        self._began = self._said = time.perf_counter()
        self._done = 0

    def step(self, progress: Gathered, so_far: str) -> None:
        now = time.perf_counter()
        if now - self._said >= BETWEEN_LINES:
            self._said = now
            say(f"{self._name}: {_told(progress, so_far)}")

    def end(self, text: str) -> None:
        say(f"{self._name}: {text} ({self.seconds:.1f} s)")

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began


def _told(progress: Gathered, so_far: str) -> str:
    """Return design points done, verdicts so far, replications, time left."""
    parts = []
    if progress.points > 1:
        parts.append(_("{done} of {points} design points done", done=progress.done, points=progress.points))
    if so_far:
        parts.append(so_far)
    parts.append(_("{replications} replications", replications=f"{progress.replications:,}"))
    if progress.seconds_left is not None and progress.expected:
        left = N_("about {time} left in this step") if progress.step else N_("about {time} left")
        parts.append(_(left, time=duration(progress.seconds_left)))
    return _c("comma", ", ").join(parts)


def duration(seconds: float) -> str:
    """Return a time such as 0:42 or 1:02:05."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


@contextmanager
def watching(name: str) -> Iterator[Watching]:
    """Yield what shows the progress of an experiment."""
    if not sys.stderr.isatty():
        yield _Lines(name)
        return
    columns = TextColumn("{task.description}"), BarColumn(20), TextColumn("{task.fields[text]}"), TimeElapsedColumn()
    # Standard output is not redirected through the bar: it belongs to the answer alone.
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        yield _Bar(progress, name)
