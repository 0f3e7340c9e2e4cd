"""What a run found, in a sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim.briefing.basis import basis
from sim.briefing.numbers import number, percent, plain, share, writer
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
    values = _target_values(verdict, language)
    if math.isinf(estimate):
        return word("never finding", language, minutes=values["minutes"])
    shown = writer(verdict["statistic"] == MEAN, language)(estimate)
    return word(f"{verdict['statistic']} finding", language, estimate=shown, **values)


def target(saved: Saved, language: Language) -> str:
    """Return the target of a run in words."""
    return target_in_words(saved.verdict, language)


def target_in_words(target: Mapping[str, Any], language: Language) -> str:
    """Return a target in words: ``mean licence time ≤ 5 min``.

    Parameters
    ----------
    target : mapping
        With `clock`, `statistic`, `minutes` and `level`, as manifests have them.
    language : str
    """
    return word(f"{target['statistic']} target", language, **_target_values(target, language))


def interval(saved: Saved, language: Language) -> str:
    """Return the interval and what it is, or why there is none."""
    if not saved.finished:
        return str(saved.verdict["why"])
    estimate = saved.estimate()
    if math.isinf(estimate.mean):
        return word("no interval infinite", language)
    if math.isnan(estimate.low) or math.isnan(estimate.high):
        return word("no interval", language, replications=number(saved.replications))
    show = writer(saved.verdict["statistic"] == MEAN, language)
    values = {
        "level": percent(saved.verdict["confidence"]),
        "low": show(estimate.low),
        "high": show(estimate.high),
        "replications": number(saved.replications),
    }
    if (tests := saved.verdict.get("tests") or 1) > 1:
        return word("interval of several", language, tests=tests, **values)
    return word("interval", language, **values)


def held_back(saved: Saved) -> bool:
    """Say whether a verdict is not given although the interval leaves out what is promised."""
    verdict, estimate = saved.verdict, saved.estimate()
    promised = verdict["minutes"] if verdict["statistic"] == MEAN else verdict["level"]
    return bool(verdict["verdict"] == "UNDECIDED" and (estimate.high < promised or estimate.low > promised))


def source(saved: Saved, language: Language) -> str:
    """Return the line at the bottom of a chart."""
    key = "source once" if saved.replications == 1 else "source"
    facts = saved.manifest
    return word(
        key, language, replications=saved.replications, days=facts["working_days"], seed=facts["seed"],
        basis=basis(facts, language),
    )  # fmt: skip


def _target_values(target: Mapping[str, Any], language: Language) -> dict[str, str]:
    return {
        "clock": named("clock", target["clock"], language),
        "minutes": plain(target["minutes"]),
        "level": share(target["level"], language),
        "percent": percent(target["level"]),
    }
