"""Days of small offices, and what a page says of them."""

import base64
import json
import re
from datetime import timedelta
from html.parser import HTMLParser

import numpy as np
from helpers import said_in

from sim.office.scenario import scenario_from_dict
from sim.replay.page import Replayed, replay_page
from sim.replay.played import number_of, play_period
from sim.replay.what_happened import what_happened

WEEK = {
    "name": "week",
    "title": {"en": "One week", "zh": "一周"},
    "period": {"first": "2023-03-06", "last": "2023-03-10"},
    "demand": {"registrations_per_year": 40200},
}
SEED = 3
HOSTILE = '</script><script>window.hit=1</script> <img src=x onerror="window.hit=1"> \' " & @@DATA@@ 😀 ' + "照" * 200


def played(**changes):
    """Return the week, played, with some parts of the scenario changed."""
    return play_period(scenario_from_dict(WEEK | changes), SEED)


def replayed(one, days=1):
    """Return the first days of an office, ready for a page."""
    first = one.scenario.first_day
    numbers = [number_of([one], first + timedelta(days=day)) for day in range(days)]
    return Replayed(one, tuple(what_happened(one, number) for number in numbers))


def page_of(offices, folder, language="en"):
    """Write a page; return the file."""
    file = folder / "replay.html"
    file.write_text(said_in(language, replay_page, offices, SEED), encoding="utf-8")
    return file


class Elements(HTMLParser):
    """The elements of a page, and the texts in them."""

    def __init__(self, page):
        super().__init__()
        self.names, self.texts = [], {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.names.append(tag)

    def handle_data(self, data):
        if self.names:
            self.texts[self.names[-1]] = self.texts.get(self.names[-1], "") + data


def data_of(page):
    """Return the data of a page, columns as arrays."""
    text = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1]

    def column(found):
        if set(found) == {"type", "bytes"}:
            return np.frombuffer(base64.b64decode(found["bytes"]), np.dtype(found["type"]).newbyteorder("<"))
        return found

    return json.loads(text, object_hook=column)
