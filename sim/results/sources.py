"""What a scenario's parameters rest on: the article, a log, assumptions, or something computed elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.office.parameters.listing import all_parameters
from sim.results.fitted import Fitted

ARTICLE = "article"
ASSUMPTION = "assumption"


@dataclass(frozen=True)
class Sources:
    """How many parameters have which source, but for those that were fitted to a log.

    Attributes
    ----------
    article : tuple of str
        Paths of the parameters that the article gives.
    changed : tuple of str
        Those of them that are not at their default here.
    assumption, elsewhere : int
        Numbers of the others.
    """

    article: tuple[str, ...]
    changed: tuple[str, ...]
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
    article = [parameter for parameter in given if parameter.source.startswith(ARTICLE)]
    assumed = [parameter for parameter in given if parameter.source.startswith(ASSUMPTION)]
    changed = [parameter.path for parameter in article if _at(scenario, parameter.path) != parameter.default]
    return Sources(
        article=tuple(parameter.path for parameter in article),
        changed=tuple(changed),
        assumption=len(assumed),
        elsewhere=len(given) - len(article) - len(assumed),
    )


def _at(scenario: dict[str, Any], path: str) -> Any:
    value: Any = scenario
    for step in path.split("."):
        value = value[step]
    return value
