"""What a verdict hangs on, in sentences: titles and notes of the charts, and what can be read aloud."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import NormalDist
from typing import Protocol

from sim.briefing.basis import version_in, with_version
from sim.briefing.numbers import PERCENT, minutes, number, percent, plain, share, span, without_sign, writer
from sim.briefing.saved_sensitivity import (
    LOG_MINUTES,
    OPEN,
    Assumption,
    Flip,
    Judged,
    Other,
    SavedSensitivity,
    Swing,
)
from sim.briefing.sentences import target_in_words
from sim.briefing.words import WORDS, Language, named, word

BETWEEN = " · "
MOST_NAMED = 3
"""Names in a row in a sentence."""
STEPS, DIGITS, MOST_DIGITS = 50, 3, 6
"""Steps of a range that are told apart, and the digits that a value has for it."""


def name_of(parameter: str, language: Language) -> str:
    """Return the short name of an assumption; its path if it has none."""
    section, pool, *rest = (*parameter.split("."), "")
    if section == "staff" and rest[:1] == ["absence"]:
        return word("assumption absence", language, pool=named("pool", pool, language))
    key = f"assumption {parameter}"
    return word(key, language) if key in WORDS else parameter


def meaning_of(of: Assumption, language: Language) -> str:
    """Return what a parameter means in full; of the staff's, whose it is."""
    meaning = of.meaning_en if language == "en" else of.meaning_zh
    section, pool, *_ = (*of.parameter.split("."), "")
    return meaning if section != "staff" else f"{named('pool', pool, language)}{word('colon', language)}{meaning}"


class Ranged(Protocol):
    """What has a unit and a range: an assumption, as a sensitivity or a briefing has read it."""

    @property
    def unit(self) -> str:
        """As in the table of parameters."""

    @property
    def low(self) -> float:
        """The low end of its range."""

    @property
    def high(self) -> float:
        """The high end of its range."""


def value_of(of: Ranged, value: float, language: Language, unit: bool = True) -> str:
    """Return a value of an assumption as it is read: 15 %, 3.4 min, 40,200."""
    if math.isinf(value):
        return word("assumption any number", language)
    digits = _digits(of, value)
    if of.unit == "share":
        return f"{100 * value:.{digits}g}{PERCENT[language]}"
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.{digits}g}"
    key = f"assumption unit {of.unit}"
    if not unit or key not in WORDS or of.unit == "per year":
        return text
    return f"{text} {word(key, language)}" if language == "en" else f"{text}{word(key, language)}"


def _digits(of: Ranged, value: float) -> int:
    """Return how many digits tell a value from one that is a step further up its range."""
    step = (of.high - of.low) / STEPS
    return min(max(DIGITS, math.ceil(math.log10(abs(value) / step)) + 1 if value else 0), MOST_DIGITS)


def range_of(of: Assumption, language: Language) -> str:
    """Return the range of an assumption: 2 – 6 min."""
    low = without_sign(value_of(of, of.low, language, unit=False))
    return word("range of", language, low=low, high=value_of(of, of.high, language))


def estimate_of(saved: SavedSensitivity, value: float, language: Language) -> str:
    """Return minutes or a share, or that the cases cannot be finished."""
    if math.isinf(value) or math.isnan(value):
        return word("cannot finish", language)
    return writer(saved.about_mean, language)(value)


def at_end(saved: SavedSensitivity, judged: Judged, language: Language) -> str:
    """Return estimate and verdict: 9.92 FAILS."""
    verdict = word(judged.verdict, language)
    return word("mean at", language, estimate=estimate_of(saved, judged.estimate, language), verdict=verdict)


def flip_of(saved: SavedSensitivity, swing: Swing, flip: Flip, language: Language) -> str:
    """Return where the verdict flips: HOLDS at 15 %, FAILS at 16.4 %."""
    of = swing.assumption
    own = "" if saved.scenario is None else word(saved.scenario.verdict, language)
    return word(
        "flip is", language, own=own, last=value_of(of, flip.last, language), other=word(flip.verdict, language),
        first=value_of(of, flip.first, language),
    )  # fmt: skip


def listed(names: Iterable[str], language: Language) -> str:
    """Return names in a row."""
    return word("comma" if language == "en" else "list mark", language).join(names)


def joined(names: Sequence[str], language: Language) -> str:
    """Return names in a row in a sentence: A, B and C."""
    if len(names) < 2:
        return "".join(names)
    return word("list mark", language).join(names[:-1]) + word("and", language) + names[-1]


def capital(text: str, language: Language) -> str:
    """Return a text as it begins a sentence."""
    return text[:1].upper() + text[1:] if language == "en" else text


def finding(saved: SavedSensitivity, language: Language) -> str:
    """Return what was found, in a sentence: the first of flips, offices and screening that was asked for."""
    if saved.swings:
        return flips_title(saved, language)
    if saved.counts:
        return offices_title(saved, language)
    first = saved.of_outcome(LOG_MINUTES)[0]
    name = capital(name_of(first.parameter, language), language)
    return word("screening title", language, name=name, all=len(saved.assumptions))


def flips_title(saved: SavedSensitivity, language: Language) -> str:
    """Return how many assumptions flip the verdict, and the nearest; that there is none to flip."""
    if saved.undecided:
        return word("flips title undecided", language)
    flipping = saved.flipping
    values = {"all": len(saved.swings), "flip": len(flipping)}
    if not flipping:
        return word("flips title none", language, **values)
    name = name_of(flipping[0].assumption.parameter, language)
    return word("flips title one" if len(flipping) == 1 else "flips title", language, name=name, **values)


def tornado_title(saved: SavedSensitivity, language: Language) -> str:
    """Return which assumption moves the estimate most, and from where to where."""
    widest = saved.by_swing[0]
    ends = [widest.low.estimate, widest.high.estimate]
    ends += [saved.scenario.estimate] if saved.scenario is not None else []
    low, high = min(ends), max(ends)
    kind = ("never" if math.isinf(high) else "mean") if saved.about_mean else "share"
    return word(
        f"tornado title {kind}", language, name=capital(name_of(widest.assumption.parameter, language), language),
        clock=named("clock", saved.target["clock"], language), low=estimate_of(saved, low, language),
        high=estimate_of(saved, high, language),
    )  # fmt: skip


def offices_title(saved: SavedSensitivity, language: Language) -> str:
    """Return in how many plausible offices the target holds."""
    counts = saved.counts
    return word(
        "offices title", language, holds=counts["HOLDS"], all=sum(counts.values()),
        share=share(saved.holds.mean, language),
    )


def subtitle(saved: SavedSensitivity, language: Language) -> str:
    """Return the scenario, the target, and the verdict as it is, with estimate and interval."""
    values = {"title": saved.title(language), "target": target_in_words(saved.target, language), "between": BETWEEN}
    if (own := saved.scenario) is None:
        return word("sense subtitle alone", language, **values)
    estimate = "" if math.isinf(own.estimate) else word(
        "sense estimate", language, estimate=with_unit(saved, own.estimate, language),
        interval=_interval(saved, own, language),
    )  # fmt: skip
    return word("sense subtitle", language, verdict=word(own.verdict, language), estimate=estimate, **values)


def _interval(saved: SavedSensitivity, judged: Judged, language: Language) -> str:
    """Return the interval of a verdict in brackets; empty if there were too few replications for one."""
    if math.isnan(judged.low):
        return ""
    low, high = (estimate_of(saved, end, language) for end in (judged.low, judged.high))
    return word("sense interval", language, low=low, high=high)


def with_unit(saved: SavedSensitivity, value: float, language: Language) -> str:
    """Return minutes with their unit, or a share."""
    return word("minutes of", language, value=minutes(value)) if saved.about_mean else share(value, language)


def cannot_or_unit(saved: SavedSensitivity, value: float, language: Language) -> str:
    """Return minutes with their unit, or a share, or that the cases cannot be finished."""
    return with_unit(saved, value, language) if math.isfinite(value) else word("cannot finish", language)


def source(saved: SavedSensitivity, language: Language, kind: str, replications: Iterable[int]) -> str:
    """Return the line at the bottom of a chart."""
    facts = saved.manifest
    used = word(kind, language, replications=span(replications))
    ranges = word("ranges of parameters", language)
    if saved.given:
        key = "ranges of file" if len(saved.given) == len(saved.assumptions) else "ranges of both"
        ranges = word(key, language, file=saved.given[0].source)
    return word("sense source", language, replications=used, days=facts["working_days"], seed=facts["seed"],
                ranges=with_version(ranges, version_in(facts), language))  # fmt: skip


def notes(saved: SavedSensitivity, language: Language) -> list[str]:
    """Return what has to be known of the tables."""
    said = []
    by_name = {of.parameter: name_of(of.parameter, language) for of in saved.assumptions.values()}
    extended = [by_name[of.parameter] for of in saved.assumptions.values() if of.extended]
    twisted = [by_name[of.assumption.parameter] for of in saved.swings if not all(flip.monotone for flip in of.flips)]
    left_out = [name_of(parameter, language) for parameter in saved.manifest["left_out"]]
    unknown = [by_name[of.assumption.parameter] for of in saved.steady if saved.not_known(of)]
    inside = [by_name[of.assumption.parameter] for of in saved.steady if saved.flips_inside(of)]
    for key, names in (("open", unknown), ("inside", inside), ("not monotone", twisted), ("extended", extended),
                       ("left out", left_out)):  # fmt: skip
        if names:
            said.append(word(f"{key} note", language, names=listed(names, language)))
    if saved.given:
        names = [by_name[of.parameter] for of in saved.given]
        said.append(word("given note", language, file=saved.given[0].source, names=listed(names, language)))
    for piece in ("screening", "indices"):
        facts = saved.manifest[piece]
        if facts and facts["capped"]:
            most = number(saved.manifest["most_minutes"])
            said.append(word("capped note", language, capped=facts["capped"], minutes=most))
    if saved.scenario is not None:
        used = saved.manifest["scenario_verdict"]["tests"]
        said.append(word("sense family note", language, tests=saved.rule["tests"], used=used,
                         error=percent(saved.rule["error"])))  # fmt: skip
    if saved.counts:
        said.append(word("sense report note", language))
    return said


def spoken(saved: SavedSensitivity, language: Language) -> list[str]:
    """Return sentences that can be read aloud: where it flips, how many offices hold, what matters most."""
    space = " " if language == "en" else ""
    parts = [_say_flips(saved, language), _say_offices(saved, language), _say_matters(saved, language)]
    return [space.join(part) for part in parts if part]


def _say_flips(saved: SavedSensitivity, language: Language) -> list[str]:
    if not saved.swings or saved.scenario is None:
        return []
    if saved.undecided:
        return [word("say flips undecided", language, replications=saved.scenario.replications)]
    flipping, values = saved.flipping, {"all": len(saved.swings), "flip": len(saved.flipping)}
    if not flipping:
        said = [word("say flips none", language, verdict=word(saved.scenario.verdict, language), **values)]
    else:
        nearest = flipping[0]
        name, where = name_of(nearest.assumption.parameter, language), _where(saved, nearest, language)
        key = "say flip one" if len(flipping) == 1 else "say flips"
        said = [word(key, language, name=name, where=where, capital_where=capital(where, language), **values)]
    others = [other for other in saved.others if _turned(saved, other)]
    if others:
        names = [
            word(
                "say other", language, name=word(f"otherwise {other.name}", language),
                estimate=cannot_or_unit(saved, other.judged.estimate, language),
            )
            for other in others[:MOST_NAMED]
        ]  # fmt: skip
        said.append(word("say others", language, others=joined(names, language)))
    return said


def _turned(saved: SavedSensitivity, other: Other) -> bool:
    """Say whether what is otherwise turns the verdict round."""
    return saved.scenario is not None and {saved.scenario.verdict, other.judged.verdict} == {"HOLDS", "FAILS"}


def _where(saved: SavedSensitivity, swing: Swing, language: Language) -> str:
    """Return both ends of a bracket in words."""
    flip = swing.nearest
    assert flip is not None
    assert saved.scenario is not None
    ends = ((saved.scenario.verdict, flip.last), (flip.verdict, flip.first))
    said = [word(f"say at {verdict}", language, value=value_of(swing.assumption, value, language))
            for verdict, value in ends]  # fmt: skip
    return word("comma", language).join(said)


def _say_offices(saved: SavedSensitivity, language: Language) -> list[str]:
    counts = saved.counts
    if not counts:
        return []
    found, open_ = saved.holds, sum(counts[verdict] for verdict in OPEN)
    said = [word(
        "say offices", language, all=sum(counts.values()), holds=counts["HOLDS"], share=share(found.mean, language),
        low=share(found.low, language), high=share(found.high, language),
    )]  # fmt: skip
    if open_:
        said.append(word("say open", language, open=open_))
    # Many are looked at, and of these the widest are named: all of them together at 5 % (Bonferroni).
    beyond = NormalDist().inv_cdf(1 - 0.025 / max(len(saved.separations), 1))
    clear = [of for of in saved.separations if abs(of.difference) > beyond * of.error][:MOST_NAMED]
    if clear:
        names = joined([name_of(of.parameter, language) for of in clear], language)
        said.append(word("say separates", language, names=names))
    if saved.given:
        said.append(word("say given", language, number=len(saved.given), all=len(saved.assumptions),
                         file=saved.given[0].source))  # fmt: skip
    return said


def _say_matters(saved: SavedSensitivity, language: Language) -> list[str]:
    screened = saved.of_outcome(LOG_MINUTES)
    if len(screened) < 2:
        return []
    names = joined([name_of(row.parameter, language) for row in screened[:MOST_NAMED]], language)
    said = [word("say matters", language, names=names)]
    known = [row for row in saved.indices_of(LOG_MINUTES) if not math.isnan(row.first)]
    if known:
        most = max(known, key=lambda row: row.first)
        if most.first_low > 0:
            name = name_of(most.parameter, language)
            ends = (most.first, most.first_low, most.first_high)
            value, low, high = (share(min(end, 1.0), language) for end in ends)
            said.append(word("say index", language, name=name, share=value, low=low, high=high))
    return said


def promised_text(saved: SavedSensitivity, language: Language) -> str:
    """Return the label of the target's line."""
    if saved.about_mean:
        return word("target", language, minutes=plain(saved.promised))
    return word("target share", language, level=percent(saved.promised))
