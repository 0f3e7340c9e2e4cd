"""How long services take: quantiles of the log against those of the fitted distributions, step by step."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from sim.present.charts.pieces import fitted, legend_row, write_at
from sim.present.charts.style import (
    BLUE,
    GREY,
    INK,
    LEFT,
    LINE,
    ORANGE,
    RED,
    RIGHT,
    WIDTH,
    bare,
    new_figure,
    write_line,
    write_source,
    write_title,
)
from sim.present.names import capital, in_a_row
from sim.present.numbers import number, plain
from sim.studies.calibrate.log.steps import STEPS
from sim.studies.calibrate.records import FAMILIES, Calibration
from sim.studies.calibrate.sentences import source
from sim.studies.calibrate.shapes import Quantile, ServiceTime
from sim.studies.calibrate.times.durations import SAMPLE
from sim.studies.calibrate.wording import AT, FAMILY_NAMES, step_name
from sim.text import N_, _

ABOVE, BELOW = 1.3, 0.62
"""Inches: title and legend; notes and source."""
HEAD, UNDER, GAP, AXIS = 0.48, 0.5, 0.35, 0.42
"""Inches: two lines above a panel; the axis below it; between panels; the numbers beside it."""
COLUMNS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 3, 6: 3}
MOST_COLUMNS = 4
TALLEST, ALONE = 2.75, 3.3
"""Inches: a panel is a square, of no more than this; likewise where it stands alone."""
FEW = 2
"""Up to this number of panels, what each family comes to is listed beside them; up to this number of steps, those at
which none fits well are named."""
TICKS = ((1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0), (1.0, 2.0, 5.0),
         (1.0, 3.0), (1.0,))  # fmt: skip
"""Times powers of ten, from the finest."""
MOST_TICKS = 5
FITS, BAD = (BLUE, "o", 2.6), (RED, "^", 3.4)
"""Colour, marker and size of the points of the family that fits, and of the nearest where none does."""
ALIKE = 1.001
"""Times between the longest and the shortest below which there is nothing to compare."""


def service_times_chart(record: Calibration) -> Figure:
    """Return the chart of the service times of all steps to which something was fitted."""
    services = shown_services(record)
    columns = COLUMNS.get(len(services), MOST_COLUMNS)
    tiers = math.ceil(len(services) / columns)
    left = LEFT * WIDTH + 0.25
    room = (RIGHT * WIDTH - left - columns * AXIS - (columns - 1) * GAP) / columns
    side = min(room, ALONE if len(services) == 1 else TALLEST)
    tall = ABOVE + BELOW + tiers * (HEAD + side + UNDER) + 0.15
    figure = new_figure(tall)
    write_title(
        figure,
        services_title(record),
        _("Quantiles of the log against those of the fitted distributions [min]; on the line they agree"),
    )
    for number_, service in enumerate(services):
        tier, column = divmod(number_, columns)
        x = left + AXIS + column * (room + AXIS + GAP)
        y = ABOVE + tier * (HEAD + side + UNDER)
        _heading(figure, service, _fit_of(record, service), x, y, min(room + GAP * 0.8, RIGHT * WIDTH - x))
        if len(services) <= FEW:
            _list(figure, _fit_of(record, service), x + side + 0.2, y + HEAD)
        area = (x / WIDTH, 1 - (y + HEAD + side) / tall, side / WIDTH, side / tall)
        _panel(figure.add_axes(area), _fit_of(record, service), _quantiles(record, service.step))
        last = number_ + columns >= len(services)
        if last:
            write_at(figure, x + side / 2, y + HEAD + side + 0.38, _("fitted quantile [min]"), size=9.0,
                     color=GREY, ha="center", va="center")  # fmt: skip
        if column == 0:
            write_at(figure, LEFT * WIDTH + 0.06, y + HEAD + side / 2, _("observed quantile [min]"), size=9.0,
                     color=GREY, ha="center", va="center", rotation=90)  # fmt: skip
    _legend(figure, [_fit_of(record, service) for service in services])
    write_line(
        figure,
        0.42 / tall,
        _(
            "Points off: the most by which the share of shorter ones differs, in percentage points (Kolmogorov). "
            "The scenario has lognormal or gamma where that fits, else the times themselves."
        ),
        size=9.5,
    )
    write_source(figure, source(record))
    return figure


@dataclass(frozen=True)
class _Fit:
    """What the report says of the service times of a step.

    Attributes
    ----------
    family : str
        That fits, or is nearest.
    fits : bool
    off : mapping of family to float
        How far off those are that were tried, the one that is taken last.
    n : int
        Of the times that were looked at, those of 0 min among them.
    """

    family: str
    fits: bool
    off: Mapping[str, float]
    n: int


def _fit_of(record: Calibration, service: ServiceTime) -> _Fit:
    """Return what the report says of a step; of one it does not judge, such as a machine's, which family is nearest."""
    rows = [row for row in record.goodness if row.about == "service" and row.step == service.step]
    off = {row.family: row.distance for row in rows if row.family != SAMPLE}
    if not off:
        known = {family: service.distance(family) for family in FAMILIES}
        off = {family: far for family, far in known.items() if not math.isnan(far)}
        return _Fit(service.best, not service.empirical, off, service.n)
    last = rows[-1]
    family = min(off, key=off.__getitem__) if last.family == SAMPLE else last.family
    return _Fit(family, last.does and last.family != SAMPLE, off, last.n + last.too_long)


def shown_services(record: Calibration) -> list[ServiceTime]:
    """Return the steps that have a panel, in the order in which a case passes them."""
    shown = [each for each in record.services if each.best and _differ(_quantiles(record, each.step))]
    return sorted(shown, key=lambda each: STEPS.index(each.step))


def _quantiles(record: Calibration, step: str) -> list[Quantile]:
    """Return the quantiles of a step that can be drawn on a logarithmic axis."""
    return [each for each in record.quantiles if each.step == step and each.observed > 0]


def _differ(quantiles: Sequence[Quantile]) -> bool:
    observed = [each.observed for each in quantiles]
    return bool(observed) and max(observed) > ALIKE * min(observed)


def _heading(figure: Figure, service: ServiceTime, fit: _Fit, x: float, y: float, room: float) -> None:
    first = _("{step}  n = {n}", step=capital(step_name(service.step)), n=number(fit.n))
    if (zeros := fit.n - service.n) > 0:
        first = _("{step}  n = {n}, {zeros} of 0 min", step=capital(step_name(service.step)), n=number(fit.n),
                  zeros=number(zeros))  # fmt: skip
    fitted(figure, write_at(figure, x, y + 0.13, first, size=10.0, color=INK, va="center"), room)
    template = N_("{family} fits, {points} points off") if fit.fits else N_("none fits: {family} {points} points off")
    second = _(template, family=_(FAMILY_NAMES[fit.family]), points=_points(fit.off[fit.family]))
    colour, *__ = FITS if fit.fits else BAD
    fitted(figure, write_at(figure, x, y + 0.33, second, size=9.0, color=colour, va="center"), room, 6.5)


def _points(distance: float) -> str:
    return f"{100 * distance:.1f}"


def _list(figure: Figure, fit: _Fit, x: float, y: float) -> None:
    """Write beside a panel how far off each family is that was tried."""
    looks = {"size": 9.5, "va": "center"}
    write_at(figure, x, y + 0.12, _("points off"), color=GREY, **looks)
    for place, family in enumerate(sorted(fit.off, key=fit.off.__getitem__), start=1):
        text = f"{_(FAMILY_NAMES[family])}  {_points(fit.off[family])}"
        write_at(figure, x, y + 0.12 + 0.24 * place, text, color=INK if family == fit.family else GREY, **looks)


def _panel(axes: Axes, fit: _Fit, quantiles: Sequence[Quantile]) -> None:
    """Draw the quantiles of a step: one family as points, the others as lines, on equal logarithmic axes."""
    low, high = _ends(fit.family, quantiles)
    for direction in ("x", "y"):
        getattr(axes, f"set_{direction}scale")("log")
        getattr(axes, f"set_{direction}lim")(low, high)
    axes.plot([low, high], [low, high], color=INK, lw=0.9, zorder=1.5)
    for family in FAMILIES:
        points = [(each.of(family), each.observed) for each in quantiles if each.of(family) > 0]
        if not points:
            continue
        across, up = zip(*points, strict=True)
        if family == fit.family:
            colour, marker, size = FITS if fit.fits else BAD
            axes.plot(across, up, ls="none", marker=marker, ms=size, color=colour, mew=0, zorder=3)
        else:
            axes.plot(across, up, color=ORANGE, lw=1.1, alpha=0.8, zorder=2)
    bare(axes)
    axes.grid(True, axis="x")
    axes.spines["bottom"].set_color(LINE)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(FixedLocator(_ticks(low, high)))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))
    axes.tick_params(labelsize=8.5, pad=3)


def _ends(family: str, quantiles: Sequence[Quantile]) -> tuple[float, float]:
    """Return the ends of the axes: all that was observed and what a family has."""
    values = [value for each in quantiles for value in (each.observed, each.of(family))]
    values = [value for value in values if value > 0 and math.isfinite(value)]
    low, high = min(values), max(values)
    # A machine takes nearly the same time each time; a panel of a hair's breadth would show its rounding.
    middle = math.sqrt(low * high)
    low, high = min(low, middle / 1.5), max(high, middle * 1.5)
    room = (high / low) ** 0.04
    return low / room, high * room


def _ticks(low: float, high: float) -> list[float]:
    for steps in TICKS:
        found = [base * 10.0**power for power in range(-5, 8) for base in steps]
        seen = [tick for tick in found if low <= tick <= high]
        if len(seen) <= MOST_TICKS:
            break
    return seen


def _legend(figure: Figure, fits: Sequence[_Fit]) -> None:
    handles: dict[str, Line2D] = {}
    for label, (colour, marker, size), shown in (
        (_("the one that fits"), FITS, any(fit.fits for fit in fits)),
        (_("nearest, but far off"), BAD, any(not fit.fits for fit in fits)),
    ):
        if shown:
            handles[label] = Line2D([], [], ls="none", marker=marker, ms=size + 2, mew=0, color=colour)
    handles[_("the two others")] = Line2D([], [], color=ORANGE, lw=1.3)
    handles[_("agreement")] = Line2D([], [], color=INK, lw=0.9)
    legend_row(figure, handles, length=1.3)


def services_title(record: Calibration) -> str:
    """Return which family fits at most steps, and at which steps none does."""
    services = shown_services(record)
    fits = [_fit_of(record, each) for each in services]
    bad = [_(AT[each.step]) for each, fit in zip(services, fits, strict=True) if not fit.fits]
    all_, step = len(services), step_name(services[0].step)
    if len(bad) == all_:
        none = N_("No distribution fits the service times of {step}") if all_ == 1 else N_(
            "No distribution fits the service times of any of the {all} steps")  # fmt: skip
        return _(none, all=all_, step=step)
    counts = Counter(fit.family for fit in fits if fit.fits)
    family, most = counts.most_common(1)[0]
    if most < all_:
        template = N_("{family} fits the service times of {number} of {all} steps")
    else:
        template = {
            1: N_("{family} fits the service times of {step}"), 2: N_("{family} fits the service times of both steps"),
        }.get(all_, N_("{family} fits the service times of all {all} steps"))  # fmt: skip
    told = capital(_(template, family=_(FAMILY_NAMES[family]), number=most, all=all_, step=step))
    if not bad:
        return told
    if len(bad) <= FEW:
        return told + _("; none fits {steps}", steps=in_a_row(bad))
    return told + _("; at {number} of them none fits", number=len(bad))
