"""The stages and pools of a scenario together: who serves which stage, when it is open, and whether anybody comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sim.office.blocks import MAX_SERVERS
from sim.office.parameters.fields import Span, show_span
from sim.office.parameters.hours import OpeningHours
from sim.office.parameters.process import OWN_STAGES, Pace, Step
from sim.office.parameters.staff import POOL_OF_STAGE, Staff, StaffPool, ever_served, opened, shift_counts
from sim.office.problems import nearest, shown
from sim.text import N_, Message

At = tuple[str | int, ...]
Found = list[tuple[At, Message]]
"""What is wrong, each with its place."""
NO_SUCH_POOL = N_("there is no such pool, and no step is served by one; {nearest}")
MISSING_POOL = N_("{pool}, who serve a step, are missing; say who is on duty")
NOBODY_SERVES = N_("nobody ever serves stage {stage!r}, yet applicants come; put {pool} on duty within {hours}")
"""The one error that sliders of an app can make on their own."""


def pools_of(staff: Staff) -> dict[str, StaffPool]:
    """Return the pools by name: the six that every office has, and those of its own steps."""
    # In an order that does not depend on that of a file, as their random numbers do.
    return {name: getattr(staff, name) for name in (*POOL_OF_STAGE.values(), *sorted(staff.__pydantic_extra__ or ()))}


def pool_of_stage(steps: Sequence[Step]) -> dict[str, str]:
    """Return who serves each stage, the office's own steps last."""
    return {**POOL_OF_STAGE, **{step.name: step.pool for step in steps}}


def hours_of_stages(hours: OpeningHours, steps: Sequence[Step]) -> dict[str, tuple[Span, ...]]:
    """Return the opening hours of each stage."""
    found = dict.fromkeys(OWN_STAGES, hours.office) | {"phone": hours.phone, "review": hours.review}
    return found | {step.name: step.hours or hours.office for step in steps}


def unknown_stages(own: Iterable[str], named: Iterable[tuple[At, str]]) -> Found:
    """Return what is wrong with stages that are named somewhere, beside the names of an office's own steps."""
    stages = (*OWN_STAGES, *own)
    return [
        (at, Message("must be one of {names}, not {value}", names=", ".join(map(repr, stages)), value=shown(stage)))
        for at, stage in named if stage not in stages
    ]  # fmt: skip


def wrong_paces(paces: Sequence[Pace], own: Iterable[str]) -> Found:
    """Return what is wrong with paces together: stages that there are not, and those that have two."""
    stages = [each.stage for each in paces]
    at: list[tuple[At, str]] = [((place, "stage"), stage) for place, stage in enumerate(stages)]
    twice = [each for place, each in enumerate(at) if each[1] in stages[:place]]
    again = "{name!r} is in the list already"
    return unknown_stages(own, at) + [(place, Message(again, name=stage)) for place, stage in twice]


def no_such_pool(name: str, named: Iterable[str]) -> Message:
    """Return what is wrong with a pool that no office has and no step names."""
    return Message(NO_SUCH_POOL, nearest=nearest(name, sorted({*POOL_OF_STAGE.values(), *named})))


def wrong_pools(staff: Staff, steps: Sequence[Step]) -> Found:
    """Return what is wrong with the names of pools and of the stages that they help."""
    named, own = {step.pool for step in steps}, staff.__pydantic_extra__ or {}
    usual = {*POOL_OF_STAGE.values()}
    found: Found = [((pool,), no_such_pool(pool, named)) for pool in own if pool not in named]
    for pool in sorted(named - usual - own.keys()):
        found.append(((), Message(MISSING_POOL, pool=pool)))
    helps = [
        ((name, "helps", place, "stage"), help_.stage)
        for name, pool in pools_of(staff).items() for place, help_ in enumerate(pool.helps)
    ]  # fmt: skip
    return found + unknown_stages([step.name for step in steps], helps)


def staffed(staff: Staff, known: Mapping[str, Any]) -> tuple[Staff, Found]:
    """Return the staff with the plans that its people mean, and the stages that somebody comes to and nobody serves.

    Parameters
    ----------
    staff : Staff
    known : mapping
        The parts of the scenario by their names.
    """
    hours, served = hours_of_stages(known["hours"], known["steps"]), pool_of_stage(known["steps"])
    pools = {
        name: opened(pool, [span for stage, by in served.items() if by == name for span in hours[stage]], staff.midday)
        for name, pool in pools_of(staff).items()
    }  # fmt: skip
    found = [at for name, pool in pools.items() if pool.at_once > 1 for at in _too_many(name, pool, staff)]
    for stage in surely_visited(known):
        # Helpers who wait for a queue to build up leave the last of it unserved.
        helpers = [pool for pool in pools.values() if any((h.stage, h.when_waiting) == (stage, 1) for h in pool.helps)]
        if not ever_served([pools[served[stage]], *helpers], staff.midday, hours[stage]):
            spans = ", ".join(map(show_span, hours[stage]))
            said = "plan" if pools_of(staff)[served[stage]].people is None else "people"
            found.append(((served[stage], said),
                          Message(NOBODY_SERVES, stage=stage, pool=served[stage], hours=spans)))  # fmt: skip
    return staff.model_copy(update=pools), found


def _too_many(name: str, pool: StaffPool, staff: Staff) -> Found:
    """Return that people have more cases in hand at once than an engine has servers for, if they do."""
    people = sum(line.people for line in pool.roster) or int(shift_counts(pool, staff.midday).max())
    if people * pool.at_once <= MAX_SERVERS:
        return []
    return [((name, "at_once"), Message(
        "{people} people with {at_once} cases each have {cases} in hand at once; at most {most} are possible",
        people=people, at_once=pool.at_once, cases=people * pool.at_once, most=MAX_SERVERS,
    ))]  # fmt: skip


def surely_visited(known: Mapping[str, Any]) -> tuple[str, ...]:
    """Return stages that somebody comes to whatever the routes are, of the parts of a scenario by their names.

    Where it takes the routes to know, an office is not refused; `Office.visited` knows.
    """
    demand, phone, filing, review, issue = (known[name] for name in ("demand", "phone", "filing", "review", "issue"))
    key = demand.key_share * demand.enterprise_share
    shares = {
        "enterprise": demand.enterprise_share - key, "individual": 1 - demand.enterprise_share, "key": key,
        "other": demand.other_business_per_registration,
    }  # fmt: skip
    everybody = {kind for kind, share in shares.items() if share > 0}
    helped = everybody - {"key", *filing.skipped_by} if filing.offered and filing.assisted_share > 0 else set()
    visited = {
        "phone": phone.offered
        and phone.calls_per_application > 0
        and phone.online_qa_share < 1
        and bool(everybody - {"key", *phone.skipped_by}),
        "filing": bool(helped) and (filing.studio_share < 1 or "other" in helped),
        "studio": bool(helped - {"other"}) and filing.studio_share > 0,
        "key": key > 0 and "key" not in filing.skipped_by,
        "review": review.auto_approved_share < 1 and not everybody <= {*review.skipped_by},
        "issue": not everybody <= {*issue.skipped_by} and issue.electronic_share < 1,
    }
    for step in known["steps"]:
        certain = step.after in ("filing", "approval") or visited.get(step.after, False)
        visited[step.name] = step.share > 0 and not (step.classes or step.channels) and certain
    return tuple(stage for stage, comes in visited.items() if comes)
