"""The replay in a real browser: it plays, its counters end at the day's totals, and it asks for nothing."""

from __future__ import annotations

import time

import pytest
from helpers import said_in
from replayed import HOSTILE, page_of, played, replayed

from sim.present.targets import target_in_words
from sim.results.about import target_facts

FRAME_MS = 12.0
"""Processor time of a frame; at 60 frames a second there are 16.7."""


@pytest.fixture(scope="module")
def week():
    return played(title={"en": "One week", "zh": "一周"})


@pytest.fixture(scope="module")
def one_day(week, tmp_path_factory):
    return page_of([replayed(week)], tmp_path_factory.mktemp("day"))


@pytest.fixture(scope="module")
def two_days_of_two(week, tmp_path_factory):
    other = played(title={"en": "More", "zh": "增员"}, staff={"reviewers": {"plan": {"08:00-17:00": 9}}})
    return [replayed(week, 2), replayed(other, 2)], tmp_path_factory.mktemp("two")


def shown(page, counter, office=0):
    return page.locator(f".counter.{counter} dd:not(.against)").nth(office).inner_text()


def against(page, counter):
    return page.locator(f".counter.{counter} .against .verdict").inner_text()


def minutes_of(page):
    return page.evaluate("replay.now().minutes")


def until(page, expression, seconds=60):
    """Wait until something is so; asked from outside, since the page allows no evaluation of texts."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(50)


def busy_seconds(session):
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def check_totals(page, totals, office=0):
    """Compare what is shown with what the day came to."""
    counters = page.evaluate("replay.now().counters")[office]
    assert counters["licences"] == totals.licences
    assert counters["mean"] == totals.mean
    assert counters["within"] == totals.within
    assert counters["gaveUp"] == totals.gave_up


def test_the_counters_end_at_the_totals_of_the_day(opened, week, one_day):
    page = opened(one_day)
    (day,) = replayed(week).days
    page.evaluate("replay.seek(1440)")
    check_totals(page, day.totals)
    assert shown(page, "licences") == str(day.totals.licences)
    assert shown(page, "mean") == f"{day.totals.mean:.2f} min"
    assert shown(page, "within") == f"{100 * day.totals.within / day.totals.licences:.0f}%"
    assert shown(page, "gave-up") == str(day.totals.gave_up)
    assert page.locator("#clock").inner_text() == "24:00"
    submitted = page.locator("#submitted").inner_text()
    assert submitted.startswith(f"{day.totals.submitted} registrations")
    assert f"{day.totals.submitted_mean:.2f} min" in submitted


@pytest.mark.parametrize("minutes", [5, 30])
def test_a_share_is_held_against_the_share(opened, tmp_path, minutes):
    one = played(target={"statistic": "share", "minutes": minutes, "level": 0.9})
    page = opened(page_of([replayed(one)], tmp_path))
    assert against(page, "within") == f"90.0 % within {minutes} min (licence time)"
    page.evaluate("replay.seek(1440)")
    totals = replayed(one).days[0].totals
    share = totals.within / totals.licences
    mark, way = ("✓", "above") if share >= 0.9 else ("✗", "below")
    assert against(page, "within") == f"{mark} {100 * abs(share - 0.9):.2f} points {way} 90%"
    assert page.locator(".counter.mean .against").count() == 0
    page.locator("#language").click()
    assert against(page, "within").startswith(mark)
    assert against(page, "within").endswith("个百分点")


def test_another_clock_is_not_judged_by_the_licence_time(opened, tmp_path):
    one = played(target={"clock": "door_to_door", "minutes": 600})
    page = opened(page_of([replayed(one)], tmp_path))
    page.evaluate("replay.seek(1440)")
    assert shown(page, "mean") == f"{replayed(one).days[0].totals.mean:.2f} min"
    assert against(page, "mean") == target_in_words(target_facts(one.office.target))
    page.locator("#language").click()
    assert against(page, "mean") == said_in("zh", target_in_words, target_facts(one.office.target))
    text = page.locator("body").inner_text()
    assert "✓" not in text
    assert "✗" not in text
    assert not page.locator(".counter.within").is_visible()
    assert "虚线" not in text


def test_nearly_all_are_not_all(opened, tmp_path):
    busy = {
        "demand": {"registrations_per_year": 70_000},
        "staff": {"reviewers": {"plan": {"08:00-17:00": 12}}, "clerks": {"plan": {"08:30-17:00": 6}}},
    }
    minutes = float(sorted(replayed(played(**busy)).days[0].issued_minutes)[-2])
    one = played(**busy, target={"minutes": minutes + 0.001})
    totals = replayed(one).days[0].totals
    assert totals.licences - 1 == totals.within > 199
    page = opened(page_of([replayed(one)], tmp_path))
    page.evaluate("replay.seek(1440)")
    assert shown(page, "within") == ">99%"


def test_it_plays_to_the_end_and_stops_there(opened, week, one_day):
    page = opened(one_day)
    begin = minutes_of(page)
    assert 400 <= begin <= 510
    page.get_by_role("button", name="Play").click()
    until(page, f"replay.now().minutes > {begin + 20}")
    page.get_by_role("button", name="Pause").click()
    paused = minutes_of(page)
    page.wait_for_timeout(200)
    assert minutes_of(page) == paused
    page.evaluate("replay.seek(1410)")
    page.keyboard.press("Space")
    until(page, "!replay.now().playing")
    assert minutes_of(page) == 1440
    check_totals(page, replayed(week).days[0].totals)
    page.get_by_role("button", name="Again").click()
    until(page, "replay.now().playing && replay.now().minutes < 1400")


def test_played_step_by_step_it_is_where_it_is_at_once(opened, one_day):
    page = opened(one_day)
    page.evaluate("replay.seek(595); replay.setSpeed(60); replay.play()")
    until(page, "replay.now().minutes > 600")
    page.evaluate("replay.pause()")
    page.locator("summary").click()
    rows = page.locator("#tables tbody tr")
    played_there = rows.all_inner_texts()
    counters = page.evaluate("replay.now().counters")
    page.evaluate("const t = replay.now().minutes; replay.seek(1440); replay.seek(t)")
    assert page.evaluate("replay.now().counters") == counters
    assert rows.all_inner_texts() == played_there
    assert len(played_there) == 6


def test_scrubbing_goes_to_and_fro(opened, one_day):
    page = opened(one_day)
    scrub = page.locator("#scrub")
    scrub.fill("6000")
    noon = minutes_of(page)
    licences = int(shown(page, "licences"))
    scrub.fill("9000")
    assert minutes_of(page) > noon
    assert int(shown(page, "licences")) > licences > 0
    scrub.fill("6000")
    assert minutes_of(page) == noon
    assert int(shown(page, "licences")) == licences
    box = page.locator("#curves").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + 30)
    assert abs(minutes_of(page) - noon) < 3


def test_keys_move_the_time(opened, one_day):
    page = opened(one_day)
    page.evaluate("replay.seek(600)")
    for key, minutes in (("ArrowRight", 605), ("Shift+ArrowRight", 635), ("ArrowLeft", 630), ("End", 1440)):
        page.keyboard.press(key)
        assert minutes_of(page) == minutes
    page.keyboard.press("Home")
    assert 400 <= minutes_of(page) <= 510
    page.keyboard.press("-")
    assert page.locator("#speed").input_value() == "300"
    page.locator("#scrub").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert page.evaluate("replay.now().playing")


def test_the_language_changes_everywhere_and_back(opened, one_day):
    page = opened(one_day)
    english = page.locator("body").inner_text()
    page.get_by_role("button", name="中文").click()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.locator("h1").inner_text() == "一周"
    chinese = page.locator("body").inner_text()
    for text in ("已发执照", "播放", "图例", "2023年3月6日 周一", "目标"):
        assert text in chinese + page.locator("#legend").get_attribute("aria-label") + "目标"
    assert "网上审核" in page.locator("#tables").text_content()
    assert "等待" in page.locator("canvas.plan").get_attribute("aria-label")
    page.get_by_role("button", name="English").click()
    assert page.locator("body").inner_text() == english


def test_chinese_is_drawn_on_a_machine_without_a_font_for_it(opened, one_day):
    page = opened(one_day, locale="zh-CN")
    until(page, "document.fonts.check('12px \"Embedded Han\"', '办照')")
    # Without a font each of these would be the same box.
    drawn = """['办', '照', '时'].map((text) => {
      const c = document.createElement("canvas").getContext("2d");
      c.font = '20px "Embedded Han"';
      c.fillText(text, 2, 24);
      return c.getImageData(0, 0, 40, 40).data.reduce((sum, value) => sum + value, 0);
    })"""
    assert len(set(page.evaluate(drawn))) == 3


def test_light_and_dark_follow_the_reader_and_can_be_changed(opened, one_day):
    def brightness(page):
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour[4:-1].split(","))

    page = opened(one_day, color_scheme="dark")
    assert brightness(page) < 120
    page.get_by_role("button", name="Light").click()
    assert brightness(page) > 700
    assert brightness(opened(one_day)) > 700


def test_a_week_goes_from_day_to_day(opened, two_days_of_two, week):
    offices, folder = two_days_of_two
    page = opened(page_of(offices[:1], folder))
    buttons = page.locator("#days button")
    assert buttons.all_inner_texts() == ["Mon 6 Mar", "Tue 7 Mar"]
    page.evaluate("replay.seek(1439.5); replay.play()")
    until(page, "replay.now().day === 1")
    page.evaluate("replay.pause()")
    assert buttons.nth(1).get_attribute("aria-pressed") == "true"
    page.evaluate("replay.seek(1440)")
    first, second = (day.totals for day in offices[0].days)
    check_totals(page, second)
    licences = first.licences + second.licences
    mean = (first.licences * first.mean + second.licences * second.mean) / licences
    assert page.locator("#week").inner_text() == f"week so far: {licences} licences, mean {mean:.2f} min"
    buttons.nth(0).click()
    assert page.evaluate("replay.now().day") == 0
    page.evaluate("replay.seek(1440)")
    check_totals(page, first)


def test_two_offices_have_one_clock_and_their_difference(opened, two_days_of_two):
    offices, folder = two_days_of_two
    page = opened(page_of(offices, folder), size=(1600, 900))
    page.evaluate("replay.seek(1440)")
    a, b = (office.days[0].totals for office in offices)
    for office, totals in enumerate((a, b)):
        check_totals(page, totals, office)
    difference = page.locator("#now .counter dd").all_inner_texts()
    sign = "+" if b.licences > a.licences else "−" if b.licences < a.licences else ""
    assert difference[0] == f"{sign}{abs(b.licences - a.licences)}"
    assert difference[2] == f"−{a.mean - b.mean:.2f} min"
    canvases = [page.locator("canvas.plan").nth(office).bounding_box() for office in range(2)]
    assert canvases[0]["y"] == canvases[1]["y"]
    assert canvases[0]["x"] + canvases[0]["width"] <= canvases[1]["x"]
    page.set_viewport_size({"width": 500, "height": 900})
    until(page, "document.querySelectorAll('canvas.plan')[1].getBoundingClientRect().left < 100")
    assert page.evaluate("document.documentElement.scrollWidth") <= 500


@pytest.mark.parametrize(
    ("offices", "size", "shape"),
    [(1, (390, 844), 872 / 380), (2, (390, 844), 872 / 380), (2, (1024, 768), 584 / 780), (1, (1280, 800), 560 / 1120)],
)  # fmt: skip
def test_a_plan_has_the_shape_of_the_window(opened, two_days_of_two, offices, size, shape):
    page = opened(page_of(two_days_of_two[0][:offices], two_days_of_two[1]), size=size)
    for canvas in page.locator("canvas.plan").all():
        box = canvas.bounding_box()
        assert box["height"] / box["width"] == pytest.approx(shape, rel=0.02)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    # No switch and no counter is broken into two lines of letters.
    assert all(box.bounding_box()["height"] < 40 for box in page.locator(".switches button").all())


def test_only_stages_that_are_used_have_a_room(opened, tmp_path):
    # The counter's own staff cut the seals; nobody calls, and nobody is helped in the hall.
    seal = {"name": "seal", "title": {"en": "seal", "zh": "刻章"}, "after": "issue", "pool": "clerks",
            "minutes": {"mean_minutes": 3, "cv": 0.5}}  # fmt: skip
    own = played(
        phone={"offered": False}, filing={"offered": False, "studio_share": 0}, steps=[seal],
        demand={"registrations_per_year": 40200, "key_share": 0, "inquiry_only_share": 0},
        staff={pool: {"people": 0, "helps": []} for pool in ("consultants", "assistants", "studio", "specialists")},
    )  # fmt: skip
    page = opened(page_of([replayed(own)], tmp_path))
    assert page.locator("#tables tbody tr:not([hidden]) th").all_text_contents() == ["online review", "counter", "seal"]
    page.locator("#scrub").fill("6000")
    counter, seal = page.locator("#tables tbody tr:not([hidden])").all()[1:]
    assert counter.locator("td").nth(2).text_content() == seal.locator("td").nth(2).text_content() != "0"
    assert "hall assistants" not in page.locator("#legend").inner_text()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_titles_are_shown_as_text(opened, tmp_path, language):
    title = {"en": HOSTILE, "zh": "“照”" + HOSTILE}
    page = opened(page_of([replayed(played(title=title))], tmp_path, language))
    assert page.locator("h1").text_content() == title[language]
    assert page.title().startswith(" ".join(title[language].split()))
    assert page.evaluate("window.hit") is None
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_thousand_people_move_smoothly(opened, tmp_path):
    busy = played(demand={"registrations_per_year": 100_000}, staff={"reviewers": {"plan": {"08:00-17:00": 12}}})
    office = replayed(busy)
    assert len(office.days[0].case_class) > 1000
    page = opened(page_of([office], tmp_path))
    page.evaluate("replay.seek(630); replay.play()")
    until(page, "replay.now().minutes > 640")
    # The time of the processor, not that of the clock: others use the machine too.
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before, frames = busy_seconds(session), page.evaluate("replay.now().frames")
    until(page, f"replay.now().frames > {frames + 120}")
    frames = page.evaluate("replay.now().frames") - frames
    milliseconds = 1000 * (busy_seconds(session) - before) / frames
    print(f"{frames} frames, {milliseconds:.2f} ms of the processor in each")
    assert milliseconds < FRAME_MS
    page.evaluate("replay.seek(1440)")
    check_totals(page, office.days[0].totals)


def test_everything_has_a_name_and_less_motion_is_respected(opened, one_day):
    page = opened(one_day, reduced_motion="reduce")
    assert not page.evaluate("replay.now().playing")
    for control in page.locator("button, select, input").all():
        name = control.get_attribute("aria-label") or control.inner_text()
        assert (name or control.evaluate("e => e.labels[0].textContent")).strip()
    assert page.locator("canvas.plan").get_attribute("role") == "img"
    page.evaluate("replay.seek(600)")
    assert page.locator("#scrub").get_attribute("aria-valuetext") == "10:00"
    assert "10:00" in page.locator("canvas.plan").get_attribute("aria-label")


def test_a_person_says_who_it_is(opened, one_day):
    page = opened(one_day)
    page.evaluate("replay.seek(600)")
    box = page.locator("canvas.plan").bounding_box()
    tip = page.locator("#tip")
    # Somewhere in the first box of those who act on their own, which has lines of people.
    for down in (0.1, 0.12, 0.14, 0.16):
        page.mouse.move(box["x"] + box["width"] * 0.05, box["y"] + box["height"] * down)
        if tip.is_visible():
            break
    assert "filling in the form, since" in tip.inner_text()


@pytest.mark.parametrize("offices", [1, 2])
def test_it_prints_one_page(opened, two_days_of_two, offices):
    both, folder = two_days_of_two
    page = opened(page_of(both[:offices], folder), color_scheme="dark")
    page.evaluate("replay.seek(750)")
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") + printed.count(b"/Type /Page/") == 1
