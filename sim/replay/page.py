"""Puts days of one or two offices into a page that a browser shows without asking for anything else."""

from __future__ import annotations

import base64
import html
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.resources import files
from typing import Any

import numpy as np

from sim.office import CALLED_IN
from sim.office.blocks import Target
from sim.office.scenario import scenario_as_dict
from sim.present.charts.style import AMBER, BLUE, GREEN, ORANGE, PINK, RED, SKY
from sim.present.embedded_font import font_face
from sim.present.names import naming
from sim.present.targets import target_in_words
from sim.replay.labels import labels
from sim.replay.played import Played
from sim.replay.what_happened import OfficeDay, classes
from sim.results.about import target_facts
from sim.text import in_each, language

LARGEST_PAGE = 3_000_000
"""Bytes that a page should not exceed."""
CLASS_COLOURS = {"enterprise": BLUE, "individual": ORANGE, "key": RED, "other": SKY, "inquiry": GREEN}
SCRIPTS = ("days.js", "plan.js", "figures.js", "office.js", "curves.js", "page.js", "controls.js")
MARK = '<meta name="replay" content="'
"""Stands at the beginning of every page, followed by what it rests on."""


@dataclass(frozen=True)
class Replayed:
    """One office of a page.

    Attributes
    ----------
    played : Played
    days : tuple of OfficeDay
        One day, or those of a week.
    """

    played: Played
    days: tuple[OfficeDay, ...]


def replay_page(offices: Sequence[Replayed], seed: int, rests_on: str = "", fitted: bool = False) -> str:
    """Return the page.

    Parameters
    ----------
    offices : sequence of Replayed
        One, or two with the same days, which are shown side by side.
    seed : int
        Is shown.
    rests_on : str
        Hash of what the page rests on, for whoever wants to replace it.
    fitted : bool
        Whether something of an office was fitted to a log.

    Returns
    -------
    str
        HTML; every name and title in it is text, whatever it says.
    """
    names = " | ".join(str(office.played.scenario.title) for office in offices)
    days = [day.date.isoformat() for day in offices[0].days]
    period = days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}"
    parts = {
        "LANGUAGE": "zh-CN" if language() == "zh" else "en",
        "MARK": f'{MARK}{html.escape(rests_on, quote=True)}">',
        "TITLE": html.escape(f"{names}: {period}"),
        "DATA": json_in_html(_data(offices, seed, fitted)),
        "SCRIPT": "\n".join(_asset(name) for name in SCRIPTS),
    }
    parts["STYLE"] = font_face(parts["TITLE"] + parts["DATA"] + parts["SCRIPT"]) + _asset("page.css")
    # All at once: a title may look like a placeholder, too.
    return re.sub("@@([A-Z]+)@@", lambda found: parts[found[1]], _asset("page.html"))


def json_in_html(value: object) -> str:
    """Return JSON that ends no script element and begins no other, whatever the texts in it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _asset(name: str) -> str:
    return files("sim.replay").joinpath("assets", name).read_text(encoding="utf-8")


def _data(offices: Sequence[Replayed], seed: int, fitted: bool) -> dict[str, Any]:
    played = [office.played for office in offices]
    stages = dict.fromkeys(stage.name for one in played for stage in one.office.stages)
    pools = dict.fromkeys(pool.name for one in played for pool in one.office.pools)
    kinds = dict.fromkeys(kind for one in played for kind in classes(one))
    with naming([scenario_as_dict(one.scenario) for one in played]):
        words = in_each(labels, {"stage": stages, "class": kinds, "pool": pools}, len(offices), seed, fitted)
    return {
        "language": language(),
        "words": words,
        "colours": {
            "amber": AMBER,
            "vest": PINK,
            "classes": {kind: CLASS_COLOURS.get(kind, GREEN) for kind in kinds},
        },
        "offices": [_office(office) for office in offices],
    }  # fmt: skip


def _office(replayed: Replayed) -> dict[str, Any]:
    played = replayed.played
    scenario, office = played.scenario, played.office
    first = played.tables.pool_first_server.tolist()
    midday, own = scenario.staff.midday, scenario.stages_of_pool
    pool_names = [pool.name for pool in office.pools]
    pools: list[dict[str, Any]] = [
        {
            "name": pool.name,
            "stage": min(own[pool.name.removesuffix(CALLED_IN)], key=list(scenario.pool_of_stage).index),
            "first": first[p],
            "servers": pool.servers,
        }
        for p, pool in enumerate(office.pools)
    ]
    return {
        "name": scenario.name,
        "title": {"en": scenario.title.en, "zh": scenario.title.zh},
        "target": _target(office.target),
        "stages": [stage.name for stage in office.stages],
        "pool_of": [pool_names.index(scenario.pool_of_stage[stage.name]) for stage in office.stages],
        # Where somebody comes, or somebody sits who helps elsewhere.
        "rooms": sorted({*office.visited, *(pool["stage"] for pool in pools if pool["servers"])}),
        "classes": classes(played),
        "pools": pools,
        "midday": [midday.from_, midday.to] if midday.crew_on_duty else None,
        "days": [_day(day) for day in replayed.days],
    }


def _target(target: Target) -> dict[str, Any]:
    """Return a target; its `kind` says what of a day is held against it: the mean, the share in time, or nothing.

    The only clock of a replay is the licence time.
    """
    kind = "other" if target.clock != "licence" else "mean" if target.statistic == "mean" else "share"
    words = in_each(target_in_words, target_facts(target))
    return {"kind": kind, "minutes": target.minutes, "level": target.level, "words": words}


def _day(day: OfficeDay) -> dict[str, Any]:
    columns = {field.name: getattr(day, field.name) for field in fields(day)}
    return {
        "date": day.date.isoformat(),
        "open": day.open,
        "broken": day.broken,
        "totals": _finite(asdict(day.totals)),
        **{name: _column(value) for name, value in columns.items() if isinstance(value, np.ndarray)},
    }


def _column(values: np.ndarray[Any, Any]) -> dict[str, str]:
    """Return a column as its type and its bytes, the least first."""
    bytes_of = values.astype(values.dtype.newbyteorder("<")).tobytes()
    return {"type": values.dtype.name, "bytes": base64.b64encode(bytes_of).decode("ascii")}


def _finite(figures: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in figures.items()}
