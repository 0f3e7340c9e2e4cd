"""What the staffing rules allow a scenario: which shifts, what they cover and cost, who must be there, who may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.office.blocks import MAX_SERVERS
from sim.office.demand import scenario_days
from sim.office.hours import CLOSED_DAY, DAY_KINDS, SLOT, SLOTS
from sim.office.parameters import Scenario, StaffPool
from sim.office.parameters.fields import show_time
from sim.office.parameters.staff import KIND_OF_DAY, STAGE_OF_POOL
from sim.staffing.choices import HOURS_OF_STAGE, Choices, PoolChoices
from sim.staffing.rules import ShiftForm, StaffingRules

I64 = NDArray[np.int64]


class NoChoiceError(ValueError):
    """There is no plan to choose: the shifts leave hours uncovered that somebody must be there in."""


def choices_of(scenario: Scenario, rules: StaffingRules, visited: Sequence[str], useful: Mapping[str, int]) -> Choices:
    """Return what may be chosen for a scenario.

    Parameters
    ----------
    scenario : Scenario
    rules : StaffingRules
    visited : sequence of str
        Stages that somebody comes to; the pools of others stay as they are, as do those that the rules keep.
    useful : mapping of pool to int
        Servers beyond which more make no difference; the bound where the rules give none.

    Raises
    ------
    NoChoiceError
        If the shifts of a pool leave hours uncovered in which somebody must be on duty.
    """
    pools = []
    for pool, stage in STAGE_OF_POOL.items():
        if stage in visited and pool not in rules.keep:
            pools.append(_pool_choices(scenario, rules, pool, stage, useful[pool]))
    if not pools:
        raise NoChoiceError("there is no pool to choose a plan for; take one out of 'keep'")
    return Choices(scenario, tuple(pools))


def _pool_choices(scenario: Scenario, rules: StaffingRules, pool: str, stage: str, useful: int) -> PoolChoices:
    bound = {str(name): form for name, form in rules.bounds.items()}.get(pool)
    days = scenario_days(scenario)
    kinds_of_days = days.kinds[: days.horizon]
    worked = np.bincount(kinds_of_days[kinds_of_days != CLOSED_DAY], minlength=DAY_KINDS)
    must = _must_be_there(scenario, stage, bound.least if bound else 1) * (worked > 0)[:, None]
    most = min(bound.most if bound and bound.most else max(useful, int(must.max())), MAX_SERVERS)
    noon = _noon(scenario)
    masks, names = [], []
    for name, form in rules.shifts.items():
        mask = _mask(form)
        # Where nobody is on duty at midday, a shift through it cannot be worked.
        if (not form.pools or pool in form.pools) and not (mask & noon).any():
            names.append(name)
            masks.append(mask)
    cover = np.array(masks, bool).reshape(len(names), DAY_KINDS, SLOTS)
    uncovered = (must > 0) & ~cover.any(axis=0)
    if uncovered.any():
        kind, slot = (int(place[0]) for place in np.nonzero(uncovered))
        day = next(name for name, number in KIND_OF_DAY.items() if number == kind)
        when = f"{show_time(slot * SLOT)} on {day}"
        unmanned = "; a shift through midday cannot be worked where midday is not manned" if noon.any() else ""
        wanted = f"when somebody must be on duty; add one that does{unmanned}"
        raise NoChoiceError(f"no shift of the {pool} covers {when}, {wanted}")
    # Half-hours that the same shifts cover, with the same bounds.
    columns = np.vstack([cover.reshape(len(names), -1).astype(np.int64), must.reshape(1, -1)])
    kinds, block_of = np.unique(columns, axis=1, return_inverse=True)
    used = [block for block in range(kinds.shape[1]) if kinds[:-1, block].any()]
    # In the order of the day.
    used.sort(key=lambda block: int(np.flatnonzero(block_of.ravel() == block)[0]))
    slots = np.array([(block_of.ravel() == block).reshape(DAY_KINDS, SLOTS) for block in used])
    staff: StaffPool = getattr(scenario.staff, pool)
    hours = cover.sum(axis=2) @ worked * SLOT / 60
    return PoolChoices(
        pool=pool,
        shifts=tuple(names),
        forms=tuple(rules.shifts[name] for name in names),
        cover=kinds[:-1, used],
        slots=slots,
        least=kinds[-1, used],
        most=np.full(len(used), most),
        cost=hours * staff.cost_per_hour,
    )


def _mask(form: ShiftForm) -> NDArray[np.bool_]:
    """Return when a shift is worked, shape (8, 48)."""
    mask = np.zeros((DAY_KINDS, SLOTS), bool)
    for day, kind in KIND_OF_DAY.items():
        if not form.days or day in form.days:
            for begin, end in form.hours:
                mask[kind, int(begin // SLOT) : int(end // SLOT)] = True
    return mask


def _noon(scenario: Scenario) -> NDArray[np.bool_]:
    """Return the half-hours in which nobody may be on duty, shape (48,)."""
    noon = np.zeros(SLOTS, bool)
    midday = scenario.staff.midday
    if not midday.crew_on_duty:
        noon[int(midday.from_ // SLOT) : int(midday.to // SLOT)] = True
    return noon


def _must_be_there(scenario: Scenario, stage: str, least: int) -> I64:
    """Return the least number on duty, shape (8, 48): while the stage is open and the hours count."""
    opening = getattr(scenario.hours, HOURS_OF_STAGE.get(stage, "office"))
    slots = _slots_of(opening) & _slots_of(scenario.hours.counted) & ~_noon(scenario)
    must = np.zeros((DAY_KINDS, SLOTS), np.int64)
    must[list(KIND_OF_DAY.values())] = np.where(slots, least, 0)
    return must


def _slots_of(spans: Sequence[tuple[float, float]]) -> NDArray[np.bool_]:
    slots = np.zeros(SLOTS, bool)
    for begin, end in spans:
        slots[int(begin // SLOT) : int(-(-end // SLOT))] = True
    return slots
