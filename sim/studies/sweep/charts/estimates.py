"""An axis for the estimates of a sweep: minutes or shares, with the target and what is beyond the scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator, PercentFormatter

from sim.present.charts.pieces import open_ends
from sim.present.charts.style import INK, LINE, PALE, bare
from sim.present.numbers import PERCENT, plain
from sim.present.targets import estimate_axis, promised_text
from sim.studies.sweep.records import JudgedPoint, SweepVerdicts
from sim.text import _, language

FARTHEST, BEYOND = 8.0, 4.0
"""Times the target. If any minutes are more than the first, what is more than the second is beyond the scale, which
would else say nothing about the target."""
WIDE = 2.5
"""From this ratio of the largest to the smallest the axis of minutes is logarithmic."""
STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8)
"""Ticks of a logarithmic axis, times powers of ten."""
MOST_TICKS = 9


@dataclass(frozen=True)
class Scale:
    """The ends of the axis of estimates, and where it leaves values out.

    Attributes
    ----------
    low, high : float
        Minutes or shares at the ends of the axis.
    logarithmic : bool
    about_mean : bool
        Minutes: the worst is at the top. Shares: the worst is at the bottom.
    """

    low: float
    high: float
    logarithmic: bool
    about_mean: bool

    def beyond(self, value: float) -> bool:
        """Return whether a value is worse than what the axis shows; NaN, of an office that cannot finish, is."""
        return not value <= self.high if self.about_mean else not value >= self.low

    def drawn(self, value: float) -> float:
        """Return where to draw a value: what is beyond is out of sight, and no farther than a line can be drawn to."""
        if not self.beyond(value):
            return value
        if not self.about_mean:
            return 2 * self.low - self.high
        farthest = self.high * 4 if self.logarithmic else 2 * self.high - self.low
        return value if value <= farthest else farthest

    @property
    def worst(self) -> float:
        """The end of the axis at which values leave it."""
        return self.high if self.about_mean else self.low

    @property
    def arrow(self) -> str:
        """The marker of what is beyond that end."""
        return "^" if self.about_mean else "v"

    def crossing(self, first: tuple[float, float], second: tuple[float, float]) -> float:
        """Return where across the line between two points (x, drawn value) leaves the axis."""
        scaled = self._scaled
        (x0, y0), (x1, y1) = first, second
        return x0 + (x1 - x0) * (scaled(self.worst) - scaled(y0)) / (scaled(y1) - scaled(y0))

    def apart(self, one: float, other: float) -> bool:
        """Return whether the labels of two values are clear of each other."""
        scaled = self._scaled
        return abs(scaled(one) - scaled(other)) > 0.06 * (scaled(self.high) - scaled(self.low))

    def _scaled(self, value: float) -> float:
        return math.log(value) if self.logarithmic else value

    def ticks(self) -> list[float]:
        """Return where the axis has labels."""
        if not self.logarithmic:
            ticks = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(self.low, self.high)
            return [float(tick) for tick in ticks if self.low <= tick <= self.high]
        for steps in (STEPS, (1, 2, 3, 5), (1, 3), (1,)):
            every = [base * 10.0**power for power in range(-3, 7) for base in steps]
            seen = [tick for tick in every if self.low <= tick <= self.high]
            if len(seen) <= MOST_TICKS:
                break
        return seen


def scale_of(record: SweepVerdicts, points: Sequence[JudgedPoint]) -> Scale:
    """Return the scale on which the estimates of some design points, their intervals and the target can be seen."""
    target, margin = record.target.promised, record.target.margin
    around = [target - margin, target + margin]
    estimates = [point.estimate for point in points]
    values = [*estimates, *(end for point in points for end in (point.low, point.high))]
    if record.target.about_mean:
        left_out = any(not estimate <= target * FARTHEST for estimate in estimates)
        most = target * (BEYOND if left_out else FARTHEST)
        seen = [value for value in values if 0 < value <= most] + around
        high = most if left_out else min(max(seen), most)
        if high / min(seen) > WIDE:
            return Scale(min(seen) / 1.06, high * (1.0 if left_out else 1.06), True, True)
        room = 0.06 * (high - min(seen))
        return Scale(max(min(seen) - room, 0.0), high + (0.0 if left_out else room), False, True)
    # An end at 0 is none: what was shown to fail early has one on the other side only.
    seen = [value for value in values if value > 0 or value in estimates] + around
    seen = [value for value in seen if math.isfinite(value)]
    room = max(0.06 * (max(seen) - min(seen)), 0.002)
    return Scale(max(min(seen) - room, -0.02), min(max(seen) + room, 1.02), False, False)


def open_ends_of(record: SweepVerdicts, points: Sequence[JudgedPoint], scale: Scale) -> list[str]:
    """Return a note on intervals that are drawn without an end on the bad side; none if all have one."""
    drawn = [point for point in points if record.quick and not scale.beyond(point.estimate)]
    return open_ends((point.verdict, point.low, point.high, record.target.about_mean) for point in drawn)


def estimate_heading(record: SweepVerdicts, scale: Scale) -> str:
    """Return the name of the axis of estimates."""
    return estimate_axis(record.target) + (_(", logarithmic") if scale.logarithmic else "")


def upright_axis(axes: Axes, scale: Scale, record: SweepVerdicts, labels: bool = True) -> None:
    """Make the upright axis: ticks, the target with its margin, and its name among the ticks.

    Parameters
    ----------
    axes : Axes
    scale : Scale
    record : SweepVerdicts
    labels : bool
        Whether there are labels at the axis.
    """
    if scale.logarithmic:
        axes.set_yscale("log")
    axes.set_ylim(scale.low, scale.high)
    target, margin = record.target.promised, record.target.margin
    axes.axhspan(target - margin, target + margin, color=PALE, lw=0, zorder=0)
    axes.axhline(target, color=INK, lw=1.4, ls="--", zorder=1.5)
    axes.yaxis.set_major_locator(FixedLocator([tick for tick in scale.ticks() if scale.apart(tick, target)]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: plain(value))
        if scale.about_mean
        else PercentFormatter(1, symbol=PERCENT[language()])
    )
    bare(axes)
    axes.spines["bottom"].set_color(LINE)
    axes.tick_params(labelleft=labels)
    if labels:
        axes.annotate(
            promised_text(record.target), (0, target), (-5, 0), textcoords="offset points",
            xycoords=axes.get_yaxis_transform(), ha="right", va="center_baseline", size=10.5, color=INK,
        )  # fmt: skip


def beyond_note(scale: Scale, points: Iterable[JudgedPoint]) -> str:
    """Return what the signs at the edge of the scale mean; empty if there are none."""
    if not any(scale.beyond(point.estimate) for point in points):
        return ""
    if scale.about_mean:
        return _("▲ beyond {top} min, or never", top=plain(scale.high))
    return _("▼ office cannot finish")
