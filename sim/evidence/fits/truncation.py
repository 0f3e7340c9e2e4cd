"""Whether a lognormal of which only the shorter times are seen describes them, or another distribution does."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from sim.evidence.fits.intervals import Interval

F64 = NDArray[np.float64]


def supported(
    fitted: tuple[Interval, Interval] | None, minutes: F64, limits: F64, of_median: bool, worst: float
) -> tuple[Interval, Interval] | None:
    """Return a truncated lognormal that the times support, None if they speak against it.

    Without this, times that are not lognormal at all, and have many very short ones, are taken for the short end of a
    lognormal whose long end the log does not show.

    Parameters
    ----------
    fitted : tuple of Interval or None
        Mean or median [min] and coefficient of variation; None stays None.
    minutes, limits : (n,) float64
        Each was seen because it is no longer than its limit [min].
    of_median : bool
        Whether the first is the median.
    worst : float
        The largest criterion of Akaike (1974) that counts as support.
    """
    if fitted is None:
        return None
    centre, cv = fitted[0][0], fitted[1][0]
    variance = math.log1p(cv**2)
    sigma, mu = math.sqrt(variance), math.log(centre) - (0.0 if of_median else variance / 2)
    logs = np.log(minutes)
    each = -logs - 0.5 * ((logs - mu) / sigma) ** 2 - log_ndtr((np.log(limits) - mu) / sigma)
    likelihood = float(each.sum()) - len(logs) * (math.log(sigma) + 0.5 * math.log(2 * math.pi))
    return fitted if 4 - 2 * likelihood <= worst else None
