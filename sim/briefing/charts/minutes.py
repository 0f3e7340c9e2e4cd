"""Where the minutes go: waiting and service at each stage, per licence."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.briefing import sentences
from sim.briefing.charts.style import (
    BETWEEN,
    BLUE,
    GREY,
    LEFT,
    ORANGE,
    RIGHT,
    bare,
    new_figure,
    write_source,
    write_title,
)
from sim.briefing.numbers import minutes
from sim.briefing.saved import Saved
from sim.briefing.words import Language, named, word

AUTOMATIC = "automatic"
"""In place of a stage: the time of machines."""

Row = tuple[str, float, float]
"""Stage, minutes waited and minutes of service per licence."""


def minutes_chart(saved: Saved, language: Language) -> Figure:
    """Return waiting and service by stage: first what counts as licence time, then what comes before."""
    counted, before = _rows(saved)
    figure = new_figure()
    subtitle = saved.title(language) + BETWEEN + word("per licence", language)
    write_title(figure, _title(saved, counted, language), subtitle)
    write_source(figure, sentences.source(saved, language))
    axes = figure.add_axes((LEFT + 0.16, 0.15, RIGHT - LEFT - 0.16, 0.64))
    longest = max((wait + service for _, wait, service in counted + before), default=0.0)
    place = 0.0
    labels: dict[float, str] = {}
    for key, rows in (("counted group", counted), ("before group", before)):
        if not rows:
            continue
        heading = word(key, language, sum=minutes(sum(wait + service for _, wait, service in rows)))
        axes.text(0, place, heading, va="center", size=12.5)
        for stage, wait, service in rows:
            place += 1
            labels[place] = named("stage", stage, language)
            _bar(axes, place, wait, service, language)
        place += 1.35
    axes.set_yticks(list(labels), list(labels.values()))
    axes.set_ylim(place - 0.7, -0.6)
    axes.set_xlim(0, max(longest * 1.32, 0.1))
    axes.set_xlabel(word("minutes per licence", language))
    bare(axes)
    axes.grid(False)
    axes.tick_params(axis="y", labelsize=11.5, labelcolor=GREY)
    _legend(axes, language)
    return figure


def _rows(saved: Saved) -> tuple[list[Row], list[Row]]:
    """Return the stages within the licence time, those of the machines if there are any, and the others."""
    rows = {
        stage: (
            stage,
            _minutes(saved, "wait", stage),
            _minutes(saved, "service", stage),
        )
        for stage in [*saved.stages, AUTOMATIC]
    }
    counted = [rows[stage] for stage in saved.counted_stages]
    if rows[AUTOMATIC][1] + rows[AUTOMATIC][2] > 0:
        counted.append(rows[AUTOMATIC])
    return counted, [rows[stage] for stage in saved.stages if stage not in saved.counted_stages]


def _minutes(saved: Saved, subject: str, stage: str) -> float:
    mean = saved.figure(subject, "per licence", "stage", stage).mean
    return 0.0 if math.isnan(mean) else mean


def _title(saved: Saved, counted: list[Row], language: Language) -> str:
    parts = [(wait, "wait at", stage) for stage, wait, _ in counted]
    parts += [(service, "service at", stage) for stage, _, service in counted]
    part, what, stage = max(parts, default=(0.0, "", ""))
    mean = saved.figure("licence", "mean").mean
    if not part > 0:
        return word("minutes title nothing", language)
    values = {"part": minutes(part), "what": word(what, language, stage=named("stage", stage, language))}
    if math.isfinite(mean):
        return word("minutes title", language, mean=minutes(mean), **values)
    return word("minutes title infinite", language, **values)


def _bar(axes: Axes, place: float, wait: float, service: float, language: Language) -> None:
    axes.barh(place, wait, 0.66, color=ORANGE)
    axes.barh(place, service, 0.66, left=wait, color=BLUE)
    text = word("bar", language, wait=minutes(wait), service=minutes(service))
    axes.annotate(text, (wait + service, place), (6, 0), textcoords="offset points", va="center", size=10.5, color=GREY)


def _legend(axes: Axes, language: Language) -> None:
    for key, colour in (("wait", ORANGE), ("service", BLUE)):
        axes.barh(0, 0, color=colour, label=word(key, language))
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, fontsize=11.5, handlelength=1.1,
        borderaxespad=0.2,
    )  # fmt: skip
