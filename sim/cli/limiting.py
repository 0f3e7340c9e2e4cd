"""The verb `limit`: how much demand plans carry, and when growth breaks them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from sim.briefing import limit_sentences as sentences
from sim.briefing.charts.frontier import draw_frontier_chart
from sim.briefing.numbers import NOTHING
from sim.briefing.saved_limit import SavedLimit, read_limit
from sim.briefing.words import Language, named, word
from sim.cli.errors import InputError
from sim.cli.fitted import fitted_in_all
from sim.cli.inputs import check_file
from sim.cli.limit_report import limit_report
from sim.cli.options import LONGEST_NAME, Options
from sim.cli.output import print_json, print_text
from sim.cli.plans import check_names, loaded_plans
from sim.cli.running import ENGINE_OF, at_work, check_replaceable, placed, rule_of, seed_of
from sim.experiment.begun import Begun
from sim.office.blocks import MAX_SERVERS
from sim.office.parameters import Scenario
from sim.office.parameters.staff import POOL_OF_STAGE
from sim.office.problems import nearest, shown
from sim.replicate.cells import digest
from sim.replicate.gather import Progress
from sim.staffing.limit import (
    LimitError,
    PlanLimit,
    find_limits,
    limit_cells,
    plan_limits,
    verdicts_possible,
    with_more,
)
from sim.staffing.saving_limit import demand_of, limit_facts, write_limits

LIMITS = "limits"
"""Folder, in that of the results."""
MOST_PLANS = 40
GROWTH = 0.144
"""Share a year: of the article, 2023 over 2022."""
AND = "-and-"


def limit_files(files: Sequence[str], add: Sequence[str], growth: str | None, options: Options) -> int:
    """Find what the plans of scenario files carry, write the results and print them; return the exit status.

    Parameters
    ----------
    files : sequence of str
    add : sequence of str
        One more plan each, ``POOL=NUMBER,...``: the first scenario's with so many more on duty.
    growth : str or None
        Share a year, ``0.144`` or ``14.4%``; None: the article's.
    options : Options
    """
    rate = GROWTH if growth is None else _rate(growth)
    more = [_more(text) for text in add]
    for file in files:
        check_file(file, options.home / "scenarios")
    scenarios = loaded_plans(files)
    try:
        scenarios += [_added(scenarios[0], wanted, text) for wanted, text in zip(more, add, strict=True)]
        if len(scenarios) > MOST_PLANS:
            raise InputError(f"limit takes {MOST_PLANS} plans at most, not {len(scenarios)}")
        check_names("limit", scenarios)
        seed, engine = seed_of(options), ENGINE_OF[options.engine]
        cells = limit_cells(scenarios, seed, engine)
        plans, name = plan_limits(scenarios), _name(scenarios)
        folder = options.out / LIMITS / name
        rule, demand = rule_of(options, verdicts_possible(plans)), demand_of(scenarios[0], rate)
        facts = limit_facts(plans, cells, demand, rule, name)
        check_replaceable(folder, facts, options)
        with at_work(Begun("limit", name, options.command, cells), options) as ready:

            def watch(progress: Progress, plans: Sequence[PlanLimit]) -> None:
                ready.watching.step(progress, _so_far(plans, options.language))

            seconds = find_limits(plans, seed, engine, rule, ready.workers, ready.store, watch)
            fitted = fitted_in_all([*files, *(files[0] for _ in add)], scenarios)
            write = partial(write_limits, plans, cells, demand, rule, seconds, name, folder, fitted=fitted)
            saved = placed(write, read_limit, draw_frontier_chart, folder, facts, options)
            judged = sum(plan.tests for plan in saved.plans)
            ready.watching.end(word("limits found", options.language, plans=len(plans), tests=judged))
    except LimitError as error:
        raise InputError(f"limit: {error}") from None
    if options.json:
        print_json({"status": 0, **_answer(saved)})
    else:
        print_text(limit_report(saved, options.language))
    return 0


def _rate(text: str) -> float:
    match = re.fullmatch(r"([+-]?[0-9]{1,4}(?:\.[0-9]{1,9})?)\s*(%?)", text.strip())
    rate = float(match[1]) / (100 if match[2] else 1) if match else 99.0
    if not -0.95 <= rate <= 9:
        raise InputError(f"--growth: must be a share a year from -0.95 to 9, such as 0.144 or 14.4%, not {shown(text)}")
    return round(rate, 12)


def _more(text: str) -> dict[str, int]:
    """Return how many more are wanted by pool, from ``reviewers=1,clerks=-1``."""
    pools, found = sorted(POOL_OF_STAGE.values()), dict[str, int]()
    for part in text.split(","):
        pool, equals, number = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise InputError(f"--add: must be POOL=NUMBER, such as reviewers=1, not {shown(part.strip())}")
        if pool not in pools:
            raise InputError(f"--add: there is no pool {shown(pool)}; {nearest(pool, pools)}")
        if pool in found:
            raise InputError(f"--add: {pool} is there twice in {shown(text)}; give each pool once")
        if not re.fullmatch(r"[+-]?[0-9]{1,3}", number) or not 0 < abs(int(number)) <= MAX_SERVERS:
            limits = f"a whole number from -{MAX_SERVERS} to {MAX_SERVERS} other than 0"
            raise InputError(f"--add: {pool} must be {limits}, not {shown(number)}")
        found[pool] = int(number)
    return found


def _added(first: Scenario, more: Mapping[str, int], text: str) -> Scenario:
    """Return the first scenario with more on duty, under a name and a title that say so."""
    name = "-".join([first.name, *(f"{abs(n)}-{'more' if n > 0 else 'fewer'}-{pool}" for pool, n in more.items())])
    if len(name) > LONGEST_NAME // 2:
        name = f"more-{digest([first.name, dict(more)])[:16]}"
    try:
        return with_more(first, more, name, {"en": _title(first, more, "en"), "zh": _title(first, more, "zh")})
    except LimitError as error:
        raise InputError(f"--add {text}: {error}") from None


def _title(first: Scenario, more: Mapping[str, int], language: Language) -> str:
    said = [
        word("limit more", language, pool=named("pool", pool, language), number=f"{n:+d}".replace("-", "−"))
        for pool, n in more.items()
    ]
    title = first.title.en if language == "en" else first.title.zh
    return word("limit plan", language, plan=title, more=word("comma", language).join(said))


def _name(scenarios: Sequence[Scenario]) -> str:
    names = [scenario.name for scenario in scenarios]
    joined = AND.join(names)
    if len(joined) <= LONGEST_NAME // 2:
        return joined
    return f"{names[0][: LONGEST_NAME // 2]}{AND}{len(names) - 1}-others-{digest(names)[:8]}"


def _so_far(plans: Sequence[PlanLimit], language: Language) -> str:
    """Return between which demands those of the plans are known to lie by now."""
    ends = [
        NOTHING.join("" if end is None else f"{end:,}" for end in (plan.holds, plan.fails))
        for plan in plans
        if plan.search.wanted()
    ]
    return word("limit progress", language, between=word("comma", language).join(ends[:4]))


def _answer(saved: SavedLimit) -> dict[str, Any]:
    facts = saved.manifest
    dated = [
        asdict(plan) | {end: day and day.isoformat() for end, day in
                        (("breaks_from", plan.breaks_from), ("breaks_to", plan.breaks_to))}
        for plan in saved.plans
    ]  # fmt: skip
    return {
        "limit": saved.name,
        **{name: facts[name] for name in ("target", "rule", "seed", "engine", "growth", "base", "marks", "levels",
                                          "working_days")},
        "brackets": dated,
        "steps": [asdict(level) for level in saved.steps],
        "frontier": [plan.plan for plan in saved.efficient],
        "sentences": {"en": sentences.spoken(saved, "en"), "zh": sentences.spoken(saved, "zh")},
        "folder": str(saved.folder),
        "files": sorted(file.name for file in saved.folder.iterdir()),
    }  # fmt: skip
