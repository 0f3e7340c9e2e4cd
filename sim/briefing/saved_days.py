"""Read the days of a run: the mean licence time of each day of submission."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sim.briefing.saved import SavedError

TABLE = "days"


@dataclass(frozen=True)
class Day:
    """A day of submission.

    Attributes
    ----------
    date : date
    working : bool
    cases : float
        Registrations submitted, mean over the replications.
    mean_minutes, smallest, largest : float
        Mean licence time, and its extremes over the replications; inf if somebody never gets a licence.
    """

    date: date
    working: bool
    cases: float
    mean_minutes: float
    smallest: float
    largest: float


def read_days(folder: Path) -> tuple[Day, ...]:
    """Read the days of a run, in their order.

    Raises
    ------
    SavedError
        If the folder does not hold them.
    """
    try:
        rows = pq.read_table(folder / f"{TABLE}.parquet").to_pylist()
        days = [Day(**{field.name: row[field.name] for field in fields(Day)}) for row in rows]
    except (OSError, KeyError, pa.ArrowException) as error:
        raise SavedError(f"{folder}: holds no days of a run ({error}); run the scenario again") from error
    return tuple(sorted(days, key=lambda day: day.date))
