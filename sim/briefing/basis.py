"""What the numbers of an experiment rest on, as its manifest says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.briefing.words import Language, word

LONGEST = 24
"""Characters of a log's name at the bottom of a chart."""


def fitted_in(manifest: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what of an experiment's scenarios was fitted to a log: `log` and `parameters`; None if nothing was."""
    found: Mapping[str, Any] | None = manifest.get("sources", manifest).get("fitted")
    return found


def pools_in(fitted: Mapping[str, Any]) -> list[str]:
    """Return the pools whose staffing was fitted."""
    return [path.split(".")[1] for path in fitted["parameters"] if path.endswith(".plan")]


def basis(manifest: Mapping[str, Any], language: Language) -> str:
    """Return what a chart rests on, for the line at its bottom."""
    fitted = fitted_in(manifest)
    if fitted is None:
        return word("basis assumed", language)
    if not fitted["parameters"]:
        return word("basis mixed", language)
    log = fitted["log"]
    shown = log if len(log) <= LONGEST else log[: LONGEST - 1] + "…"
    return word("basis fitted", language, log=shown, number=len(fitted["parameters"]))
