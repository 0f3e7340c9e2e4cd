"""A design point of an experiment: one scenario, named by the hash of all that its figures depend on."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sim.engines.play import Engine
from sim.office.blocks import Target
from sim.office.parameters import Scenario
from sim.office.parameters.review import Outside
from sim.office.registration import target_of
from sim.office.scenario import scenario_as_dict

MODEL = ("office", "draws", "engines", "records.py", "bits.py", "measures/kpis.py", "measures/clocks.py",
         "measures/controls.py", "measures/fold.py", "measures/groups.py", "replicate/work.py",
         "replicate/figures.py")  # fmt: skip
"""The sources that a replication's figures come from. Verdicts are made anew from the figures each time."""
ARITHMETIC = ("chinesecalendar", "numba", "numpy", "scipy")
"""Libraries another version of which may change a figure in the last bit."""
PLAN = ("people", "plan", "on", "midday_crew", "roster", "at_once", "helps", "cost_per_hour", "overtime_factor")
"""Of a pool: what an applicant's random numbers has nothing to do with."""

OF_THE_OFFICE = ("target", "staff", "costs", "newest_first", "pace")
"""Parts of a scenario that an applicant's random numbers have nothing to do with, but for other work and absence."""

USUAL = {
    "patience_shape": 1.0, "patience_sample": None, "talk_sample": None, "sample": None, "hangs_up": True,
    "other_work": {"share": 0.0, "until_waiting": None}, "at_once": 1,
}  # fmt: skip
"""Of callers, the hall and pools: what goes without saying."""
USUAL_OF_STEPS = {"outside": Outside().model_dump(mode="json")}
"""Of review and counter."""
USUAL_OF_RULES = {"corrected": False, "share": 1.0}
"""Of rules of priority."""


@dataclass(frozen=True)
class DesignPoint:
    """One scenario of an experiment.

    Attributes
    ----------
    scenario : str
        In full, as JSON: small, and what a worker elsewhere needs.
    key : str
        Hash of what the figures depend on: the scenario but for what it is called, the seed, the engine, the version of
        the model, and whether profiles are kept.
    alike : str
        Design points with the same have the same journeys: they differ in staffing and target only.
    target : Target
    seed : int
    engine : str
    profiles : bool
    """

    scenario: str
    key: str
    alike: str
    target: Target
    seed: int
    engine: Engine
    profiles: bool


def design_point_of(scenario: Scenario, seed: int, engine: Engine = "compiled", profiles: bool = False) -> DesignPoint:
    """Return the design point of a scenario.

    Parameters
    ----------
    scenario : Scenario
    seed : int
    engine : str
    profiles : bool
        Whether histograms, days and half-hours are kept besides the figures.
    """
    full = scenario_as_dict(scenario)
    figures = without_names(full)
    rests_on = {"scenario": figures, "seed": seed, "engine": engine, "model": model_version(), "profiles": profiles}
    return DesignPoint(
        scenario=json.dumps(full, ensure_ascii=False),
        key=digest(rests_on),
        alike=digest([seed, _applicants(figures)]),
        target=target_of(scenario),
        seed=seed,
        engine=engine,
        profiles=profiles,
    )


def digest(facts: Any) -> str:
    """Return a hash of what JSON can hold, whatever the order of its keys."""
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def without_names(full: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario in full but for what changes no figure: names and titles, and where something is from."""
    kept = {part: value for part, value in full.items() if part not in ("name", "title", "staffing", "whose")}
    steps = [{key: value for key, value in step.items() if key != "title"} for step in full["steps"]]
    staff = {
        name: {key: value for key, value in pool.items() if key != "title"} for name, pool in full["staff"].items()
    }
    return _without_usual(kept | {"steps": steps, "staff": staff})


def _without_usual(full: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario without what it does not use: seeds that hang on the rest stay as they were."""
    profiles = [_but(profile, USUAL) for profile in full["phone"]["profiles"]]
    hall = _but(full["filing"]["hall_patience"], USUAL)
    return _but(full, {"newest_first": [], "pace": []}) | {
        "phone": full["phone"] | {"profiles": profiles},
        "filing": full["filing"] | {"hall_patience": hall},
        **{step: _but(full[step], USUAL_OF_STEPS) for step in ("review", "issue")},
        "staff": {name: _but(pool, USUAL) for name, pool in full["staff"].items()},
        "priorities": [_but(rule, USUAL_OF_RULES) for rule in full["priorities"]],
    }


def _but(times: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in times.items() if key not in usual or value != usual[key]}


def _applicants(full: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario without its target, its plans of servers on duty, whom it takes first and how fast then."""
    kept = {part: value for part, value in full.items() if part not in OF_THE_OFFICE}
    kept["staff"] = {
        name: {key: value for key, value in pool.items() if key not in PLAN}
        for name, pool in full["staff"].items()
        if name != "midday"
    }
    return kept


@cache
def model_version() -> str:
    """Return the hash of the model's sources and of the libraries that do its arithmetic."""
    home = Path(__file__).parents[1]
    sources = hashlib.sha256()
    for name in MODEL:
        for source in _sources(home / name):
            sources.update(source.relative_to(home).as_posix().encode())
            sources.update(source.read_bytes())
    libraries = {name: version(name) for name in ARITHMETIC}
    python = ".".join(platform.python_version_tuple()[:2])
    return digest({"sources": sources.hexdigest(), "libraries": libraries, "python": python})


def _sources(path: Path) -> Iterator[Path]:
    yield from sorted(path.rglob("*.py")) if path.is_dir() else (path,)
