"""Make the pictures and the printed tables of the documents: ``python docs/make_images.py [PART]...``.

Parts: ``main`` (the READMEs), ``sweeps`` and ``comparison`` (docs/experiments.md and docs/experiments.zh.md),
``staffing``, ``limits`` and ``explain`` (the pages of these names, in both languages), ``calibration`` (tables of
docs/calibration.md for docs/method.md), ``sensitivity``, ``log``, ``briefing``, ``replay`` and ``app`` (pictures),
``gallery`` (docs/gallery.md and docs/gallery.zh.md, with the pictures of all); all of them if none is named. The
experiments are run as a user runs them, in each language, into results/, so that what is there already is not done
again. About an hour on two cores if nothing is. Pages are photographed by a headless Chromium, the deck by LibreOffice,
if that is there.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click
import photographs
from gallery import write_pages
from marked import replace_between_marks
from PIL import Image

from sim.files import replaced_file

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
STUDIES = {
    "staffing": (("staff", GROWTH), "staff", ("staffing", "tried", "certificate")),
    "limits": (
        ("limit", BASELINE, "--add", "clerks=1", "--add", "reviewers=1", "--add", "reviewers=2"), "limits",
        ("frontier",),
    ),
    "explain": (("explain", GROWTH), "explanations", ("blame", "one_more", "lateness")),
}  # fmt: skip
"""Page: what is run for it, the folder that the results are in, and the charts that are shown."""
REPLAYED = "2023-03-06"
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


def study(page: str) -> None:
    """Find the cheapest roster, the breaking demand or the stage to blame that a page shows."""
    arguments, kind, charts = STUDIES[page]
    for language, ending in (("en", ".md"), ("zh", ".zh.md")):
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


def sensitivity() -> None:
    """Find where the baseline's verdict flips, and how many plausible offices keep the target."""
    for language in READMES:
        printed(language, "sensitivity", BASELINE)
        for chart in ("tornado", "plausible"):
            picture = RESULTS / "sensitivity" / "baseline-2023" / f"{chart}.png"
            copy_small(picture, IMAGES / f"sensitivity-{chart}.{language}.png")


def log() -> None:
    """Write the log of the baseline, and fit the model to it."""
    for language in READMES:
        printed(language, "log", BASELINE)
        printed(language, "calibrate", "results/logs/baseline-2023.csv")
        for chart in ("arrival_profile", "service_times", "patience", "back_test"):
            picture = RESULTS / "calibrations" / "baseline-2023" / f"{chart}.png"
            copy_small(picture, IMAGES / f"log-{chart}.{language}.png")


def briefing() -> None:
    """Make the briefing on the baseline from what the parts before have left, and photograph it."""
    for language in READMES:
        printed(language, "brief", "--all-charts")
        folder = RESULTS / "briefings" / f"baseline-2023-{language}"
        copy_small(folder / "pictures" / "calendar.png", IMAGES / f"calendar.{language}.png")
        for picture, image in (
            (photographs.of_briefing(folder / "briefing.html"), "briefing-page"),
            (photographs.of_deck(folder / "briefing.pptx"), "briefing-deck"),
        ):
            with picture as taken:
                if taken is not None:
                    copy_small(taken, IMAGES / f"{image}.{language}.png")


def replay() -> None:
    """Photograph a day with and without the midday duty post."""
    for language in READMES:
        printed(language, "replay", BASELINE, "scenarios/lunch-uncovered.yaml", "--day", REPLAYED)
        page = RESULTS / "replays" / f"baseline-2023-vs-lunch-uncovered-{REPLAYED}.html"
        with photographs.of_replay(page) as taken:
            copy_small(taken, IMAGES / f"replay.{language}.png")


def app() -> None:
    """Photograph the web app with the baseline, its demand raised a little."""
    for language in READMES:
        with photographs.of_app(language) as taken:
            copy_small(taken, IMAGES / f"app.{language}.png")


def copy_small(chart: Path, image: Path) -> None:
    """Copy a chart with 256 colours, a third of the size; flat colours and letters lose nothing that shows."""
    with replaced_file(image) as new, Image.open(chart) as picture:
        # The usual method gives colours of which there is little to whatever there is much of.
        few = picture.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
        few.save(new, optimize=True)


PARTS = {
    "main": main_job, "sweeps": sweeps, "comparison": comparison, **{page: partial(study, page) for page in STUDIES},
    "calibration": calibration, "sensitivity": sensitivity, "log": log, "briefing": briefing, "replay": replay,
    "app": app, "gallery": write_pages,
}  # fmt: skip


@click.command(help=__doc__)
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)), metavar="[PART]...")
def main(parts: tuple[str, ...]) -> None:
    """Make some parts, or all."""
    for part in parts or PARTS:
        PARTS[part]()


if __name__ == "__main__":
    main()
