"""Mean, interval and extremes of each figure over replications."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sim.measures.judge import Rule
from sim.measures.kpis import Kpi
from sim.measures.sequential import mean_intervals
from sim.replicate.figures import Figures


def summary(figures: Figures, rule: Rule) -> pa.Table:
    """Return mean, always-valid interval and extremes of each figure over the replications that have it.

    A figure that a replication has not (the utilisation of a pool without staff) is NaN, not infinite; so are the
    ends of the interval of a figure that is the same in all replications. Each
    interval holds for itself, at the confidence that the rule gives to each of its tests.
    """
    values = figures.values
    mean, low, high = mean_intervals(values, rule.boundary)
    # What never varies may be a constant, or rare: an interval of no width would claim to know which.
    constant = low == high
    low, high = np.where(constant, np.nan, low), np.where(constant, np.nan, high)
    there = ~np.isnan(values)
    some = there.any(axis=0)
    return pa.table(named_columns(figures.names) | {
        "mean": mean,
        "low": low,
        "high": high,
        "confidence": np.full(len(mean), 1 - 2 * rule.boundary.error),
        "smallest": np.where(some, np.where(there, values, np.inf).min(axis=0, initial=np.inf), np.nan),
        "largest": np.where(some, np.where(there, values, -np.inf).max(axis=0, initial=-np.inf), np.nan),
        "replications": there.sum(axis=0),
    })  # fmt: skip


def named_columns(names: tuple[Kpi, ...], repeats: int = 1) -> dict[str, list[str]]:
    """Return what figures are called, as the first columns of a table of them."""
    return {field: [str(name[place]) for name in names] * repeats for place, field in enumerate(Kpi._fields)}
