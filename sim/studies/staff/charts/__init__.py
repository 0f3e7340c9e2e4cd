"""The charts of a cheapest roster: the roster, the rosters that were tried, and the certificate."""

from __future__ import annotations

from sim.studies.base import Chart
from sim.studies.staff.charts.certificate import certificate_chart
from sim.studies.staff.charts.roster import roster_chart
from sim.studies.staff.charts.tradeoff import tradeoff_chart
from sim.studies.staff.records import CheapestRoster


def charts(record: CheapestRoster) -> list[Chart]:
    """Return the charts of what was found."""
    return [
        Chart("staffing", lambda: roster_chart(record), ("staffing", "needs"), whole=record.plan is not None),
        Chart("tried", lambda: tradeoff_chart(record), ("search", "certificate")),
        # A table of small type, so not for slides.
        Chart("certificate", lambda: certificate_chart(record), ("certificate",), whole=False),
    ]
