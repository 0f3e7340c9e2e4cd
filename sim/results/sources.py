"""What a scenario's parameters rest on: the article, a log, the scenario, assumptions, or something from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sim.office.parameters.listing import all_parameters
from sim.office.scenario import scenario_as_dict, scenario_from_dict
from sim.results.fitted import Fitted

ARTICLE = "article"
ASSUMPTION = "assumption"
UNSET = ("none in the article", "whole year")
"""Sources of defaults that say nothing of the world: no outages, no surges, no dates."""


@dataclass(frozen=True)
class Sources:
    """How many parameters have which source, but for those that were fitted to a log.

    Attributes
    ----------
    article : tuple of str
        Paths of the parameters that have the value that the article gives.
    scenario : tuple of str
        Paths of those that are not at their default: whoever wrote the scenario set them.
    assumption, elsewhere : int
        Numbers of the others, by what their default rests on; those that are empty unless somebody sets them left out.
    """

    article: tuple[str, ...]
    scenario: tuple[str, ...]
    assumption: int
    elsewhere: int


def sources_of(scenario: dict[str, Any], fitted: Fitted | None = None) -> Sources:
    """Return how many parameters have which source.

    Parameters
    ----------
    scenario : dict
        In full, as `scenario_as_dict` gives it.
    fitted : Fitted, optional
        What of it was fitted to a log, and is not counted here.
    """
    known = fitted.parameters if fitted else ()
    given = [parameter for parameter in all_parameters() if parameter.source and parameter.path not in known]
    usual = _usual()
    own = tuple(parameter.path for parameter in given if _at(scenario, parameter.path) != _at(usual, parameter.path))
    rest = [parameter for parameter in given if parameter.path not in own and parameter.source not in UNSET]
    # Of another office the article says nothing; what it has in common with the article's is assumed.
    own_office = scenario["whose"] == "own"
    article = [parameter for parameter in rest if parameter.source.startswith(ARTICLE) and not own_office]
    assumed = [
        parameter for parameter in rest
        if parameter.source.startswith(ASSUMPTION) or (own_office and parameter.source.startswith(ARTICLE))
    ]  # fmt: skip
    return Sources(
        article=tuple(parameter.path for parameter in article),
        scenario=own,
        assumption=len(assumed),
        elsewhere=len(rest) - len(article) - len(assumed),
    )


@cache
def _usual() -> dict[str, Any]:
    """Return a scenario in which nothing is set, in full."""
    return scenario_as_dict(scenario_from_dict({"name": "usual", "title": {"en": "Usual", "zh": "默认"}}))


def _at(scenario: dict[str, Any], path: str) -> Any:
    """Return what stands at a path; of a parameter of the entries of a list, the list."""
    value: Any = scenario
    for step in path.split("."):
        value = value[step.removesuffix("[]")]
        if step.endswith("[]"):
            break
    return value
