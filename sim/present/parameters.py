"""What parameters are called where charts and tables have room for a few words only."""

from __future__ import annotations

from sim.present.names import named
from sim.text import N_, _, _c

PARAMETERS = {
    "demand.other_business_per_registration": N_("other business per registration"),
    "demand.enterprise_share": N_("enterprises among registrations"),
    "demand.key_share": N_("key enterprises among enterprises"),
    "demand.inquiry_only_share": N_("those who only inquire"),
    "demand.out_of_hours_share": N_("online filings out of hours"),
    "demand.month_index": N_("months levelled"),
    "demand.weekday_index": N_("weekdays levelled"),
    "demand.half_hour_index": N_("half-hours levelled"),
    "demand.day_to_day_cv": N_("day-to-day variation"),
    "phone.calls_per_application": N_("questions per application"),
    "phone.online_qa_share": N_("answered by online Q&A"),
    "phone.profiles[].talk_seconds": N_("talk time"),
    "phone.profiles[].talk_cv": N_("talk time, variation"),
    "phone.profiles[].patience_seconds": N_("patience on the phone"),
    "phone.profiles[].patience_shape": N_("patience on the phone, shape"),
    "phone.profiles[].walk_in_share": N_("walk in after giving up"),
    "phone.redial_share": N_("call again after hanging up"),
    "phone.redial_after_minutes": N_("time until the next call"),
    "phone.waiting_places": N_("lines to wait on"),
    "filing.studio_share": N_("Set-Sail Studio among assisted"),
    "filing.assisted_minutes.mean_minutes": N_("assisted filing time"),
    "filing.assisted_minutes.cv": N_("assisted filing time, variation"),
    "filing.studio_minutes.mean_minutes": N_("studio filing time"),
    "filing.studio_minutes.cv": N_("studio filing time, variation"),
    "filing.key_minutes.mean_minutes": N_("specialist's filing time"),
    "filing.key_minutes.cv": N_("specialist's filing time, variation"),
    "filing.own_minutes.mean_minutes": N_("own filing time online"),
    "filing.own_minutes.cv": N_("own filing time, variation"),
    "filing.hall_patience.mean_minutes": N_("patience in the hall"),
    "filing.hall_patience.shape": N_("patience in the hall, shape"),
    "filing.travel_minutes.mean_minutes": N_("way to the hall"),
    "filing.travel_minutes.cv": N_("way to the hall, variation"),
    "filing.studio_correction_minutes.mean_minutes": N_("correction in the studio"),
    "filing.studio_correction_minutes.cv": N_("correction in the studio, variation"),
    "review.minutes.mean_minutes": N_("review time"),
    "review.minutes.cv": N_("review time, variation"),
    "review.auto_approved_share": N_("approved automatically"),
    "review.auto_minutes": N_("automatic approval time"),
    "review.return_rate": N_("return rate"),
    "review.return_factors.enterprise": N_("returns, factor: enterprises"),
    "review.return_factors.individual": N_("returns, factor: individuals"),
    "review.return_factors.key": N_("returns, factor: key enterprises"),
    "review.return_factors.other": N_("returns, factor: other business"),
    "review.return_factors.unadvised": N_("returns, factor: unadvised"),
    "review.return_factors.assisted": N_("returns, factor: assisted"),
    "review.return_factors.studio": N_("returns, factor: studio"),
    "review.correction.median_hours": N_("time to correct, median"),
    "review.correction.cv": N_("time to correct, variation"),
    "review.outside.share": N_("outside the office before the review"),
    "review.outside.mean_hours": N_("time outside before the review"),
    "review.outside.cv": N_("time outside before the review, variation"),
    "issue.minutes.mean_minutes": N_("time at the counter"),
    "issue.minutes.cv": N_("time at the counter, variation"),
    "issue.electronic_share": N_("electronic licences"),
    "pace[].from_waiting": N_("waiting from which another pace is kept"),
    "pace[].factor": N_("pace while many wait"),
    "issue.outside.share": N_("outside the office before the counter"),
    "issue.outside.mean_hours": N_("time outside before the counter"),
    "issue.outside.cv": N_("time outside before the counter, variation"),
    "issue.fetch_after_hours.mean_hours": N_("time until it is fetched"),
    "issue.fetch_after_hours.cv": N_("time until it is fetched, variation"),
}


OF_POOLS = {
    "absence": N_("absence: {pool}"),
    "leave": N_("leave: {pool}"),
    "other_work.share": N_("other work: {pool}"),
    "other_work.until_waiting": N_("waiting for which other work is left: {pool}"),
}
"""The same of what each pool of the staff has."""


def parameter_name(path: str) -> str:
    """Return the short name of a parameter, as `all_parameters` has its path; the path if it has none."""
    # These two mean something else alone.
    if path == "demand.registrations_per_year":
        return _c("assumption demand.registrations_per_year", "registrations a year")
    if path == "filing.assisted_share":
        return _c("assumption filing.assisted_share", "assisted filing")
    section, pool, *rest = (*path.split("."), "")
    if section == "steps" and rest:
        what = _("share") if rest[0] == "share" else _("service time")
        return _("{stage}: {what}", stage=named("stage", pool), what=what)
    of_pool = OF_POOLS.get(".".join(rest).rstrip(".")) if section == "staff" else None
    if of_pool:
        return _(of_pool, pool=named("pool", pool))
    return _(PARAMETERS[path]) if path in PARAMETERS else path
