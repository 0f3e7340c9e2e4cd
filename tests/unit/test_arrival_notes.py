"""What a calibration has noted of days and arrivals, said in both languages."""

import re

import pytest

from sim.briefing.arrival_sentences import arrival_notes
from sim.briefing.labels.arrivals import WORDS

NOTES = {
    "covers": {"first": "2023-01-01", "last": "2023-12-31", "days": 249, "contacts": 88409},
    "untimed": {"cases": 2},
    "begun before": {"cases": 1200},
    "outside": {"cases": 3},
    "worked here only": {"days": ["2023-04-05"], "more": 0},
    "not worked here": {"days": ["2023-04-06", "2023-04-07"], "more": 4},
    "unknown years": {"years": ["2035"]},
    "no seasons": {},
    "one month": {},
    "months missing": {"months": [1, 12]},
    "weekdays missing": {"weekdays": ["fri"]},
    "make-up days": {"value": 1.031, "low": 0.93, "high": 1.1, "year": "2023", "before": "2022"},
    "growth": {"value": 1.144, "low": 1.1, "high": 0.98, "year": "2023", "before": "2022"},
    "hours": {"begin": "08:30", "end": "17:00"},
    "submissions": {},
    "odd day": {"day": "2023-06-07", "seen": 1250, "expected": 400, "residual": 8.04},
    "odd days more": {"days": 7},
    "odd days matter": {"without": 0.1114, "counted": 0.2},
}  # fmt: skip


def said(what, language):
    (sentence,) = arrival_notes([{"what": what, "values": NOTES[what]}], language)
    return sentence


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("what", NOTES)
def test_each_note_is_a_sentence_with_nothing_left_open(what, language):
    sentence = said(what, language)
    assert sentence.endswith("." if language == "en" else "。")
    assert not re.search(r"[{}]|None|\[", sentence)


def test_every_label_has_its_note():
    assert {f"arrivals {what}" for what in NOTES} | {"arrivals and more"} == {
        key for key in WORDS if key.startswith("arrivals ")
    }


def test_numbers_and_names_are_written_as_they_are_read():
    assert said("covers", "en").endswith("249 working days, 88,409 first contacts.")
    assert said("growth", "zh") == "2023年与2022年逐日相比：+14.4%（+10.0%至-2.0%）。"
    assert said("months missing", "en") == "Not in the log: January, December; their indices are the parent's."
    assert said("months missing", "zh").startswith("业务记录缺1月、12月，")
    assert "2023-04-06, 2023-04-07 and 4 more" in said("not worked here", "en")
    assert said("odd days matter", "en") == "Without these days the days vary by 0.111, with them by 0.200."
