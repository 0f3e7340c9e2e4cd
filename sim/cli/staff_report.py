"""The report of `staff` as text: roster, costs, certificate, what the search took, sentences to be read aloud."""

from __future__ import annotations

import math

from rich.console import RenderableType
from rich.text import Text

from sim.briefing import staff_sentences as sentences
from sim.briefing.numbers import NOTHING, given_share, number, percent, plain, share, writer
from sim.briefing.saved_staff import EVERYBODY, OWN, PLAN, TARGET, CertificateTest, SavedStaff, lines_of, people_in
from sim.briefing.words import Language, named, word
from sim.cli.report import COLOURS, rendered, table

NEAREST = 8
"""Neighbours shown; what holds or is too close is shown in any case."""


def staff_report(saved: SavedStaff, language: Language) -> str:
    """Return all that is printed after `staff`."""
    parts: list[RenderableType] = [
        saved.name,
        sentences.finding(saved, language),
        sentences.subtitle(saved, language),
        "",
    ]
    if saved.roster:
        parts += [_roster(saved, language), _costs(saved, language)]
    if kept := saved.manifest["kept"]:
        names = word("comma", language).join(named("pool", pool, language) for pool in kept)
        parts.append(word("staffing kept", language, pools=names))
    parts += ["", _plans(saved, language)]
    if saved.neighbours:
        parts += _neighbours(saved, language)
    parts += [_spent(saved, language), *_gap(saved, language)]
    files = sorted(file.name for file in saved.folder.iterdir())
    parts.append(word("files", language, folder=saved.folder) + ", ".join(files))
    parts += [word("staffing ready", language, file=saved.folder / name) for name in files if name.endswith(".yaml")]
    return rendered(*parts, "", *sentences.spoken(saved, language))


def _roster(saved: SavedStaff, language: Language) -> RenderableType:
    keys = ("shift", "hours", "days", "people", "week", "money")
    heads = [word(f"staffing {key} column", language) for key in keys]
    made = table(word("staffing roster table", language), word("pool", language), *heads)
    for column in made.columns[1:4]:
        column.justify = "left"
    for pool in saved.pools:
        lines = lines_of(saved, pool)
        for place, line in enumerate(lines):
            made.add_row(
                "" if place else named("pool", pool, language),
                line.title(language),
                line.hours.replace("-", "–"),
                line.days or word("staffing every day", language),
                number(line.people),
                plain(line.hours_a_week),
                number(line.cost),
            )
        if len(lines) > 1:
            cost = number(sum(line.cost for line in lines))
            made.add_row("", word("all", language), "", "", number(people_in(lines)), "", cost)
        made.add_section()
    made.add_row(word("all", language), "", "", "", number(people_in(saved.roster)), "", number(saved.cost))
    return made


def _costs(saved: SavedStaff, language: Language) -> str:
    def told(own: bool) -> str:
        mean, low, high = saved.cost_with_overtime(own)
        if math.isnan(mean):
            return word("cannot finish", language)
        values = {"mean": number(mean), "low": number(low), "high": number(high)}
        return word("staffing cost and interval" if low <= high else "staffing cost alone", language, **values)

    return word(
        "staffing costs", language, days=saved.working_days, cost=number(saved.cost), own=number(saved.own_cost),
        with_overtime=told(False), own_with_overtime=told(True),
        what=word("staffing with overtime and kept" if saved.manifest["kept"] else "staffing with overtime", language),
    )  # fmt: skip


def _plans(saved: SavedStaff, language: Language) -> RenderableType:
    """Return the table of the plan, and of the present one, against each requirement."""
    values = {"level": percent(saved.confidence), "tests": sum(test.plan >= 0 for test in saved.last_round)}
    title = (
        word("staffing certificate table", language, round=saved.rounds, **values)
        if saved.rounds
        else word("staffing evidence table", language, level=values["level"])
    )
    keys = ("staffing requirement column", "staffing promised column", "estimate column", "staffing interval column",
            "verdict column", "replications column")  # fmt: skip
    made = table(title, word("plan column", language), *(word(key, language) for key in keys))
    made.columns[1].justify = "left"
    for plan in (PLAN, EVERYBODY, OWN):
        for place, test in enumerate(saved.of(plan)):
            name = "" if place else sentences.plan_name(saved, test, False, language)
            made.add_row(name, *_cells(saved, test, language))
        made.add_section()
    return made


def _cells(saved: SavedStaff, test: CertificateTest, language: Language) -> list[str | Text]:
    show = writer(test.about_mean, language)
    promised = plain(test.promised) if test.about_mean else given_share(test.promised, language)
    estimate = word("cannot finish", language) if math.isnan(test.estimate) else show(test.estimate)
    return [
        _held_against(saved, test, language),
        word("staffing at most" if test.about_mean else "staffing at least", language, value=promised),
        estimate,
        f"{show(test.low)}–{show(test.high)}" if test.low < test.high else NOTHING,
        Text(word(test.verdict, language), style=f"bold {COLOURS[test.verdict]}"),
        number(test.replications),
    ]


def _held_against(saved: SavedStaff, test: CertificateTest, language: Language) -> str:
    if test.requirement != TARGET:
        return word("staffing served", language, stage=named("stage", test.requirement, language))
    key = "lines mean" if test.about_mean else "lines share"
    clock = named("clock", saved.target["clock"], language)
    return word(key, language, clock=clock, minutes=plain(saved.target["minutes"]))


def _neighbours(saved: SavedStaff, language: Language) -> list[RenderableType]:
    """Return the verdicts on the cheaper neighbours, and those nearest to the line."""
    tests = saved.neighbours
    found = (f"{word(verdict, language)} {n}" for verdict, n in sentences.counts(tests).items())
    shown = sorted(tests, key=lambda test: (test.verdict == "FAILS", test.off))
    shown = shown[: max(NEAREST, sum(test.verdict != "FAILS" for test in tests))]
    keys = ("staffing saves", "staffing requirement column", "staffing promised column", "estimate column",
            "staffing interval column", "verdict column", "replications column")  # fmt: skip
    made = table(word("staffing neighbours table", language), word("plan column", language),
                 *(word(key, language) for key in keys))  # fmt: skip
    made.columns[2].justify = "left"
    cost = saved.of(PLAN)[0].cost
    for test in shown:
        name = sentences.plan_name(saved, test, True, language)
        made.add_row(name, number(cost - test.cost), *_cells(saved, test, language))
    said = word("staffing neighbours counted", language, found=word("comma", language).join(found))
    return [said, made]


def _spent(saved: SavedStaff, language: Language) -> str:
    facts = saved.manifest
    parts, grid = facts["replications_by_part"], facts["grid"]
    return word(
        "staffing spent", language, **{name: number(parts[name]) for name in ("start", "search", "certificate")},
        plans=number(facts["plans_simulated"]), all=number(facts["replications"]), grid=_large(grid["plans"]),
        ratio=_large(grid["replications"] / max(facts["replications"], 1)),
    )  # fmt: skip


def _large(value: float) -> str:
    """Return a number that may be beyond all bounds: 1,200, or 2.8e36."""
    return number(value, 0 if value >= 10 else 1) if value < 1e9 else f"{value:.1e}".replace("e+", "e")


def _gap(saved: SavedStaff, language: Language) -> list[str]:
    if saved.bound <= 0 or saved.plan is None:
        return []
    gap = max(1 - saved.bound / saved.cost, 0.0) if saved.cost else 0.0
    bound = number(math.floor(saved.bound + 1e-6))
    said = word(
        "staffing gap", language, bound=bound, gap=share(gap, language), provided=sentences.condition(saved, language)
    )
    return [said]
