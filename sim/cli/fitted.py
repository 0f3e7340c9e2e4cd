"""What of the scenarios on a command line was fitted to a log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.cli.output import say
from sim.experiment.fitted import CalibrationError, Fitted, fitted_to_log
from sim.office.parameters import Scenario


def fitted_of(file: str | Path, scenarios: Sequence[Scenario]) -> Fitted | None:
    """Return what was fitted to a log and is the same in all scenarios; of a damaged calibration nothing, with a word.

    Parameters
    ----------
    file : str or Path
    scenarios : sequence of Scenario
        That of the file, or what was made of it.
    """
    try:
        return fitted_to_log(file, scenarios)
    except CalibrationError as error:
        say(f"{error}; what it has fitted counts as assumed (warning)")
        return None


def fitted_in_all(files: Sequence[str], scenarios: Sequence[Scenario]) -> Fitted | None:
    """Return what was fitted to the same log in all of some scenarios, each of its file; None if nothing is in any."""
    each = [fitted_of(file, [scenario]) for file, scenario in zip(files, scenarios, strict=True)]
    found = [fitted for fitted in each if fitted is not None]
    if not found:
        return None
    if len(found) < len(each) or len({fitted.log for fitted in found}) > 1:
        return Fitted("", ())
    common = set.intersection(*(set(fitted.parameters) for fitted in found))
    return Fitted(found[0].log, tuple(path for path in found[0].parameters if path in common))
