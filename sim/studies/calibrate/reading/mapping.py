"""How the columns, words and times of a log are meant: from a small file, or recognised."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from sim.office.checked import CheckedFile
from sim.office.parameters.fields import Count, Flag, Group, Moment, Number, Text, param, wrong
from sim.office.problems import Problem, ScenarioError, nearest, shown
from sim.office.yaml_tree import Node, dotted
from sim.studies.calibrate.reading.known_words import EMPTY_WORDS, normal, recognised
from sim.studies.calibrate.reading.time_patterns import pattern_of
from sim.text import N_, Message

StepWord = Literal["phone", "online", "filing", "studio", "key", "review", "automatic", "issue", "ignore"]
StepName = Literal["phone", "online", "filing", "studio", "key", "review", "automatic", "issue"]
OutcomeWord = Literal["served", "gave_up", "returned", "ignore"]
StateWord = Literal["waiting", "served", "left", "ignore"]
KindWord = Literal["enterprise", "individual", "key", "other", "inquiry"]
Encoding = Literal["auto", "utf-8", "gb18030", "utf-16"]
Separator = Literal["auto", ",", ";", "tab", "|"]

SINCE = ("seconds", "minutes", "days")
"""Time formats that are a number since the epoch."""


ZONE = r"^[+-](0\d|1[0-4]):[0-5]\d$"


def _time_format(text: str) -> str:
    if text not in ("auto", *SINCE) and (fault := pattern_of(text).fault):
        raise wrong("{fault}; write auto, seconds, minutes, days, or a pattern such as '%d/%m/%Y %H:%M:%S', not "
                    "{value}", fault=fault, value=shown(text))  # fmt: skip
    return text


def _zone(text: str) -> str:
    if not re.fullmatch(ZONE, text):
        raise wrong("must be a zone from -14:59 to +14:59, such as {example}, not {value}", example="'+08:00'",
                    value=shown(text))  # fmt: skip
    return text


TimeFormat = Annotated[Text, AfterValidator(_time_format)]


class ColumnsForm(BaseModel):
    """Headings of the columns that tell what is needed; nothing = no column does, left out = it is recognised."""

    # No `Group`, which would fill in what is left out.
    model_config = Group.model_config

    case: Text | None = param(None, en="number of the case", zh="业务编号所在列")
    step: Text | None = param(None, en="step", zh="环节所在列")
    queued: Text | None = param(None, en="moment from which the case waits", zh="开始等候时间所在列")
    started: Text | None = param(None, en="moment at which service begins", zh="开始服务时间所在列")
    ended: Text | None = param(None, en="moment at which service ends, or patience", zh="结束时间所在列")
    outcome: Text | None = param(None, en="how it ended", zh="结果所在列")
    kind: Text | None = param(None, en="class of the case", zh="类型所在列")
    server: Text | None = param(None, en="who served", zh="窗口或人员所在列")
    date: Text | None = param(None, en="day of times that are without one", zh="日期所在列")
    duration: Text | None = param(
        None,
        en="how long service takes, where not both of its ends are told; never recognised by its heading",
        zh="时长所在列",
    )
    state: Text | None = param(
        None, en="state of the case from the moment of ended on; never recognised by its heading", zh="状态所在列",
    )  # fmt: skip


class FileMapping(Group):
    """How one file is meant; what is not given is recognised. Times are local, as they are written."""

    columns: ColumnsForm = param(ColumnsForm(), en="headings of columns", zh="各列标题")
    step: StepName | None = param(None, en="step of all rows, if no column tells it", zh="全部行所属环节")
    steps: dict[str, StepWord] = param({}, en="what words for a step mean", zh="环节名称对照")
    outcomes: dict[str, OutcomeWord] = param({}, en="what words for an outcome mean", zh="结果名称对照")
    kinds: dict[str, KindWord] = param({}, en="what words for a class mean", zh="类型名称对照")
    states: dict[str, StateWord] = param({}, en="what words for a state mean", zh="状态名称对照")
    empty: tuple[Text, ...] = param((), en="other words that stand for nothing", zh="其他表示空值的写法")
    time_format: TimeFormat = param(
        "auto", en="auto, a pattern such as '%Y-%m-%d %H:%M:%S', or seconds, minutes or days since the epoch",
        zh="时间格式",
    )  # fmt: skip
    date_format: TimeFormat = param("auto", en="the same for the column of days", zh="日期格式")
    duration_unit: Literal["seconds", "minutes"] | None = param(
        None, en="what the numbers of a column of lengths are", zh="时长的单位",
    )  # fmt: skip
    epoch: Moment | None = param(None, en="when seconds, minutes or days are counted from", zh="起算时刻")
    shift_weeks: Annotated[Count, Field(ge=-10_000, le=10_000)] = param(
        0, unit="weeks", en="added to all dates, so that weekdays stay", zh="日期整体平移周数",
    )  # fmt: skip
    shift_hours: Annotated[Number, Field(ge=-24, le=24)] = param(
        0, unit="h", en="added to all times, such as 8 where a log tells UTC", zh="时间整体平移小时数",
    )  # fmt: skip
    time_zone: Annotated[str, AfterValidator(_zone)] | None = param(
        None, en="zone that times which tell theirs are put to, such as '+08:00'", zh="统一换算到的时区",
    )  # fmt: skip
    clock_skew: Annotated[Number, Field(ge=0, le=3600)] | None = param(
        None, unit="s", en="by how much the clocks of a row may differ, if not as the log shows", zh="时钟偏差容许值",
    )  # fmt: skip
    encoding: Encoding = param("auto", en="how text is encoded", zh="文字编码")
    separator: Separator = param("auto", en="what separates columns", zh="分隔符")
    sheet: Text | None = param(None, en="sheet of a workbook", zh="工作表")
    own_cases: Flag = param(
        False, en="whether its case numbers have nothing to do with those of other files", zh="业务编号自成一体",
    )  # fmt: skip
    own_servers: Flag | None = param(
        None, en="whether its servers are others than those of the same names in other files, if not as the log shows",
        zh="窗口或人员编号是否自成一体",
    )  # fmt: skip
    numbers_again: Flag | None = param(
        None, en="whether case numbers are used again for other cases, if not as the log shows",
        zh="业务编号是否重复用于不同办件",
    )  # fmt: skip
    join_sessions: Flag = param(
        False, en="whether rows of a step that do not tell from when the case waits go on with the one before",
        zh="未记排队时刻的行是否并入同一环节的前一次办理",
    )  # fmt: skip

    @property
    def nothing(self) -> frozenset[str]:
        """Words that stand for nothing, in small letters."""
        return EMPTY_WORDS | {word.strip().lower() for word in self.empty}


class LogMapping(FileMapping):
    """How a log is meant: all of its files, and what is different in some."""

    estimate_starts: Flag = param(
        False, en="whether starts of service that are not told are estimated from the ends of who served",
        zh="未记的开始服务时间是否按同一人员上一件的结束时间推算",
    )  # fmt: skip
    files: dict[str, FileMapping] = param(
        {}, en="by name of a file, which may hold * and ?: what is different there", zh="各文件的不同之处",
    )  # fmt: skip

    def for_file(self, name: str) -> FileMapping:
        """Return how a file is meant, by its name without folders.

        The first section whose pattern it matches counts; what the section does not say is taken from all files'.
        """
        common = self.model_dump(exclude={"files", "estimate_starts"})
        own = next((form for pattern, form in self.files.items() if fnmatchcase(name, pattern)), None)
        if own is None:
            return FileMapping.model_construct(**{**common, "columns": self.columns})
        for key in own.model_fields_set:
            value = getattr(own, key)
            common[key] = {**common[key], **value} if isinstance(value, dict) else value
        given = {**self.columns.model_dump(exclude_unset=True), **own.columns.model_dump(exclude_unset=True)}
        # A step for all rows and a column of steps exclude each other; what is said of the file counts.
        if own.step is not None:
            given.pop("step", None)
        elif own.columns.step is not None:
            common["step"] = None
        return FileMapping.model_construct(**{**common, "columns": ColumnsForm(**given)})

    def unused(self, names: Iterable[str]) -> list[str]:
        """Return the sections that none of the files belongs to."""
        names = list(names)
        return [pattern for pattern in self.files if not any(fnmatchcase(name, pattern) for name in names)]


def columns_of(headings: tuple[str, ...], mapping: FileMapping, file: str, row: int = 1) -> dict[str, int]:
    """Return the places of the columns that tell what is needed: as mapped, else as recognised.

    A field that is mapped to nothing (``case: null``) has no column, whatever is recognised.

    Raises
    ------
    ScenarioError
        If a mapped heading is not there.
    """
    found = recognised(headings)
    problems = []
    bare = [heading.strip() for heading in headings]
    alike = [normal(heading) for heading in headings]
    for field in ColumnsForm.model_fields:
        heading = getattr(mapping.columns, field)
        if heading is None:
            if field in mapping.columns.model_fields_set:
                found.pop(field, None)
            continue
        if heading.strip() in bare:
            place = bare.index(heading.strip())
            # A column that is mapped to one field is not recognised as another.
            found = {other: at for other, at in found.items() if at != place or getattr(mapping.columns, other)}
            found[field] = place
        else:
            there = nearest(heading, map(_short, bare)) if any(bare) else Message("there are no headings at all")
            what = Message("there is no heading {name}; {there}", name=shown(heading), there=there)
            problems.append(Problem(file, row, 1, what, f"columns.{field}"))
    for field, place in found.items():
        # Which of two columns is meant only a mapping can say, and only if their headings differ.
        mapped = getattr(mapping.columns, field) is not None
        same = [
            at + 1 for at, text in enumerate(bare if mapped else alike) if text == (bare if mapped else alike)[place]
        ]
        if len(same) > 1:
            what = Message("columns {places} have one heading, {name}; rename all but the one that is meant",
                           places=", ".join(map(str, same)), name=shown(bare[place]))  # fmt: skip
            problems.append(Problem(file, row, 1, what, f"columns.{field}"))
    if problems:
        raise ScenarioError(problems)
    return found


def _short(heading: str) -> str:
    return shown(heading)[1:-1]


def load_mapping(path: str | Path, names: Sequence[str] | None = None) -> LogMapping:
    """Read a file that says how a log is meant; with the names of its files, those of its sections have to be theirs.

    Raises
    ------
    ScenarioError
        With all that is wrong, each with line and column.
    """
    file = CheckedFile.read(path, NO_MAPPING)
    mapping = file.form(LogMapping)
    if mapping is not None:
        file.problems += _contradictions(mapping, file.root)
        for unused in mapping.unused(names) if names is not None else ():
            node, _ = file.root.find(("files", unused))
            file.problems.append(node.problem(none_of_the_files(unused, names or ()), at_key=True))
    return file.checked(mapping)


def none_of_the_files(pattern: str, names: Sequence[str]) -> Message:
    """Return that the section of a mapping belongs to none of the files."""
    return Message("files: {file} is none of the files; there are {files}", file=shown(pattern),
                   files=", ".join(names) or Message("none"))  # fmt: skip


NO_MAPPING = N_("a mapping of a log must have lines such as 'step: phone' or 'columns: {{queued: HEADING}}'")


def _contradictions(mapping: LogMapping, root: Node) -> Iterator[Problem]:
    forms: list[tuple[tuple[str, ...], FileMapping]] = [((), mapping)]
    forms += [(("files", pattern), mapping.for_file(pattern)) for pattern in mapping.files]
    for at, form in forms:
        timed = not {form.time_format, form.date_format}.isdisjoint(SINCE)
        for path, wrong_here, what in (
            (("epoch",), not timed, N_("means nothing unless time_format is seconds, minutes or days; leave it out")),
            (("step",), root.find((*at, "columns", "step"))[1],
             N_("is here besides columns.step; remove one of the two")),
            (("states",), form.columns.state is None,
             N_("means nothing unless columns.state names a column; leave it out")),
            (("columns", "date"), form.time_format in SINCE, N_("means nothing besides times since the epoch")),
        ):  # fmt: skip
            node, there = root.find((*at, *path))
            if there and wrong_here:
                yield node.problem(what, dotted((*at, *path)))
