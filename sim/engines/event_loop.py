"""The event loop of the fast engine, compiled by numba.

What it keeps (`State`): a row for each case; a linked list of waiting cases per stage, with the last of each priority;
as bits, which choices of the pools have somebody waiting and somebody idle; a short sorted list of services in hand; a
heap of moments at which patience ends; and for the cases that are away, of which there are many and long, a list for
each few minutes of the calendar, from which they go to a short sorted list when their time comes near.
No array is rebound inside the loop and none is handed to a helper: each such step would cost a reference count
per event. Hence one long function, which follows the phases of an instant from top to bottom.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.bits import prefetch, trailing_zeros
from sim.engines import rules
from sim.engines.state import NO_ONE, PAGE
from sim.jit import kept_njit
from sim.office.tables import OUTAGE_BEGINS, OUTAGE_ENDS, SERVER_OFF, SERVER_ON, STAGE_CLOSES, STAGE_OPENS
from sim.records import GAVE_UP, NOT_MADE, NOWHERE, SERVED, own_time_in_opening_hours

_inline = njit(inline="always")
_goes_before = _inline(rules.goes_before)
_may_be_taken = _inline(rules.may_be_taken)
_may_take = _inline(rules.may_take)
_enough_waiting = _inline(rules.enough_waiting)
_pace = _inline(rules.pace)
_gives_up_at = _inline(rules.gives_up_at)
_finds_no_place = _inline(rules.finds_no_place)
_stays_with_case = _inline(rules.stays_with_case)
_lets_go = _inline(rules.lets_go)
_delay_in_opening_hours = njit(rules.delay_in_opening_hours)

_SERVE, _SEND_HOME = rules.SERVE, rules.SEND_HOME
_IN_OPENING_HOURS = own_time_in_opening_hours(0)

SOON, NEAR_ROWS = 12, 6
"""The rows of the case so many arrivals ahead are brought near, this many of them: the arrivals' first look at
their rows was the one place where the loop waited for memory."""

NO_ROOM, NO_CLASS, TOO_LATE = -1, -2, -3
"""Returned instead of a number of cases: the heap of ends of patience is full; a stage has more priorities; not all
finish in time, or it looks as if they will not."""


@njit(inline="always")
def _switched(bits, some, on):
    """Return the bits with some of them on, or off if `on` is 0."""
    return bits | some if on != np.uint64(0) else bits & ~some


@kept_njit(nogil=True, error_model="numpy")
def run_events(
    state, ends, first_visit, visit, log, entry_kind, entry_subject, open_first, open_begin, open_end, open_before
):  # fmt: skip
    """Fill the rows of the log and return the number of cases left unfinished, or what there is too little room for."""
    (
        of, at, rank, server_of, pool, choice, arrives_at, planned_at, end, page_first, near_by, limit, joined, gone,
    ) = state  # fmt: skip
    one, zero = np.uint64(1), np.uint64(0)
    cases = of.shape[0]
    pages, room = page_first.shape[0], limit.shape[0] - 1
    stages = at.shape[0]
    most = rank.shape[0] // max(stages, 1)
    spare = ends - arrives_at[cases - 1] if cases > 0 else np.inf
    # The choices of the pools, as bits: those for which somebody waits; of stages that are closed; of those that were
    # found, closed or broken, to have nobody who may be taken: that stays so until the stage opens or is mended; and of
    # the pools that have somebody idle on duty.
    wanted = closed = in_vain = able = zero
    for k in range(choice.shape[0]):
        closed |= one << np.uint64(k)
    any_limit = False
    for s in range(stages):
        any_limit = any_limit or at[s].places >= 0
    # How many are in each list: services in hand, near, away, ends of patience, who gave up. A linked list: who comes
    # back from home.
    in_hand = near = 1
    away = limits = gone_count = 0
    coming_back = NO_ONE
    page = -1

    next_arrival = 0
    next_entry = 0
    finished = 0
    now = -np.inf

    while finished < cases:
        # The next instant; who gave up in the last round moves on at the same one.
        if gone_count == 0:
            now = min(min(arrives_at[next_arrival], planned_at[next_entry]), min(end[in_hand - 1].time, limit[0].time))
            if away > 0:
                # Turn up the pages until that instant, or if it is not known until somebody comes back.
                until = pages - 1
                if now < until * PAGE:
                    until = np.int64(now / PAGE)
                while page < until and (now < np.inf or near == 1):
                    page += 1
                    case = page_first[page]
                    while case != NO_ONE:
                        prefetch(visit, np.int64(of[case].visit))
                        prefetch(log, np.int64(of[case].visit))
                        t = of[case].back_at
                        i = near
                        near += 1
                        while near_by[i - 1].time < t:
                            near_by[i].time, near_by[i].case = near_by[i - 1].time, near_by[i - 1].case
                            i -= 1
                        near_by[i].time, near_by[i].case = t, case
                        case = of[case].next
                now = min(now, near_by[near - 1].time)
            if now == np.inf:
                break

        # A: the calendar first ...
        while planned_at[next_entry] == now:
            kind, subject = entry_kind[next_entry], entry_subject[next_entry]
            next_entry += 1
            if kind == SERVER_ON:
                server_of[subject].on_duty = True
                p = np.int64(server_of[subject].pool)
                pool[p].ready |= server_of[subject].bit
                able = _switched(able, pool[p].choices, pool[p].idle & pool[p].ready)
            elif kind == SERVER_OFF:
                server_of[subject].on_duty = False
                p = np.int64(server_of[subject].pool)
                pool[p].ready &= ~server_of[subject].bit
                server_of[subject].off_at = now
                if server_of[subject].stayed_after != NO_ONE:
                    log[server_of[subject].stayed_after].freed_at = now
                    server_of[subject].stayed_after = NO_ONE
                    of[server_of[subject].case].companion = NO_ONE
                    pool[p].idle |= server_of[subject].bit
                able = _switched(able, pool[p].choices, pool[p].idle & pool[p].ready)
            elif kind == OUTAGE_BEGINS:
                at[subject].is_broken = True
            elif kind == OUTAGE_ENDS:
                at[subject].is_broken = False
                in_vain &= ~at[subject].choices
            elif kind == STAGE_OPENS:
                at[subject].is_open = True
                closed &= ~at[subject].choices
                in_vain &= ~at[subject].choices
                while at[subject].home != NO_ONE:
                    case = at[subject].home
                    at[subject].home = of[case].next
                    of[case].next = coming_back
                    coming_back = case
            elif kind == STAGE_CLOSES:
                # More wait here than will finish, at the pace so far, once nobody comes any more.
                if at[subject].waiting * now > finished * spare and now > spare:
                    return TOO_LATE
                at[subject].is_open = False
                closed |= at[subject].choices
                at[subject].opening += 1
                at[subject].closed_at = now
                if at[subject].newest_first:
                    case = at[subject].head
                    for i in range(subject * most, subject * most + at[subject].classes):
                        rank[i].due = NO_ONE
                        if rank[i].last != NO_ONE and np.isnan(log[rank[i].visit].started_at):
                            rank[i].due = case
                            case = of[rank[i].last].next
                if at[subject].closing == _SEND_HOME:
                    while at[subject].head != NO_ONE:
                        case = at[subject].head
                        at[subject].head = of[case].next
                        log[of[case].visit].trips += 1
                        of[case].leaves_at = np.inf
                        of[case].next = at[subject].home
                        at[subject].home = case
                    at[subject].tail = NO_ONE
                    for i in range(subject * most, subject * most + at[subject].classes):
                        rank[i].last = NO_ONE
                    at[subject].waiting = 0
                    wanted &= ~at[subject].choices

        # ... then everybody who moves at this instant, one at a time: back from home, gave up in the round
        # before, service over, back from elsewhere, arriving.
        joined_count = 0
        while True:
            if coming_back != NO_ONE:
                case = coming_back
                coming_back = of[case].next
                w = of[case].visit
            else:
                if gone_count > 0:
                    gone_count -= 1
                    case = gone[gone_count]
                    following = np.int64(visit[of[case].visit].if_gave_up)
                elif end[in_hand - 1].time == now:
                    in_hand -= 1
                    server = end[in_hand].server
                    case = server_of[server].case
                    v = of[case].visit
                    following = np.int64(visit[v].if_served)
                    log[v].ended_at = now
                    log[v].outcome = SERVED
                    if _stays_with_case(server_of[server].on_duty, v, visit[v].stays_until):
                        server_of[server].stayed_after = v
                        of[case].companion = server
                    else:
                        log[v].freed_at = now
                        p = np.int64(server_of[server].pool)
                        pool[p].idle |= server_of[server].bit
                        able = _switched(able, pool[p].choices, pool[p].idle & pool[p].ready)
                elif near_by[near - 1].time == now:
                    near -= 1
                    away -= 1
                    case = near_by[near].case
                    v = of[case].visit
                    following = np.int64(visit[v].if_served)
                    log[v].ended_at = now
                    log[v].outcome = SERVED
                elif arrives_at[next_arrival] == now:
                    case = np.uint32(next_arrival)
                    next_arrival += 1
                    following = np.int64(first_visit[case])
                    soon = np.int64(first_visit[min(next_arrival + SOON, cases)])
                    for row in range(soon, soon + NEAR_ROWS, 2):
                        prefetch(visit, row)
                        prefetch(log, row)
                    if following == first_visit[case + 1]:
                        following = NOWHERE
                    # None of the case's visits has been made.
                    for v in range(first_visit[case], first_visit[case + 1]):
                        log[v].queued_at = np.nan
                        log[v].started_at = np.nan
                        log[v].ended_at = np.nan
                        log[v].freed_at = np.nan
                        log[v].server = NOWHERE
                        log[v].trips = 0
                        log[v].outcome = NOT_MADE
                else:
                    break

                server = of[case].companion
                if server != NO_ONE and _lets_go(following, visit[server_of[server].stayed_after].stays_until):
                    log[server_of[server].stayed_after].freed_at = now
                    server_of[server].stayed_after = NO_ONE
                    of[case].companion = NO_ONE
                    p = np.int64(server_of[server].pool)
                    pool[p].idle |= server_of[server].bit
                    able = _switched(able, pool[p].choices, pool[p].idle & pool[p].ready)
                if following < 0:
                    finished += 1
                    continue
                w = np.uint32(following)

                of[case].visit = w
                log[w].queued_at = now
                s = np.int64(visit[w].stage)
                if s < 0:
                    log[w].started_at = now
                    t = visit[w].minutes
                    if s <= _IN_OPENING_HOURS:
                        s = _IN_OPENING_HOURS - s
                        t = _delay_in_opening_hours(
                            now, t, at[s].opening, open_first[s + 1], open_begin, open_end, open_before
                        )
                    t = now + t
                    if t < np.inf:
                        away += 1
                        i = pages - 1
                        if t < i * PAGE:
                            i = np.int64(t / PAGE)
                        if i > page and t > now:
                            of[case].back_at = t
                            of[case].next = page_first[i]
                            page_first[i] = case
                        else:
                            i = near
                            near += 1
                            while near_by[i - 1].time < t:
                                near_by[i].time, near_by[i].case = near_by[i - 1].time, near_by[i - 1].case
                                i -= 1
                            near_by[i].time, near_by[i].case = t, case
                    continue
                if not at[s].is_open and at[s].closing == _SEND_HOME:
                    log[w].trips += 1
                    of[case].next = at[s].home
                    at[s].home = case
                    continue

            # The case joins the queue; mostly it is the last of its priority, so its place is looked for from there.
            s = np.int64(visit[w].stage)
            i = s * most
            while i < s * most + at[s].classes and rank[i].priority < visit[w].priority:
                i += 1
            if i == s * most + at[s].classes or rank[i].priority != visit[w].priority:
                if at[s].classes == most:
                    return NO_CLASS
                for k in range(s * most + at[s].classes, i, -1):
                    rank[k].priority, rank[k].last = rank[k - 1].priority, rank[k - 1].last
                    rank[k].visit, rank[k].due = rank[k - 1].visit, rank[k - 1].due
                rank[i].priority, rank[i].last, rank[i].due = visit[w].priority, NO_ONE, NO_ONE
                at[s].classes += 1
            ahead = NO_ONE
            is_last = True
            if at[s].waiting > 0:
                k = i + 1
                if at[s].newest_first and rank[i].last != NO_ONE and np.isnan(log[rank[i].visit].started_at):
                    # Or the first of it, where the newest goes first: then its place is behind those before them.
                    v = rank[i].visit
                    if _goes_before(
                        visit[w].priority,
                        log[w].queued_at,
                        case,
                        visit[v].priority,
                        log[v].queued_at,
                        rank[i].last,
                        True,
                    ):
                        k = i
                        is_last = False
                while k > s * most and ahead == NO_ONE:
                    k -= 1
                    if rank[k].last != NO_ONE and np.isnan(log[rank[k].visit].started_at):
                        ahead = rank[k].last
            if is_last:
                while ahead != NO_ONE:
                    v = of[ahead].visit
                    if not _goes_before(
                        visit[w].priority,
                        log[w].queued_at,
                        case,
                        visit[v].priority,
                        log[v].queued_at,
                        ahead,
                        at[s].newest_first,
                    ):
                        break
                    ahead = of[ahead].prev
                    is_last = False
            else:
                while True:
                    behind = at[s].head if ahead == NO_ONE else of[ahead].next
                    v = of[behind].visit
                    if _goes_before(
                        visit[w].priority, log[w].queued_at, case, visit[v].priority, log[v].queued_at, behind, True
                    ):
                        break
                    ahead = behind
            if is_last:
                rank[i].last, rank[i].visit = case, w
            behind = at[s].head if ahead == NO_ONE else of[ahead].next
            of[case].prev = ahead
            of[case].next = behind
            if ahead == NO_ONE:
                at[s].head = case
            else:
                of[ahead].next = case
            if behind == NO_ONE:
                at[s].tail = case
            else:
                of[behind].prev = case
            at[s].waiting += 1
            wanted |= at[s].choices
            of[case].leaves_at = _gives_up_at(now, visit[w].patience)
            joined[joined_count] = case
            joined_count += 1

        # B: free servers take cases, all pools' first choices, then all second choices, and so on.
        tries = wanted & (able | closed) & ~in_vain
        while tries != zero:
            k = np.int64(trailing_zeros(tries))
            tries &= tries - one
            p, s = np.int64(choice[k].pool), np.int64(choice[k].stage)
            # Off duty nobody takes a case, unless to clear a stage that is closed.
            free = pool[p].idle & pool[p].ready if at[s].is_open else pool[p].idle
            while free != zero:
                server = np.uint32(pool[p].first + np.int64(trailing_zeros(free)))
                free &= free - one
                if not _may_take(
                    server_of[server].on_duty, server_of[server].off_at, at[s].is_open, at[s].closing, at[s].closed_at
                ):
                    continue
                if not _enough_waiting(at[s].waiting, choice[k].threshold):
                    break
                case = at[s].head
                while case != NO_ONE and not _may_be_taken(
                    at[s].is_open, at[s].is_broken, at[s].closing, log[of[case].visit].queued_at, at[s].closed_at
                ):
                    # Nor may the others of his priority, who came after him.
                    i = s * most
                    while rank[i].priority != visit[of[case].visit].priority:
                        i += 1
                    # Where the newest goes first, those may who came before the closing.
                    some_due = at[s].newest_first and rank[i].due != NO_ONE and rank[i].due != case
                    some_due = some_due and at[s].closing == _SERVE and not at[s].is_broken
                    case = rank[i].due if some_due else of[rank[i].last].next
                if case == NO_ONE:
                    in_vain |= at[s].choices
                    tries &= ~at[s].choices
                    break
                v = of[case].visit
                ahead, behind = of[case].prev, of[case].next
                if at[s].newest_first and not at[s].is_open:
                    # Newer ones, who came too late, wait on; he may be the last of all.
                    i = s * most
                    while rank[i].priority != visit[v].priority:
                        i += 1
                    rank[i].due = behind if rank[i].last != case else NO_ONE
                    alike = ahead != NO_ONE and visit[of[ahead].visit].priority == visit[v].priority
                    if alike and rank[i].last == case:
                        rank[i].last, rank[i].visit = ahead, of[ahead].visit
                if ahead == NO_ONE:
                    at[s].head = behind
                else:
                    of[ahead].next = behind
                if behind == NO_ONE:
                    at[s].tail = ahead
                else:
                    of[behind].prev = ahead
                    # Who has waited for long is out of mind; he comes soon, and so does who stands behind him.
                    prefetch(visit, np.int64(of[behind].visit))
                    prefetch(log, np.int64(of[behind].visit))
                    prefetch(of, np.int64(min(of[behind].next, cases - 1)))
                at[s].waiting -= 1
                if at[s].waiting == 0:
                    wanted &= ~at[s].choices
                of[case].leaves_at = np.inf
                log[v].started_at = now
                log[v].server = server
                server_of[server].case = case
                pool[p].idle &= ~server_of[server].bit
                able = _switched(able, pool[p].choices, pool[p].idle & pool[p].ready)
                t = now + visit[v].minutes * _pace(at[s].waiting, at[s].pace_from, at[s].pace_factor)
                i = in_hand
                in_hand += 1
                while end[i - 1].time < t:
                    end[i].time, end[i].server = end[i - 1].time, end[i - 1].server
                    i -= 1
                end[i].time, end[i].server = t, server

        # C: everybody whose patience ends now and who still waits gives up; the others who joined are noted
        # (an end of patience that means nothing any more is dropped when its time has come).
        for j in range(joined_count):
            case = joined[j]
            t = of[case].leaves_at
            if t == now:
                gone[gone_count] = case
                gone_count += 1
                of[case].leaves_at = np.inf
            elif t < np.inf:
                s = np.int64(visit[of[case].visit].stage)
                if at[s].closing == _SEND_HOME and t >= open_end[at[s].opening]:
                    continue  # sent home before, and patience begins afresh
                if limits == room:
                    return NO_ROOM
                i = limits
                limits += 1
                while i > 0 and limit[(i - 1) // 2].time > t:
                    limit[i].time, limit[i].case = limit[(i - 1) // 2].time, limit[(i - 1) // 2].case
                    i = (i - 1) // 2
                limit[i].time, limit[i].case = t, case
        while limit[0].time <= now:
            case = limit[0].case
            if of[case].leaves_at == now:
                gone[gone_count] = case
                gone_count += 1
                of[case].leaves_at = np.inf
            limits -= 1
            t, c = limit[limits].time, limit[limits].case
            i = 0
            child = 1
            while child < limits:
                if child + 1 < limits and limit[child + 1].time < limit[child].time:
                    child += 1
                if limit[child].time >= t:
                    break
                limit[i].time, limit[i].case = limit[child].time, limit[child].case
                i = child
                child = 2 * i + 1
            limit[i].time, limit[i].case = t, c
            limit[limits].time = np.inf
        for j in range(gone_count):
            case = gone[j]
            v = of[case].visit
            s = np.int64(visit[v].stage)
            ahead, behind = of[case].prev, of[case].next
            i = s * most
            while rank[i].priority != visit[v].priority:
                i += 1
            if rank[i].due == case:
                rank[i].due = behind if rank[i].last != case else NO_ONE
            if rank[i].last == case:
                alike = ahead != NO_ONE and visit[of[ahead].visit].priority == visit[v].priority
                rank[i].last = ahead if alike else NO_ONE
                rank[i].visit = of[ahead].visit if alike else v
            if ahead == NO_ONE:
                at[s].head = behind
            else:
                of[ahead].next = behind
            if behind == NO_ONE:
                at[s].tail = ahead
            else:
                of[behind].prev = ahead
            at[s].waiting -= 1
            if at[s].waiting == 0:
                wanted &= ~at[s].choices
        # Then whoever stands beyond the waiting places, from the end of each queue.
        if any_limit:
            for s in range(stages):
                while at[s].waiting > 0 and _finds_no_place(at[s].waiting - 1, at[s].places):
                    case = at[s].tail
                    v = of[case].visit
                    ahead = of[case].prev
                    i = s * most
                    while rank[i].priority != visit[v].priority:
                        i += 1
                    if rank[i].due == case:
                        rank[i].due = NO_ONE
                    alike = ahead != NO_ONE and visit[of[ahead].visit].priority == visit[v].priority
                    rank[i].last = ahead if alike else NO_ONE
                    rank[i].visit = of[ahead].visit if alike else v
                    at[s].tail = ahead
                    if at[s].tail == NO_ONE:
                        at[s].head = NO_ONE
                    else:
                        of[at[s].tail].next = NO_ONE
                    at[s].waiting -= 1
                    if at[s].waiting == 0:
                        wanted &= ~at[s].choices
                    of[case].leaves_at = np.inf
                    gone[gone_count] = case
                    gone_count += 1
        for j in range(gone_count):
            v = of[gone[j]].visit
            log[v].ended_at = now
            log[v].outcome = GAVE_UP
    return cases - finished if now <= ends else TOO_LATE
