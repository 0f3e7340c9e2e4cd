"""What a calibration found, in sentences: titles of its charts, and what a head of office can read aloud."""

from __future__ import annotations

import math
from datetime import date

from sim.briefing.calibration_numbers import (
    compared_words,
    day,
    estimate_words,
    files_of,
    given,
    like,
    month_name,
    parameter_name,
    with_unit,
    written,
)
from sim.briefing.calibration_records import FAMILIES, HALF_HOURS, MONTHS, WEEKDAYS, Compared, Estimate
from sim.briefing.numbers import number, plain, share, without_sign
from sim.briefing.saved_calibration import SavedCalibration
from sim.briefing.words import Language, named, word

BETWEEN = " · "
MOST_MISSED = 2
"""Figures that the model misses are named up to this number; of more, only the farthest."""
MUCH = 0.05
"""Share of the rows left out from which on the headline says it."""
FEW = 2
"""Up to this number they are named in a title."""
SPOKEN_FIRST = ("review.minutes.mean_minutes", "issue.minutes.mean_minutes", "filing.assisted_minutes.mean_minutes",
                "phone.profiles[0].talk_seconds", "filing.studio_minutes.mean_minutes",
                "filing.key_minutes.mean_minutes")  # fmt: skip
"""The first of these that the log tells is read aloud."""


def finding(saved: SavedCalibration, language: Language) -> str:
    """Return in how many figures the log differs from the model, and how many the fitted model foretells."""
    known = saved.replacing
    if known:
        differ = sum(estimate.clearly_differs(len(known)) for estimate in known)
        days = number(saved.log["working_days"])
        said = word("calibration finding", language, days=days, differ=differ, all=len(known))
    else:
        said = word("calibration finding nothing", language)
    rows, kept = int(saved.log["rows"]), int(saved.log["kept"])
    if kept < (1 - MUCH) * rows:
        said += word("calibration lost", language, share=share(1 - kept / rows, language))
    if saved.compared:
        inside = len(saved.compared) - len(saved.missed)
        said += word("calibration tested", language, inside=inside, all=len(saved.compared))
    return said


def spoken(saved: SavedCalibration, language: Language) -> list[str]:
    """Return what can be read aloud: how long a step takes, what differs, how the model does on days not seen."""
    said = [_service(saved, language), _differ(saved, language), _tested(saved, language)]
    if missing := len(saved.missing):
        said.append(word("spoken missing one" if missing == 1 else "spoken missing", language, number=missing))
    return [sentence for sentence in said if sentence]


def _service(saved: SavedCalibration, language: Language) -> str:
    found = next((e for name in SPOKEN_FIRST if (e := saved.estimate(name)) and e.low <= e.high), None)
    if found is None:
        return ""
    scale = 1 / 60 if found.unit == "s" else 1.0
    value, low, high = written("min", language, found.value * scale, found.low * scale, found.high * scale)
    assumed = ""
    if not math.isnan(found.assumed):
        assumed = word("spoken assumed", language, assumed=f"{found.assumed * scale:,.3g}")
    return word(
        "spoken service", language, n=number(found.n), what=word(f"takes {found.step}", language), value=value, low=low,
        high=high, assumed=assumed,
    )  # fmt: skip


def _differ(saved: SavedCalibration, language: Language) -> str:
    known = saved.replacing
    if not known:
        return ""
    differ = [estimate for estimate in known if estimate.clearly_differs(len(known))]
    end = "." if language == "en" else "。"
    if not differ:
        return word("spoken agree", language, all=len(known)) + end
    said = word("spoken differ", language, all=len(known), differ=len(differ))
    return said + _farthest([each for each in differ if not each.index], language) + end


def _farthest(differ: list[Estimate], language: Language) -> str:
    """Return which figure is farthest from what was assumed, in a part of a sentence; empty if none has a ratio."""
    farthest = max((each for each in differ if not math.isnan(each.factor)), key=lambda each: each.factor, default=None)
    if farthest is None:
        return ""
    value, _ = estimate_words(farthest, language)
    assumed = with_unit(farthest.unit, given(farthest.unit, farthest.assumed, language), language)
    what = parameter_name(farthest.name, language)
    return word("spoken farthest", language, what=what, value=value, assumed=assumed)


def _tested(saved: SavedCalibration, language: Language) -> str:
    held_out = saved.held_out
    if held_out is None or not saved.compared:
        return ""
    first, last = (day(date.fromisoformat(held_out[end]), language) for end in ("first", "last"))
    missed, number_of = saved.missed, len(saved.compared)
    if not missed:
        return word("spoken test all", language, first=first, last=last, all=number_of)
    if len(missed) <= MOST_MISSED:
        named_ = word("semicolon", language).join(_miss(row, language) for row in missed)
    else:
        farthest = _miss(missed[0], language)
        named_ = word("spoken misses most", language, number=len(missed), missed=farthest)
    inside = number_of - len(missed)
    return word("spoken test some", language, first=first, last=last, all=number_of, inside=inside, missed=named_)


def measure_of(row: Compared, language: Language) -> str:
    """Return what a figure of the back-test is, as it is read aloud."""
    return word(f"spoken {row.measure}", language, at=named("at", row.step, language))


def mark_of(row: Compared, language: Language) -> str:
    """Return on which side of the simulated interval the log lies, in two words; empty if inside."""
    if not row.comparable:
        return word("mark not told" if math.isnan(row.observed) else "mark unfinished", language)
    if row.inside:
        return ""
    return word("mark unfinished" if math.isinf(row.low) else "mark above" if row.above else "mark below", language)


def _miss(row: Compared, language: Language) -> str:
    observed, _, low, high = compared_words(row, language)
    if not (row.about_share or row.measure == "a day"):
        observed, high = (with_unit("min", text, language) for text in (observed, high))
    what = measure_of(row, language)
    if math.isinf(row.low):
        return word("spoken miss unfinished", language, what=what, observed=observed)
    return word("spoken miss", language, what=what, observed=observed, low=without_sign(low), high=high)


def by_chance(intervals: int) -> str:
    """Return how many of some intervals of 95 % leave out what is true, on average."""
    return plain(round(0.05 * intervals, 1 if intervals < 100 else 0))


def back_test_title(saved: SavedCalibration, language: Language) -> str:
    """Return how many figures of the held-out days the model foretells, and which it misses, or misses most."""
    all_, missed = len(saved.compared), saved.missed
    values = {"all": all_, "inside": all_ - len(missed)}
    if not missed:
        return word("back-test title all", language, **values)
    if len(missed) > FEW:
        return word("back-test title many", language, missed=measure_of(missed[0], language), **values)
    listed = _listed([measure_of(row, language) for row in missed], language)
    return word("back-test title some", language, missed=listed, **values)


def profile_title(saved: SavedCalibration, language: Language) -> str:
    """Return when most come: of the half-hours, the weekdays and the months that the log has."""
    seen = {kind: [place for place in saved.places(kind) if place.seen] for kind in (HALF_HOURS, WEEKDAYS, MONTHS)}
    if not seen[HALF_HOURS]:
        return word("profile only", language)
    busiest = {kind: max(places, key=lambda place: place.value) for kind, places in seen.items() if len(places) > 1}
    time = max(seen[HALF_HOURS], key=lambda place: place.value)
    when = word("profile at", language, time=time.label)
    said = word("profile title", language, when=when, value=f"{time.value:.2f}")
    facts: dict[str, str] = {}
    if WEEKDAYS in busiest:
        facts["day"] = named("weekday", busiest[WEEKDAYS].label, language)
        facts["value"] = f"{busiest[WEEKDAYS].value:.2f}"
    if MONTHS in busiest:
        facts["month"] = month_name(busiest[MONTHS].label, language)
        facts["of_month"] = f"{busiest[MONTHS].value:.2f}"
    if not facts:
        return said
    key = "profile busiest" if len(facts) == 4 else "profile busiest day" if "day" in facts else "profile busiest month"
    return said + word(key, language, **facts)


def services_title(saved: SavedCalibration, language: Language) -> str:
    """Return which family is nearest at most steps, and at which steps none fits well."""
    services = [each for each in saved.services if each.best]
    counts = {family: sum(each.best == family for each in services) for family in FAMILIES}
    family = max(FAMILIES, key=lambda each: counts[each])
    all_ = len(services)
    key = "some" if counts[family] < all_ else {1: "one", 2: "both"}.get(all_, "all")
    if all(each.empirical for each in services):
        key = "none one" if all_ == 1 else "none"
    name = word(f"family {family}", language)
    step = named("stage", services[0].step, language)
    said = word(f"services title {key}", language, family=name, number=counts[family], all=all_, step=step)
    said = said[:1].upper() + said[1:]
    bad = [named("at", each.step, language) for each in services if each.empirical]
    if len(bad) == all_:
        return said
    if 0 < len(bad) <= FEW:
        said += word("services bad", language, steps=_listed(bad, language))
    elif bad:
        said += word("services bad many", language, number=len(bad))
    return said


def patience_title(saved: SavedCalibration, language: Language) -> str:
    """Return how long those who wait would wait, against what those who gave up suggest."""
    group = next((group for group in ("phone", "hall") if saved.patience(group)), None)
    estimate = None if group is None else saved.patience(group)
    if estimate is None:
        return word("patience title none", language)
    value, low, high, naive = estimate.in_minutes
    shown, _, _ = written("min", language, value, low, high)
    who = word(f"patience who {group}", language)
    if not estimate.too_short:
        return word("patience title", language, who=who, value=shown)
    return word("patience title naive", language, who=who, value=shown, naive=like(shown, naive))


def source(saved: SavedCalibration, language: Language) -> str:
    """Return the line at the bottom of the charts: which log, which days, how many rows, seed and version."""
    log = saved.log
    # A chart would take what stands between dollar signs for a formula.
    files = files_of(list(log["files"]), language)
    return word(
        "calibration source", language, files=files, first=log["first"],
        last=log["last"], days=number(log["working_days"]), kept=number(log["kept"]), rows=number(log["rows"]),
        seed=saved.manifest["seed"], version=saved.version,
    )  # fmt: skip


def _listed(names: list[str], language: Language) -> str:
    """Return names as they are read aloud: with "and" before the last."""
    if len(names) < 2:
        return "".join(names)
    return word("list mark", language).join(names[:-1]) + word("and", language) + names[-1]
