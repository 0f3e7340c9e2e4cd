"""Make the pictures and the printed tables of the documents: ``python docs/make_images.py [PART]...``.

Parts: ``main`` (the READMEs), ``sweeps`` and ``comparison`` (docs/experiments.md and docs/experiments.zh.md),
``staffing`` (docs/staffing.md, docs/limits.md and docs/explain.md, in both languages), ``calibration`` (tables of
docs/calibration.md for docs/method.md), ``app`` (the web app, by a headless Chromium); all of them if none is named.
The experiments are run as a user runs them, in each language, into results/, so that what is there already is not
done again. About half an hour on two cores if nothing is.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
from marked import replace_between_marks
from PIL import Image

from sim.files import replaced_file

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
DOCS, IMAGES, RESULTS, SCENARIOS = ROOT / "docs", ROOT / "docs" / "images", ROOT / "results", ROOT / "scenarios"
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh.md"}
EXPERIMENTS = {"en": DOCS / "experiments.md", "zh": DOCS / "experiments.zh.md"}
CHARTS = {
    "overview": "overview.png",
    "licence-time": "scenarios/baseline-2023/licence_time.png",
    "day": "scenarios/baseline-2023/day.png",
    "minutes": "scenarios/baseline-2023/minutes.png",
}
SWEEP_CHARTS = {"map": "heat_map.png", "lines": "lines.png"}
COMPARED = "three-plans"
PLANS = ("baseline-2023", "no-phone-consulting", "auto-approval")
EXAMPLE = "automatic-against-growth"
GROWTH, BASELINE = "scenarios/growth-2024.yaml", "scenarios/baseline-2023.yaml"
STAFFING = {
    "staffing": (("staff", GROWTH), "staff", ("staffing", "tried", "certificate")),
    "limits": (
        ("limit", BASELINE, "--add", "clerks=1", "--add", "reviewers=1", "--add", "reviewers=2"), "limits",
        ("frontier",),
    ),
    "explain": (("explain", GROWTH), "explanations", ("blame", "lateness")),
}  # fmt: skip
"""Page: what is run for it, the folder that the results are in, and the charts that are shown."""
APP_PORT = "8517"
APP_FAILS = {"en": "FAILS", "zh": "不达标"}
APP_CHANGE = {"en": "yuan against", "zh": "较“"}
CALIBRATION = {
    "calibration": "### From 20 replications on, at most 2.5 % on each side",
    "calibration-office": "### The demand moved",
}
"""Mark in docs/method.md, and heading in docs/calibration.md."""


def printed(language: str, *arguments: str) -> str:
    """Run the program and return what it prints, as a block of text."""
    command = [sys.executable, str(ROOT / "run_sim.py"), *arguments, "--lang", language, "--replace"]
    text = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout.decode()
    return f"```text\n{text.strip()}\n```"


def main_job() -> None:
    """Run every scenario as shipped."""
    for language, readme in READMES.items():
        table = printed(language)
        for name, chart in CHARTS.items():
            copy_small(RESULTS / chart, IMAGES / f"{name}.{language}.png")
        replace_between_marks(readme, "main-job", table)


def sweeps() -> None:
    """Run the shipped sweeps, and the one that docs/experiments.md writes out."""
    for language, page in EXPERIMENTS.items():
        for file in sorted((SCENARIOS / "sweeps").glob("*.yaml")):
            table = printed(language, "sweep", str(file.relative_to(ROOT)))
            for name, chart in SWEEP_CHARTS.items():
                copy_small(RESULTS / "sweeps" / file.stem / chart, IMAGES / f"{file.stem}-{name}.{language}.png")
            replace_between_marks(page, f"sweep {file.stem}", table)
        for file in example(page):
            replace_between_marks(page, f"sweep {EXAMPLE}", printed(language, "sweep", str(file)))


def example(page: Path) -> Iterator[Path]:
    """Yield the file of the sweep that a page writes out, beside the shipped scenarios."""
    (text,) = re.findall(rf"```yaml\n(name: {EXAMPLE}\n.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(SCENARIOS, Path(folder, "scenarios"))
        file = Path(folder, "scenarios", "sweeps", f"{EXAMPLE}.yaml")
        file.write_text(text, encoding="utf-8")
        yield file


def comparison() -> None:
    """Compare three of the shipped scenarios."""
    files = [f"scenarios/{name}.yaml" for name in PLANS]
    for language, page in EXPERIMENTS.items():
        table = printed(language, "compare", *files, "--name", COMPARED)
        chart = RESULTS / "comparisons" / COMPARED / "differences.png"
        copy_small(chart, IMAGES / f"{COMPARED}.{language}.png")
        replace_between_marks(page, "comparison", table)


def staffing() -> None:
    """Find the cheapest roster, the breaking demand and the stage to blame that the pages show."""
    for language, ending in (("en", ".md"), ("zh", ".zh.md")):
        for page, (arguments, kind, charts) in STAFFING.items():
            text = printed(language, *arguments)
            folder = re.findall(rf"results/({kind}/[\w-]+)", text)[0]
            for chart in charts:
                copy_small(RESULTS / folder / f"{chart}.png", IMAGES / f"{page}-{chart}.{language}.png")
            replace_between_marks(DOCS / f"{page}{ending}", page, text)


def calibration() -> None:
    """Copy the tables that docs/method.md shows."""
    text = (DOCS / "calibration.md").read_text(encoding="utf-8")
    for mark, heading in CALIBRATION.items():
        _, found, rest = text.partition(f"\n{heading}\n")
        if not found:
            raise ValueError(f"docs/calibration.md has no part {heading!r}; run docs/calibration.py without --part")
        replace_between_marks(DOCS / "method.md", mark, rest.split("\n#")[0])


def app() -> None:
    """Take pictures of the web app with the baseline, its demand raised a little."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for language in READMES:
            line = [sys.executable, str(ROOT / "run_sim.py"), "app", "--port", APP_PORT, "--lang", language]
            served = subprocess.Popen([*line, "--out", folder], cwd=ROOT, stdout=subprocess.PIPE)
            try:
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                open_served(page, f"http://127.0.0.1:{APP_PORT}")
                page.locator(".office.verdict").wait_for(timeout=120_000)
                page.get_by_role("slider").first.press("ArrowRight")
                page.locator(".office.verdict", has_text=APP_FAILS[language]).wait_for(timeout=120_000)
                page.locator(".office.tiles", has_text=APP_CHANGE[language]).wait_for(timeout=120_000)
                page.locator("[data-testid=stStatusWidget]").wait_for(state="detached", timeout=120_000)
                page.mouse.click(1400, 20)
                page.wait_for_timeout(1000)
                page.screenshot(path=Path(folder, f"{language}.png"))
                copy_small(Path(folder, f"{language}.png"), IMAGES / f"app.{language}.png")
            finally:
                served.send_signal(signal.SIGINT)
                served.wait()


def open_served(page: Page, url: str) -> None:
    """Open a page as soon as it is served."""
    for _ in range(100):
        with suppress(OSError):
            urllib.request.urlopen(url).close()
            break
        time.sleep(0.2)
    page.goto(url)


def copy_small(chart: Path, image: Path) -> None:
    """Copy a chart with 256 colours, a third of the size; flat colours and letters lose nothing that shows."""
    with replaced_file(image) as new, Image.open(chart) as picture:
        few = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(new, optimize=True)


PARTS = {
    "main": main_job, "sweeps": sweeps, "comparison": comparison, "staffing": staffing, "calibration": calibration,
    "app": app,
}  # fmt: skip


@click.command(help=__doc__)
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)), metavar="[PART]...")
def main(parts: tuple[str, ...]) -> None:
    """Make some parts, or all."""
    for part in parts or PARTS:
        PARTS[part]()


if __name__ == "__main__":
    main()
