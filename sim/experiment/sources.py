"""What a scenario's parameters rest on: the article, a log, assumptions, or something computed elsewhere."""

from __future__ import annotations

from typing import Any

from sim.experiment.fitted import Fitted, fitted_facts
from sim.office.parameters.listing import all_parameters

ARTICLE = "article"
ASSUMPTION = "assumption"


def sources(scenario: dict[str, Any], fitted: Fitted | None = None) -> dict[str, Any]:
    """Return how many parameters have which source.

    Parameters
    ----------
    scenario : dict
        In full, as `scenario_as_dict` gives it.
    fitted : Fitted, optional
        What of it was fitted to a log, and is counted there only.

    Returns
    -------
    dict
        `article`: paths of the parameters that the article gives; `changed`: those of them that are not at
        their default here; `assumption` and `elsewhere`: numbers of the others; `fitted`, if there is something:
        its `log` and the paths of its `parameters`.
    """
    known = fitted.parameters if fitted else ()
    given = [parameter for parameter in all_parameters() if parameter.source and parameter.path not in known]
    article = [parameter for parameter in given if parameter.source.startswith(ARTICLE)]
    assumed = [parameter for parameter in given if parameter.source.startswith(ASSUMPTION)]
    changed = [parameter.path for parameter in article if _at(scenario, parameter.path) != parameter.default]
    return {
        "article": [parameter.path for parameter in article],
        "changed": changed,
        "assumption": len(assumed),
        "elsewhere": len(given) - len(article) - len(assumed),
        **fitted_facts(fitted),
    }


def _at(scenario: dict[str, Any], path: str) -> Any:
    value: Any = scenario
    for step in path.split("."):
        value = value[step]
    return value
