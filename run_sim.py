"""Does a business licence in five minutes hold? Run ``python run_sim.py --help`` for what there is."""

from __future__ import annotations

import sys
from pathlib import Path

from sim.cli import main

if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent))
