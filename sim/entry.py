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


def run(called: str, checkout: Path | None = None) -> NoReturn:
    """Carry out the command line, and end the process.

    Parameters
    ----------
    called : str
        What begins a command line that calls it.
    checkout : Path, optional
        In which it is called; without, scenarios of one's own are in the current folder.
    """
    program.called = called
    try:
        from sim.cli import main

        status = main(checkout or program.shipped(), own=None if checkout else Path())
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
