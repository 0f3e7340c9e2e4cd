"""What records of any study begin with, made by hand."""

from sim.results.about import About, RuleFacts, TargetFacts


def about(kind, name, tests=8, largest=60, **more):
    """Return what a record rests on."""
    rule = RuleFacts(tests=tests, error=0.05, smallest=30, largest=largest)
    command = f"python run_sim.py {kind} {name}.yaml"
    facts = {"identity": "", "design_points": "", "seed": 20240201, "engine": "compiled", "model": "", "versions": {}}
    return About(kind=kind, name=name, command=command, rule=rule, **{**facts, **more})


def target(clock="licence", share=False, minutes=5.0, level=0.9):
    """Return a mean of so many minutes, or a share."""
    margin = 0.005 if share else minutes / 100
    return TargetFacts(clock, "share" if share else "mean", minutes, level, margin)
