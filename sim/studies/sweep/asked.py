"""What the verb `sweep` is asked: a sweep file."""

from __future__ import annotations

from dataclasses import replace

from sim.results.about import about_of
from sim.studies.base import Job, Options, Ready
from sim.studies.driver import engine_of, fitted_of, rule_of, seed_of, telling
from sim.studies.inputs import check_file
from sim.studies.sweep.file import load_sweep_file
from sim.studies.sweep.records import SweepVerdicts
from sim.studies.sweep.sweep import run_sweep, sweep_points


def job(options: Options, file: str) -> Job[SweepVerdicts]:
    """Return the sweep of a file."""
    check_file(file, options.shipped / "sweeps", "sweep")
    sweep = load_sweep_file(file)
    rule = rule_of(options, len(sweep.points), sweep.max_replications)
    points = sweep_points(sweep, seed_of(options), engine_of(options))
    asked = [[factor.name for factor in sweep.factors], [point.at for point in sweep.points]]
    fitted = fitted_of(sweep.base_file, [sweep.base, *(point.scenario for point in sweep.points)])
    about = about_of("sweep", sweep.name, options.again, points, rule, asked, fitted)

    def work(ready: Ready) -> SweepVerdicts:
        # In a hurry a verdict is wanted, and not how good or bad a clear case is.
        judged_by = replace(rule, early=options.quick)
        return run_sweep(sweep, points, judged_by, about, ready.workers, ready.store, telling(ready))

    return Job(about, points, work, sweep.warnings, file)
