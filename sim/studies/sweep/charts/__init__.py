"""The charts of a sweep: the verdicts over two factors, and the estimates along one."""

from __future__ import annotations

from sim.studies.base import Chart
from sim.studies.sweep.charts.heat_map import heat_map
from sim.studies.sweep.charts.lines import lines_chart
from sim.studies.sweep.charts.points import points_along, points_map
from sim.studies.sweep.records import SweepVerdicts


def charts(record: SweepVerdicts) -> list[Chart]:
    """Return the map of the verdicts, if there are two factors, and the lines of the estimates."""
    over, along = (points_map, points_along) if record.scattered else (heat_map, lines_chart)
    found = [Chart("heat_map", lambda: over(record), ("verdicts",), part="how far")] if len(record.factors) > 1 else []
    return [*found, Chart("lines", lambda: along(record), ("verdicts",))]
