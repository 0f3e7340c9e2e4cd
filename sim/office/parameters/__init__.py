"""All parameters of a scenario, each defined once: unit, default, ranges, source, meaning in two languages."""

from sim.office.parameters.demand import Demand, Surge
from sim.office.parameters.fields import MeanAndCv, MeanAndShape, MeanHours, MedianHours, Titles
from sim.office.parameters.filing import Filing
from sim.office.parameters.hours import LocalCalendar, OpeningHours, Period, TargetParameters
from sim.office.parameters.phone import CallerProfile, Phone
from sim.office.parameters.process import Pace, PriorityRule, Step
from sim.office.parameters.review import Issue, ReturnFactors, Review
from sim.office.parameters.root import Scenario
from sim.office.parameters.staff import (
    DrawnOutages,
    GivenOutage,
    Help,
    Midday,
    OtherWork,
    OutageParameters,
    RosterLine,
    Staff,
    StaffPool,
    duty_of,
    shift_counts,
)

__all__ = [
    "CallerProfile", "Demand", "DrawnOutages", "Filing", "GivenOutage", "Help", "Issue", "LocalCalendar",
    "MeanAndCv", "MeanAndShape", "MeanHours", "MedianHours", "Midday", "OpeningHours", "OtherWork",
    "OutageParameters", "Pace", "Period", "Phone", "PriorityRule", "ReturnFactors", "Review", "RosterLine", "Scenario",
    "Staff", "StaffPool", "Step", "Surge", "TargetParameters", "Titles", "duty_of", "shift_counts",
]  # fmt: skip
