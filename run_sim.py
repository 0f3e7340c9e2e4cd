"""Does a business licence in five minutes hold? Run ``python run_sim.py --help`` for what there is.

An installation has this file too: it is where the command `licence-office` begins.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def start(checkout: bool = False) -> NoReturn:
    """Carry out the command line, in the checkout that this file is in or as the command of an installation."""
    try:
        from pathlib import Path

        from sim import entry, program
    except KeyboardInterrupt:
        print(f"{os.path.basename(sys.argv[0])}: interrupted", file=sys.stderr)
        sys.exit(130)
    if checkout:
        entry.run(program.CHECKOUT, Path(__file__).resolve().parent)
    # Scenarios of one's own are in the folder where it is called.
    entry.run(Path(sys.argv[0]).stem)


if __name__ == "__main__":
    start(checkout=True)
