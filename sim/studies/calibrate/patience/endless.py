"""Patience of those of whom none gave up: no shorter than all the waiting that a log has would have shown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from sim.office.parameters import Scenario
from sim.studies.calibrate.patience.patience import PatienceFit
from sim.studies.calibrate.patience.waits import Waits
from sim.studies.calibrate.records import PATIENCE, Estimate

NONE_SEEN = 3.0
"""Expected number of which with 95 % at least one is seen."""
NOBODY = "nobody gave up"
"""Beginning of the method of patience that is at least so long."""
PATIENT = 600.0
"""Minutes from which on patience is as good as without end; less that nobody ended is left as it was assumed."""
LONGEST = {"phone": 36_000.0, "hall": 1440.0}
"""The longest mean that a scenario can have [s, min]; who is more patient on the phone waits without end."""


def least_patience(waits: Waits, shape: float) -> float:
    """Return the mean of Weibull patience [min] under which somebody would have given up with 95 %; 0 if any did."""
    if waits.gave_up.any() or waits.over.any() or waits.turned_away or waits.untold_gave_up:
        return 0.0
    scale = float(((waits.minutes**shape).sum() / NONE_SEEN) ** (1 / shape))
    return scale * math.gamma(1 + 1 / shape)


def endless_estimates(patience: Mapping[str, PatienceFit], parent: Scenario) -> Iterator[Estimate]:
    """Yield patience where nobody gave up, if it is ten hours or more with 95 %: the least that it can be.

    It has no interval. The shape is the parent's; where its patience is a sample, as of exponential patience.
    """
    profiles, hall = parent.phone.profiles, parent.filing.hall_patience
    shapes = {"phone": sum(each.share * each.patience_shape for each in profiles), "hall": hall.shape}
    sampled = {"phone": any(each.patience_sample for each in profiles), "hall": hall.sample is not None}
    for group, found in patience.items():
        unit, factor = ("s", 60.0) if group == "phone" else ("min", 1.0)
        least = factor * least_patience(found.waits, 1.0 if sampled[group] else shapes[group])
        if least >= factor * PATIENT:
            n, hours = len(found.waits.minutes), found.waits.minutes.sum() / 60
            method = f"{NOBODY} in {hours:,.0f} h of waiting: at least so long"
            yield Estimate(PATIENCE[group], min(least, LONGEST[group]), math.nan, math.nan, n, method, unit)


def endless(estimate: Estimate) -> bool:
    """Say whether patience on the phone is as good as without end."""
    return estimate.method.startswith(NOBODY) and estimate.value >= LONGEST["phone"]
