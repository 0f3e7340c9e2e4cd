"""Where parameters come from and what their values are measured in, in words."""

from __future__ import annotations

from sim.office.parameters.listing import all_parameters
from sim.text import N_, _

UNITS = {
    "1": N_("a visit"), "cases": N_("cases"), "h": N_("h"), "min": N_("min"), "per year": N_("a year"), "s": N_("s"),
    "servers": N_("people"), "share": N_("share"), "visits": N_("visits"), "yuan": N_("yuan"), "yuan/h": N_("yuan/h"),
}  # fmt: skip


def source_in_words(source: str) -> str:
    """Return where a parameter comes from; the name of a file as it is."""
    return _(source) if source and source in {parameter.source for parameter in all_parameters()} else source


def unit_in_words(unit: str) -> str:
    """Return a unit of parameters and figures; one that is not known as it is."""
    return _(UNITS[unit]) if unit in UNITS else unit
