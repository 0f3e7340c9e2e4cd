"""The engines, as a fixture: whatever is not about one engine is tested on each of them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import pytest

from sim.office.tables import OfficeTables
from sim.records import Journeys, VisitLog

Engine = Callable[[Journeys, OfficeTables], VisitLog]

ENGINES = {"process": "play_process", "compiled": "play_compiled"}


def _engines() -> dict[str, Engine]:
    found = {}
    for name, function in ENGINES.items():
        module = f"sim.engines.{name}"
        if importlib.util.find_spec(module) is not None:
            found[name] = getattr(importlib.import_module(module), function)
    return found


_FOUND = _engines()


@pytest.fixture(params=list(_FOUND))
def engine(request: pytest.FixtureRequest) -> Engine:
    """Return the function (journeys, tables) -> VisitLog of each engine in turn."""
    return _FOUND[request.param]
