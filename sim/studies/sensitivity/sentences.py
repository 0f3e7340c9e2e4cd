"""What a verdict hangs on, in sentences: titles and notes of the charts, and what can be read aloud."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import NormalDist

from sim.present.assumptions import name_of, value_of
from sim.present.basis import with_version
from sim.present.names import capital, in_a_row, listed, named, verdict_word
from sim.present.numbers import BETWEEN, minutes, number, percent, share, span, writer
from sim.present.targets import by_target, target_in_words
from sim.studies.sensitivity.records import IN_A_HURRY, LOG_MINUTES, OPEN, BreakEven, Other, Sensitivity, Swing
from sim.text import N_, _, _c, _n

MOST_NAMED = 3
"""Names in a row in a sentence."""
UNDECIDED = N_("The scenario itself is undecided, so no verdict can flip: it needs more replications")
AT = {
    "HOLDS": N_("at {value} the target is kept"),
    "FAILS": N_("at {value} it is missed"),
    "TOO CLOSE": N_("at {value} it is too close to call"),
    "UNDECIDED": N_("at {value} it is not decided"),
}
OTHERWISE = {
    "reviewers begin with the hall": N_("reviewers begin with the hall, not before it"),
    "clerks do not help": N_("counter clerks do not help with the review"),
    "no midday post": N_("no midday duty post"),
    "from the opening": N_("waiting counts from the opening of the review"),
    "without midday": N_("waiting in the midday break does not count"),
    "round the clock": N_("waiting counts round the clock on working days"),
    "clock licence": N_("licence time: service, and waiting in the hours that count"),
    "clock touch": N_("only the work counts, no waiting"),
    "clock door_to_door": N_("everything counts from first submission to licence in hand"),
}
"""What is otherwise and no number."""
OWN = {"clerks do not help": N_("they do when {own} wait"), "no midday post": N_("manned")}
HERE = {"clerks do not help": N_("never"), "no midday post": N_("nobody")}
"""How it is in the scenario, and how it is then, where that is not said by times or a clock."""
A_VALUE, AN_OFFICE = N_("{replications} replications a value"), N_("{replications} replications an office")


def estimate_of(record: Sensitivity, value: float) -> str:
    """Return minutes or a share, or that the cases cannot be finished."""
    return writer(record.about_mean)(value) if math.isfinite(value) else _("cannot finish")


def with_unit(record: Sensitivity, value: float) -> str:
    """Return minutes with their unit, or a share, or that the cases cannot be finished."""
    if record.about_mean and math.isfinite(value):
        return _("{value} min", value=minutes(value))
    return estimate_of(record, value)


def break_even_of(record: Sensitivity, swing: Swing, break_even: BreakEven) -> str:
    """Return where the verdict flips: HOLDS at 15 %, FAILS at 16.4 %."""
    of = record.by_parameter[swing.parameter]
    own = "" if record.own is None else verdict_word(record.own.verdict)
    return _(
        "{own} at {last}, {other} at {first}", own=own, last=value_of(of, break_even.last),
        other=verdict_word(break_even.verdict), first=value_of(of, break_even.first),
    )  # fmt: skip


def no_flip(record: Sensitivity, swing: Swing) -> str:
    """Return why no value is named at which the verdict flips."""
    if record.undecided or swing.not_known:
        return _("not known")
    return _(N_("does not flip in its range") if record.settings.searched else N_("does not flip at an end"))


def finding(record: Sensitivity) -> str:
    """Return what was found, in a sentence: the first of flips, offices and screening that was asked for."""
    if record.swings:
        return break_even_title(record)
    if record.plausible is not None:
        return offices_title(record)
    name = capital(name_of(record.of_outcome(LOG_MINUTES)[0].parameter))
    return _("{name} matters most of {all} assumptions", name=name, all=len(record.assumptions))


def break_even_title(record: Sensitivity) -> str:
    """Return how many assumptions flip the verdict, and the nearest; that there is none to flip."""
    if record.undecided:
        return _(UNDECIDED)
    flipping, judged = record.flipping, assumptions_judged(record)
    if not flipping:
        return _("None of {assumptions} is found to change the verdict by itself", assumptions=judged)
    name = name_of(flipping[0].parameter)
    if len(flipping) == 1:
        return _("One of {assumptions} changes the verdict by itself: {name}", assumptions=judged, name=name)
    told = N_("{flip} of {assumptions} change the verdict by themselves, such as {name}")
    if record.settings.searched:
        told = N_("{flip} of {assumptions} change the verdict by themselves; the nearest: {name}")
    return _(told, flip=len(flipping), assumptions=judged, name=name)


def assumptions_judged(record: Sensitivity) -> str:
    """Return how many assumptions were judged, and of how many if that is not all."""
    judged, every = len(record.swings), len(record.assumptions)
    if judged == every:
        return _n("one assumption", "{all} assumptions", every, all=every)
    return _("the {judged} (of {all}) assumptions that were judged", judged=judged, all=every)


def tornado_title(record: Sensitivity) -> str:
    """Return which assumption moves the estimate most, and from where to where."""
    widest = record.by_reach[0]
    ends = [widest.low_estimate, widest.high_estimate, *([record.own.estimate] if record.own else [])]
    low, high = (estimate_of(record, end) for end in (min(ends), max(ends)))
    values = {"name": capital(name_of(widest.parameter)), "clock": named("clock", record.target.clock), "low": low}
    if math.isinf(max(ends)):
        values["best"] = estimate_of(record, max((end for end in ends if math.isfinite(end)), default=math.inf))
        moves = by_target(
            record.target, N_("{name} moves the mean {clock} most: {low} min to never ending"),
            N_("{name} moves the share in time most: from {best} to an office that cannot finish"), **values,
        )  # fmt: skip
    else:
        moves = by_target(
            record.target, N_("{name} moves the mean {clock} most: {low} to {high} min"),
            N_("{name} moves the share in time most: {low} to {high}"), high=high, **values,
        )  # fmt: skip
    judged, every = len(record.swings), len(record.assumptions)
    return moves if judged == every else _("Of the {judged} judged: {moves}", judged=judged, moves=moves)


def offices_title(record: Sensitivity) -> str:
    """Return in how many plausible offices the target holds."""
    found = record.plausible
    assert found is not None
    return _("{holds} of {all} plausible offices are shown to keep the target ({share})", holds=found.counts["HOLDS"],
             all=found.offices, share=share(found.holds.estimate))  # fmt: skip


def subtitle(record: Sensitivity) -> str:
    """Return the scenario, the target, and the verdict as it is, with estimate and interval."""
    parts = [record.title, target_in_words(record.target)]
    if (own := record.own) is None:
        return BETWEEN.join(parts)
    verdict, estimate = verdict_word(own.verdict), with_unit(record, own.estimate)
    if math.isinf(own.estimate):
        told = _("as it is: {verdict}", verdict=verdict)
    elif math.isnan(own.low):
        told = _("as it is: {verdict}, {estimate}", verdict=verdict, estimate=estimate)
    else:
        low, high = (estimate_of(record, end) for end in (own.low, own.high))
        told = _("as it is: {verdict}, {estimate} ({low}–{high})", verdict=verdict, estimate=estimate, low=low,
                 high=high)  # fmt: skip
    return BETWEEN.join([*parts, told])


def source(record: Sensitivity, what: str, replications: Iterable[int]) -> str:
    """Return the line at the bottom of a chart; `what` says of what there are so many replications."""
    ranges = _("Ranges and their sources: docs/parameters.md")
    if record.given:
        every = len(record.given) == len(record.assumptions)
        ranges = _(
            N_("Ranges from {file}") if every else N_("Ranges from {file}, others from docs/parameters.md"),
            file=record.given[0].source,
        )
    used = [each for each in replications if each] or [0]
    return _(
        "Simulation: {replications}, {days} working days, seed {seed}. {ranges}",
        replications=_(what, replications=span(used)), days=record.working_days, seed=record.about.seed,
        ranges=with_version(ranges, record.about.version),
    )  # fmt: skip


def notes(record: Sensitivity) -> list[str]:
    """Return what has to be known of the tables."""
    steady = record.steady
    about = {
        N_("Not decided at an end of the range, so whether they flip is not known: {names}"):
            [of.parameter for of in steady if of.not_known],
        N_("Both ends have the scenario's verdict, and a value between has another: {names}"):
            [of.parameter for of in steady if record.break_evens_inside(of)],
        N_("Not in one direction, or a verdict is wrong: {names}"):
            [of.parameter for of in record.swings if not all(value.monotone for value in of.break_evens.values())],
        N_("The scenario's own value is outside the plausible range, which was made wider: {names}"):
            [of.parameter for of in record.assumptions if of.extended],
        N_("Left out, since the scenario is not possible at an end of the range: {names}"): list(record.left_out),
    }  # fmt: skip
    told = [_(template, names=listed(map(name_of, paths))) for template, paths in about.items() if paths]
    if record.given:
        names = listed(name_of(of.parameter) for of in record.given)
        told.append(_("Ranges from {file}: {names}", file=record.given[0].source, names=names))
    told += [
        _("{capped} of the points counted as {minutes} minutes: the office cannot finish its cases, or somebody never "
          "gets the licence", capped=points.capped, minutes=number(record.most_minutes))
        for points in (record.screening, record.indices) if points is not None and points.capped
    ]  # fmt: skip
    told += in_a_hurry(record)
    if record.settings.quick and record.pieces == IN_A_HURRY:
        told.append(
            _("Screening and indices are left out, since few years tell little of them; without --quick they are made.")
        )
    if record.scenario_verdict is not None:
        rule = record.about.rule
        told.append(_(
            "At most {tests} verdicts, {used} were needed; chance of any wrong one ≤ {error} %, with the same random "
            "numbers throughout. The intervals are of this family, too; those at the ends are in break_even.csv.",
            tests=number(rule.tests), used=number(record.scenario_verdict.tests), error=percent(rule.error),
        ))  # fmt: skip
    if record.plausible is not None:
        told.append(_("Each plausible office is judged by itself."))
    return told


def in_a_hurry(record: Sensitivity) -> list[str]:
    """Return what a quick look does not know of the flips."""
    told = []
    if record.settings.quick and len(record.swings) < len(record.assumptions) and record.scenario_verdict is not None:
        told.append(_(
            "Judged are the assumptions of which an end moved the figure furthest towards the other verdict in a "
            "single replication of another seed. Whether others change it is not known; without --quick, all are "
            "judged."
        ))  # fmt: skip
    if record.flipping and not record.settings.searched:
        told.append(
            _("Between the two values of a flip nothing was judged; without --quick it is searched for where it is.")
        )
    return told


def what_flips(record: Sensitivity) -> list[str]:
    """Return which assumptions change the verdict, and where the nearest does; and what is no number and does."""
    if not record.swings or record.own is None:
        return []
    if record.undecided:
        return [_(
            N_("The scenario itself is undecided after {replications} replications, so there is no verdict that could "
               "flip. Run it without --quick, or with a larger --max-replications.")
            if record.settings.quick else
            N_("The scenario itself is undecided after {replications} replications, so there is no verdict that could "
               "flip. Run it with a larger --max-replications."),
            replications=record.own.replications,
        )]  # fmt: skip
    flipping, judged = record.flipping, assumptions_judged(record)
    if len(record.assumptions) == 1:
        name = capital(name_of(record.assumptions[0].parameter))
        told = [
            _("{name} changes the verdict by itself within its range: {where}.", name=name,
              where=_where(record, flipping[0]))
            if flipping
            else _("{name} is not found to change the verdict, {verdict}, by itself within its range.", name=name,
                   verdict=verdict_word(record.own.verdict))
        ]  # fmt: skip
    elif not flipping:
        told = [_("None of {assumptions} is found to change the verdict, {verdict}, by itself within its range.",
                  assumptions=judged, verdict=verdict_word(record.own.verdict))]  # fmt: skip
    else:
        name, where = name_of(flipping[0].parameter), _where(record, flipping[0])
        several = N_("Of {assumptions}, {flip} change the verdict by themselves within their range, such as {name}: "
                     "{where}.")  # fmt: skip
        if record.settings.searched:
            several = N_("Of {assumptions}, {flip} change the verdict by themselves within their range. The nearest is "
                         "{name}: {where}.")  # fmt: skip
        told = [
            _("Of {assumptions}, one changes the verdict by itself within its range: {name}. {capital_where}.",
              assumptions=judged, name=name, capital_where=capital(where))
            if len(flipping) == 1
            else _(several, assumptions=judged, flip=len(flipping), name=name, where=where)
        ]  # fmt: skip
    turned = [of for of in record.others if {record.own.verdict, of.verdict} == {"HOLDS", "FAILS"}]
    if turned:
        names = [_("{name} ({estimate})", name=_(OTHERWISE[of.name]), estimate=with_unit(record, of.estimate))
                 for of in turned[:MOST_NAMED]]  # fmt: skip
        also = N_("It hangs as well on what is no number: {others}.")
        told.append(_(also if flipping else N_("It hangs on what is no number: {others}."), others=in_a_row(names)))
    return told


def _where(record: Sensitivity, swing: Swing) -> str:
    """Return both ends of the nearest bracket in words."""
    assert record.own is not None
    break_even, of = record.nearest(swing), record.by_parameter[swing.parameter]
    ends = ((record.own.verdict, break_even.last), (break_even.verdict, break_even.first))
    return _c("comma", ", ").join(_(AT[verdict], value=value_of(of, value)) for verdict, value in ends)


def how_many_hold(record: Sensitivity) -> list[str]:
    """Return how many plausible offices keep the target, and in what those that do differ from those that do not."""
    found = record.plausible
    if found is None:
        return []
    holds, left = found.holds, sum(found.counts[verdict] for verdict in OPEN)
    told = [_(
        "Of {all} offices drawn from all ranges at once, {holds} are shown to keep the target, {share} (95 % interval "
        "{low} to {high}). That counts ranges evenly; it is not the probability that the claim is true.",
        all=found.offices, holds=found.counts["HOLDS"], share=share(holds.estimate), low=share(holds.low),
        high=share(holds.high),
    )]  # fmt: skip
    if left:
        told.append(_("In {open} more it is not decided.", open=left))
    # Many are looked at, and of these the widest are named: all of them together at 5 % (Bonferroni).
    beyond = NormalDist().inv_cdf(1 - 0.025 / max(len(record.separations), 1))
    clear = [of for of in record.separations if abs(of.difference) > beyond * of.error][:MOST_NAMED]
    if clear:
        names = in_a_row([name_of(of.parameter) for of in clear])
        told.append(_("Those that keep it differ from those that miss it most in {names}.", names=names))
    if record.given:
        told.append(_("The ranges of {number} of the {all} assumptions are from {file}.", number=len(record.given),
                      all=len(record.assumptions), file=record.given[0].source))  # fmt: skip
    return told


def what_matters(record: Sensitivity) -> list[str]:
    """Return which assumptions matter most with everything uncertain at once."""
    screened = record.of_outcome(LOG_MINUTES)
    if len(screened) < 2:
        return []
    names = in_a_row([name_of(row.parameter) for row in screened[:MOST_NAMED]])
    told = [_("With everything uncertain at once, {names} matter most for the minutes.", names=names)]
    known = [row for row in record.indices_of(LOG_MINUTES) if not math.isnan(row.first)]
    most = max(known, key=lambda row: row.first, default=None)
    if most is not None and most.first_low > 0:
        value, low, high = (share(min(end, 1.0)) for end in (most.first, most.first_low, most.first_high))
        told.append(_("Of these, {name} alone makes {share} ({low} to {high}) of the variation.",
                      name=name_of(most.parameter), share=value, low=low, high=high))  # fmt: skip
    return told


def other_of(other: Other) -> tuple[str, str, str]:
    """Return what is no number and otherwise, how it is in the scenario, and how it is here."""
    own, here = (
        _(words[other.name], own=other.own) if other.name in words else named("clock", text)
        for words, text in ((OWN, other.own), (HERE, other.here))
    )
    return _(OTHERWISE[other.name]), own, here
