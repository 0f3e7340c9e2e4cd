"""The event loop of the fast engine, compiled by numba.

What it keeps: a row for each case; a linked list of waiting cases per stage, with the last of each priority; as bits,
which choices of the pools have somebody waiting and somebody idle; a short sorted list of services in hand; a heap of
moments at which patience ends; and for the cases that are away, of which there are many and long, a list for each few
minutes of the calendar, from which they go to a short sorted list when their time comes near.
No array is rebound inside the loop and none is handed to a helper: each such step would cost a reference count
per event. Hence one long function, which follows the phases of an instant from top to bottom.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.bits import prefetch, trailing_zeros
from sim.engines import rules
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

PAGE = 4.0
"""Minutes to a page of the list of cases that are away."""

NO_ONE = np.uint32(2**32 - 1)
"""Number of no case, no server, no visit. Numbers are unsigned here: numba then need not ask before each look
into an array whether the index counts from the end."""

SOON, NEAR_ROWS = 12, 6
"""The rows of the case so many arrivals ahead are brought near, this many of them: the arrivals' first look at
their rows was the one place where the loop waited for memory."""

CASE = np.dtype((np.record, [
    ("back_at", np.float64),
    ("leaves_at", np.float64),
    ("visit", np.uint32),
    ("next", np.uint32),
    ("prev", np.uint32),
    ("companion", np.uint32),
]))  # fmt: skip
"""A case on its way, in half a line of the processor's cache: when it comes back, when its patience ends, the visit it
is at; the case behind it in the queue, or after it on a page or on the way home, and the one before it in the queue;
the server who stays with it."""

NO_ROOM, NO_CLASS, TOO_LATE = -1, -2, -3
"""Returned instead of a number of cases: the heap of ends of patience is full; a stage has more priorities; not all
finish in time, or it looks as if they will not."""


@njit(inline="always")
def _switched(bits, some, on):
    """Return the bits with some of them on, or off if `on` is 0."""
    return bits | some if on != np.uint64(0) else bits & ~some


@kept_njit(nogil=True, error_model="numpy")
def run_events(
    room, most, ends, arrival, first_visit, visit, log, pool_first_server,
    choice_pool, choice_stage, choice_threshold, closing, places, newest_first, pace_from, pace_factor,
    entry_time, entry_kind, entry_subject, open_first, open_begin, open_end, open_before,
):  # fmt: skip
    """Fill the rows of the log and return the number of cases left unfinished, or what there is too little room for."""
    cases = arrival.shape[0]
    pools = pool_first_server.shape[0] - 1
    choices = choice_stage.shape[0]
    stages = closing.shape[0]
    spare = ends - arrival[cases - 1] if cases > 0 else np.inf
    servers = pool_first_server[pools]

    of = np.empty(cases, CASE)
    for c in range(cases):
        of[c].leaves_at = np.inf
        of[c].companion = NO_ONE

    # Each stage: its queue, the cases it has sent home, whether it is open or broken, and the opening interval
    # that it is in or that is next.
    head = np.full(stages, NO_ONE, np.uint32)
    tail = np.full(stages, NO_ONE, np.uint32)
    waiting = np.zeros(stages, np.int64)
    # The priorities that were seen at each stage, in their order, and who waits last of each: so that nobody need go
    # through a long queue, neither who joins it nor who looks for somebody who may be taken. Whoever is taken is the
    # first of his priority; so when the last one has been taken, which nobody notes here, none of it waits
    # (but where the newest goes first, after a closing, newer ones may: there it is noted).
    classes = np.zeros(stages, np.int64)
    class_priority = np.zeros(stages * most, np.int16)
    class_last = np.full(stages * most, NO_ONE, np.uint32)
    class_visit = np.zeros(stages * most, np.uint32)
    # And, where the newest goes first, who of each was the first at the last closing: those before him came too late.
    class_due = np.full(stages * most, NO_ONE, np.uint32)
    home = np.full(stages, NO_ONE, np.uint32)
    # The choices of the pools that are for this stage, as bits; all those for which somebody waits.
    choices_for = np.zeros(stages, np.uint64)
    wanted = np.uint64(0)
    any_limit = False
    is_open = np.zeros(stages, np.bool_)
    opening = open_first[:-1].copy()
    is_broken = np.zeros(stages, np.bool_)
    # The choices of stages that are closed; of those that were found, closed or broken, to have nobody who may be
    # taken: that stays so until the stage opens or is mended; and of the pools that have somebody idle on duty.
    closed = np.uint64(0)
    in_vain = np.uint64(0)
    able = np.uint64(0)
    closed_at = np.full(stages, -np.inf)

    # Each server: on duty, since when off, the case in hand, the visit after which he stayed with it; his bit
    # in the words of his pool, which hold who is idle and who is on duty.
    on_duty = np.zeros(servers, np.bool_)
    off_at = np.full(servers, -np.inf)
    case_in_hand = np.zeros(servers, np.uint32)
    stayed_after = np.full(servers, NO_ONE, np.uint32)
    pool_of = np.zeros(servers, np.uint32)
    bit = np.zeros(servers, np.uint64)
    idle = np.zeros(pools, np.uint64)
    ready = np.zeros(pools, np.uint64)
    choices_of = np.zeros(pools, np.uint64)
    one, zero = np.uint64(1), np.uint64(0)
    for k in range(choices):
        choices_for[choice_stage[k]] |= one << np.uint64(k)
        choices_of[choice_pool[k]] |= one << np.uint64(k)
        closed |= one << np.uint64(k)
    for s in range(stages):
        any_limit = any_limit or places[s] >= 0
    for p in range(pools):
        for server in range(pool_first_server[p], pool_first_server[p + 1]):
            pool_of[server] = p
            bit[server] = one << np.uint64(server - pool_first_server[p])
            idle[p] |= bit[server]

    # What is to come, each with an end that never comes so that nothing need be asked whether it is empty:
    # arrivals, calendar entries; services in hand, the latest end first.
    arrives_at = np.append(arrival, np.inf)
    planned_at = np.append(entry_time, np.inf)
    end_time = np.empty(servers + 1)
    end_time[0] = np.inf
    end_server = np.empty(servers + 1, np.uint32)
    in_hand = 1
    # Who is away: a linked list on each page of the calendar, and those of the pages turned up so far, the
    # latest first.
    last = max(entry_time[-1] if entry_time.shape[0] > 0 else 0.0, arrival[-1] if cases > 0 else 0.0)
    pages = 1 + int(last / PAGE)
    page_first = np.full(pages, NO_ONE, np.uint32)
    page = -1
    near_time = np.empty(cases + 1)
    near_time[0] = np.inf
    near_case = np.empty(cases + 1, np.uint32)
    near = 1
    away = 0
    # Ends of patience, a heap with the earliest first.
    limit_time = np.empty(room + 1)
    limit_time[0] = np.inf
    limit_case = np.empty(room, np.uint32)
    limits = 0
    # Lists of one round: who joined a queue, who gave up. A linked list: who comes back from home.
    joined = np.empty(cases + 1, np.uint32)
    gone = np.empty(cases + 1, np.uint32)
    gone_count = 0
    coming_back = NO_ONE

    next_arrival = 0
    next_entry = 0
    finished = 0
    now = -np.inf

    while finished < cases:
        # The next instant; who gave up in the last round moves on at the same one.
        if gone_count == 0:
            now = min(min(arrives_at[next_arrival], planned_at[next_entry]), min(end_time[in_hand - 1], limit_time[0]))
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
                        while near_time[i - 1] < t:
                            near_time[i], near_case[i] = near_time[i - 1], near_case[i - 1]
                            i -= 1
                        near_time[i], near_case[i] = t, case
                        case = of[case].next
                now = min(now, near_time[near - 1])
            if now == np.inf:
                break

        # A: the calendar first ...
        while planned_at[next_entry] == now:
            kind, subject = entry_kind[next_entry], entry_subject[next_entry]
            next_entry += 1
            if kind == SERVER_ON:
                on_duty[subject] = True
                p = np.int64(pool_of[subject])
                ready[p] |= bit[subject]
                able = _switched(able, choices_of[p], idle[p] & ready[p])
            elif kind == SERVER_OFF:
                on_duty[subject] = False
                p = np.int64(pool_of[subject])
                ready[p] &= ~bit[subject]
                off_at[subject] = now
                if stayed_after[subject] != NO_ONE:
                    log[stayed_after[subject]].freed_at = now
                    stayed_after[subject] = NO_ONE
                    of[case_in_hand[subject]].companion = NO_ONE
                    idle[p] |= bit[subject]
                able = _switched(able, choices_of[p], idle[p] & ready[p])
            elif kind == OUTAGE_BEGINS:
                is_broken[subject] = True
            elif kind == OUTAGE_ENDS:
                is_broken[subject] = False
                in_vain &= ~choices_for[subject]
            elif kind == STAGE_OPENS:
                is_open[subject] = True
                closed &= ~choices_for[subject]
                in_vain &= ~choices_for[subject]
                while home[subject] != NO_ONE:
                    case = home[subject]
                    home[subject] = of[case].next
                    of[case].next = coming_back
                    coming_back = case
            elif kind == STAGE_CLOSES:
                # More wait here than will finish, at the pace so far, once nobody comes any more.
                if waiting[subject] * now > finished * spare and now > spare:
                    return TOO_LATE
                is_open[subject] = False
                closed |= choices_for[subject]
                opening[subject] += 1
                closed_at[subject] = now
                if newest_first[subject]:
                    case = head[subject]
                    for i in range(subject * most, subject * most + classes[subject]):
                        class_due[i] = NO_ONE
                        if class_last[i] != NO_ONE and np.isnan(log[class_visit[i]].started_at):
                            class_due[i] = case
                            case = of[class_last[i]].next
                if closing[subject] == _SEND_HOME:
                    while head[subject] != NO_ONE:
                        case = head[subject]
                        head[subject] = of[case].next
                        log[of[case].visit].trips += 1
                        of[case].leaves_at = np.inf
                        of[case].next = home[subject]
                        home[subject] = case
                    tail[subject] = NO_ONE
                    for i in range(subject * most, subject * most + classes[subject]):
                        class_last[i] = NO_ONE
                    waiting[subject] = 0
                    wanted &= ~choices_for[subject]

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
                elif end_time[in_hand - 1] == now:
                    in_hand -= 1
                    server = end_server[in_hand]
                    case = case_in_hand[server]
                    v = of[case].visit
                    following = np.int64(visit[v].if_served)
                    log[v].ended_at = now
                    log[v].outcome = SERVED
                    if _stays_with_case(on_duty[server], v, visit[v].stays_until):
                        stayed_after[server] = v
                        of[case].companion = server
                    else:
                        log[v].freed_at = now
                        p = np.int64(pool_of[server])
                        idle[p] |= bit[server]
                        able = _switched(able, choices_of[p], idle[p] & ready[p])
                elif near_time[near - 1] == now:
                    near -= 1
                    away -= 1
                    case = near_case[near]
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
                if server != NO_ONE and _lets_go(following, visit[stayed_after[server]].stays_until):
                    log[stayed_after[server]].freed_at = now
                    stayed_after[server] = NO_ONE
                    of[case].companion = NO_ONE
                    p = np.int64(pool_of[server])
                    idle[p] |= bit[server]
                    able = _switched(able, choices_of[p], idle[p] & ready[p])
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
                            now, t, opening[s], open_first[s + 1], open_begin, open_end, open_before
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
                            while near_time[i - 1] < t:
                                near_time[i], near_case[i] = near_time[i - 1], near_case[i - 1]
                                i -= 1
                            near_time[i], near_case[i] = t, case
                    continue
                if not is_open[s] and closing[s] == _SEND_HOME:
                    log[w].trips += 1
                    of[case].next = home[s]
                    home[s] = case
                    continue

            # The case joins the queue; mostly it is the last of its priority, so its place is looked for from there.
            s = np.int64(visit[w].stage)
            i = s * most
            while i < s * most + classes[s] and class_priority[i] < visit[w].priority:
                i += 1
            if i == s * most + classes[s] or class_priority[i] != visit[w].priority:
                if classes[s] == most:
                    return NO_CLASS
                for k in range(s * most + classes[s], i, -1):
                    class_priority[k], class_last[k] = class_priority[k - 1], class_last[k - 1]
                    class_visit[k], class_due[k] = class_visit[k - 1], class_due[k - 1]
                class_priority[i], class_last[i], class_due[i] = visit[w].priority, NO_ONE, NO_ONE
                classes[s] += 1
            ahead = NO_ONE
            is_last = True
            if waiting[s] > 0:
                k = i + 1
                if newest_first[s] and class_last[i] != NO_ONE and np.isnan(log[class_visit[i]].started_at):
                    # Or the first of it, where the newest goes first: then its place is behind those before them.
                    v = class_visit[i]
                    if _goes_before(
                        visit[w].priority,
                        log[w].queued_at,
                        case,
                        visit[v].priority,
                        log[v].queued_at,
                        class_last[i],
                        True,
                    ):
                        k = i
                        is_last = False
                while k > s * most and ahead == NO_ONE:
                    k -= 1
                    if class_last[k] != NO_ONE and np.isnan(log[class_visit[k]].started_at):
                        ahead = class_last[k]
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
                        newest_first[s],
                    ):
                        break
                    ahead = of[ahead].prev
                    is_last = False
            else:
                while True:
                    behind = head[s] if ahead == NO_ONE else of[ahead].next
                    v = of[behind].visit
                    if _goes_before(
                        visit[w].priority, log[w].queued_at, case, visit[v].priority, log[v].queued_at, behind, True
                    ):
                        break
                    ahead = behind
            if is_last:
                class_last[i], class_visit[i] = case, w
            behind = head[s] if ahead == NO_ONE else of[ahead].next
            of[case].prev = ahead
            of[case].next = behind
            if ahead == NO_ONE:
                head[s] = case
            else:
                of[ahead].next = case
            if behind == NO_ONE:
                tail[s] = case
            else:
                of[behind].prev = case
            waiting[s] += 1
            wanted |= choices_for[s]
            of[case].leaves_at = _gives_up_at(now, visit[w].patience)
            joined[joined_count] = case
            joined_count += 1

        # B: free servers take cases, all pools' first choices, then all second choices, and so on.
        tries = wanted & (able | closed) & ~in_vain
        while tries != zero:
            k = np.int64(trailing_zeros(tries))
            tries &= tries - one
            p, s = np.int64(choice_pool[k]), np.int64(choice_stage[k])
            # Off duty nobody takes a case, unless to clear a stage that is closed.
            free = idle[p] & ready[p] if is_open[s] else idle[p]
            while free != zero:
                server = np.uint32(pool_first_server[p] + np.int64(trailing_zeros(free)))
                free &= free - one
                if not _may_take(on_duty[server], off_at[server], is_open[s], closing[s], closed_at[s]):
                    continue
                if not _enough_waiting(waiting[s], choice_threshold[k]):
                    break
                case = head[s]
                while case != NO_ONE and not _may_be_taken(
                    is_open[s], is_broken[s], closing[s], log[of[case].visit].queued_at, closed_at[s]
                ):
                    # Nor may the others of his priority, who came after him.
                    i = s * most
                    while class_priority[i] != visit[of[case].visit].priority:
                        i += 1
                    # Where the newest goes first, those may who came before the closing.
                    some_due = newest_first[s] and class_due[i] != NO_ONE and class_due[i] != case
                    some_due = some_due and closing[s] == _SERVE and not is_broken[s]
                    case = class_due[i] if some_due else of[class_last[i]].next
                if case == NO_ONE:
                    in_vain |= choices_for[s]
                    tries &= ~choices_for[s]
                    break
                v = of[case].visit
                ahead, behind = of[case].prev, of[case].next
                if newest_first[s] and not is_open[s]:
                    # Newer ones, who came too late, wait on; he may be the last of all.
                    i = s * most
                    while class_priority[i] != visit[v].priority:
                        i += 1
                    class_due[i] = behind if class_last[i] != case else NO_ONE
                    alike = ahead != NO_ONE and visit[of[ahead].visit].priority == visit[v].priority
                    if alike and class_last[i] == case:
                        class_last[i], class_visit[i] = ahead, of[ahead].visit
                if ahead == NO_ONE:
                    head[s] = behind
                else:
                    of[ahead].next = behind
                if behind == NO_ONE:
                    tail[s] = ahead
                else:
                    of[behind].prev = ahead
                    # Who has waited for long is out of mind; he comes soon, and so does who stands behind him.
                    prefetch(visit, np.int64(of[behind].visit))
                    prefetch(log, np.int64(of[behind].visit))
                    prefetch(of, np.int64(min(of[behind].next, cases - 1)))
                waiting[s] -= 1
                if waiting[s] == 0:
                    wanted &= ~choices_for[s]
                of[case].leaves_at = np.inf
                log[v].started_at = now
                log[v].server = server
                case_in_hand[server] = case
                idle[p] &= ~bit[server]
                able = _switched(able, choices_of[p], idle[p] & ready[p])
                t = now + visit[v].minutes * _pace(waiting[s], pace_from[s], pace_factor[s])
                i = in_hand
                in_hand += 1
                while end_time[i - 1] < t:
                    end_time[i], end_server[i] = end_time[i - 1], end_server[i - 1]
                    i -= 1
                end_time[i], end_server[i] = t, server

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
                if closing[s] == _SEND_HOME and t >= open_end[opening[s]]:
                    continue  # sent home before, and patience begins afresh
                if limits == room:
                    return NO_ROOM
                i = limits
                limits += 1
                while i > 0 and limit_time[(i - 1) // 2] > t:
                    limit_time[i], limit_case[i] = limit_time[(i - 1) // 2], limit_case[(i - 1) // 2]
                    i = (i - 1) // 2
                limit_time[i], limit_case[i] = t, case
        while limit_time[0] <= now:
            case = limit_case[0]
            if of[case].leaves_at == now:
                gone[gone_count] = case
                gone_count += 1
                of[case].leaves_at = np.inf
            limits -= 1
            t, c = limit_time[limits], limit_case[limits]
            i = 0
            child = 1
            while child < limits:
                if child + 1 < limits and limit_time[child + 1] < limit_time[child]:
                    child += 1
                if limit_time[child] >= t:
                    break
                limit_time[i], limit_case[i] = limit_time[child], limit_case[child]
                i = child
                child = 2 * i + 1
            limit_time[i], limit_case[i] = t, c
            limit_time[limits] = np.inf
        for j in range(gone_count):
            case = gone[j]
            v = of[case].visit
            s = np.int64(visit[v].stage)
            ahead, behind = of[case].prev, of[case].next
            i = s * most
            while class_priority[i] != visit[v].priority:
                i += 1
            if class_due[i] == case:
                class_due[i] = behind if class_last[i] != case else NO_ONE
            if class_last[i] == case:
                alike = ahead != NO_ONE and visit[of[ahead].visit].priority == visit[v].priority
                class_last[i] = ahead if alike else NO_ONE
                class_visit[i] = of[ahead].visit if alike else v
            if ahead == NO_ONE:
                head[s] = behind
            else:
                of[ahead].next = behind
            if behind == NO_ONE:
                tail[s] = ahead
            else:
                of[behind].prev = ahead
            waiting[s] -= 1
            if waiting[s] == 0:
                wanted &= ~choices_for[s]
        # Then whoever stands beyond the waiting places, from the end of each queue.
        if any_limit:
            for s in range(stages):
                while waiting[s] > 0 and _finds_no_place(waiting[s] - 1, places[s]):
                    case = tail[s]
                    v = of[case].visit
                    ahead = of[case].prev
                    i = s * most
                    while class_priority[i] != visit[v].priority:
                        i += 1
                    if class_due[i] == case:
                        class_due[i] = NO_ONE
                    alike = ahead != NO_ONE and visit[of[ahead].visit].priority == visit[v].priority
                    class_last[i] = ahead if alike else NO_ONE
                    class_visit[i] = of[ahead].visit if alike else v
                    tail[s] = ahead
                    if tail[s] == NO_ONE:
                        head[s] = NO_ONE
                    else:
                        of[tail[s]].next = NO_ONE
                    waiting[s] -= 1
                    if waiting[s] == 0:
                        wanted &= ~choices_for[s]
                    of[case].leaves_at = np.inf
                    gone[gone_count] = case
                    gone_count += 1
        for j in range(gone_count):
            v = of[gone[j]].visit
            log[v].ended_at = now
            log[v].outcome = GAVE_UP
    return cases - finished if now <= ends else TOO_LATE
