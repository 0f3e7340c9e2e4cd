"""Charts of a run. Every title says the finding."""

from __future__ import annotations

from sim.studies.base import Chart
from sim.studies.run.charts.calendar import calendar_chart
from sim.studies.run.charts.day import day_chart
from sim.studies.run.charts.given_log import given_log_chart
from sim.studies.run.charts.times import licence_time_chart, minutes_chart
from sim.studies.run.records import Run


def charts(record: Run) -> list[Chart]:
    """Return the charts of a scenario; none if the office could not finish its cases."""
    if not record.has_figures:
        return []
    found = [
        Chart("licence_time", lambda: licence_time_chart(record), ("licence_times",), part="what"),
        Chart("minutes", lambda: minutes_chart(record), ("summary",), part="why"),
        Chart("day", lambda: day_chart(record), ("half_hours",)),
    ]
    if record.given_log is not None and record.given_log.low < record.given_log.high:
        # What is open comes first.
        found.insert(0, Chart("given_log", lambda: given_log_chart(record), part="how far"))
    if record.target.about_mean and record.target.clock == "licence" and record.days:
        found.append(Chart("calendar", lambda: calendar_chart(record), ("days",), saved=False, part="how far"))
    return found
