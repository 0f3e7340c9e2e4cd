"""A scenario of three days, and what experiments write of it."""

from sim.results.about import about_of
from sim.studies.run.replicate import run_record

SMALL = {
    "name": "small",
    "title": {"en": "Three days", "zh": "三天"},
    "period": {"first": "2023-03-01", "last": "2023-03-03"},
    "demand": {"registrations_per_year": 28200},
}


def record_of(done, command="python run_sim.py run small.yaml"):
    """Return what a run has found, from its replications."""
    return run_record(done, about_of("run", done.scenario.name, command, [done.point], done.rule))


def files_in(folder):
    """Return what is in a folder of results, but for the time that it took."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != "timing.json"
    }
