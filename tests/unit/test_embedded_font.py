"""The characters of a page, put into it as a font."""

import base64
import io
import re

from fontTools.ttLib import TTFont

from sim.present.embedded_font import FAMILY, HAN, font_face


def font_in(rule):
    coded = re.search(r"base64,([^\"]+)\"", rule)[1]
    return TTFont(io.BytesIO(base64.b64decode(coded)))


def test_the_font_has_every_character_of_the_page_and_no_others():
    rule = font_face("<p>5分钟办照，“能否兑现”？</p>")
    assert f'font-family: "{FAMILY}"' in rule
    assert set(map(chr, font_in(rule).getBestCmap())) == set("分钟办照，“能否兑现”？")
    assert len(rule) < 20_000


def test_the_same_characters_give_the_same_font_in_whatever_order():
    assert font_face("办照") == font_face("照 and 办办")


def test_of_an_english_page_it_has_the_chinese_characters_alone():
    rule = font_face("Staff – 5 %: 某县", HAN)
    assert set(map(chr, font_in(rule).getBestCmap())) == set("某县")
    assert font_face("5 % – 6 %", HAN) == ""


def test_a_page_without_chinese_has_no_font():
    assert font_face("Does it hold?") == ""
    assert font_face("😀") == ""
