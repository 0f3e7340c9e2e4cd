"""The gallery: what leaves the simulator, as pictures; docs/gallery.md and docs/gallery.zh.md with their commands.

Called by ``python docs/make_images.py gallery`` after the other parts, whose pictures it shows too. The page and the
replay are photographed by a headless Chromium, the deck by LibreOffice; where one is missing, its pictures stay as they
are.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from sim.briefing.fonts import PACKAGE
from sim.files import replaced_file

if TYPE_CHECKING:
    from playwright.sync_api import Page

Texts = dict[str, str]

DOCS = Path(__file__).resolve().parent
IMAGES = DOCS / "images"
ENDINGS = {"en": ".md", "zh": ".zh.md"}
HEADS = {
    "en": ("# Gallery", "[中文](gallery.zh.md)",
           "What leaves the simulator. Every picture is from a real run: below it, the command that makes it. "
           "`python docs/make_images.py` makes them all."),
    "zh": ("# 图册", "[English](gallery.md)",
           "仿真输出一览。每幅图均出自实际运行，图下为生成命令；`python docs/make_images.py`可全部重新生成。"),
}  # fmt: skip
SLIDES_SHOWN = 6
FONTS = """<fontconfig>
<dir>/usr/share/fonts</dir><dir>{fonts}</dir><cachedir>{cache}</cachedir>
<alias binding="same"><family>Microsoft YaHei</family><prefer><family>Noto Sans SC</family></prefer></alias>
</fontconfig>"""
"""For LibreOffice on a machine without the font that the deck names: the one of the charts in its place."""


@dataclass(frozen=True)
class Picture:
    """A picture of the gallery.

    Attributes
    ----------
    image : str
        Its file in docs/images, without language and suffix.
    caption : mapping of language to str
    command : str
    """

    image: str
    caption: Texts
    command: str


@dataclass(frozen=True)
class Section:
    """Pictures that answer one question."""

    title: Texts
    pictures: tuple[Picture, ...]


BASELINE = "scenarios/baseline-2023.yaml"
LOG = "results/logs/baseline-2023.csv"
SECTIONS = (
    Section({"en": "Does the target hold?", "zh": "目标能否达到"}, (
        Picture("overview", {"en": "All shipped scenarios against the target", "zh": "全部内置场景与目标对照"}, "make"),
        Picture("licence-time", {"en": "How long the licences take", "zh": "办照时长的分布"}, f"run {BASELINE}"),
        Picture("day", {"en": "The day of an office", "zh": "一天之内"}, f"run {BASELINE}"),
        Picture("minutes", {"en": "Where the minutes go", "zh": "时间用在哪里"}, f"run {BASELINE}"),
        Picture("calendar", {"en": "The year, day by day", "zh": "全年逐日"}, "brief --all-charts"),
    )),
    Section({"en": "Under which demand, with which staff?", "zh": "业务量与人员"}, (
        Picture("demand-by-reviewers-map", {"en": "Verdicts over demand and staff", "zh": "业务量×人员的判定"},
                "sweep scenarios/sweeps/demand-by-reviewers.yaml"),
        Picture("growth-of-five-years-lines", {"en": "Five years of growth", "zh": "五年增长"},
                "sweep scenarios/sweeps/growth-of-five-years.yaml"),
        Picture("three-plans", {"en": "Three plans under the same luck", "zh": "三个方案共用随机数的比较"},
                "compare scenarios/baseline-2023.yaml scenarios/no-phone-consulting.yaml scenarios/auto-approval.yaml"),
        Picture("limits-frontier", {"en": "What each plan carries", "zh": "各方案可承载的业务量"},
                f"limit {BASELINE} --add clerks=1 --add reviewers=1 --add reviewers=2"),
    )),
    Section({"en": "At what cost, and who works when?", "zh": "成本与排班"}, (
        Picture("staffing-staffing", {"en": "The cheapest roster found that holds", "zh": "达标且成本最低的排班"},
                "staff scenarios/growth-2024.yaml"),
        Picture("staffing-certificate", {"en": "Its certificate: what is cheaper fails",
                                         "zh": "最优性凭证：更便宜的均不达标"},
                "staff scenarios/growth-2024.yaml"),
        Picture("staffing-tried", {"en": "Cost against licence time", "zh": "成本与办照时长的权衡"},
                "staff scenarios/growth-2024.yaml"),
    )),
    Section({"en": "Where does it break, and why?", "zh": "何处超时、为何超时"}, (
        Picture("explain-blame", {"en": "The stage to blame", "zh": "超时归因"}, "explain scenarios/growth-2024.yaml"),
        Picture("explain-lateness", {"en": "The half-hours in which the lateness is made", "zh": "超时产生的时段"},
                "explain scenarios/growth-2024.yaml"),
    )),
    Section({"en": "What does it rest on?", "zh": "结论的依据"}, (
        Picture("sensitivity-tornado", {"en": "Which assumption turns the verdict", "zh": "哪些假设会使判定翻转"},
                f"sensitivity {BASELINE}"),
        Picture("sensitivity-plausible", {"en": "Plausible offices", "zh": "合理的办事处"}, f"sensitivity {BASELINE}"),
        Picture("calibration-arrival_profile", {"en": "Arrivals, from a log", "zh": "由业务记录估计的到达"},
                f"calibrate {LOG}"),
        Picture("calibration-service_times", {"en": "Service times, from a log", "zh": "由业务记录估计的时长"},
                f"calibrate {LOG}"),
        Picture("calibration-patience", {"en": "Patience, from a log", "zh": "由业务记录估计的耐心"},
                f"calibrate {LOG}"),
        Picture("calibration-back_test", {"en": "Back-test on days not seen", "zh": "对未用于拟合的日期回测"},
                f"calibrate {LOG}"),
    )),
    Section({"en": "For the meeting", "zh": "用于会议"}, (
        Picture("briefing-page", {"en": "The page", "zh": "网页"}, "brief"),
        Picture("briefing-deck", {"en": "The deck", "zh": "演示文稿"}, "brief"),
        Picture("replay", {"en": "A day to be watched: with the midday duty post, and without",
                           "zh": "重放一天：有、无午间值班的对照"},
                "replay scenarios/baseline-2023.yaml scenarios/lunch-uncovered.yaml --day 2023-03-06"),
        Picture("app", {"en": "The web app", "zh": "网页应用"}, "app"),
    )),
)  # fmt: skip


def write_pages() -> None:
    """Write docs/gallery.md and docs/gallery.zh.md.

    Raises
    ------
    ValueError
        If a picture is not there.
    """
    for language, ending in ENDINGS.items():
        with replaced_file(DOCS / f"gallery{ending}") as new:
            new.write_text("\n".join(_page(language)), encoding="utf-8", newline="\n")


def _page(language: str) -> Iterator[str]:
    title, other, about = HEADS[language]
    note = "<!-- Written by `python docs/make_images.py gallery`; do not edit. -->"
    yield from (title, "", note, "", other, "", about, "")
    for section in SECTIONS:
        yield from (f"## {section.title[language]}", "")
        for picture in section.pictures:
            file = IMAGES / f"{picture.image}.{language}.png"
            if not file.is_file():
                raise ValueError(f"{file}: the picture is not there; make it with docs/make_images.py")
            caption = picture.caption[language]
            command = picture.command if picture.command == "make" else f"python run_sim.py {picture.command}"
            yield from (f"**{caption}**", "", f"![{caption}](images/{file.name})", "", f"`{command}`", "")


@contextmanager
def browser_page(width: int, height: int) -> Iterator[Page]:
    """Yield a page of a headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": width, "height": height})
        browser.close()


def photograph_briefing(page: Path, language: str, copied: Callable[[Path, Path], None]) -> None:
    """Take a picture of the top of a briefing's page."""
    _photograph(page, (1200, 1500), IMAGES / f"briefing-page.{language}.png", copied)


def photograph_replay(page: Path, language: str, copied: Callable[[Path, Path], None]) -> None:
    """Take a picture of a replay in the middle of the day."""
    at = "replay.seek(785)"
    _photograph(page, (1440, 900), IMAGES / f"replay.{language}.png", copied, at)


def _photograph(
    page: Path, size: tuple[int, int], image: Path, copied: Callable[[Path, Path], None], before: str = ""
) -> None:
    with browser_page(*size) as opened, tempfile.TemporaryDirectory() as folder:
        opened.goto(page.as_uri())
        if before:
            opened.evaluate(before)
        opened.wait_for_timeout(500)
        opened.screenshot(path=Path(folder, "shot.png"))
        copied(Path(folder, "shot.png"), image)


def photograph_deck(deck: Path, language: str, copied: Callable[[Path, Path], None]) -> None:
    """Take a picture of the first slides of a deck, two beside each other; none without LibreOffice."""
    office, pages = shutil.which("soffice"), shutil.which("pdftoppm")
    if office is None or pages is None:
        print("no LibreOffice and pdftoppm: the pictures of the deck stay as they are")
        return
    with tempfile.TemporaryDirectory() as folder, as_file(files(PACKAGE)) as fonts:
        Path(folder, "fonts.conf").write_text(FONTS.format(fonts=fonts, cache=folder), encoding="utf-8")
        convert = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf"]
        subprocess.run(
            [*convert, "--outdir", folder, str(deck)], check=True, stdout=subprocess.DEVNULL,
            env=os.environ | {"FONTCONFIG_FILE": f"{folder}/fonts.conf"},
        )  # fmt: skip
        subprocess.run([pages, "-r", "50", "-png", f"{folder}/{deck.stem}.pdf", f"{folder}/slide"], check=True)
        slides = [Image.open(file) for file in sorted(Path(folder).glob("slide*.png"))[:SLIDES_SHOWN]]
        width, height = slides[0].size
        gap = 12
        sheet = Image.new("RGB", (2 * width + 3 * gap, (height + gap) * -(-len(slides) // 2) + gap), "#b0b0b0")
        for number, slide in enumerate(slides):
            sheet.paste(slide, (gap + number % 2 * (width + gap), gap + number // 2 * (height + gap)))
        sheet.save(Path(folder, "sheet.png"))
        copied(Path(folder, "sheet.png"), IMAGES / f"briefing-deck.{language}.png")
