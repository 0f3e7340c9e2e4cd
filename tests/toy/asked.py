"""From the command line to what is to be done."""

import numpy as np

from sim.draws.draw import draw
from sim.measures.judge import Rule
from sim.office.registration import registration_office
from sim.office.scenario import scenario_as_dict
from sim.replicate.design_points import design_point_of
from sim.results.about import about_of
from sim.studies.base import Job
from sim.studies.driver import engine_of, loaded, seed_of, warnings_of
from toy.records import Busiest, HalfHour

YEARS = 3


def job(options, scenario):
    """Return the count of who comes when."""
    scenarios = loaded([scenario], options)
    (wanted,) = scenarios
    points = [design_point_of(wanted, seed_of(options), engine_of(options))]
    about = about_of("busiest", wanted.name, options.command, points, Rule(largest=YEARS))

    def work(ready):
        office = registration_office(wanted)
        arrivals = np.concatenate([draw(office, seed_of(options), year).arrival for year in range(YEARS)])
        counts = np.bincount((arrivals % 1440 // 30).astype(int), minlength=48) / YEARS
        rows = tuple(HalfHour(f"{slot // 2:02d}:{slot % 2 * 30:02d}", float(n)) for slot, n in enumerate(counts))
        return Busiest(about=about, years=YEARS, scenario=scenario_as_dict(wanted), half_hours=rows)

    return Job(about, points, work, warnings_of(scenarios), scenario, alone=True)
