"""The questions that users ask, one folder each."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from sim.studies.base import Study

NAMES = (
    "sim.studies.run",
    "sim.studies.sweep",
    "sim.studies.compare",
    "sim.studies.staff",
    "sim.studies.capacity",
    "sim.studies.attribution",
    "sim.studies.sensitivity",
    "sim.studies.calibrate",
    "sim.studies.nation",
)
"""Their modules, in the order in which they are listed: a study is its folder and its name here."""


@cache
def studies() -> tuple[Study[Any], ...]:
    """Return all studies."""
    return tuple(import_module(name).STUDY for name in NAMES)


def study_of(kind: str) -> Study[Any] | None:
    """Return the study of a kind of results; None if there is none."""
    return next((study for study in studies() if study.kind == kind), None)
