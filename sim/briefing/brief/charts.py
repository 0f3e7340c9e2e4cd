"""Which charts a briefing shows: up to three that answer the question, and the others if they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NamedTuple

from matplotlib.figure import Figure

from sim.briefing.brief.inputs import Found, Given
from sim.briefing.brief.pictures import Picture, draw, drawable
from sim.briefing.charts.blame import one_more_chart, stages_chart
from sim.briefing.charts.calendar import calendar_chart
from sim.briefing.charts.certificate import certificate_chart
from sim.briefing.charts.day import day_chart
from sim.briefing.charts.differences import differences_chart
from sim.briefing.charts.frontier import frontier_chart
from sim.briefing.charts.heat_map import heat_map
from sim.briefing.charts.licence_time import licence_time_chart
from sim.briefing.charts.minutes import minutes_chart
from sim.briefing.charts.overview import overview_chart
from sim.briefing.charts.roster import roster_chart
from sim.briefing.charts.sweep_lines import sweep_lines
from sim.briefing.charts.sweep_points import points_along, points_map
from sim.briefing.charts.tradeoff import tradeoff_chart
from sim.briefing.charts.week_map import lateness_chart
from sim.briefing.overview import overview_row
from sim.briefing.saved import Saved, SavedError
from sim.briefing.saved_days import TABLE as DAYS
from sim.briefing.saved_days import read_days
from sim.briefing.saved_explanation import LATE
from sim.briefing.saved_staff import SavedStaff
from sim.briefing.words import Language

MOST = 3
MOST_SITUATIONS = 24
"""Scenarios that the overview's chart has room for."""


class Chart(NamedTuple):
    """A chart that can be drawn."""

    name: str
    make: Callable[[], Figure]
    sources: tuple[str, ...]


class Chosen(NamedTuple):
    """The charts of a briefing: those that answer, those of the staffing answers by their folder, the others."""

    main: tuple[Picture, ...]
    staffing: dict[str, Picture]
    further: tuple[Picture, ...]


def drawn(given: Given, language: Language, all_charts: bool) -> Chosen:
    """Draw the charts of a briefing.

    Parameters
    ----------
    given : Given
    language : str
    all_charts : bool
        The others, too.
    """
    shown = [found for found in given.all if found.kind != "run" or found is given.lead]
    charts = _named_once([chart for found in shown for chart in _of(found, language)])
    if len(given.runs) > 1:
        charts += _overview(given, language)
    main = _main(given, charts)
    taken = {chart.name for chart in main}
    rosters = {path: chart for path, chart in _rosters(given, charts).items() if chart.name not in taken}
    taken |= {chart.name for chart in rosters.values()}
    further = [chart for chart in charts if chart.name not in taken] if all_charts else []
    return Chosen(
        tuple(draw(*chart) for chart in main),
        {path: draw(*chart) for path, chart in rosters.items()},
        tuple(draw(*chart) for chart in further),
    )


def _main(given: Given, charts: list[Chart]) -> list[Chart]:
    """Return the charts that answer: of a run the licence time, where its minutes go, and how far it goes."""
    lead = given.lead
    if lead.kind != "run":
        # The certificate is a table of small type: whoever wants all charts has it.
        of_lead = [chart for chart in charts if chart.sources[0].startswith(f"{lead.origin.path}/")]
        return [chart for chart in of_lead if _kind_of(chart) != "certificate"][:MOST]
    name = lead.saved.name
    about = [found for found in given.explanations if found.saved.manifest["scenario"].get("name") == name]
    limits = [found for found in given.limits if found.saved.plans[0].plan == name]
    why = (about[0].origin.path, "blame") if about else (lead.origin.path, "minutes")
    far = [(found.origin.path, "frontier") for found in [*limits, *given.limits]]
    far += [(found.origin.path, "heat_map") for found in given.sweeps]
    far += [(found.origin.path, "differences") for found in given.comparisons]
    far += [(lead.origin.path, "calendar")]
    chosen = [(lead.origin.path, "licence_time"), why]
    by_place = {(_folder_of(chart), _kind_of(chart)): chart for chart in charts}
    found = [by_place[place] for place in chosen if place in by_place]
    return found + [by_place[place] for place in far if place in by_place][: MOST - len(found)]


def _folder_of(chart: Chart) -> str:
    return chart.sources[0].rpartition("/")[0]


def _kind_of(chart: Chart) -> str:
    return chart.name.partition(".")[0]


def _rosters(given: Given, charts: list[Chart]) -> dict[str, Chart]:
    paths = [found.origin.path for found in given.staff]
    return {_folder_of(chart): chart for chart in charts if _kind_of(chart) == "roster" and _folder_of(chart) in paths}


def _named_once(charts: Iterable[Chart]) -> list[Chart]:
    """Give each chart a name of its own: that of its results is added where there are several of a kind."""
    charts = list(charts)
    kinds = [chart.name for chart in charts]
    named: list[Chart] = []
    for chart in charts:
        name = chart.name
        if kinds.count(name) > 1:
            name = f"{name}.{_folder_of(chart).replace('/', '-')}"
        named.append(chart._replace(name=name))
    return named


def _of(found: Found[Any], language: Language) -> list[Chart]:
    """Return the charts of results, the most telling first."""
    saved = drawable(found.saved)
    made: list[tuple[str, Callable[[Any, Language], Figure], tuple[str, ...]]] = []
    if found.kind == "run":
        return _of_run(found, saved, language)
    if found.kind == "staff":
        made = _of_staff(saved)
    elif found.kind == "limit":
        made = [("frontier", frontier_chart, ("brackets", "steps"))]
    elif found.kind == "explanation":
        # Both parts in one chart, as `explain` draws them, would be too small for a slide.
        if saved.defined:
            made.append(("blame", stages_chart, ("stages",)))
        if saved.one_more:
            made.append(("one_more", one_more_chart, ("one_more",)))
        if saved.by_part(LATE):
            made.append(("lateness", lateness_chart, ("late_cases", "week")))
    elif found.kind == "sweep":
        if len(saved.factors) > 1:
            made.append(("heat_map", points_map if saved.scattered else heat_map, ("verdicts",)))
        made.append(("lines", points_along if saved.scattered else sweep_lines, ("verdicts",)))
    elif found.kind == "comparison":
        made = [("differences", differences_chart, ("plans", "pairs"))]
    return [
        Chart(name, partial(chart, saved, language), _files(found, tables)) for name, chart, tables in made
    ]  # fmt: skip


def _of_staff(saved: SavedStaff) -> list[tuple[str, Callable[[Any, Language], Figure], tuple[str, ...]]]:
    made: list[tuple[str, Callable[[Any, Language], Figure], tuple[str, ...]]] = []
    if saved.plan is not None:
        made.append(("roster", roster_chart, ("staffing", "needs")))
    if saved.tried:
        made.append(("tried", tradeoff_chart, ("search", "certificate")))
    if saved.rounds:
        made.append(("certificate", certificate_chart, ("certificate",)))
    return made


def _of_run(found: Found[Saved], saved: Saved, language: Language) -> list[Chart]:
    if not saved.finished:
        return []
    charts = [
        Chart("licence_time", partial(licence_time_chart, saved, language), _files(found, ("licence_times",))),
        Chart("minutes", partial(minutes_chart, saved, language), _files(found, ("summary",))),
        Chart("day", partial(day_chart, saved, language), _files(found, ("half_hours",))),
    ]
    if saved.verdict["clock"] == "licence":
        try:
            days = read_days(saved.folder)
        except SavedError:
            return charts
        if days:
            charts.append(Chart("calendar", partial(calendar_chart, saved, days, language), _files(found, (DAYS,))))
    return charts


def _overview(given: Given, language: Language) -> list[Chart]:
    runs = given.runs[:MOST_SITUATIONS]
    rows = [overview_row(drawable(found.saved)) for found in runs]
    files = tuple(file for found in runs for file in _files(found, ()))
    return [Chart("overview", partial(overview_chart, rows, language), files)]


def _files(found: Found[Any], tables: Iterable[str]) -> tuple[str, ...]:
    path = found.origin.path
    return (f"{path}/manifest.json", *(f"{path}/{table}.parquet" for table in tables))
