"""The web app in a browser: a slider changes the verdict, in both languages, and nothing leaves the machine."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from app_office import THREE_DAYS

from sim.app.changes import Changes, changed
from sim.app.scenarios import offices_in
from sim.office.scenario import load_scenario_file, scenario_as_dict
from sim.studies.run.replicate import run_scenario

ROOT = Path(__file__).parents[2]
HOSTILE = "<script>window.hit=1</script><img src=http://example.com/a.png onerror=alert(1)> =cmd() **b** $x$ '\" 🙂"
HOSTILE += "照" * 180
WORDS = {
    "en": {"HOLDS": "HOLDS", "FAILS": "FAILS", "file": "Scenario file", "replay": "Replay", "compare": "Comparison",
           "briefing": "Briefing", "save": "Save", "name": "Name of the file", "title": "Title in English",
           "saved": "Saved:", "make": "Make the briefing"},
    "zh": {"HOLDS": "达标", "FAILS": "不达标", "file": "场景文件", "replay": "动态回放", "compare": "比较",
           "briefing": "简报", "save": "保存", "name": "文件名", "title": "英文标题", "saved": "已保存：",
           "make": "生成简报"},
}  # fmt: skip
SECONDS = 60_000
"""Milliseconds that a step may take on a busy machine."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return a folder with the program's entry and scenarios of its own."""
    home = tmp_path_factory.mktemp("home")
    shutil.copy(ROOT / "run_sim.py", home)
    (home / "scenarios").mkdir()
    (home / "scenarios" / "small.yaml").write_text(THREE_DAYS, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def address(home):
    """Yield where the app is served; an interrupt ends it with the status of an interrupt."""
    pytest.importorskip("streamlit")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "run_sim.py", "app", "--port", str(port), "--lang", "en"]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    served = subprocess.Popen(
        line, cwd=home, env=os.environ | {"PYTHONPATH": paths}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, served)
        yield url
        served.send_signal(signal.SIGINT)
        said = served.communicate(timeout=30)[0]
        assert served.returncode == 130, said
        assert "Traceback" not in said
        assert [line.strip() for line in said.splitlines()[1:-1]] == ["Stopping..."]
    finally:
        served.kill()


def _wait_for(url, served):
    for _ in range(300):
        assert served.poll() is None, served.stdout.read()
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=5)
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the app did not begin to serve")


def open_in(opened, address, language, **settings):
    page = opened(address, **settings)
    # The pictures of the first language are gone when the other one is shown: whoever still loads them finds nothing.
    says(page, WORDS["en"]["HOLDS"])
    settled(page)
    page.get_by_role("radio", name="中文" if language == "zh" else "English").click(timeout=SECONDS)
    says(page, WORDS[language]["HOLDS"])
    settled(page)
    return page


def settled(page):
    """Wait until the page is done with the last change: what is moved before may be drawn anew, and lost."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=SECONDS)


def says(page, verdict):
    """Wait until the page gives a verdict."""
    page.locator(".office.verdict b", has_text=re.compile(f"^{verdict}$")).wait_for(timeout=SECONDS)


def section(page, name):
    settled(page)
    page.get_by_role("radio", name=name, exact=True).click()


def test_a_slider_shows_the_new_verdict(opened, address, home):
    page = open_in(opened, address, "zh")
    page.get_by_role("slider").first.press("End")
    says(page, WORDS["zh"]["FAILS"])
    page.locator("[data-testid=stImage] img").first.wait_for(timeout=SECONDS)
    office = changed(offices_in(home / "scenarios").by_name["small"], Changes(demand=200))
    estimate = run_scenario(office).judgement.estimate
    assert f"{estimate:.2f}" in page.locator(".office.verdict").inner_text()
    # The other language says the same of it.
    page.get_by_role("radio", name="English").click()
    says(page, WORDS["en"]["FAILS"])
    assert f"{estimate:.2f}" in page.locator(".office.verdict").inner_text()


def test_how_far_the_verdict_reaches_is_looked_at_on_demand(opened, address):
    page = open_in(opened, address, "zh")
    page.get_by_role("slider").first.press("End")
    says(page, WORDS["zh"]["FAILS"])
    settled(page)
    page.get_by_role("button", name="查看判定的边界").click()
    page.locator(".office.note", has_text="项假设").wait_for(timeout=SECONDS)
    assert "全年新设登记" in page.locator(".office.note", has_text="项假设").inner_text()
    settled(page)
    assert page.get_by_role("button", name="查看判定的边界").count() == 0


def test_comparison_replay_and_briefing(opened, address, home):
    page, words = open_in(opened, address, "zh"), WORDS["zh"]
    page.get_by_role("slider").first.press("End")
    says(page, words["FAILS"])
    section(page, words["compare"])
    page.locator(".office table").wait_for(timeout=SECONDS)
    assert "三天：业务量+100%" in page.locator(".office table").inner_text()
    section(page, words["replay"])
    shown = page.frame_locator("iframe").locator("canvas").first
    shown.wait_for(timeout=SECONDS)
    section(page, words["briefing"])
    page.get_by_role("button", name=words["make"]).click()
    with page.expect_download(timeout=SECONDS) as download:
        page.get_by_role("button", name="演示文稿（PPTX）").click(timeout=SECONDS)
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"
    assert {file.name for file in home.iterdir()} == {"run_sim.py", "scenarios", "results"}
    assert [file.name for file in (home / "results").iterdir()] == ["app"]


def test_a_scenario_is_saved_and_hostile_texts_are_shown_as_text(opened, address, home):
    page, words = open_in(opened, address, "en"), WORDS["en"]
    page.get_by_role("slider").first.press("End")
    says(page, words["FAILS"])
    section(page, words["file"])
    page.get_by_role("textbox", name=words["name"]).fill("../../Ours, doubled")
    page.get_by_role("textbox", name=words["name"]).press("Tab")
    page.locator("code", has_text="ours-doubled").wait_for(timeout=SECONDS)
    page.get_by_role("textbox", name=words["title"]).fill(HOSTILE)
    page.get_by_role("textbox", name=words["title"]).press("Tab")
    page.locator("code", has_text="window.hit").wait_for(timeout=SECONDS)
    page.get_by_role("button", name=words["save"], exact=True).click()
    page.locator(".office.note", has_text=words["saved"]).wait_for(timeout=SECONDS)
    saved = load_scenario_file(home / "scenarios" / "ours-doubled.yaml")
    assert saved.title.en == HOSTILE
    expected = changed(load_scenario_file(home / "scenarios" / "small.yaml"), Changes(demand=200))
    assert scenario_as_dict(saved) | {"name": "", "title": ""} == scenario_as_dict(expected) | {"name": "", "title": ""}
    assert sorted(file.name for file in (home / "scenarios").iterdir()) == ["ours-doubled.yaml", "small.yaml"]
    # Chosen from the list, it is shown as text wherever its title stands.
    page.get_by_role("combobox").first.click()
    page.get_by_role("option", name=re.compile("window.hit")).click()
    page.locator(".office.verdict", has_text="window.hit").wait_for(timeout=SECONDS)
    for name in ("compare", "file", "briefing"):
        section(page, words[name])
        page.wait_for_timeout(1500)
        assert HOSTILE in page.locator(".office.verdict").inner_text()
    assert page.evaluate("window.hit") is None
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    (home / "scenarios" / "ours-doubled.yaml").unlink()


@pytest.mark.parametrize(("width", "scheme"), [(1024, "light"), (1440, "dark")])
def test_nothing_is_wider_than_the_screen(opened, address, width, scheme):
    page = open_in(opened, address, "zh", size=(width, 900), color_scheme=scheme)
    page.locator("[data-testid=stImage] img").first.wait_for(timeout=SECONDS)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    dark = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", dark)[:3])) < 200) == (scheme == "dark")
