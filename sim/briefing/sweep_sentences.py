"""What a sweep found, in sentences: titles, subtitles and notes of its charts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sim.briefing.basis import basis
from sim.briefing.numbers import percent, plain, span
from sim.briefing.saved_sweep import Cell, Factor, SavedSweep
from sim.briefing.sentences import target_in_words
from sim.briefing.words import Language, named, word

BETWEEN = " · "


def counts(sweep: SavedSweep, language: Language) -> str:
    """Return in how many cells the target holds, fails, and is not decided."""
    holds, fails, cells = sweep.count("HOLDS"), sweep.count("FAILS"), len(sweep.cells)
    if cells in (holds, fails):
        return word("sweep all hold" if holds else "sweep all fail", language, all=cells)
    said = word("sweep title", language, holds=holds, fails=fails, all=cells)
    if close := sweep.count("TOO CLOSE"):
        said += word("overview close", language, close=close)
    if undecided := sweep.count("UNDECIDED"):
        said += word("overview undecided", language, undecided=undecided)
    return said


def subtitle(sweep: SavedSweep, language: Language) -> str:
    """Return what is swept, the target, and how sure the verdicts are."""
    return BETWEEN.join([
        sweep.title(language),
        target_in_words(sweep.target, language),
        word("sweep rule", language, error=percent(sweep.rule["error"])),
        word("sweep replications", language, replications=span(cell.replications for cell in sweep.cells)),
    ])  # fmt: skip


def source(sweep: SavedSweep, language: Language) -> str:
    """Return the line at the bottom of a chart."""
    facts = sweep.manifest
    return word(
        "sweep source", language, days=facts["working_days"], seed=facts["seed"], basis=basis(facts, language)
    )


def verdict_legend(verdict: str, sweep: SavedSweep, language: Language) -> str:
    """Return a verdict's word, and of TOO CLOSE what it means."""
    said = word(verdict, language)
    if verdict != "TOO CLOSE":
        return said
    margin = sweep.rule["margin"]
    if sweep.about_mean:
        return word("close legend", language, verdict=said, margin=plain(margin))
    return word("close legend share", language, verdict=said, margin=percent(margin))


def figure_name(kind: str, sweep: SavedSweep, language: Language) -> str:
    """Return what the estimates are, for a chart of cells or of lines."""
    key = f"{kind} {'mean' if sweep.about_mean else 'share'}"
    clock = named("clock", sweep.target["clock"], language)
    return word(key, language, clock=clock, minutes=plain(sweep.target["minutes"]))


def target_label(sweep: SavedSweep, language: Language) -> str:
    """Return the words at the target's line."""
    if sweep.about_mean:
        return word("target", language, minutes=plain(sweep.target["minutes"]))
    return word("target share", language, level=percent(sweep.target["level"]))


def levels(factors: Sequence[Factor], places: Sequence[int], language: Language) -> str:
    """Return the levels of some factors: ``crew: 2, lunch demand: 1.5``."""
    parts = [
        factor.title[language] + word("colon", language) + factor.label(place, language)
        for factor, place in zip(factors, places, strict=True)
    ]
    return word("comma", language).join(parts)


def held_back(sweep: SavedSweep, cells: Iterable[Cell]) -> bool:
    """Say whether a cell has no verdict though its interval is clear of the target: too few, too skewed values."""
    promised = sweep.target["minutes"] if sweep.about_mean else sweep.target["level"]
    return any(cell.verdict == "UNDECIDED" and not cell.low <= promised <= cell.high and cell.low < cell.high
               for cell in cells)  # fmt: skip


class Limit(NamedTuple):
    """How far the target holds along a factor.

    Attributes
    ----------
    kind : str
        "throughout", "nowhere", "up to", "from", or "" if it is not so simple.
    place : int
        The last, or the first, level at which it holds; -1 if there is none to name.
    holds : int
        Number of levels at which it holds.
    """

    kind: str
    place: int
    holds: int


def limits(sweep: SavedSweep, lines: Factor | None, language: Language) -> str:
    """Return up to where, or from where on, the target holds along the factor across.

    With several lines, of the one that gets least far and of the one that gets farthest. If the verdicts are not
    so simple, how many cells there are of each.
    """
    x = sweep.x
    found = {} if sweep.others(x, lines) or not x.numeric else limits_of_lines(sweep, lines)
    kinds = {limit.kind for limit in found.values()}
    if not kinds & {"up to", "from"} or "" in kinds or {"up to", "from"} <= kinds:
        return counts(sweep, language)
    least, most = _extremes({place: limit.holds for place, limit in found.items()})
    if lines is None or found[least] == found[most]:
        level = x.label(found[least].place, language)
        return word(f"holds {found[least].kind}", language, x=x.title[language], value=level)
    first, last = (
        word(f"limit {found[place].kind}", language, value=x.label(found[place].place, language))
        for place in (least, most)
    )
    title = x.title[language]
    return word(
        "limits title", language, x=title[:1].upper() + title[1:], first=first, last=last, lines=lines.title[language],
        least=lines.label(least, language), most=lines.label(most, language),
    )  # fmt: skip


def _extremes(holds: Mapping[int, int]) -> tuple[int, int]:
    """Return a place with the fewest and one with the most, of several those that are farthest apart."""
    least, most = ([place for place in holds if holds[place] == edge(holds.values())] for edge in (min, max))
    return max(itertools.product(least, most), key=lambda pair: abs(pair[0] - pair[1]))


def limits_of_lines(sweep: SavedSweep, lines: Factor | None) -> dict[int, Limit]:
    """Return how far the target holds on each line, by the place of its level; empty if lines have gaps."""
    cells: dict[int, dict[int, bool]] = {}
    for cell in sweep.cells:
        line = lines.place(cell.at[lines.name]) if lines is not None else 0
        cells.setdefault(line, {})[sweep.x.place(cell.at[sweep.x.name])] = cell.verdict == "HOLDS"
    if any(len(line) < len(sweep.x.labels) for line in cells.values()):
        return {}
    return {line: _limit([holds[place] for place in sorted(holds)]) for line, holds in sorted(cells.items())}


def _limit(holds: Sequence[bool]) -> Limit:
    number = sum(holds)
    if number in (0, len(holds)):
        return Limit("throughout" if number else "nowhere", -1, number)
    if all(holds[:number]):
        return Limit("up to", number - 1, number)
    if all(holds[-number:]):
        return Limit("from", len(holds) - number, number)
    return Limit("", -1, number)
