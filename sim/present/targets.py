"""A target, an estimate and its interval, in words."""

from __future__ import annotations

from collections.abc import Callable

from sim.present.names import named
from sim.present.numbers import given_share, in_hours, percent, plain, share, writer
from sim.present.table import EMPTY, MINUTES, NUMBER, SHARE, Sentence, Traced, as_percent, as_plain, as_share, said
from sim.results.about import TargetFacts
from sim.text import N_, _

IN_WORDS = {
    "mean": N_("mean {clock} ≤ {minutes} min"),
    "share": N_("{level} within {minutes} min ({clock})"),
    "percentile": N_("P{percent} of {clock} ≤ {minutes} min"),
}
SPOKEN = {
    "mean": N_("a mean {clock} of at most {minutes} minutes"),
    "share": N_("{percent} % within {minutes} minutes ({clock})"),
    "percentile": N_("P{percent} within {minutes} minutes ({clock})"),
}
FOUND = {
    "mean": N_("the mean {clock} is {estimate} min{hours}; the target is at most {minutes} min"),
    "share": N_("{estimate} within {minutes} min ({clock}); the target is at least {level}"),
    "percentile": N_("{estimate} within {minutes} min ({clock}); the target is P{percent} within {minutes} min"),
}


def target_in_words(target: TargetFacts) -> str:
    """Return a target as short as a line below a title needs it: ``mean licence time ≤ 5 min``."""
    return _(IN_WORDS[target.statistic], **_values(target))


def spoken_target(target: TargetFacts) -> str:
    """Return a target as it is read aloud."""
    return _(SPOKEN[target.statistic], **_values(target))


def against_target(estimate: float, target: TargetFacts) -> str:
    """Return an estimate against what was promised."""
    hours = in_hours(estimate) if target.about_mean else ""
    beside = _(" ({hours} h)", hours=hours) if hours else ""
    return _(FOUND[target.statistic], estimate=writer(target.about_mean)(estimate), hours=beside, **_values(target))


def came_closed(share: float, stage: str, source: str = "") -> Sentence:
    """Return that so many of the late came while a stage was closed, if it is known of which stage that is so."""
    if not stage:
        return EMPTY
    return said(
        "Of those that take longer, {share} came to a stage while it was closed and had to wait until it opened, above "
        "all at {stage}.", share=as_share(share, source), stage=named("stage", stage),
    )  # fmt: skip


def estimate_axis(target: TargetFacts) -> str:
    """Return what an axis of estimates is labelled with."""
    if target.about_mean:
        return _("mean {clock} [min]", clock=named("clock", target.clock))
    return _("share within {minutes} min ({clock})", minutes=plain(target.minutes), clock=named("clock", target.clock))


def by_target(target: TargetFacts, of_mean: str, of_share: str, **values: object) -> str:
    """Return one of two messages, by whether the target is a mean or a share."""
    return _(of_mean if target.about_mean else of_share, **values)


def promised_text(target: TargetFacts) -> str:
    """Return the label of a line at what is promised."""
    if target.about_mean:
        return _("target {minutes} min", minutes=plain(target.minutes))
    return _("target {level} %", level=percent(target.level))


def margin_in_words(target: TargetFacts) -> str:
    """Return within how much of what is promised it is too close to call."""
    if target.about_mean:
        return _("{value} min", value=plain(target.margin))
    return _("{value} points", value=percent(target.margin))


def traced_target(target: TargetFacts, fact: Callable[[str], str]) -> dict[str, Traced]:
    """Return the numbers of a target with their sources: its minutes, its level, and the margin.

    Parameters
    ----------
    target : TargetFacts
    fact : callable
        Returns the source of a field of the record.
    """
    return {
        "minutes": as_plain(target.minutes, fact("target.minutes"), MINUTES),
        "level": Traced(given_share(target.level), target.level, fact("target.level"), SHARE),
        "percent": as_percent(target.level, fact("target.level")),
        "margin": Traced(margin_in_words(target), target.margin, fact("target.margin"), NUMBER),
    }


def _values(target: TargetFacts) -> dict[str, str]:
    return {
        "clock": named("clock", target.clock),
        "minutes": plain(target.minutes),
        "level": share(target.level),
        "percent": percent(target.level),
    }
