"""Does a business licence in five minutes hold? Run ``python run_sim.py --help`` for what there is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sim.cli import INTERRUPTED, main

if __name__ == "__main__":
    status = main(Path(__file__).resolve().parent)
    if status == INTERRUPTED:
        # Threads that are in the middle of a play would keep us until its end; nothing of it will be used.
        sys.stdout.flush()
        os._exit(status)
    sys.exit(status)
