"""Where the program begins and ends, however it is called: the command of an installation, or ``run_sim.py``."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from sim import program


def installed() -> NoReturn:
    """Be the command of an installation: scenarios of one's own are in the folder where it is called."""
    run(Path(sys.argv[0]).stem, program.shipped(), Path.cwd())


def run(called: str, home: Path, own: Path) -> NoReturn:
    """Carry out the command line, and end the process.

    Parameters
    ----------
    called : str
        What begins a command line that calls it.
    home : Path
        Folder that holds `scenarios/`.
    own : Path
        Folder for scenarios of one's own.
    """
    program.called = called
    try:
        from sim.cli import main

        status = main(home, own=own)
    except KeyboardInterrupt:
        # Before there was anything to interrupt, or a second time while the first is answered.
        print(f"{called.split()[-1]}: interrupted", file=sys.stderr)
        status = 130
    # From here on there is nothing left to be interrupted.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if threading.active_count() > 1:
        # A thread in the middle of a play would keep us until its end; nothing of it will be used.
        with suppress(OSError):
            sys.stdout.flush()
        os._exit(status)
    sys.exit(status)
