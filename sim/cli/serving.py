"""The verb `app`: the web app on this machine."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout

from sim.app.settings import Settings
from sim.app.starting import HERE, free, installed, serve
from sim.briefing.words import word
from sim.cli.errors import InputError, StoppedError
from sim.cli.options import Options
from sim.cli.output import print_text, say
from sim.cli.running import check_out, seed_of
from sim.office.problems import nearest, shown
from sim.office.scenario import SUFFIX

APP = "app"
"""Folder, in that of the results, for what the app keeps."""
MOST = 65_535
"""The highest port."""


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
    first = "" if scenario is None else scenario.replace("\\", "/").rpartition("/")[2].removesuffix(SUFFIX)
    if first and first not in names:
        raise InputError(f"--scenario: there is no {shown(scenario)} in {folder}; {nearest(first, names)}")
    if not free(port):
        another = port % MOST + 1
        raise InputError(f"--port: {port} is taken by another program; choose another, such as --port {another}")
    told = word("app serving", options.language, url=f"http://{HERE}:{port}")
    # What `--json` gives is one object, at the end.
    (say if options.json else print_text)(told)
    settings = Settings(folder.resolve(), (options.out / APP).resolve(), options.language, first, seed_of(options))
    with redirect_stdout(sys.stderr):
        serve(settings, port)
    raise StoppedError("the app has ended; scenarios that were saved are in their folder")
