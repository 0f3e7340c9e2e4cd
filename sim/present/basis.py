"""What numbers rest on: in a line, and where the parameters come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sim.present.names import listed, named
from sim.present.numbers import NOTHING
from sim.present.table import Piece, Sentence, Table, Traced, as_number, as_text, said
from sim.results.about import About, Record
from sim.results.fitted import KIND as CALIBRATION
from sim.results.fitted import Fitted
from sim.results.sources import Sources
from sim.text import N_, _, _c, _n

LONGEST = 24
"""Characters of a log's name at the bottom of a chart."""
FROM_ARTICLE = {
    "year": N_("calendar year"),
    "target.statistic": N_("target is a mean"),
    "target.minutes": N_("5 minutes"),
    "demand.registrations_per_year": N_("registrations"),
    "demand.growth": N_("growth"),
    "phone.offered": N_("phone consulting"),
    "filing.offered": N_("assisted filing"),
    "staff.midday.crew_on_duty": N_("midday duty post"),
}
"""By path: what the parameters that the article gives are called."""
WHENCE = {
    "article": N_("the article"),
    "elsewhere": N_("elsewhere"),
    "scenario": N_("set in the scenario"),
    "assumption": N_("assumed"),
    "fitted": N_("the office's own log"),
}
WHAT = {
    "elsewhere": N_("calendar, national figures, studies of call centres; each in the workbook"),
    "scenario": N_("all that it, or one it extends, has set otherwise than the default; each in the workbook"),
    "assumption": N_("defaults that nobody has changed; each in the workbook"),
    "fitted": N_("what the log tells; each in the workbook"),
}
"""Of the parameters from there; that the article gives is told by name."""


CHOSEN = N_(
    "The staffing was not observed in an office: it was chosen so that the target holds, in this scenario or in the "
    "one that it is taken from. That it holds there proves nothing about a real office."
)


EXACT = N_(
    "Fitted values are taken as exact here: how well their log tells them is not in any verdict or interval. Without "
    "--no-premises, `run`, `limit`, `staff` and (without --best) `compare` carry it where all is fitted to one log."
)


def taken_as_exact(record: Record) -> list[Sentence]:
    """Return that verdicts know nothing of how well a log tells the office, where that is so."""
    about = record.about
    if about.fitted is None or about.kind == CALIBRATION or getattr(record, "given_log", None) is not None:
        return []
    return [Sentence((_(EXACT),))]


def basis(about: About) -> str:
    """Return what a chart rests on and the version that made its numbers, for the line at its bottom."""
    return with_version(_parameters(about), about.version)


def simulated(about: About, working_days: int) -> str:
    """Return the line at the bottom of a chart of many offices: how much was simulated, and what that rests on."""
    return _("Simulation: {days} working days a replication, seed {seed}. {basis}", days=working_days, seed=about.seed,
             basis=basis(about))  # fmt: skip


def with_version(basis: str, version: str) -> str:
    """Return what a chart rests on with the version that made its numbers, if that is known."""
    # Of a version between releases, which commit it was is too long for the line.
    short = version.partition("+")[0]
    return _("{basis}. Version {version}", basis=basis, version=short) if short else basis


def _parameters(about: About) -> str:
    fitted = about.fitted
    if fitted is None:
        return _("Most parameters are assumed, or set in the scenario")
    if not fitted.parameters:
        return _("Partly fitted to a log, the rest assumed or set")
    log = fitted.log if len(fitted.log) <= LONGEST else fitted.log[: LONGEST - 1] + "…"
    number = len(fitted.parameters)
    return _("Parameters fitted to the log {log}: {number}; the others assumed or set", log=log,
             number=number)  # fmt: skip


def sources_line(sources: Sources, fitted: Fitted | None) -> str:
    """Return where the parameters of a scenario come from, for its report."""
    comma = _c("comma", ", ")
    article = comma.join(from_article(path) for path in sources.article) or NOTHING
    numbers = {
        "scenario": len(sources.scenario), "assumption": sources.assumption, "elsewhere": sources.elsewhere,
    }  # fmt: skip
    if fitted is None and not sources.article:
        return _(
            "Set in the scenario or those it extends: {scenario} parameters; assumed: {assumption}; taken from "
            "elsewhere: {elsewhere}. Each in docs/parameters.md", **numbers,
        )  # fmt: skip
    if fitted is None:
        return _(
            "Article: {article}. Set in the scenario or those it extends: {scenario} other parameters; assumed: "
            "{assumption}; taken from elsewhere: {elsewhere}. Each in docs/parameters.md", article=article, **numbers,
        )  # fmt: skip
    staffing = _(", no staffing among them")
    if pools := _pools(fitted):
        staffing = _(", the staffing of {pools} among them", pools=listed([named("pool", pool) for pool in pools]))
    return _(
        "Fitted to the log {log}: {fitted}{staffing}. Article: {article}. Set in the scenario or those it extends: "
        "{scenario} other parameters; assumed: {assumption}; taken from elsewhere: {elsewhere}. What is "
        "assumed: docs/parameters.md",
        log=fitted.log, article=article,
        fitted=_n("{number} parameter", "{number} parameters", len(fitted.parameters)), staffing=staffing, **numbers,
    )  # fmt: skip


def from_article(path: str) -> str:
    """Return what a parameter that the article gives is called."""
    return _(FROM_ARTICLE[path]) if path in FROM_ARTICLE else path


def grounds_of(
    sources: Sources, fitted: Fitted | None, scenario: Mapping[str, Any], field: str, fact: Callable[[str], str]
) -> tuple[tuple[Sentence, ...], Table]:
    """Return what the numbers of a scenario rest on, and how many of its parameters come from where, for a briefing.

    Parameters
    ----------
    sources : Sources
    fitted : Fitted or None
    scenario : mapping
        In full.
    field : str
        That has the scenario.
    fact : callable
        Returns the source of a field of the record.
    """
    counts, table = counted_sources(sources, fitted, fact)
    sentences = [
        said("This is a simulation, not a measurement: {counts}.", counts=counts),
        Sentence((staffing_seen(fitted, scenario),)),
    ]
    if scenario["target"]["clock"] == "licence":
        sentences.append(counted_hours(scenario, fact(f"{field}.hours.counted")))
    return tuple(sentences), table


def counted_sources(sources: Sources, fitted: Fitted | None, fact: Callable[[str], str]) -> tuple[Sentence, Table]:
    """Return how many parameters of a scenario come from where, as a clause and as a table.

    Parameters
    ----------
    sources : Sources
    fitted : Fitted or None
    fact : callable
        Returns the source of a field of the record.
    """
    numbers = {
        "article": as_number(len(sources.article), fact("sources.article")),
        "scenario": as_number(len(sources.scenario), fact("sources.scenario")),
        "elsewhere": as_number(sources.elsewhere, fact("sources.elsewhere")),
        "assumption": as_number(sources.assumption, fact("sources.assumption")),
    }
    if fitted is None and not sources.article:
        # Of another office the article says nothing.
        del numbers["article"]
        clause = said(
            "{scenario} parameters are set in the scenario, {elsewhere} are taken from elsewhere, {assumption} are "
            "assumed", **numbers,
        )  # fmt: skip
    elif fitted is None:
        clause = said(
            "{article} parameters come from the article, {scenario} are set in the scenario, {elsewhere} are taken "
            "from elsewhere, {assumption} are assumed", **numbers,
        )  # fmt: skip
    else:
        numbers["fitted"] = as_number(len(fitted.parameters), fact("about.fitted.parameters"))
        clause = said(
            "{fitted} parameters were fitted to the log {log}, {article} come from the article, {scenario} are set in "
            "the scenario, {elsewhere} are taken from elsewhere, {assumption} are assumed",
            log=as_text(fitted.log, fact("about.fitted.log")), **numbers,
        )  # fmt: skip
    given = listed([from_article(path) for path in sources.article]) if sources.article else ""
    rows: list[tuple[Piece, ...]] = [
        (_(WHENCE[name]), number, given if name == "article" else _(WHAT[name])) for name, number in numbers.items()
    ]
    heads = (_("source"), _("parameters"), _("among them"))
    return clause, Table(_("Parameters by source"), heads, tuple(rows), wide=frozenset({2}))


def staffing_seen(fitted: Fitted | None, scenario: Mapping[str, Any]) -> str:
    """Return what the staffing of a scenario in full rests on, in a sentence."""
    seen = _pools(fitted) if fitted else []
    if not seen and scenario["staffing"] == "chosen":
        return _(CHOSEN)
    if not seen and scenario["staffing"] == "observed":
        return _(
            "Whoever wrote the scenario says that its staffing is that of an office; pools that it does not give have "
            "the default."
        )
    if not seen and scenario["whose"] == "own":
        return _(
            "What holds, holds with the staff of the scenario; whether the office has it, is for the office to say."
        )
    if not seen:
        return _(
            "The article gives no staffing. What holds, holds with the staff of the scenario; whether an office has "
            "it, is for that office to say."
        )
    if scenario["staff"].keys() == {"midday", *seen}:
        return _("The staffing is what the log shows at work; whoever served nobody is not seen.")
    return _(
        "The staffing of {pools} is what the log shows at work; whoever served nobody is not seen. All other staffing "
        "is an assumption.", pools=listed([named("pool", pool) for pool in seen]),
    )  # fmt: skip


def counted_hours(scenario: Mapping[str, Any], source: str) -> Sentence:
    """Return how the licence time of a scenario in full is read, in a sentence."""
    hours = _(", ").join(span.replace("-", "–") for span in scenario["hours"]["counted"])
    return said(
        "What counts as the licence time is a reading of ours, too: the time that the office takes from first "
        "submission to licence. Work counts in full, waiting within {counted}, the applicant's own time not at all.",
        counted=Traced(hours, hours, source),
    )


def _pools(fitted: Fitted) -> list[str]:
    """Return the pools whose staffing was fitted."""
    return [path.split(".")[1] for path in fitted.parameters if path.endswith(".plan")]
