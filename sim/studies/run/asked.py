"""What the verb `run` is asked: one scenario; and the main job: all of them, as one family of verdicts."""

from __future__ import annotations

from collections.abc import Mapping

from sim.measures.judge import Rule
from sim.office.parameters import Scenario
from sim.present.names import verdict_word
from sim.results.about import about_of
from sim.studies.base import Job, Options, Ready, refused
from sim.studies.driver import engine_of, fitted_of, loaded, rule_of, seed_of, telling
from sim.studies.outcomes import Work
from sim.studies.possible_offices import calibration_beside, owned_of
from sim.studies.run.given_log import given_log
from sim.studies.run.premises import with_premises
from sim.studies.run.records import Run
from sim.studies.run.replicate import run_points, run_record, run_scenarios
from sim.text import _


def job(options: Options, scenario: str, no_premises: bool, assumptions: bool = False) -> Job[Run]:
    """Return the run of a scenario file, with its premises and what its log leaves open unless they are not wanted."""
    (found,) = loaded([scenario], options)
    if assumptions and no_premises:
        raise refused("--assumptions: is about what a log leaves open, which --no-premises leaves out; leave out one")
    if assumptions and fitted_of(scenario, [found]) is None:
        raise refused("--assumptions: nothing in {scenario} was fitted to a log; `sensitivity` draws its assumptions "
                      "from their plausible ranges", scenario=scenario)  # fmt: skip
    return _job(scenario, found, options, rule_of(options, 1), not no_premises, assumptions)


def jobs(scenarios: Mapping[str, Scenario], options: Options) -> list[Job[Run]]:
    """Return the runs of scenarios, by their files, whose verdicts shall be right together.

    Each can be done by itself; `run_scenarios` does all at once, so that none waits for another's last replication.
    """
    rule = rule_of(options, len(scenarios))
    return [_job(file, scenario, options, rule) for file, scenario in scenarios.items()]


def _job(
    file: str, scenario: Scenario, options: Options, rule: Rule, premises: bool = False, assumed: bool = False
) -> Job[Run]:
    points = run_points([scenario], seed_of(options), engine_of(options))
    fitted = fitted_of(file, [scenario])
    calibration = calibration_beside(file, fitted) if premises else None
    owned = owned_of(fitted, calibration, options.quick)
    asked = None if owned is None else {**owned, "assumptions": assumed}
    about = about_of("run", scenario.name, options.again, points, rule, asked, fitted)

    def work(ready: Ready) -> Run:
        (done,) = run_scenarios([scenario], points, rule, ready.workers, ready.store, telling(ready))
        record = run_record(done, about)
        if not premises:
            return record
        # Both engines give the same to the last bit; this one does not keep anybody waiting.
        means = Work(seed_of(options), "compiled", ready.workers, ready.store)
        so_far = _("{verdict}; looking how far that reaches", verdict=verdict_word(record.verdict))
        record = with_premises(record, scenario, done.outcome, rule, means,
                               lambda progress: ready.tell_step(progress, so_far))  # fmt: skip
        if calibration is None:
            return record
        leaves = _("{verdict} if the fit is exact; looking what the log leaves open",
                   verdict=verdict_word(record.verdict))  # fmt: skip
        return given_log(record, scenario, calibration, means, assumed, options.quick,
                         lambda progress: ready.tell_step(progress, leaves))  # fmt: skip

    return Job(about, points, work, scenario.warnings, file)
