"""Whether this installation works: versions, folders, compiled code, font, both engines alike, how fast a year is."""

from __future__ import annotations

import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from sim.draws.draw import draw
from sim.engines.play import play
from sim.jit import ours_alone
from sim.measures.kpis import measure
from sim.office.parameters import Scenario
from sim.office.registration import registration_office
from sim.office.scenario import at_demand, load_scenario_file, own_demand
from sim.present.fonts import families
from sim.present.numbers import number
from sim.present.table import Table
from sim.present.terminal import print_json, print_parts
from sim.studies.base import InputError, Options
from sim.studies.driver import check_out
from sim.text import SOURCE, _, language, speaking

PROJECT = "licence-office-sim"
BASELINE = "baseline-2023"
PART = 100
"""Of its applicants each shipped scenario has one in so many where both engines play it."""
ROUNDS = 5
SLOW = 30.0
"""Times as fast as SimPy's playing that a year is drawn, played and measured at least; 65 is usual."""


@dataclass(frozen=True)
class Checked:
    """One thing that was looked at.

    Attributes
    ----------
    what, found : str
        As a reader is told.
    ok : bool
    right : str
        What would be right; empty if it is.
    """

    what: str
    found: str
    ok: bool = True
    right: str = ""


def check_installation(options: Options) -> int:
    """Print what is installed and whether it works, as one page to be passed on; return the exit status."""
    with speaking(SOURCE if options.json else language()):
        found = [*_machine(), *_packages(), *_folders(options), *_played(options)]
    status = 0 if all(each.ok for each in found) else 2
    if options.json:
        print_json({"status": status, "checks": [asdict(each) for each in found]})
    else:
        rows = tuple((each.what, each.found, _("ok") if each.ok else each.right) for each in found)
        wrong = sum(not each.ok for each in found)
        title = _("This installation works")
        if wrong:
            title = _("This installation: {number} of {all} checks went wrong", number=wrong, all=len(found))
        heads = (_("what"), _("found"), _("in order"))
        print_parts([Table(title, heads, rows, wide=frozenset({1, 2}))])
    return status


def _machine() -> Iterator[Checked]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Checked("Python", f"{platform.python_version()}, {platform.system()} {platform.machine()}")
    yield Checked(_("cores"), str(cores))


def _packages() -> Iterator[Checked]:
    """Yield the version of each package that is needed, and of those for extras if they are there."""
    try:
        yield Checked(PROJECT, version(PROJECT))
        needed = [Requirement(line) for line in requires(PROJECT) or ()]
    except PackageNotFoundError:
        yield Checked(PROJECT, _("not installed"), False, _("{command} in its folder", command="pip install -e ."))
        return
    for each in sorted(needed, key=lambda each: (each.marker is not None, each.name)):
        extra = re.search(r'extra == "(\w+)"', str(each.marker or ""))
        if extra and extra[1] not in ("app", "cluster"):
            continue
        try:
            have = version(each.name)
        except PackageNotFoundError:
            if extra:
                optional = _("not installed, and not needed but for {what}", what=extra[1])
                yield Checked(each.name, optional)
            else:
                yield Checked(each.name, _("not installed"), False, str(each.specifier))
            continue
        yield Checked(each.name, have, each.specifier.contains(have, prereleases=True), str(each.specifier))


def _folders(options: Options) -> Iterator[Checked]:
    """Yield what is written to: results, compiled code; and the font of charts."""
    try:
        check_out(options.out)
        yield Checked(_("folder of the results"), str(options.out))
    except InputError as error:
        yield Checked(_("folder of the results"), str(options.out), False, " ".join(map(str, error.args)))
    kept = Path(os.environ["NUMBA_CACHE_DIR"])
    writable = os.access(kept if kept.exists() else kept.parent, os.W_OK) and (not kept.exists() or ours_alone(kept))
    right = _("a folder that you, and nobody else, can write to; without, each run compiles for half a minute")
    yield Checked(_("compiled code"), str(kept), writable, right)
    try:
        yield Checked(_("font of the charts"), families()[0])
    except (ModuleNotFoundError, OSError) as error:
        yield Checked(_("font of the charts"), str(error), False, _("a font that has Chinese"))


def _played(options: Options) -> Iterator[Checked]:
    """Yield whether both engines play the shipped scenarios alike, and how fast a year is."""
    files = sorted((options.home / "scenarios").glob("*.yaml"))
    scenarios = [load_scenario_file(file) for file in files]
    differ = visits = 0
    for scenario in scenarios:
        office = registration_office(_few(scenario))
        journeys = draw(office, 1)
        logs = [play(office, journeys, engine) for engine in ("compiled", "process")]
        differ += logs[0].differing_values(logs[1])
        visits += len(logs[0].visit)
    told = _("{visits} visits in {offices} offices, {differ} values differ", visits=number(visits),
             offices=len(files), differ=number(differ))  # fmt: skip
    yield Checked(_("both engines"), told, differ == 0, _("not one value may differ; pass this page on"))
    baseline = next(each for each in scenarios if each.name == BASELINE)
    office = registration_office(baseline)
    journeys = draw(office, 1)
    seconds = _median(lambda: measure(office, own := draw(office, 1), play(office, own)))
    few = registration_office(_few(baseline))
    drawn = draw(few, 1)
    by_simpy = _median(lambda: play(few, drawn, "process")) * journeys.cases / drawn.cases
    told = _("{seconds} s, {times} times as fast as SimPy plays it", seconds=f"{seconds:.2f}",
             times=f"{by_simpy / seconds:.0f}")  # fmt: skip
    slow = _("{times} times or more; is something else running?", times=f"{SLOW:.0f}")
    yield Checked(_("a year of {scenario}", scenario=BASELINE), told, by_simpy / seconds >= SLOW, slow)


def _few(scenario: Scenario) -> Scenario:
    """Return a scenario with few applicants: SimPy takes a hundred times as long as the compiled engine."""
    return at_demand(scenario, max(own_demand(scenario) // PART, 1))


def _median(work: Callable[[], object]) -> float:
    seconds = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)
