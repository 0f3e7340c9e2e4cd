"""How a parameter is declared: once, with unit, default, ranges, source and meaning in both languages."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sim.office.problems import shown
from sim.text import N_, Message, language

ASSUMPTION = N_("assumption")
UNSET = N_("none in the article")
"""Source of what is empty, and of what says how something is described rather than what it is."""
Class = Literal["enterprise", "individual", "key", "other"]
"""Of applicants: those with a licence to get, and other business."""
DayName = Literal["mon", "tue", "wed", "thu", "fri", "makeup"]
Channel = Literal["online", "hall", "studio", "specialist"]
"""How an applicant means to file."""
Span = tuple[float, float]
"""From and to, minutes since midnight."""
Range = tuple[float, float]

MINUTES_A_DAY = 24 * 60
HALF_HOUR = 30
TIME = re.compile(r"(\d\d):([0-5]\d)", re.ASCII)
TIMES = re.compile(r"(\d\d:[0-5]\d)-(\d\d:[0-5]\d)", re.ASCII)
MOST_SAMPLED = 1001
"""Times of a sample; of more, as many quantiles."""


def param(
    default: Any = ...,
    *,
    en: str,
    zh: str,
    unit: str = "",
    plausible: Range | Mapping[str, Range] | None = None,
    source: str | None = None,
    alias: str | None = None,
    **bounds: Any,
) -> Any:
    """Declare a parameter.

    Parameters
    ----------
    default : object
        Its value where a scenario does not say otherwise; left out, a scenario has to give it.
    en, zh : str
        What it means, in English and Chinese.
    unit : str
        Unit, empty for a pure number or a word.
    plausible : (low, high), or a mapping of member to (low, high)
        Values outside are possible, but warned of.
    source : str
        Where the default comes from; left out, it is an `ASSUMPTION`. A parameter without a default has no
        source unless it names one.
    alias : str or None
        Its name in the file, if that is a reserved word here.
    **bounds
        ``ge``, ``gt``, ``le``, ``min_length``, ``max_length``: values outside are errors.
    """
    if source is None:
        source = "" if default is ... else ASSUMPTION
    extra = {"unit": unit, "plausible": plausible, "source": source, "zh": zh}
    return Field(
        default,
        alias=alias,
        description=en,
        json_schema_extra={name: value for name, value in extra.items() if value},  # type: ignore[misc]
        **bounds,
    )


class Group(BaseModel):
    """Parameters that belong together; what is not given keeps its default, member by member."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Members that are not taken from a default where another one is given: they belong to that."""
    others: ClassVar[type[Group] | None] = None
    """Form of members that whoever writes a file names, if there can be any."""

    def __hash__(self) -> int:
        # A mapping has no hash; two that differ in what is in it are told apart by their comparison.
        return hash(tuple(len(value) if isinstance(value, dict) else value for value in vars(self).values()))

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        filled = dict(data)
        for name, info in cls.model_fields.items():
            key = info.alias or name
            if isinstance(info.default, Group) and isinstance(filled.get(key), dict):
                filled[key] = _filled(info.default, filled[key])
        return filled


def _filled(default: Group, data: dict[str, Any]) -> dict[str, Any]:
    """Return `data` with what it leaves out taken from `default`."""
    named = {info.alias or name for name, info in type(default).model_fields.items()}
    # A scenario in full leaves out nothing.
    whole = {} if named <= data.keys() else default.model_dump(mode="json", by_alias=True)
    for key in (key for leader, keys in default.follows.items() if leader in data for key in keys):
        whole.pop(key, None)
    for name, info in type(default).model_fields.items():
        key, member = info.alias or name, getattr(default, name)
        if isinstance(member, Group) and isinstance(data.get(key), dict):
            whole[key] = _filled(member, data[key])
        elif key in data:
            whole[key] = data[key]
    return {**data, **whole}


def wrong(template: str, /, **values: object) -> PydanticCustomError:
    """Return the error with this message, to be raised by a validator."""
    return several_wrong([((), Message(template, **values))])


def several_wrong(found: Sequence[tuple[tuple[str | int, ...], Message]]) -> PydanticCustomError:
    """Return one error that stands for several, each with its place below the validator."""
    text = "; ".join(str(what) for _, what in found)
    return PydanticCustomError("plain", "{text}", {"text": text, "found": found})


def _number(value: Any) -> float:
    if isinstance(value, str) and (percent := re.fullmatch(r"\s*([-+]?\d{1,9}(?:\.\d{1,9})?)\s*%\s*", value, re.ASCII)):
        raise wrong("must be a number, not {value}; write {right:g}", value=shown(value), right=float(percent[1]) / 100)
    if isinstance(value, str) and re.fullmatch(r"\d{1,3}(?:[,_ ]\d{3}){1,4}", value, re.ASCII):
        digits = re.sub("[,_ ]", "", value)
        raise wrong("must be a number, not {value}; write {right}", value=shown(value), right=digits)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong("must be a number, not {value}", value=shown(value))
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise wrong("must be a finite number, not {value}", value=shown(value))
    return number


def _whole(value: Any) -> int:
    if isinstance(value, float) and math.isfinite(value) and not value.is_integer():
        raise wrong("must be a whole number, not {value}", value=shown(value))
    return int(_number(value))


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong("must be true or false, not {value}", value=shown(value))
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise wrong("must be a text, not {value}", value=shown(value))
    if not value.isprintable():
        raise wrong("must be one line of text, not {value}", value=shown(value))
    return value


def _name(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value, re.ASCII) or len(value) > 64:
        raise wrong("must be a name of small letters, digits and hyphens such as 'growth-2024', not {value}",
                    value=shown(value))  # fmt: skip
    return value


def _day(value: Any) -> date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise wrong("{value} is not in the calendar", value=shown(value)) from None
    raise wrong("must be a date YYYY-MM-DD such as 2023-01-28, not {value}", value=shown(value))


def _moment(value: Any) -> datetime:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", value, re.ASCII):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            raise wrong("{value} is no date and time", value=shown(value)) from None
    raise wrong("must be a date and time YYYY-MM-DD HH:MM such as 2023-03-01 09:30, not {value}", value=shown(value))


def _clock_time(value: Any) -> float:
    found = isinstance(value, str) and TIME.fullmatch(value)
    minutes = int(found[1]) * 60 + int(found[2]) if found else math.inf
    if minutes > MINUTES_A_DAY:
        raise wrong("must be a time HH:MM such as 08:30, not {value}", value=shown(value))
    return float(minutes)


def _half_hour(value: Any) -> float:
    minutes = _clock_time(value)
    if minutes % HALF_HOUR:
        raise wrong("must be at a full or half hour, not {value}", value=value)
    return minutes


def _span(value: Any) -> Span:
    found = isinstance(value, str) and TIMES.fullmatch(value)
    begin, end = (_clock_time(found[1]), _clock_time(found[2])) if found else (0.0, math.nan)
    if math.isnan(end):
        raise wrong("must be hours HH:MM-HH:MM such as 08:30-17:00, not {value}", value=shown(value))
    if begin >= end:
        raise wrong("{hours} ends before it begins; the first time must be the earlier one", hours=value)
    return begin, end


def _half_hour_span(value: Any) -> Span:
    begin, end = _span(value)
    if begin % HALF_HOUR or end % HALF_HOUR:
        raise wrong("{hours} must begin and end at a full or half hour, such as 08:30-12:00", hours=value)
    return begin, end


def show_time(minutes: float) -> str:
    """Return minutes since midnight as HH:MM."""
    return f"{int(minutes) // 60:02d}:{int(minutes) % 60:02d}"


def show_span(span: Span) -> str:
    """Return hours as HH:MM-HH:MM."""
    return f"{show_time(span[0])}-{show_time(span[1])}"


def _show_moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


_TIME_PATTERN = r"([01]\d|2[0-4]):[0-5]\d"
_SPAN_SCHEMA = WithJsonSchema({"type": "string", "pattern": f"^{_TIME_PATTERN}-{_TIME_PATTERN}$"})
_TIME_SCHEMA = WithJsonSchema({"type": "string", "pattern": f"^{_TIME_PATTERN}$"})
_MOMENT_SCHEMA = WithJsonSchema({"type": "string", "pattern": rf"^\d{{4}}-\d\d-\d\d {_TIME_PATTERN}$"})

Number = Annotated[float, BeforeValidator(_number)]
Count = Annotated[int, BeforeValidator(_whole)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, BeforeValidator(_name)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_moment), PlainSerializer(_show_moment, str, "json"), _MOMENT_SCHEMA]
HalfHour = Annotated[float, BeforeValidator(_half_hour), PlainSerializer(show_time, str, "json"), _TIME_SCHEMA]
SampledTime = Annotated[Number, Field(ge=0, le=MINUTES_A_DAY)]
Hours = Annotated[Span, BeforeValidator(_span), PlainSerializer(show_span, str, "json"), _SPAN_SCHEMA]
Shift = Annotated[Span, BeforeValidator(_half_hour_span), PlainSerializer(show_span, str, "json"), _SPAN_SCHEMA]


class Titles(Group):
    """A title in both languages."""

    en: Text = param(en="title in English", zh="英文标题")
    zh: Text = param(en="title in Chinese", zh="中文标题")

    def __str__(self) -> str:
        return self.en if language() == "en" else self.zh


class Sample(Group):
    """Times that were seen, in place of a family of distributions.

    A file names another one; what that holds is put into `minutes` when it is read (`sim.office.samples`).
    """

    file: Text | None = param(None, source=UNSET, en="CSV file that they are from", zh="来源CSV文件")
    minutes: tuple[SampledTime, ...] = param(
        (), source=UNSET, unit="min", min_length=2, max_length=MOST_SAMPLED,
        en="the times, or as many quantiles of them", zh="实测时长（或其分位数）",
    )  # fmt: skip
    as_it_is: Flag = param(
        False, source=UNSET, en="only these very times; false = also those between two of them",
        zh="仅取这些数值；false 表示相邻数值之间插值",
    )  # fmt: skip

    @field_validator("minutes")
    @classmethod
    def _takes_time(cls, minutes: tuple[float, ...]) -> tuple[float, ...]:
        if not any(minutes):
            raise wrong("must have a number above 0 in it")
        return tuple(sorted(minutes))


class MeanAndCv(Group):
    """A duration: of a family, or as in a sample, which the mean then stretches."""

    mean_minutes: Number = param(unit="min", ge=0.01, le=1440, en="mean", zh="均值")
    cv: Number = param(
        ge=0.01, le=5, en="coefficient of variation", zh="变异系数",
    )  # fmt: skip
    family: Literal["lognormal", "gamma"] = param(
        "lognormal", source=UNSET, en="family of distributions: lognormal or gamma",
        zh="分布族：lognormal 对数正态，gamma 伽马",
    )  # fmt: skip
    sample: Sample | None = param(
        None, source=UNSET, en="times that were seen, in place of a family; their variation is their own",
        zh="以实测时长样本代替分布族；变异以样本为准",
    )  # fmt: skip


class MeanAndShape(Group):
    """A Weibull duration, or as in a sample, which the mean then stretches."""

    mean_minutes: Number = param(unit="min", ge=0.01, le=1440, en="mean", zh="均值")
    shape: Number = param(
        ge=0.2, le=10,
        en="Weibull shape; above 1 patience wears thin", zh="威布尔形状参数；大于1表示耐心渐失",
    )  # fmt: skip
    sample: Sample | None = param(
        None, source=UNSET, en="patience as it was seen, in place of a family", zh="以实测耐心样本代替分布族",
    )  # fmt: skip


class MedianHours(Group):
    """A lognormal duration of hours, given by its median."""

    median_hours: Number = param(unit="h", ge=0.01, le=1000, en="median", zh="中位数")
    cv: Number = param(ge=0.01, le=5, en="coefficient of variation", zh="变异系数")


class MeanHours(Group):
    """A lognormal duration of hours, given by its mean."""

    mean_hours: Number = param(unit="h", ge=0.01, le=1000, en="mean", zh="均值")
    cv: Number = param(ge=0.01, le=5, en="coefficient of variation", zh="变异系数")


def overlapping(spans: list[Span]) -> list[int]:
    """Return the places of spans that begin before an earlier one in time has ended."""
    order = sorted(range(len(spans)), key=lambda place: spans[place])
    found, reach = [], -1.0
    for place in order:
        if spans[place][0] < reach:
            found.append(place)
        reach = max(reach, spans[place][1])
    return found
