"""Photographs of pages, decks and the app, for the documents: by a headless Chromium, and by LibreOffice if there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from sim.app.starting import refusal
from sim.present.fonts import PACKAGE

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
NOON = 785
"""Minute of the day at which a replay is photographed."""
SLIDES = 6
FONTS = """<fontconfig>
<dir>/usr/share/fonts</dir><dir>{fonts}</dir><cachedir>{cache}</cachedir>
<alias binding="same"><family>Arial</family><prefer><family>DejaVu Sans</family></prefer></alias>
<alias binding="same"><family>Microsoft YaHei</family><prefer><family>Noto Sans SC</family></prefer></alias>
</fontconfig>"""
"""For LibreOffice on a machine without the font that the deck names: the one of the charts in its place."""
PORT = "8517"
FAILS = {"en": "FAILS", "zh": "不达标"}
CHANGE = {"en": "yuan against", "zh": "较“"}
LONGEST = 120_000
"""Milliseconds that the app may take."""


@contextmanager
def _opened(width: int, height: int) -> Iterator[Page]:
    """Yield a page of a headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": width, "height": height})
        browser.close()


@contextmanager
def _of_file(file: Path, width: int, height: int, before: str = "") -> Iterator[Path]:
    """Yield a picture of a page after something is done to it."""
    with _opened(width, height) as page, tempfile.TemporaryDirectory() as folder:
        page.goto(file.as_uri())
        if before:
            page.evaluate(before)
        page.wait_for_timeout(500)
        page.screenshot(path=Path(folder, "page.png"))
        yield Path(folder, "page.png")


@contextmanager
def of_briefing(file: Path) -> Iterator[Path]:
    """Yield a picture of the top of a briefing's page."""
    with _of_file(file, 1200, 1500) as taken:
        yield taken


@contextmanager
def of_replay(file: Path) -> Iterator[Path]:
    """Yield a picture of a replay soon after noon."""
    with _of_file(file, 1440, 900, f"replay.seek({NOON})") as taken:
        yield taken


@contextmanager
def of_deck(deck: Path) -> Iterator[Path | None]:
    """Yield a picture of the first slides of a deck, two beside each other; None without LibreOffice."""
    office, pages = shutil.which("soffice"), shutil.which("pdftoppm")
    if office is None or pages is None:
        print("no LibreOffice and pdftoppm: the picture of the deck stays as it is")
        yield None
        return
    with tempfile.TemporaryDirectory() as folder, as_file(files(PACKAGE)) as fonts:
        Path(folder, "fonts.conf").write_text(FONTS.format(fonts=fonts, cache=folder), encoding="utf-8")
        convert = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf"]
        subprocess.run(
            [*convert, "--outdir", folder, str(deck)], check=True, stdout=subprocess.DEVNULL,
            env=os.environ | {"FONTCONFIG_FILE": f"{folder}/fonts.conf"},
        )  # fmt: skip
        subprocess.run([pages, "-r", "50", "-png", f"{folder}/{deck.stem}.pdf", f"{folder}/slide"], check=True)
        slides = [Image.open(file) for file in sorted(Path(folder).glob("slide*.png"))[:SLIDES]]
        width, height = slides[0].size
        gap = 12
        sheet = Image.new("RGB", (2 * width + 3 * gap, (height + gap) * -(-len(slides) // 2) + gap), "#b0b0b0")
        for number, slide in enumerate(slides):
            sheet.paste(slide, (gap + number % 2 * (width + gap), gap + number // 2 * (height + gap)))
        sheet.save(Path(folder, "deck.png"))
        yield Path(folder, "deck.png")


@contextmanager
def of_app(language: str) -> Iterator[Path]:
    """Yield a picture of the web app with the baseline, its demand raised a little."""
    if (error := refusal(int(PORT))) is not None:
        raise SystemExit(f"port {PORT}: {error.strerror}; the app is photographed there")
    with tempfile.TemporaryDirectory() as folder, _opened(1440, 900) as page:
        line = [sys.executable, str(ROOT / "run_sim.py"), "app", "--port", PORT, "--lang", language, "--out", folder]
        served = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE)
        try:
            _open_served(page, f"http://127.0.0.1:{PORT}", served)
            page.locator(".office.verdict").wait_for(timeout=LONGEST)
            page.get_by_role("slider").first.press("ArrowRight")
            page.locator(".office.verdict", has_text=FAILS[language]).wait_for(timeout=LONGEST)
            page.locator(".office.tiles", has_text=CHANGE[language]).wait_for(timeout=LONGEST)
            page.locator("[data-testid=stStatusWidget]").wait_for(state="detached", timeout=LONGEST)
            page.mouse.click(1400, 20)
            page.wait_for_timeout(1000)
            page.screenshot(path=Path(folder, "app.png"))
            yield Path(folder, "app.png")
        finally:
            served.send_signal(signal.SIGINT)
            served.wait()


def _open_served(page: Page, url: str, served: subprocess.Popen[bytes]) -> None:
    """Open a page as soon as it is served."""
    for _ in range(100):
        if (status := served.poll()) is not None:
            raise SystemExit(f"the app has ended with status {status} before it was photographed")
        with suppress(OSError):
            urllib.request.urlopen(url).close()
            break
        time.sleep(0.2)
    page.goto(url)
