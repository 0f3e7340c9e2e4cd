"""The scenarios of the folder: those that can be read, and what is wrong with the others."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sim.briefing.words import Language
from sim.experiment.parents import link_above
from sim.office.parameters import Scenario
from sim.office.problems import Problem, ScenarioError
from sim.office.scenario import SUFFIX, load_scenario_file

Stamps = tuple[tuple[str, int, int], ...]
"""Names of files, when they were last changed, and their sizes."""
FIRST = "baseline-2023"
"""What others are held against, if it is there."""


@dataclass(frozen=True)
class Offices:
    """The scenarios of a folder.

    Attributes
    ----------
    by_name : dict of name to Scenario
        `FIRST` first, the others in the order of their names.
    problems : tuple of Problem
        All that is wrong with the files that are not among them.
    """

    by_name: dict[str, Scenario]
    problems: tuple[Problem, ...]

    def first(self, wanted: str) -> str:
        """Return the name of the scenario that is shown first: the one that is wanted, if there is such a one."""
        return wanted if wanted in self.by_name else next(iter(self.by_name))

    def label(self, name: str, language: Language) -> str:
        """Return the title of a scenario, with its name where another has the same title."""
        titles = [getattr(each.title, language) for each in self.by_name.values()]
        title: str = getattr(self.by_name[name].title, language)
        return title if titles.count(title) == 1 else f"{title} ({name})"


def stamps_in(folder: Path) -> Stamps:
    """Return what tells whether one of the scenarios of a folder has changed, or has come or gone."""
    stamps = []
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        with suppress(FileNotFoundError):
            facts = file.lstat()
            stamps.append((file.name, facts.st_mtime_ns, facts.st_size))
    return tuple(stamps)


def offices_in(folder: Path) -> Offices:
    """Read the scenarios of a folder, not those of the folders in it.

    Nothing is read through a link, which may lead out of the folder: a scenario that extends one is a problem.
    """
    found: dict[str, Scenario] = {}
    problems: list[Problem] = []
    for file in sorted(folder.glob(f"*{SUFFIX}"), key=lambda file: (file.stem != FIRST, file.name)):
        if file.is_symlink() or not file.is_file():
            continue
        if (link := link_above(file)) is not None:
            problems.append(link)
            continue
        try:
            found[file.stem] = load_scenario_file(file)
        except ScenarioError as error:
            problems += error.problems
    return Offices(found, tuple(dict.fromkeys(problems)))
