"""What a run found, in a sentence."""

from __future__ import annotations

import math

from sim.briefing.numbers import minutes, plain, share
from sim.briefing.saved import Saved
from sim.briefing.words import Language, named, word

MEAN = "mean"


def finding(saved: Saved, language: Language) -> str:
    """Return the verdict and its reason: ``HOLDS: the mean licence time is 4.97 min; ...``."""
    verdict = saved.verdict
    return word(verdict["verdict"], language) + word("colon", language) + reason(saved, language)


def reason(saved: Saved, language: Language) -> str:
    """Return the estimate against the target."""
    verdict = saved.verdict
    if not saved.finished:
        return word("unfinished", language)
    estimate = saved.estimate().mean
    values = _target_values(saved, language)
    if math.isinf(estimate):
        return word("never finding", language, minutes=values["minutes"])
    shown = minutes(estimate) if verdict["statistic"] == MEAN else share(estimate)
    return word(f"{verdict['statistic']} finding", language, estimate=shown, **values)


def target(saved: Saved, language: Language) -> str:
    """Return the target in words."""
    return word(f"{saved.verdict['statistic']} target", language, **_target_values(saved, language))


def interval(saved: Saved, language: Language) -> str:
    """Return the interval and what it is, or why there is none."""
    if not saved.finished:
        return str(saved.verdict["why"])
    estimate = saved.estimate()
    if saved.replications < 2:
        return word("no interval", language)
    if math.isinf(estimate.mean):
        return word("no interval infinite", language)
    show = minutes if saved.verdict["statistic"] == MEAN else share
    return word("interval", language, low=show(estimate.low), high=show(estimate.high), replications=saved.replications)


def source(saved: Saved, language: Language) -> str:
    """Return the line at the bottom of a chart."""
    key = "source once" if saved.replications == 1 else "source"
    facts = saved.manifest
    return word(key, language, replications=saved.replications, days=facts["working_days"], seed=facts["seed"])


def _target_values(saved: Saved, language: Language) -> dict[str, str]:
    verdict = saved.verdict
    return {
        "clock": named("clock", verdict["clock"], language),
        "minutes": plain(verdict["minutes"]),
        "level": share(verdict["level"]),
        "percent": plain(round(verdict["level"] * 100, 6)),
    }
