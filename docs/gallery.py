"""The gallery: what leaves the simulator, as pictures; docs/gallery.md and docs/gallery.zh.md with their commands.

Called by ``python docs/make_images.py gallery`` after the other parts, whose pictures it shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim.files import replaced_file

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
        Picture("three-plans", {"en": "Three plans under the same random numbers", "zh": "三个方案共用随机数的比较"},
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
        Picture("sensitivity-plausible", {"en": "Plausible offices", "zh": "合理范围内的情形"},
                f"sensitivity {BASELINE}"),
        Picture("log-arrival_profile", {"en": "Arrivals, from a log", "zh": "由业务记录估计的到达"},
                f"calibrate {LOG}"),
        Picture("log-service_times", {"en": "Service times, from a log", "zh": "由业务记录估计的时长"},
                f"calibrate {LOG}"),
        Picture("log-patience", {"en": "Patience, from a log", "zh": "由业务记录估计的耐心"},
                f"calibrate {LOG}"),
        Picture("log-back_test", {"en": "Back-test on days not seen", "zh": "对未用于拟合的日期回测"},
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
