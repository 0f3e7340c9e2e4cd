"""The briefing on an office: its results are written first, and the briefing is made from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.briefing.brief.compose import compose
from sim.briefing.brief.inputs import read_given
from sim.briefing.brief.parameters import ParameterFact
from sim.briefing.brief.sheets import sheets_of
from sim.briefing.brief.write import DECK, PAGE, WORKBOOK, write_briefing
from sim.briefing.words import Language
from sim.experiment.results import write_run
from sim.experiment.run import Run
from sim.office.parameters.listing import all_parameters

RUNS, BRIEFINGS = "runs", "briefings"
"""Folders, in that of the app's results."""


@dataclass(frozen=True)
class Written:
    """The files of a briefing.

    Attributes
    ----------
    name : str
        Of what it is about; the files are to be called after it.
    page, deck, workbook : bytes
    """

    name: str
    page: bytes
    deck: bytes
    workbook: bytes


def briefing_on(run: Run, results: Path, language: Language) -> Written:
    """Write the results of a run, and the briefing on them.

    Parameters
    ----------
    run : Run
        With figures: its office can finish its cases.
    results : Path
        Of the app.
    language : str

    Raises
    ------
    OSError
        If the disk refuses.
    """
    # Offices that differ may have the same name: the sliders have been moved.
    name = f"{run.scenario.name}-{run.cell.key[:8]}"
    write_run(run, results / RUNS / name)
    given = read_given([results / RUNS / name], results)
    facts = tuple(
        ParameterFact(each.path, each.unit, each.source, each.plausible, each.en, each.zh) for each in all_parameters()
    )
    folder = results / BRIEFINGS / f"{name}-{language}"
    write_briefing(compose(given, folder.name, language), sheets_of(given, facts, language), folder)
    return Written(folder.name, *((folder / file).read_bytes() for file in (PAGE, DECK, WORKBOOK)))
