"""Its sentences and its table."""

from sim.present.table import Sentence, Table, as_number, said
from sim.studies.base import Advice, Answer
from sim.text import _


def short(record):
    """Return the half-hour in which most come."""
    return record.most.begin


def finding(record):
    """Return the same in a line."""
    return _("Most people come first from {begin} on", begin=record.most.begin)


def report(record):
    """Return what is printed."""
    rows = tuple((each.begin, as_number(each.arrivals)) for each in record.half_hours if each.arrivals)
    return [finding(record), Table(_("Who comes when"), (_("half-hour"), _("cases")), rows)]


def answer(found):
    """Return what a briefing about this begins with."""
    most = found.record.most
    number = as_number(most.arrivals, found.cell("half_hours", "arrivals", begin=most.begin))
    told = said("Most come first from {begin} on: {number} in a year.", begin=most.begin, number=number)
    return Answer(found.record.name, Sentence((_("When do most people come?"),)), (told,))


def advice(found):
    """Return what to do."""
    return [Advice(_("Staff"), Sentence((_("Have most people on duty then."),), found.files("half_hours")))]
