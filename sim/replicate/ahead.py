"""The very first run: playing is compiled in a process of its own, while this one compiles drawing and measuring."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parents[2]
LONGEST = 120.0
"""Seconds to wait for the other process."""


def compile_ahead(say: Callable[[], None] = lambda: None) -> None:
    """Compile what a replication needs by two processes at once, unless it is compiled already.

    The compiler holds the interpreter, so threads would wait for each other.

    Parameters
    ----------
    say : callable
        Called if there is something to compile.
    """
    from sim.engines.event_loop import run_events
    from sim.jit import ours_alone
    from sim.replicate.workers import available_cores

    # Without the compiler, or without a folder for its code, there is nothing to be had; nor with a single core.
    kept = getattr(getattr(run_events, "_cache", None), "_cache_file", None)
    if kept is None or Path(kept._index_path).exists() or available_cores() < 2:
        return
    if not ours_alone(Path(kept._index_path).parent):
        return
    say()
    # Nothing of the current folder is imported there (-P).
    line = [sys.executable, "-P", "-c", f"from {__name__} import compile_playing; compile_playing()"]
    way = os.pathsep.join(filter(None, (str(HOME), os.environ.get("PYTHONPATH", ""))))
    nothing = subprocess.DEVNULL
    try:
        other = subprocess.Popen(
            line, env=os.environ | {"PYTHONPATH": way}, stdin=nothing, stdout=nothing, stderr=nothing
        )
    except (OSError, TypeError):
        return  # all is compiled when it is needed
    try:
        _compile_the_rest()
        with suppress(subprocess.TimeoutExpired):
            other.wait(LONGEST)
    finally:
        other.kill()
        other.wait()


def compile_playing() -> None:
    """Compile the event loop, by playing an office to which nobody comes."""
    import numpy as np

    from sim.engines.play import play
    from sim.records import VISIT, Journeys

    none = np.empty(0, np.int16)
    play(_nobody(), Journeys(
        arrival=np.empty(0), population=none, profile=none, first_visit=np.zeros(1, np.int32),
        visit=np.empty(0, VISIT), outage_stage=np.empty(0, np.int32), outage_from=np.empty(0), outage_to=np.empty(0),
        absence_mark=np.empty((0, 0, 0), np.float32), leave_mark=np.empty((0, 0), np.float32),
    ))  # fmt: skip


def _compile_the_rest() -> None:
    import numpy as np

    from sim.draws.draw import draw
    from sim.measures.kpis import measure
    from sim.records import VISIT_LOG, VisitLog

    office = _nobody()
    measure(office, draw(office, 0), VisitLog(np.empty(0, VISIT_LOG), days=1))


def _nobody() -> Any:
    """Return an office with all that is compiled for nearly every one, and to which nobody comes."""
    import numpy as np

    from sim.office.blocks import Arrivals, Days, Duty, Office, Pool, Population, Stage
    from sim.office.distributions import Exponential, Lognormal
    from sim.office.hours import ALWAYS
    from sim.office.routes import Choice, Route, Visit

    route = Route((
        Choice("way", ((0.5, "short"), (0.5, "long"))), Visit("short", "desk", Lognormal(1.0, 1.0)),
        Visit("long", "desk", Exponential(1.0), patience=Exponential(1.0)),
    ))  # fmt: skip
    people = Population("all", Arrivals(0.0, np.zeros(48), day_to_day_cv=0.1), ((1.0, route),))
    clerk = Pool("clerk", (Duty("desk"),), (ALWAYS,))
    return Office("nobody", Days.every_day(1, 1), (Stage("desk"),), (clerk,), (people,))
