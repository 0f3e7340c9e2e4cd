"""The engines, as a fixture: whatever is not about one engine is tested on each of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sim.engines.compiled import play_compiled
from sim.engines.process import play_process
from sim.office.tables import OfficeTables
from sim.records import Journeys, VisitLog

Engine = Callable[[Journeys, OfficeTables], VisitLog]

ENGINES: dict[str, Engine] = {"process": play_process, "compiled": play_compiled}


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> Engine:
    """Return the function (journeys, tables) -> VisitLog of each engine in turn."""
    return ENGINES[request.param]
