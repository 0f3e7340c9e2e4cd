"""The frame of a sweep's charts: panels, with title, legend, names of the axes, notes and source around them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.present.charts.pieces import GROUNDS, ON_GROUNDS, POINTS, Sign, fitted, legend_line, write_at
from sim.present.charts.style import (
    GREY,
    LEFT,
    VERDICT_COLOURS,
    VERDICT_MARKERS,
    WIDTH,
    write_line,
    write_source,
    write_title,
)
from sim.present.names import named
from sim.present.numbers import BETWEEN, plain
from sim.present.targets import by_target
from sim.studies.sweep import show
from sim.studies.sweep.records import Factor, JudgedPoint, SweepVerdicts
from sim.text import N_, _

MOST_PANELS = 6
ABOVE, BELOW = 1.62, 0.84
"""Inches: title, legend and name of the upright axis; name of the axis across, notes and source."""
HEADING, BETWEEN_TIERS = 0.3, 0.15
"""Inches: the name of a panel; below a row of panels."""
LINE_HEIGHT = 1.25
"""Of a line of text, in font sizes."""
VERDICTS = tuple(VERDICT_COLOURS)
ON_GROUND = {
    verdict: Sign(VERDICT_MARKERS[verdict], ink, ground)
    for verdict, ink, ground in zip(VERDICTS, ON_GROUNDS, GROUNDS, strict=True)
}
COLOURED = {verdict: Sign(VERDICT_MARKERS[verdict], VERDICT_COLOURS[verdict], "") for verdict in VERDICTS}
GREY_SIGNS = {verdict: Sign(VERDICT_MARKERS[verdict], GREY, "") for verdict in VERDICTS}
"""Where colours say something else."""


@dataclass(frozen=True)
class Panels:
    """Where the panels are, in inches.

    Attributes
    ----------
    count : int
    side : int
        How many stand side by side.
    left : float
        Where the first begins.
    wide, high : float
        Of each.
    below : float
        For the labels below each.
    gap : float
        Between panels side by side.
    named : bool
        Whether there is room for a name above each.
    """

    count: int
    side: int
    left: float
    wide: float
    high: float
    below: float
    gap: float
    named: bool

    @property
    def tall(self) -> float:
        """Height of the figure."""
        return ABOVE + -(-self.count // self.side) * self._step + BELOW

    @property
    def _step(self) -> float:
        return (HEADING if self.named else 0.0) + self.high + self.below + BETWEEN_TIERS

    @property
    def all_wide(self) -> float:
        """Width of the panels side by side."""
        return self.side * (self.wide + self.gap) - self.gap

    def corner(self, number: int) -> tuple[float, float]:
        """Return the upper left corner of a panel, from the left and from the top."""
        down = ABOVE + number // self.side * self._step + (HEADING if self.named else 0.0)
        return self.left + number % self.side * (self.wide + self.gap), down

    def axes(self, figure: Figure) -> list[Axes]:
        """Make a figure as tall as it has to be, and return the axes of its panels."""
        figure.set_figheight(self.tall)
        made = []
        for number in range(self.count):
            left, down = self.corner(number)
            box = left / WIDTH, 1 - (down + self.high) / self.tall, self.wide / WIDTH, self.high / self.tall
            made.append(figure.add_axes(box))
        return made

    def write_names(self, figure: Figure, names: Sequence[str]) -> None:
        """Write the names of the panels above them, all as small as the longest needs."""
        corners = [self.corner(number) for number in range(len(names))]
        texts = [
            write_at(figure, left, down - 0.11, name, size=11)
            for name, (left, down) in zip(names, corners, strict=True)
        ]
        size = min(fitted(figure, text, self.wide) for text in texts)
        for text in texts:
            text.set_fontsize(size)

    def at_left(self, number: int) -> bool:
        """Return whether a panel has the labels of the upright axis."""
        return number % self.side == 0


def lines_below(labels: Sequence[str], size: float) -> float:
    """Return the height in inches of labels below an axis."""
    return 0.1 + max((label.count("\n") + 1 for label in labels), default=1) * size * LINE_HEIGHT / POINTS


def write_frame(
    figure: Figure, record: SweepVerdicts, panels: Panels, texts: tuple[str, str], across: Factor | None,
    signs: Mapping[str, Sign], notes: Iterable[str]) -> None:  # fmt: skip
    """Write all that is around the panels.

    Parameters
    ----------
    figure : Figure
    record : SweepVerdicts
    panels : Panels
    texts : tuple of str
        The title, and the name of the upright axis.
    across : Factor or None
        Named below the panels.
    signs : dict of verdict to Sign
        How verdicts are shown.
    notes : iterable of str
        At the bottom; empty ones are left out.
    """
    title, upright = texts
    write_title(figure, title, show.subtitle(record))
    legend_line(figure, 1.04, {
        show.verdict_legend(record, verdict): sign for verdict, sign in signs.items() if record.counts[verdict]
    })  # fmt: skip
    write_at(figure, LEFT * WIDTH, ABOVE - 0.14, upright, size=10.5, color=GREY)
    if across is not None:
        where = {"ha": "center", "va": "center", "size": 10.5, "color": GREY}
        write_at(figure, panels.left + panels.all_wide / 2, panels.tall - BELOW + 0.02, across.heading, **where)
    write_line(figure, 0.42 / panels.tall, BETWEEN.join(filter(None, [*notes, show.hurried(record)])), size=9.5)
    write_source(figure, show.source(record))


def numbers_note(record: SweepVerdicts) -> str:
    """Return what the numbers in design points and beside points are."""
    return by_target(
        record.target, N_("numbers: mean {clock} [min]"), N_("numbers: % within {minutes} min ({clock})"),
        clock=named("clock", record.target.clock), minutes=plain(record.target.minutes),
    )  # fmt: skip


def held_back_note(record: SweepVerdicts, points: Iterable[JudgedPoint]) -> str:
    """Return what the sign of no verdict means where the interval is clear of the target; empty if there is none."""
    if not show.held_back(record, points):
        return ""
    return _("◆ off the target, but too skewed, or all alike, in so few replications")


def left_out_note(shown: int, every: int) -> str:
    """Return that not all panels are shown; empty if they are."""
    if shown == every:
        return ""
    return _(
        "{shown} of {all} combinations of the other factors shown; all in verdicts.parquet", shown=shown, all=every
    )
