"""Whether this installation works: versions, folders, compiled code, font, both engines alike, how fast a year is."""

from __future__ import annotations

import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from sim.draws.draw import draw
from sim.engines.play import play
from sim.jit import ours_alone
from sim.office.parameters import Scenario
from sim.office.problems import ScenarioError
from sim.office.registration import registration_office
from sim.office.scenario import at_demand, load_scenario_file, own_demand
from sim.present.fonts import families
from sim.present.numbers import number
from sim.present.table import Table
from sim.present.terminal import print_json, print_parts
from sim.program import DISTRIBUTION
from sim.replicate.workers import available_cores
from sim.studies.base import InputError, Options
from sim.studies.driver import check_out
from sim.text import SOURCE, _, language, speaking

BASELINE = "baseline-2023"
PARTS = (100, 25)
"""One applicant in so many comes where both engines play: of two sizes, what one takes besides the calendar."""
ROUNDS = 5
SLOW = 75.0
"""Times as fast as SimPy that the compiled engine is at least; 170 is usual."""


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
        found = [each for look in (_machine, _packages, _folders, _font, _played) for each in _looked(look, options)]
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


def _looked(look: Callable[[Options], Iterator[Checked]], options: Options) -> Iterator[Checked]:
    """Yield what a look finds; what ends it is found as well."""
    try:
        yield from look(options)
    except Exception as error:
        right = _("no error; pass this page on")
        yield Checked(look.__name__.strip("_"), f"{type(error).__name__}: {error}", False, right)


def _machine(options: Options) -> Iterator[Checked]:
    yield Checked("Python", f"{platform.python_version()}, {platform.system()} {platform.machine()}")
    yield Checked(_("cores"), str(available_cores()))


def _packages(options: Options) -> Iterator[Checked]:
    """Yield the version of each package that is needed, and of those for extras if they are there."""
    try:
        yield Checked(DISTRIBUTION, version(DISTRIBUTION))
        needed = [Requirement(line) for line in requires(DISTRIBUTION) or ()]
    except PackageNotFoundError:
        yield Checked(DISTRIBUTION, _("not installed"), False, _("{command} in its folder", command="pip install -e ."))
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
    """Yield where what is shipped lies, and where results and compiled code are written to."""
    yield Checked(_("shipped scenarios and documents"), str(options.home))
    try:
        check_out(options.out)
        yield Checked(_("folder of the results"), str(options.out.resolve()))
    except InputError as error:
        yield Checked(_("folder of the results"), str(options.out.resolve()), False, " ".join(map(str, error.args)))
    kept = Path(os.environ["NUMBA_CACHE_DIR"]).resolve()
    with suppress(OSError):
        kept.mkdir(parents=True, exist_ok=True, mode=0o700)
    writable = kept.is_dir() and os.access(kept, os.W_OK | os.X_OK) and ours_alone(kept)
    right = _("a folder that you, and nobody else, can write to; without, each run compiles for half a minute")
    yield Checked(_("compiled code"), str(kept), writable, right)


def _font(options: Options) -> Iterator[Checked]:
    yield Checked(_("font of the charts"), families()[0])


def _played(options: Options) -> Iterator[Checked]:
    """Yield whether both engines play the scenarios alike, and how much faster than SimPy the compiled one is."""
    differ = visits = 0
    scenarios = []
    for file in sorted(options.shipped.glob("*.yaml")):
        try:
            scenarios.append(load_scenario_file(file))
        except ScenarioError as error:
            yield Checked(file.name, str(error.problems[0]), False, _("a scenario without mistakes, or none"))
    for scenario in scenarios:
        office = registration_office(_few(scenario, PARTS[0]))
        journeys = draw(office, 1)
        logs = [play(office, journeys, engine) for engine in ("compiled", "process")]
        differ += logs[0].differing_values(logs[1])
        visits += len(logs[0].visit)
    told = _("{visits} visits in {offices} offices, {differ} values differ", visits=number(visits),
             offices=len(scenarios), differ=number(differ))  # fmt: skip
    yield Checked(_("both engines"), told, visits > 0 and differ == 0, _("not one value may differ; pass this page on"))
    for scenario in scenarios:
        if scenario.name == BASELINE:
            yield _speed(scenario)


def _speed(scenario: Scenario) -> Checked:
    """Return how long the compiled engine plays a scenario, and SimPy by what it takes for a few of its applicants."""
    offices = [registration_office(_few(scenario, part)) for part in (*PARTS, 1)]
    drawn = [draw(office, 1) for office in offices]
    few, more, all_ = (journeys.cases for journeys in drawn)
    compiled = _median(lambda: play(offices[-1], drawn[-1]))
    least = _median(lambda: play(offices[0], drawn[0], "process"))
    most = _median(lambda: play(offices[1], drawn[1], "process"))
    times = (most + (most - least) * (all_ - more) / (more - few)) / compiled
    seconds, factor = f"{compiled:.3f}", f"{times:.0f}"
    told = _("played in {seconds} s, {times} times as fast as by SimPy", seconds=seconds, times=factor)
    slow = _("{times} times or more; is something else running?", times=f"{SLOW:.0f}")
    return Checked(_("a year of {scenario}", scenario=scenario.name), told, times >= SLOW, slow)


def _few(scenario: Scenario, part: int) -> Scenario:
    """Return a scenario with one applicant in so many."""
    return at_demand(scenario, max(own_demand(scenario) // part, 1))


def _median(work: Callable[[], object]) -> float:
    seconds = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)
