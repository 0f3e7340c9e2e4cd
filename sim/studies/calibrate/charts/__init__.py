"""What a log tells, as charts: when applicants come, how long services take, patience, and the back-test."""

from __future__ import annotations

from sim.studies.base import Chart
from sim.studies.calibrate.charts.arrival_profile import arrival_profile_chart
from sim.studies.calibrate.charts.back_test import back_test_chart
from sim.studies.calibrate.charts.change import change_chart
from sim.studies.calibrate.charts.patience import patience_chart
from sim.studies.calibrate.charts.rolling import rolling_chart
from sim.studies.calibrate.charts.service_times import service_times_chart, shown_services
from sim.studies.calibrate.records import Calibration
from sim.studies.calibrate.rolling_shown import young


def charts(record: Calibration) -> list[Chart]:
    """Return the charts of what the log tells something of."""
    found = []
    if record.profile:
        found.append(Chart("arrival_profile", lambda: arrival_profile_chart(record), ("profile",)))
    if shown_services(record):
        found.append(Chart("service_times", lambda: service_times_chart(record), ("services", "quantiles")))
    if record.survival:
        found.append(Chart("patience", lambda: patience_chart(record), ("survival", "estimates")))
    if record.compared:
        found.append(Chart("back_test", lambda: back_test_chart(record), ("back_test",)))
    if young(record):
        found.append(Chart("rolling", lambda: rolling_chart(record), ("rolling",)))
    if record.causes and record.change is not None and record.change.defined:
        found.append(Chart("change", lambda: change_chart(record), ("causes",)))
    return found
