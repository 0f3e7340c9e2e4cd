"""The report of a sensitivity as text: flips, what is no number, screening, indices, plausible offices."""

from __future__ import annotations

import math

from rich.console import RenderableType
from rich.text import Text

from sim.briefing import sensitivity_sentences as sentences
from sim.briefing.numbers import MINUS, NOTHING, number, plain, share
from sim.briefing.saved_sensitivity import (
    KEEPS,
    LOG_MINUTES,
    OVER,
    VERDICTS,
    Judged,
    Other,
    SavedSensitivity,
    Swing,
)
from sim.briefing.words import WORDS, Language, word
from sim.cli.report import COLOURS, rendered, table

MOST_SCREENED, MOST_SEPARATED = 12, 8
"""Rows of the tables of the screening and of the differences."""


def sensitivity_report(saved: SavedSensitivity, language: Language) -> str:
    """Return all that is printed after a sensitivity."""
    parts: list[RenderableType] = [
        f"{saved.name}: {sentences.subtitle(saved, language)}", sentences.finding(saved, language), "",
    ]  # fmt: skip
    if saved.flipping:
        parts.append(_flips(saved, language))
    known = [of for of in saved.steady if not saved.not_known(of)]
    if known:
        names = [sentences.name_of(of.assumption.parameter, language) for of in known]
        steady = sentences.listed(names, language)
        parts += [word("steady note", language, number=len(names), names=steady), ""]
    if saved.others:
        parts.append(_others(saved, language))
    if saved.screened:
        parts.append(_screening(saved, language))
    if saved.indices:
        parts.append(_indices(saved, language))
    if saved.counts:
        parts.append(_offices(saved, language))
    if saved.separations:
        parts.append(_separation(saved, language))
    parts += [*sentences.notes(saved, language), "", word("say the note", language)]
    parts += [f"  {line}" for line in sentences.spoken(saved, language)]
    files = ", ".join(sorted(file.name for file in saved.folder.iterdir()))
    parts += ["", word("files", language, folder=saved.folder) + files]
    return rendered(*parts)


def _flips(saved: SavedSensitivity, language: Language) -> RenderableType:
    keys = ("sense range column", "scenario value column", "at low column", "at high column", "flip column",
            "replications column")  # fmt: skip
    made = table(word("flips table", language), word("assumption column", language),
                 *(word(key, language) for key in keys))  # fmt: skip
    for swing in saved.flipping:
        of = swing.assumption
        flips = word("semicolon", language).join(
            sentences.flip_of(saved, swing, flip, language) for flip in swing.flips
        )
        made.add_row(
            sentences.name_of(of.parameter, language), sentences.range_of(of, language),
            sentences.value_of(of, of.value, language), *_ends(saved, swing, language), flips,
            number(swing.replications),
        )  # fmt: skip
    return made


def _ends(saved: SavedSensitivity, swing: Swing, language: Language) -> list[RenderableType]:
    return [_judged(saved, judged, language) for judged in (swing.low, swing.high)]


def _judged(saved: SavedSensitivity, judged: Judged, language: Language) -> Text:
    """Return an estimate and the verdict in its colour."""
    said = Text(sentences.estimate_of(saved, judged.estimate, language) + " ")
    return said.append(word(judged.verdict, language), style=f"bold {COLOURS[judged.verdict]}")


def _others(saved: SavedSensitivity, language: Language) -> RenderableType:
    keys = ("own column", "here column", "estimate and verdict column")
    made = table(word("others table", language), word("others column", language),
                 *(word(key, language) for key in keys))  # fmt: skip
    for other in saved.others:
        name = word(f"otherwise {other.name}", language)
        said = [other_words(other, end, language) for end in ("own", "here")]
        made.add_row(name, *said, _judged(saved, other.judged, language))
    return made


def other_words(other: Other, end: str, language: Language) -> str:
    """Return how something that is no number is in the scenario (`end` "own") or otherwise ("here")."""
    text = other.own if end == "own" else other.here
    key, clock = f"otherwise {end} {other.name}", f"clock {text}"
    if key in WORDS:
        return word(key, language, own=other.own, here=other.here)
    return word(clock, language) if clock in WORDS else text


def _signed(value: float, digits: int = 2) -> str:
    return NOTHING if math.isnan(value) else f"{value:.{digits}f}".replace("-", MINUS)


def _with_ends(value: float, low: float, high: float, language: Language) -> str:
    if math.isnan(value):
        return NOTHING
    return word("estimate and ends", language, estimate=_signed(value), low=_signed(low), high=_signed(high))


def _screening(saved: SavedSensitivity, language: Language) -> RenderableType:
    keys = ("mu star column", "sigma column", "over column")
    title = word("screening table", language, points=number(saved.manifest["screening"]["points"]))
    made = table(title, word("assumption column", language), *(word(key, language) for key in keys))
    over = {row.parameter: row for row in saved.of_outcome(OVER)}
    for row in saved.of_outcome(LOG_MINUTES)[:MOST_SCREENED]:
        made.add_row(
            sentences.name_of(row.parameter, language),
            _with_ends(row.mu_star, row.mu_star_low, row.mu_star_high, language), _signed(row.sigma),
            _signed(over[row.parameter].mu_star),
        )  # fmt: skip
    return made


def _indices(saved: SavedSensitivity, language: Language) -> RenderableType:
    keys = ("first minutes column", "total minutes column", "first keeps column", "total minutes column")
    rows, keeps = saved.indices_of(LOG_MINUTES), {row.parameter: row for row in saved.indices_of(KEEPS)}
    title = word("indices table", language, most=len(rows), points=number(saved.manifest["indices"]["points"]))
    made = table(title, word("assumption column", language), *(word(key, language) for key in keys))
    for row in rows:
        both = [
            text for of in (row, keeps[row.parameter])
            for text in (_with_ends(of.first, of.first_low, of.first_high, language),
                         _with_ends(of.total, of.total_low, of.total_high, language))
        ]  # fmt: skip
        made.add_row(sentences.name_of(row.parameter, language), *both)
    return made


def _offices(saved: SavedSensitivity, language: Language) -> RenderableType:
    counts = saved.counts
    all_of_them = sum(counts.values())
    made = table(word("offices table", language, all=all_of_them), word("verdict column", language),
                 word("offices column", language), word("share column", language))  # fmt: skip
    for name in VERDICTS:
        said = share(counts[name] / all_of_them, language)
        if name == "HOLDS":
            found = saved.holds
            ends = {"low": share(found.low, language), "high": share(found.high, language)}
            said = word("estimate and ends", language, estimate=share(found.mean, language), **ends)
        made.add_row(Text(word(name, language), style=f"bold {COLOURS[name]}"), number(counts[name]), said)
    return made


def _separation(saved: SavedSensitivity, language: Language) -> RenderableType:
    keys = ("holds mean column", "fails mean column", "standard column")
    made = table(word("separation table", language), word("assumption column", language),
                 *(word(key, language) for key in keys))  # fmt: skip
    for row in saved.separations[:MOST_SEPARATED]:
        of = saved.assumptions[row.parameter]
        values = [sentences.value_of(of, value, language) for value in (row.holds, row.fails)]
        difference = word("estimate plus minus", language, value=_signed(row.difference), error=plain(
            round(row.error, 2)))  # fmt: skip
        made.add_row(sentences.name_of(row.parameter, language), *values, difference)
    return made
