"""The verb `app`: the web app on this machine."""

from __future__ import annotations

import errno
import sys
from contextlib import redirect_stdout
from pathlib import Path

from sim.app.settings import Settings
from sim.app.starting import HERE, PORT, installed, refusal, serve
from sim.briefing.words import word
from sim.cli.errors import InputError, StoppedError
from sim.cli.options import Options
from sim.cli.output import print_text, say
from sim.cli.running import check_out, seed_of
from sim.office.problems import nearest, shown
from sim.office.scenario import SUFFIX

APP = "app"
"""Folder, in that of the results, for what the app keeps."""
SMALLEST, MOST = 1_024, 65_535
"""Ports that anybody may use; many systems keep those below for the administrator."""


def _first(scenario: str, folder: Path, names: list[str]) -> str:
    """Return the name of the scenario that is shown first, given as a name or as a file in the folder."""
    given = Path(scenario.replace("\\", "/"))
    name = given.name.removesuffix(SUFFIX)
    elsewhere = len(given.parts) > 1 and given.parent.resolve() != folder.resolve()
    if elsewhere or name not in names:
        raise InputError(f"--scenario: there is no {shown(scenario)} in {folder}; {nearest(name, names)}")
    return name


def _why(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "is taken by another program"
    return f"cannot be used ({error.strerror or type(error).__name__})"


def _another(port: int) -> int:
    """Return a port that anybody may use."""
    return port + 1 if SMALLEST <= port < MOST else PORT


def serve_app(port: int, scenario: str | None, options: Options) -> int:
    """Say where the app is and serve it until it is interrupted.

    Parameters
    ----------
    port : int
    scenario : str or None
        Name or file of the one that is shown first.
    options : Options
    """
    if not installed():
        raise InputError("app: Streamlit is not installed; install it with: python -m pip install -e .[app]")
    check_out(options.out)
    folder = options.home / "scenarios"
    names = sorted(file.stem for file in folder.glob(f"*{SUFFIX}"))
    if not names:
        raise InputError(f"app: there is no scenario in {shown(str(folder))}")
    first = "" if scenario is None else _first(scenario, folder, names)
    if (error := refusal(port)) is not None:
        raise InputError(f"--port: {port} {_why(error)}; choose another, such as --port {_another(port)}")
    told = word("app serving", options.language, url=f"http://{HERE}:{port}")
    # What `--json` gives is one object, at the end.
    (say if options.json else print_text)(told)
    settings = Settings(folder.resolve(), (options.out / APP).resolve(), options.language, first, seed_of(options))
    with redirect_stdout(sys.stderr):
        serve(settings, port)
    raise StoppedError("the app has ended; scenarios that were saved are in their folder")
