"""The verb `app`: the web app on this machine."""

from __future__ import annotations

import errno
import shlex
import sys
from contextlib import redirect_stdout
from pathlib import Path

from sim import program
from sim.app.starting import HERE, PORT, Settings, installed, refusal, serve
from sim.office.problems import nearest, shown
from sim.office.scenario import SUFFIX
from sim.present.terminal import print_text, say
from sim.studies.base import Options, StoppedError, refused
from sim.studies.driver import check_out, seed_of
from sim.text import Message, _, language

APP = "app"
"""Folder, in that of the results, for what the app keeps."""
SMALLEST, MOST = 1_024, 65_535
"""Ports that anybody may use; many systems keep those below for the administrator."""


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
        raise refused(
            "app: Streamlit is not installed; install it with: {python} -m pip install streamlit",
            python="python" if program.called == program.CHECKOUT else shlex.quote(sys.executable),
        )
    check_out(options.out)
    folder, shipped = options.own, options.shipped
    elsewhere = None if folder.resolve() == shipped.resolve() else shipped.resolve()
    names = sorted({file.stem for each in (folder, shipped) for file in each.glob(f"*{SUFFIX}")})
    if not names:
        raise refused("app: there is no scenario in {folder}", folder=shown(str(folder)))
    first = "" if scenario is None else _first(scenario, folder, names)
    if (error := refusal(port)) is not None:
        another = port + 1 if SMALLEST <= port < MOST else PORT
        if error.errno == errno.EADDRINUSE:
            raise refused("--port: {port} is taken by another program; choose another, such as --port {another}",
                          port=port, another=another)  # fmt: skip
        raise refused("--port: {port} cannot be used ({why}); choose another, such as --port {another}", port=port,
                      why=error.strerror or type(error).__name__, another=another)  # fmt: skip
    url = f"http://{HERE}:{port}"
    # What `--json` gives is one object, at the end.
    (say if options.json else print_text)(_("Open {url} in a browser; Ctrl-C ends the app", url=url))
    settings = Settings(folder.resolve(), (options.out / APP).resolve(), language(), first, seed_of(options), elsewhere)
    with redirect_stdout(sys.stderr):
        serve(settings, port)
    raise StoppedError(Message("the app has ended; scenarios that were saved are in their folder"))


def _first(scenario: str, folder: Path, names: list[str]) -> str:
    """Return the name of the scenario that is shown first, given as a name or as a file in the folder."""
    given = Path(scenario.replace("\\", "/"))
    name = given.name.removesuffix(SUFFIX)
    elsewhere = len(given.parts) > 1 and given.parent.resolve() != folder.resolve()
    if elsewhere or name not in names:
        raise refused("--scenario: there is no {scenario} in {folder}; {nearest}", scenario=shown(scenario),
                      folder=folder, nearest=nearest(name, names))  # fmt: skip
    return name
