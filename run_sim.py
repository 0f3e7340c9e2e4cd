"""Does a business licence in five minutes hold? Run ``python run_sim.py --help`` for what there is."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

from sim.cli import main

if __name__ == "__main__":
    status = main(Path(__file__).resolve().parent)
    if threading.active_count() > 1:
        # A thread in the middle of a play would keep us until its end; nothing of it will be used.
        with suppress(OSError):
            sys.stdout.flush()
        os._exit(status)
    sys.exit(status)
