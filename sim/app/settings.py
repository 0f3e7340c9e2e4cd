"""What the app is started with. The page gets it as one argument, since Streamlit runs it as a script."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sim.briefing.words import Language


@dataclass(frozen=True)
class Settings:
    """What the app is started with.

    Attributes
    ----------
    scenarios : Path
        Folder of scenario files; the only one besides `results`, and the system's for temporary files, that the app
        reads or writes.
    results : Path
        Folder of what the app keeps: finished replications, and what briefings are made from.
    language : str
    scenario : str
        Name of the one that is shown first; empty: the baseline.
    seed : int
    """

    scenarios: Path
    results: Path
    language: Language
    scenario: str
    seed: int


def as_argument(settings: Settings) -> str:
    """Return settings as the page's argument."""
    return json.dumps(asdict(settings), default=str, ensure_ascii=True)


def settings_from(arguments: Sequence[str]) -> Settings:
    """Return the settings that a page was started with."""
    facts = Settings(**json.loads(arguments[0]))
    return replace(facts, scenarios=Path(facts.scenarios), results=Path(facts.results))
