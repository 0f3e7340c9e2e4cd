"""The page of a briefing in a browser: the right numbers, both languages, light and dark, and no request."""

import pytest
from briefing_results import BASELINE, HOSTILE, copied, entitle, manifest_of, write_runs
from helpers import said_in

from sim.brief.compose import compose
from sim.brief.inputs import read_given
from sim.brief.page import page


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_runs(tmp_path_factory.mktemp("results"))


def written(root, folder, language="zh"):
    file = folder / f"briefing-{language}.html"
    file.write_text(said_in(language, lambda: page(compose(read_given([], root), "test"))), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def chinese(root, tmp_path_factory):
    return written(root, tmp_path_factory.mktemp("page"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_opens_from_a_file_with_the_right_numbers(drawn, opened, root, tmp_path, language):
    shown = opened(written(root, tmp_path, language))
    estimate = manifest_of(root / "scenarios" / BASELINE)["estimate"]
    number = shown.locator(".answer data").first
    assert float(number.get_attribute("value")) == estimate
    assert number.inner_text() == f"{estimate:.2f}"
    assert number.get_attribute("data-source") == f"scenarios/{BASELINE}/manifest.json#estimate"
    assert shown.evaluate("document.documentElement.lang") == ("zh-CN" if language == "zh" else "en")
    pictures = shown.locator("img")
    assert pictures.count() == 3
    for place in range(pictures.count()):
        assert pictures.nth(place).evaluate("picture => picture.complete && picture.naturalWidth > 300")


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_nothing_is_wider_than_the_screen(opened, chinese, width):
    shown = opened(chinese, size=(width, 900))
    assert shown.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_is_dark_where_that_is_wanted(opened, chinese):
    paper = "getComputedStyle(document.querySelector('main')).backgroundColor"
    assert opened(chinese).evaluate(paper) == "rgb(255, 255, 255)"
    assert opened(chinese, color_scheme="dark").evaluate(paper) == "rgb(24, 27, 31)"


def test_the_page_prints_on_a_few_sheets(opened, chinese):
    pdf = opened(chinese).pdf(prefer_css_page_size=True)
    assert 3 <= pdf.count(b"/Type /Page\n") <= 8


@pytest.mark.parametrize("kind", ["script", "quotes", "long"])
def test_titles_are_shown_as_text(opened, root, tmp_path, kind):
    other = copied(root, tmp_path / "other")
    entitle(other, HOSTILE[kind])
    shown = opened(written(other, tmp_path))
    assert HOSTILE[kind] in shown.locator(".about").inner_text()
    assert shown.locator("img").count() == 3
    assert shown.evaluate("document.documentElement.scrollWidth") <= 1440
