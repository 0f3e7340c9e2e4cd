"""A simulator of a district's business licence office.

Does the five-minute target hold, under which demand, with which staff?

The way of the data: scenario -> office -> draw -> play -> measure -> judge -> brief.

>>> from sim import load_scenario, draw, play, measure, judge
>>> office = load_scenario("scenarios/baseline-2023.yaml")
>>> journeys = draw(office, seed=1)
>>> log = play(office, journeys)
>>> kpis = measure(office, journeys, log)
>>> judge(office.target, [kpis]).estimate
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from sim.draws.draw import draw
    from sim.engines.play import play
    from sim.library import load_scenario
    from sim.measures.judge import judge
    from sim.measures.kpis import measure

__all__ = ["draw", "judge", "load_scenario", "measure", "play"]

_HOME = {
    "load_scenario": "sim.library",
    "draw": "sim.draws.draw",
    "play": "sim.engines.play",
    "measure": "sim.measures.kpis",
    "judge": "sim.measures.judge",
}

UNUSED = 30 * 24 * 3600.0
"""Seconds after which a folder of compiled code that nobody has used is removed."""


def _keep_compiled_code() -> None:
    """Keep compiled code between runs, in a folder named by the sources that went into it.

    numba notices a change of the file that holds a compiled function, not of one whose functions were
    compiled into it: with a fixed folder, old rules would go on running silently. So this is done here, before
    anything of ours can import numba.
    """
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    from pathlib import Path

    from platformdirs import user_cache_dir

    from sim.kept import sources

    folder = Path(user_cache_dir("licence-office-sim")) / sources()
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    if "numba" in sys.modules:
        # It has read its settings already, but looks this one up at each compilation.
        sys.modules["numba"].config.CACHE_DIR = str(folder)
    _tidy(folder)


def _tidy(folder: Path) -> None:
    """Note that a folder of compiled code is used, and remove those of other sources that have not been for long."""
    import re
    import shutil
    import time
    from contextlib import suppress

    with suppress(OSError):
        if folder.is_dir():
            os.utime(folder)
            return
        folder.mkdir(parents=True, mode=0o700)
        for other in folder.parent.iterdir():
            if re.fullmatch("[0-9a-f]{16}", other.name) and time.time() - other.stat().st_mtime > UNUSED:
                shutil.rmtree(other, ignore_errors=True)


_keep_compiled_code()


def __getattr__(name: str) -> Any:
    """Import a name when it is first asked for, so that `--help` need not wait for numba."""
    from importlib import import_module

    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
