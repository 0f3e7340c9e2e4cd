"""What the verb `run` is asked: one scenario; and the main job: all of them, as one family of verdicts."""

from __future__ import annotations

from collections.abc import Mapping

from sim.measures.judge import Rule
from sim.office.parameters import Scenario
from sim.results.about import about_of
from sim.studies.base import Job, Options, Ready
from sim.studies.driver import engine_of, fitted_of, loaded, rule_of, seed_of, telling
from sim.studies.run.records import Run
from sim.studies.run.replicate import run_points, run_record, run_scenarios


def job(options: Options, scenario: str) -> Job[Run]:
    """Return the run of a scenario file."""
    (found,) = loaded([scenario], options)
    (one,) = jobs({scenario: found}, options)
    return one


def jobs(scenarios: Mapping[str, Scenario], options: Options) -> list[Job[Run]]:
    """Return the runs of scenarios, by their files, whose verdicts shall be right together.

    Each can be done by itself; `run_scenarios` does all at once, so that none waits for another's last replication.
    """
    rule = rule_of(options, len(scenarios))
    return [_job(file, scenario, options, rule) for file, scenario in scenarios.items()]


def _job(file: str, scenario: Scenario, options: Options, rule: Rule) -> Job[Run]:
    points = run_points([scenario], seed_of(options), engine_of(options))
    about = about_of("run", scenario.name, options.again, points, rule, fitted=fitted_of(file, [scenario]))

    def work(ready: Ready) -> Run:
        (done,) = run_scenarios([scenario], points, rule, ready.workers, ready.store, telling(ready))
        return run_record(done, about)

    return Job(about, points, work, scenario.warnings, file)
