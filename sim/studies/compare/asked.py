"""What the verb `compare` is asked: two plans or more from files, and what the answer is called."""

from __future__ import annotations

from collections.abc import Sequence

from sim.office.parameters import Scenario
from sim.office.problems import shown
from sim.office.scenario import NAME
from sim.studies.base import Job, Options, Ready, StudyError, refused
from sim.studies.compare.comparison import PairwiseStopping, about_plans, comparison_of, plan_points, run_plans
from sim.studies.compare.given_log import given_log
from sim.studies.compare.records import PlanComparison
from sim.studies.driver import engine_of, fitted_in_all, loaded, rule_of, seed_of, warnings_of
from sim.studies.inputs import check_names, name_of_several
from sim.studies.outcomes import Work
from sim.studies.possible_offices import calibration_beside, owned_of
from sim.text import _

MOST_PLANS = 100


def job(
    options: Options, files: Sequence[str], best: bool, name: str | None, no_premises: bool = False
) -> Job[PlanComparison]:
    """Return the comparison of plans.

    Parameters
    ----------
    options : Options
    files : sequence of str
        Scenarios; the first is the one that the others are held against.
    best : bool
        Whether the best is looked for alone.
    name : str or None
        None: from those of the scenarios.
    no_premises : bool
        Whether values that were fitted to a log are taken as exact.
    """
    if not 2 <= len(files) <= MOST_PLANS:
        raise refused(
            "compare needs 2 to {most} scenario files, the first of which the others are held against, not {number}",
            most=MOST_PLANS, number=len(files),
        )  # fmt: skip
    scenarios = loaded(files, options)
    check_names("compare", scenarios)
    rule = rule_of(options, len(scenarios) * (len(scenarios) - 1) // 2)
    try:
        points = plan_points(scenarios, seed_of(options), engine_of(options))
    except StudyError as error:
        raise refused("compare: {why}", why=error) from None
    names = [scenario.name for scenario in scenarios]
    comparing = PairwiseStopping(points[0].target, names, rule.largest, rule.error, best)
    least = comparing.rule.boundary.smallest
    if best and comparing.largest < least:
        raise refused("--best: needs {least} replications at least; --max-replications is {most}", least=least,
                      most=comparing.largest)  # fmt: skip
    fitted = fitted_in_all(files, scenarios)
    # A search for the best plan takes the fitted values as exact.
    calibration = None if no_premises or best else calibration_beside(files[0], fitted)
    owned = owned_of(fitted, calibration, options.quick)
    about = about_plans(scenarios, points, comparing, _name(name, scenarios), options.again, fitted, owned)

    def work(ready: Ready) -> PlanComparison:
        run = run_plans(
            scenarios, points, comparing, ready.workers, ready.store, lambda progress: ready.tell(progress, "")
        )
        record = comparison_of(run, about)
        if calibration is None:
            return record
        work = Work(seed_of(options), "compiled", ready.workers, ready.store)
        leaves = _("looking what the log leaves open")
        return given_log(record, scenarios, calibration, work, options.quick,
                         lambda progress: ready.tell_step(progress, leaves))  # fmt: skip

    return Job(about, points, work, warnings_of(scenarios), "compare")


def _name(name: str | None, scenarios: Sequence[Scenario]) -> str:
    if name is not None:
        if not NAME.fullmatch(name):
            raise refused("--name: must be letters, digits, '.', '_' and '-', 100 at most, not {value}",
                          value=shown(name))  # fmt: skip
        return name
    return name_of_several(scenarios, "-vs-")
