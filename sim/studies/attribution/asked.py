"""What the verb `explain` is asked: a scenario."""

from __future__ import annotations

from functools import partial

from sim.results.about import about_of
from sim.studies.attribution.explain import asked_of, explain, identity
from sim.studies.attribution.records import Attribution
from sim.studies.base import Job, Options, Ready
from sim.studies.driver import engine_of, fitted_of, loaded, rule_of, seed_of
from sim.studies.shapley import LARGEST


def job(options: Options, scenario: str) -> Job[Attribution]:
    """Return the attribution of the lateness of a scenario, from its file."""
    (plan,) = loaded([scenario], options)
    rules = partial(rule_of, options, budget=LARGEST)
    asked = asked_of(plan, seed_of(options), engine_of(options), rules, options.quick)
    fitted = fitted_of(scenario, [plan])
    about = about_of("explanation", plan.name, options.again, asked.points, asked.rule, identity(asked), fitted)

    def work(ready: Ready) -> Attribution:
        return explain(asked, about, ready, options.jobs)

    return Job(about, asked.points, work, plan.warnings, scenario)
