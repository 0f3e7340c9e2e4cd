"""Numbers of results as a briefing writes them, each with its source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim.briefing.brief.inputs import Found
from sim.briefing.brief.traced import Sentence, Traced, Verdict, said
from sim.briefing.numbers import given_share, minutes, number, percent, plain, share
from sim.briefing.saved import Figure, Saved
from sim.briefing.words import Language, word

MINUTES, SHARE, YUAN, NUMBER, TEXT = "min", "share", "yuan", "number", "text"


def as_minutes(value: float, source: str) -> Traced:
    """Return minutes."""
    return Traced(minutes(value), value, source, MINUTES)


def as_share(value: float, source: str, language: Language) -> Traced:
    """Return a share in per cent; in Chinese without a space before the sign."""
    return Traced(share(value, language), value, source, SHARE)


def as_number(value: float | None, source: str, digits: int = 0) -> Traced:
    """Return a number with thousands marked."""
    return Traced("–" if value is None else number(value, digits), value, source, NUMBER)


def as_yuan(value: float, source: str, digits: int = 0) -> Traced:
    """Return money."""
    return Traced(number(value, digits), value, source, YUAN)


def as_plain(value: float, source: str, unit: str = NUMBER) -> Traced:
    """Return a promised number as it was given."""
    return Traced(plain(value) if math.isfinite(value) else number(value), value, source, unit)


def as_percent(value: float, source: str) -> Traced:
    """Return a share that was given, in per cent without the sign."""
    return Traced(percent(value), value, source, SHARE)


def as_text(value: object, source: str) -> Traced:
    """Return something that is shown as it is saved."""
    return Traced(str(value), str(value), source)


def as_verdict(verdict: str, source: str, language: Language) -> Verdict:
    """Return a verdict and its word."""
    return Verdict(word(verdict, language) if verdict else "–", verdict, source)


def verdict_of(run: Found[Saved], language: Language) -> Verdict:
    """Return the verdict on a run."""
    return as_verdict(run.saved.verdict["verdict"], run.origin.fact("verdict.verdict"), language)


def figure_of(run: Found[Saved], subject: str, statistic: str, by: str = "", group: str = "") -> tuple[float, str]:
    """Return the mean of a figure of a run, and its source."""
    where = {"subject": subject, "by": by, "group": group, "statistic": statistic}
    return run.saved.figure(subject, statistic, by, group).mean, run.origin.cell("summary", "mean", **where)


def estimate_of(run: Found[Saved], language: Language) -> tuple[Traced, Sentence | None]:
    """Return what a verdict rests on, and its interval as text in brackets; None if there is none."""
    verdict, origin = run.saved.verdict, run.origin
    about_mean = verdict["statistic"] == "mean"
    figure = run.saved.estimate()
    parts = {
        name: _shown(value, origin.fact(f"verdict.{name}"), about_mean, language)
        for name, value in zip(("estimate", "low", "high"), figure, strict=True)
    }
    level = as_percent(verdict["confidence"], origin.fact("verdict.confidence"))
    return parts["estimate"], between(figure, parts, level, language)


def between(figure: Figure, parts: Mapping[str, Traced], level: Traced, language: Language) -> Sentence | None:
    """Return an interval as text in brackets; None if there is none."""
    if not figure.low < figure.high:
        return None
    return said("brief between", language, level=level, low=parts["low"], high=parts["high"])


def _shown(value: float, source: str, about_mean: bool, language: Language) -> Traced:
    return as_minutes(value, source) if about_mean else as_share(value, source, language)


def ends(low: Traced, high: Traced) -> Sentence:
    """Return an interval as a cell of a table shows it: 4.93–4.97."""
    if not _known(low) or not _known(high):
        return Sentence(("–",))
    return Sentence((low, "–", high))


def _known(end: Traced) -> bool:
    return isinstance(end.value, int | float) and math.isfinite(end.value)


def target_values(target: Mapping[str, Any], source: Any, language: Language) -> dict[str, Traced]:
    """Return the numbers of a target.

    Parameters
    ----------
    target : mapping
        `minutes`, `level` and `margin`.
    source : callable
        Returns the source of a field of it.
    language : str
    """
    margin = float(target.get("margin", 0.0))
    key = "minutes of" if target["statistic"] == "mean" else "points of"
    size = plain(margin) if target["statistic"] == "mean" else percent(margin)
    level = given_share(target["level"], language)
    return {
        "minutes": as_plain(float(target["minutes"]), source("minutes"), MINUTES),
        "level": Traced(level, float(target["level"]), source("level"), SHARE),
        "percent": as_percent(float(target["level"]), source("level")),
        "margin": Traced(word(key, language, value=size), margin, source("margin"), NUMBER),
    }
