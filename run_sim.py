"""Does a business licence in five minutes hold? Run ``python run_sim.py --help`` for what there is."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    try:
        from pathlib import Path

        from sim import entry, program
    except KeyboardInterrupt:
        print("run_sim.py: interrupted", file=sys.stderr)
        sys.exit(130)
    entry.run(program.CHECKOUT, Path(__file__).resolve().parent)
