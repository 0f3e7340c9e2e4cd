"""Put a briefing together from results: what it says, as data; page, deck and workbook add nothing but looks."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sim.brief.inputs import RUN, Given, in_overview, kind_of, scenario_in, study_behind, subject_of
from sim.brief.pictures import Picture, drawn
from sim.present.basis import counted_hours, taken_as_exact
from sim.present.names import capital
from sim.present.numbers import NOTHING
from sim.present.table import (
    EMPTY,
    Piece,
    Sentence,
    Table,
    Traced,
    as_number,
    as_percent,
    as_text,
    joined,
    paragraph,
    said,
)
from sim.program import DISTRIBUTION
from sim.results.about import BONFERRONI
from sim.results.timing import TIMING
from sim.studies.base import Advice, Answer, Found, Grounds, KeyFigure, Section
from sim.studies.run.situations import others, situations, watch
from sim.text import N_, Language, _, language

ASSUMED = N_(
    "Before money is spent on this: put the office's own staffing and step times in place of the assumed ones, and "
    "look again."
)
PARTLY_ASSUMED = N_(
    "Before money is spent on this: see whether what is still assumed is true of the office. The calibration says what "
    "its log does not tell."
)
NOT_LOOKED_AT = N_("Which of the assumptions could turn the verdict was not looked at in these results.")
SHORT_HASH = 12
MINUTE = len("2026-11-25 09:30")


class RestsOn(NamedTuple):
    """What the numbers rest on: sentences, and tables, that of what the verdict hangs on the last."""

    said: tuple[Sentence, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Briefing:
    """A briefing.

    Attributes
    ----------
    name : str
    language : str
    subject : str
        Title of what it is about.
    question : Sentence
    about : Sentence
        Period and demand, below the question.
    verdict : Traced or None
    answer : tuple of Sentence
        What was found, why and how far, and what has to be known with it.
    figures : tuple of KeyFigure
        At most four.
    pictures : tuple of Picture
        At most three.
    situations : Table or None
        All scenarios.
    sections : tuple of (Section, Picture or None)
        On answers that have a part of their own.
    rests_on : RestsOn
    advice : tuple of Advice
    small_print : tuple of (str, Sentence)
        Labels, and what there is to say.
    inputs : Table
        The folders that it was made from.
    appendix : tuple of Picture
        Further charts, if they were asked for.
    finished : datetime or None
        When the latest of the results was finished.
    """

    name: str
    language: Language
    subject: str
    question: Sentence
    about: Sentence
    verdict: Traced | None
    answer: tuple[Sentence, ...]
    figures: tuple[KeyFigure, ...]
    pictures: tuple[Picture, ...]
    situations: Table | None
    sections: tuple[tuple[Section, Picture | None], ...]
    rests_on: RestsOn
    advice: tuple[Advice, ...]
    small_print: tuple[tuple[str, Sentence], ...]
    inputs: Table
    appendix: tuple[Picture, ...]
    finished: datetime | None

    @property
    def all_pictures(self) -> tuple[Picture, ...]:
        """Every picture, each once."""
        beside = [picture for _, picture in self.sections if picture is not None]
        return tuple({picture.name: picture for picture in (*self.pictures, *beside, *self.appendix)}.values())


def compose(given: Given, name: str, all_charts: bool = False) -> Briefing:
    """Return a briefing of results.

    Parameters
    ----------
    given : Given
        What it is made from; it is about the first.
    name : str
    all_charts : bool
        With the charts that are not among the three that answer the question.
    """
    lead = given.lead
    answer = study_behind(lead).answer(lead)
    runs = given.of(RUN)
    sections = {found.path: section for found in given.all if (section := study_behind(found).section(found))}
    of_sections = {path: section.chart for path, section in sections.items()}
    charts = drawn(given, of_sections, all_charts)
    grounds = [study_behind(found).grounds(found, lead) for found in given.all]
    return Briefing(
        name=name,
        language=language(),
        subject=answer.title,
        question=answer.question,
        about=answer.about or Sentence((answer.title,)),
        verdict=answer.verdict,
        answer=_answer(given, answer),
        figures=answer.figures,
        pictures=charts.main,
        situations=situations(runs, in_overview(given)) if len(runs) > 1 else None,
        sections=tuple((section, charts.of_sections.get(path)) for path, section in sections.items()),
        rests_on=_rests_on(given, grounds),
        advice=_advice(given, grounds),
        small_print=_small_print(given),
        inputs=_inputs(given),
        appendix=charts.further,
        finished=_latest(given),
    )


def _read(given: Given) -> list[Found[Any]]:
    """Return all that something was taken from."""
    return [*given.all, *([given.lead.beside] if given.lead.beside else [])]


def _newest(given: Given) -> Found[Any]:
    """Return what was finished last."""
    return max(_read(given), key=lambda found: found.record.finished)


def _latest(given: Given) -> datetime | None:
    """Return when the last of the results was finished; None if that was not noted."""
    with suppress(ValueError):
        return datetime.fromisoformat(_newest(given).record.finished)
    return None


def _answer(given: Given, answer: Answer) -> tuple[Sentence, ...]:
    """Return the answer, and its caveat; of a run with why it is so and how far it holds, as other results say it."""
    lead = given.lead
    caveat = [] if answer.caveat is None else [answer.caveat]
    if kind_of(lead) != RUN:
        return (*answer.said, *caveat)
    # What others say of the same scenario comes before what the run itself says.
    about = [found for found in given.all if kind_of(found) != RUN and subject_of(found.record) == lead.record.name]
    clauses: dict[str, Sentence] = {}
    for found in (*about, lead):
        part = study_behind(found).part
        clause = study_behind(found).because(found) if part and part not in clauses else None
        if clause is not None and clause.pieces:
            clauses[part] = clause
    # One figure for a question: those of the study that is about it, if it has both, rather than the run's coarse ones.
    known = clauses.get("how far", EMPTY).sources
    told = all(any(f"#{end}" in source for source in known) for end in ("holds", "fails"))
    if answer.reach is not None and answer.reach.pieces and not told:
        caveat = [paragraph([*caveat, answer.reach])]
    clauses.setdefault("how far", others([run for run in given.of(RUN) if run is not lead]))
    parts = [clauses[part] for part in ("why", "how far") if part in clauses and clauses[part].pieces]
    if not parts:
        return (*answer.said, *caveat)
    whole = joined([joined(parts, _("; ")), _(".")])
    first, *rest = whole.pieces
    why = Sentence((capital(first) if isinstance(first, str) else first, *rest), whole.rests_on)
    return (*answer.said, why, *caveat)


def _rests_on(given: Given, grounds: Sequence[Grounds]) -> RestsOn:
    """Return where the parameters come from, what was assumed, and what turns the verdict."""
    lead, told = given.lead, list[Sentence]()
    # Of two that count the same parameters the first does.
    counted = {each.table.title: each for each in reversed(grounds) if each.table is not None}
    if not counted:
        if not grounds[0].values:
            # What has fitted parameters itself says so.
            told.append(_simulated(lead))
        inside = scenario_in(lead.record)
        if inside is not None and inside[1]["target"]["clock"] == "licence":
            told.append(counted_hours(inside[1], lead.fact(f"{inside[0]}.hours.counted")))
    shown = [*counted.values(), *(each for each in grounds if each.table is None)]
    told += [sentence for each in shown for sentence in each.said] + taken_as_exact(lead.record)
    hanging = next((each.hanging for each in _telling(given, grounds) if each.hanging is not None), None)
    if hanging is None and not any(each.looked for each in grounds):
        told.append(Sentence((_(NOT_LOOKED_AT),)))
    tables = [each.table for each in shown if each.table is not None]
    return RestsOn(tuple(told), (*tables, *([] if hanging is None else [hanging])))


def _telling(given: Given, grounds: Sequence[Grounds]) -> list[Grounds]:
    """Return those that may say what the verdict hangs on: what was judged, before what a run has seen on the way."""
    judged = [each for each, found in zip(grounds, given.all, strict=True) if kind_of(found) != RUN]
    return [*judged, *([grounds[0]] if kind_of(given.lead) == RUN else [])]


def _simulated(lead: Found[Any]) -> Sentence:
    """Return that it is a simulation, and whether its parameters are assumptions or fitted to a log."""
    fitted = lead.record.about.fitted
    if fitted is None:
        return said("This is a simulation, not a measurement: staffing and step times are assumptions.")
    if not fitted.parameters:
        return said(
            "This is a simulation, not a measurement: its parameters are partly fitted to a log, and assumptions "
            "otherwise."
        )
    return said(
        "This is a simulation, not a measurement: {fitted} parameters were fitted to the log {log}, the others are "
        "assumptions.", log=as_text(fitted.log, lead.fact("about.fitted.log")),
        fitted=as_number(len(fitted.parameters), lead.fact("about.fitted.parameters")),
    )  # fmt: skip


def _advice(given: Given, grounds: Sequence[Grounds]) -> tuple[Advice, ...]:
    """Return what to do, as far as the results say it."""
    found = [advice for each in given.all for advice in study_behind(each).advice(each)]
    if broken := watch(given.of(RUN)[1:]):
        found.append(broken)
    check = next((each.check for each in _telling(given, grounds) if each.check is not None), None)
    if check is None:
        text = ASSUMED if given.lead.record.about.fitted is None else PARTLY_ASSUMED
        check = Sentence((_(text),))
    found.append(Advice(_("Check first"), check))
    # Two results about the same, as before and after one more plan, may come to the same.
    return tuple({(each.about, each.said.text): each for each in found if each.said.pieces}.values())


def _small_print(given: Given) -> tuple[tuple[str, Sentence], ...]:
    lead = given.lead
    about = lead.record.about
    family = {
        "error": as_percent(about.rule.error, lead.fact("about.rule.error")),
        "tests": as_number(about.rule.tests, lead.fact("about.rule.tests")),
    }
    error = said(
        "at most {error} % for any wrong verdict among the {tests} of its family, whenever one looks", **family
    )
    if about.rule.tests == 1:
        error = said("at most {error} % that the verdict is wrong, whenever one looks", error=family["error"])
    elif about.rule.method != BONFERRONI:
        error = said(
            "of {tests} verdicts, at most {error} % of those given are wrong on average, whenever one looks", **family
        )
    if getattr(lead.record, "given_log", None) is not None:
        error = said("{error}; that takes the fitted values as exact", error=error)
    lines = {
        _("Seed of the random numbers"): Sentence((as_text(about.seed, lead.fact("about.seed")),)),
        _("Error"): error,
        _("Version"): said(
            "licence-office-sim {version}, model {model}, engine {engine}",
            version=as_text(about.version or NOTHING, lead.fact(f"about.versions.{DISTRIBUTION}")),
            model=as_text(about.model[:SHORT_HASH], lead.fact("about.model")),
            engine=as_text(about.engine, lead.fact("about.engine")),
        ),
        _("Results finished"): Sentence((_finished(_newest(given)),)),
        _("Numbers"): said(
            "each is read from the results below; the page carries its file and field, the deck's notes and the "
            "workbook's comments too"
        ),
    }  # fmt: skip
    if sha256 := getattr(lead.record, "scenario_sha256", ""):
        lines[_("Scenario")] = said(
            "{name}, SHA-256 {hash}", name=as_text(lead.record.name, lead.fact("about.name")),
            hash=as_text(sha256[:SHORT_HASH], lead.fact("scenario_sha256")),
        )  # fmt: skip
    if len({getattr(found.record, "replications", None) for found in given.all} - {None}) > 1:
        lines[_("Last digits")] = said(
            "answers rest on different numbers of simulated years, so the same figure may differ a little between them"
        )
    replications = _replications(lead)
    if isinstance(replications, Traced):
        lines = {_("Replications"): Sentence((replications,))} | lines
    if given.left_out:
        lines[_("Left out")] = joined(given.left_out, _("; "))
    return tuple(lines.items())


def _inputs(given: Given) -> Table:
    """Return the results that a briefing was made from."""
    rows = tuple(
        (
            as_text(found.record.name, found.fact("about.name")), _(study_behind(found).label), found.path,
            _replications(found), as_text(found.record.about.seed, found.fact("about.seed")), _finished(found),
        )
        for found in _read(given)
    )  # fmt: skip
    heads = (_("name"), _("kind"), _("folder"), _("replications, at most"), _("seed"), _("finished"))
    return Table(_("Results that this was made from"), heads, rows, wide=frozenset({1, 2}))


def _replications(found: Found[Any]) -> Piece:
    number = getattr(found.record, "replications", None)
    return NOTHING if number is None else as_number(number, found.fact("replications"))


def _finished(found: Found[Any]) -> Piece:
    """Return when results were finished; nothing if that was not noted."""
    when = found.record.finished
    return Traced(when[:MINUTE], when, found.fact("finished", TIMING)) if when else NOTHING
