"""From one uniform number to one duration: the only sampler there is."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from sim.jit import kept_njit
from sim.office.distributions import (
    EXPONENTIAL,
    FIXED,
    GAMMA,
    LOGNORMAL,
    SAMPLED,
    TRIANGULAR,
    UNIFORM,
    WEIBULL,
)

CONTRACT = {"contract"}
"""A product and a sum may be one instruction, which is faster and rounds once less. Nothing is drawn in two ways,
so nothing has to come out the same without it."""
CENTRE = 0.425
"""Normal quantiles up to so far from 0.5 need no logarithm."""
_LOG2_E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_WHOLE = 1.5 * 2.0**52


@njit(inline="always")
def _central(q):
    """Return the normal quantile at 0.5 + `q`, for `q` from -`CENTRE` to `CENTRE`."""
    r = 0.180625 - q * q
    top = (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
              + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
            + 133.14166789178437745) * r + 3.387132872796366608)  # fmt: skip
    bottom = (((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                 + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
               + 42.313330701600911252) * r + 1.0)  # fmt: skip
    return q * top / bottom


@kept_njit(fastmath=CONTRACT)
def normal_quantile(p):
    """Return the quantile of the standard normal distribution at `p`, strictly between 0 and 1.

    Notes
    -----
    Rational approximations in three regions, relative error about 1e-16.
    Source: Wichura (1988), Algorithm AS 241 (PPND16).
    """
    q = p - 0.5
    if abs(q) <= CENTRE:
        return _central(q)
    r = math.sqrt(-math.log(p if q < 0 else 1.0 - p))
    if r <= 5.0:
        r -= 1.6
        top = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
                  + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r
                + 4.6303378461565452959) * r + 1.42343711074968357734)  # fmt: skip
        bottom = (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
                     + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r
                   + 2.05319162663775882187) * r + 1.0)  # fmt: skip
    else:
        r -= 5.0
        top = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
                  + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r
                + 5.4637849111641143699) * r + 6.6579046435011037772)  # fmt: skip
        bottom = (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r
                     + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
                   + 0.59983220655588793769) * r + 1.0)  # fmt: skip
    return -top / bottom if q < 0 else top / bottom


@njit(inline="always")
def exponential(x):
    """Return e to the power of `x`, within a unit in the last place from -708 to 709, and beyond what it is there.

    Notes
    -----
    A few operations that the processor does for several numbers at a time.
    `x` is a whole number of ln 2, in two parts so that nothing is lost, and a rest of at most half of it, whose power
    is a sum of 13 terms. Adding `_WHOLE` rounds to a whole number, and leaves it in the last bits.
    """
    bounded = min(max(x, -708.0), 709.0)
    moved = bounded * _LOG2_E + _WHOLE
    whole = moved - _WHOLE
    r = (bounded - whole * _LN2_HIGH) - whole * _LN2_LOW
    p = 1 / 6227020800.0
    p = p * r + 1 / 479001600.0
    p = p * r + 1 / 39916800.0
    p = p * r + 1 / 3628800.0
    p = p * r + 1 / 362880.0
    p = p * r + 1 / 40320.0
    p = p * r + 1 / 5040.0
    p = p * r + 1 / 720.0
    p = p * r + 1 / 120.0
    p = p * r + 1 / 24.0
    p = p * r + 1 / 6.0
    p = p * r + 0.5
    p = p * r * r + r
    exponent = np.float64(moved).view(np.int64) - np.float64(_WHOLE).view(np.int64) + np.int64(1023)
    power_of_two = np.int64(exponent << np.int64(52)).view(np.float64)
    return p * power_of_two + power_of_two


@kept_njit(nogil=True, fastmath=CONTRACT, error_model="numpy")
def lognormals(count, mark, mu, sigma, minutes, beyond):
    """Fill `minutes` with the first `count` times exp(`mu` + `sigma` z), z being the normal quantile at `mark`.

    What a loop over all does without a branch, the processor does for several at a time: so for all the quantile of
    the centre first, then again for those beyond it, whose numbers are noted in `beyond` (room for one more than
    `count`).
    """
    for i in range(count):
        minutes[i] = _central(mark[i] - 0.5)
    some = 0
    for i in range(count):
        beyond[some] = i
        some += abs(mark[i] - 0.5) > CENTRE
    for j in range(some):
        minutes[beyond[j]] = normal_quantile(mark[beyond[j]])
    for i in range(count):
        minutes[i] = exponential(mu[i] + sigma[i] * minutes[i])


@kept_njit(fastmath=CONTRACT)
def gamma_parts(shape, x):
    """Return the regularised incomplete gamma functions P(shape, x) and Q(shape, x), which sum to 1.

    Notes
    -----
    The series below shape + 1, the continued fraction (Lentz) above. Source: Abramowitz and Stegun (1964), 6.5.29 and
    6.5.31.
    """
    if x <= 0.0:
        return 0.0, 1.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1.0:
        term = total = 1.0 / shape
        over = shape
        while abs(term) > total * 1e-17:
            over += 1.0
            term *= x / over
            total += term
        return front * total, 1.0 - front * total
    b = x + 1.0 - shape
    c = 1e300
    d = 1.0 / b
    h = d
    for i in range(1, 10_000):
        a = -i * (i - shape)
        b += 2.0
        d = a * d + b
        d = 1.0 / (d if abs(d) > 1e-300 else 1e-300)
        c = b + a / c
        c = c if abs(c) > 1e-300 else 1e-300
        step = d * c
        h *= step
        if abs(step - 1.0) < 1e-16:
            break
    return 1.0 - front * h, front * h


@kept_njit(fastmath=CONTRACT)
def gamma_quantile(shape, p):
    """Return the quantile of the gamma distribution with scale 1 at `p`, strictly between 0 and 1.

    Notes
    -----
    From Wilson and Hilferty's (1931) approximation, or below it from the first term of the series, by Newton's steps in
    the logarithm, between ends that they may not leave.
    """
    cube = 1.0 - 1.0 / (9.0 * shape) + normal_quantile(p) / (3.0 * math.sqrt(shape))
    # Where P(shape, x) is about x^shape / Gamma(shape + 1).
    small = (math.log(p) + math.lgamma(shape + 1.0)) / shape
    y = math.log(shape) + 3.0 * math.log(cube) if cube > 0.3 and shape > 0.2 else small
    low, high = -745.0, 30.0
    y = min(max(y, low), high)
    for _ in range(200):
        x = math.exp(y)
        below, above = gamma_parts(shape, x)
        # The smaller of the two is the one that is known exactly.
        wrong = below - p if p < 0.5 else (1.0 - p) - above
        if wrong > 0.0:
            high = y
        else:
            low = y
        slope = math.exp(shape * y - x - math.lgamma(shape))
        new = y - wrong / slope if slope > 0.0 else 0.5 * (low + high)
        if not low < new < high:
            new = 0.5 * (low + high)
        if abs(new - y) <= 1e-15 * max(abs(y), 1.0):
            return math.exp(new)
        y = new
    return math.exp(y)


@kept_njit(fastmath=CONTRACT)
def rare_time(kind, a, b, table, u):
    """Return the minutes at the quantile `u` of a gamma distribution, or of a sample: `a` times from `b` in the table.

    Apart from the others: what is seldom drawn shall not make them slower.

    Each time is in the middle of its part of the unit interval. Between two middles others are drawn, on straight
    lines; below the first and above the last it is the smallest and the largest. So the mean is that of the times.
    """
    if kind == GAMMA:
        return b * gamma_quantile(a, u)
    count, first = np.int64(a), np.int64(b)
    if kind != SAMPLED:
        return table[first + min(np.int64(u * count), count - 1)]
    at = u * count - 0.5
    place = np.int64(math.floor(at))
    if place < 0 or place > count - 2:
        return table[first + (0 if place < 0 else count - 1)]
    below = table[first + place]
    return below + (at - place) * (table[first + place + 1] - below)


@kept_njit(fastmath=CONTRACT)
def sample(kind, a, b, c, u):
    """Return the minutes at the quantile `u` of a lowered distribution (see `Distribution.lowered`)."""
    if kind == FIXED:
        return a
    if kind == EXPONENTIAL:
        return -a * math.log(1.0 - u)
    if kind == LOGNORMAL:
        return exponential(a + b * normal_quantile(u))
    if kind == WEIBULL:
        return a * (-math.log(1.0 - u)) ** b
    if kind == UNIFORM:
        return a + b * u
    if kind == TRIANGULAR:
        low, mode, high = a, b, c
        if u < (mode - low) / (high - low):
            return low + math.sqrt(u * (high - low) * (mode - low))
        return high - math.sqrt((1.0 - u) * (high - low) * (high - mode))
    return np.nan


def poisson(u: float, mean: float) -> int:
    """Return the quantile of a Poisson number at `u`."""
    from scipy.special import pdtrik  # only where it is needed: reading it takes a third of the time of a start

    return max(int(np.ceil(pdtrik(u, mean))), 0)
