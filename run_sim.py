"""Does a business licence in five minutes hold? Run ``python run_sim.py --help`` for what there is."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

if __name__ == "__main__":
    try:
        from sim.cli import main

        status = main(Path(__file__).resolve().parent)
    except KeyboardInterrupt:
        # Before there was anything to interrupt, or a second time while the first is answered.
        print("run_sim.py: interrupted", file=sys.stderr)
        status = 130
    # From here on there is nothing left to be interrupted.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if threading.active_count() > 1:
        # A thread in the middle of a play would keep us until its end; nothing of it will be used.
        with suppress(OSError):
            sys.stdout.flush()
        os._exit(status)
    sys.exit(status)
