"""What the numbers of an experiment rest on, as its manifest says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from sim.briefing.words import Language, word

PACKAGE = "licence-office-sim"
LONGEST = 24
"""Characters of a log's name at the bottom of a chart."""


def fitted_in(manifest: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what of an experiment's scenarios was fitted to a log: `log` and `parameters`; None if nothing was."""
    found: Mapping[str, Any] | None = manifest.get("sources", manifest).get("fitted")
    return found


def pools_in(fitted: Mapping[str, Any]) -> list[str]:
    """Return the pools whose staffing was fitted."""
    return [path.split(".")[1] for path in fitted["parameters"] if path.endswith(".plan")]


def version_in(manifest: Mapping[str, Any]) -> str:
    """Return the version of the program that made a result; empty if it does not say."""
    return str(manifest.get("versions", {}).get(PACKAGE, ""))


def basis(manifest: Mapping[str, Any], language: Language) -> str:
    """Return what a chart rests on and the version that made its numbers, for the line at its bottom."""
    return with_version(_parameters(manifest, language), version_in(manifest), language)


def with_version(basis: str, version: str, language: Language) -> str:
    """Return what a chart rests on with the version that made its numbers, if that is known."""
    # Of a version between releases, which commit it was is too long for the line.
    short = version.partition("+")[0]
    return word("basis version", language, basis=basis, version=short) if short else basis


def kind_of_basis(manifest: Mapping[str, Any]) -> Literal["assumed", "mixed", "fitted"]:
    """Return whether the parameters are assumptions, partly fitted to a log in some scenarios, or fitted here."""
    fitted = fitted_in(manifest)
    if fitted is None:
        return "assumed"
    return "fitted" if fitted["parameters"] else "mixed"


def _parameters(manifest: Mapping[str, Any], language: Language) -> str:
    kind, fitted = kind_of_basis(manifest), fitted_in(manifest)
    if kind != "fitted" or fitted is None:
        return word(f"basis {kind}", language)
    log = fitted["log"]
    shown = log if len(log) <= LONGEST else log[: LONGEST - 1] + "…"
    return word("basis fitted", language, log=shown, number=len(fitted["parameters"]))
