"""Headings and words that are recognised in a log without being mapped, in English and Chinese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TypeVar

from sim.studies.calibrate.log.steps import GAVE_UP, KINDS, RETURNED, SERVED, STEPS

Meaning = TypeVar("Meaning", int, str)

FIELDS = ("case", "step", "queued", "started", "ended", "outcome", "kind", "server", "date")
"""What a column may tell; `date` is the day to which times without a date belong."""

HEADINGS: Mapping[str, str] = {
    "case": "case, case id, case number, case no, caseid, case concept name, trace concept name, application id, "
            "application number, ticket, ticket id, ticket number, call id, request id, "
            "业务编号, 业务流水号, 流水号, 案件, 案件编号, 案件号, 案号, 办件编号, 办件号, 受理编号, 申请编号, 申请号, "
            "事项编号, 业务号, 票号, 排队号, 排队号码, 取号号码, 工单号, 工单编号, 通话编号, 会话编号",
    "step": "step, activity, concept name, stage, task, queue, service, "
            "环节, 步骤, 业务环节, 办理环节, 流程环节, 当前环节, 环节名称, 步骤名称, 活动, 节点, 节点名称, 队列",
    "queued": "queued, queued at, queue time, queue start, q start, enqueued, arrived, arrival, arrival time, "
              "ticket time, call time, received, submitted, submitted at, submission time, created, created at, "
              "取号时间, 取票时间, 来电时间, 呼入时间, 进线时间, 提交时间, 申请时间, 排队时间, 排队开始时间, "
              "入队时间, 到达时间, 收件时间, 创建时间",
    "started": "started, started at, start, start time, start timestamp, service start, ser start, answered, "
               "answered at, answer time, called, called at, begin, begin time, "
               "开始时间, 开始办理时间, 叫号时间, 接听时间, 接通时间, 应答时间, 受理时间, 开始服务时间, "
               "服务开始时间, 开始受理时间, 审核开始时间",
    "ended": "ended, ended at, end, end time, end timestamp, service end, ser exit, completed, completed at, "
             "complete timestamp, completion time, finished, finish time, closed, closed at, hung up, time timestamp, "
             "结束时间, 办结时间, 办理结束时间, 挂断时间, 挂机时间, 完成时间, 服务结束时间, 结束服务时间, 审核时间, "
             "审批时间, 审核结束时间, 离开时间",
    "outcome": "outcome, result, status, disposition, 结果, 状态, 办理结果, 办理状态, 处理结果, 审核结果, 审批结果, "
               "服务状态, 接听状态, 呼叫结果, 业务状态",
    "kind": "class, kind, type, case type, customer type, application type, "
            "类型, 主体类型, 市场主体类型, 经营主体类型, 申请人类型, 客户类型, 企业类型",
    "server": "server, server id, agent, agent id, resource, org resource, clerk, counter, window, desk, staff, "
              "employee, operator, user, 窗口, 窗口号, 窗口编号, 坐席, 座席, 坐席工号, 座席工号, 工号, 员工, "
              "员工工号, 经办人, 办理人, 办理人员, 审核人, 审核人员, 服务人员, 受理人",
    "date": "date, day, 日期, 业务日期, 办理日期, 来电日期, 取号日期",
}  # fmt: skip
"""Of each field those headings first that are preferred where several are there."""

STEP_WORDS: Mapping[str, str] = {
    "phone": "phone consulting, call, calls, phone call, telephone, hotline, enquiry call, "
             "电话, 电话咨询, 来电, 来电咨询, 咨询电话, 咨询热线, 热线, 热线咨询, 电话接听, 咨询",
    "online": "online form, form, web form, online application, "
              "自行网上填报, 在线填报, 网上填报, 网上申报, 网上申请, 在线申请, 在线申报, 自主填报, 自助填报",
    "filing": "assisted filing, assistance, assisted, help desk, "
              "帮办, 帮办申报, 帮办代办, 帮办服务, 代办, 辅导, 辅导填报, 填报辅导, 协助填报, 现场填报, 导办, 大厅帮办",
    "studio": "set-sail studio, set sail studio, 启航工作室, 起航工作室, 启航, 工作室",
    "key": "key-enterprise desk, specialist, key enterprise, key enterprises, key specialist, "
           "专员, 重点企业专员, 重点企业, 重点企业服务, 专员服务, 专班, 专人服务",
    "review": "online review, reviewing, approval, examination, "
              "审核, 网上审核, 人工审核, 审批, 审查, 核准, 登记审核",
    "automatic": "auto, auto approval, automatic approval, automated approval, "
                 "自动审批, 自动审核, 智能审批, 智能审核, 系统审核, 系统审批, 秒批, 自动核准",
    "issue": "issuing, issuance, handover, collection, counter, licence, license, pick up, pickup, "
             "窗口收件发照, 收件发照, 发照, 领照, 取照, 发证, 领证, 取证, 出证, 制证发照, 打照, 执照发放, 证照发放, "
             "领取执照",
}  # fmt: skip

OUTCOME_WORDS: Mapping[int, str] = {
    SERVED: "served, serviced, completed, complete, done, ok, success, successful, answered, connected, closed, "
            "finished, approved, accepted, granted, agent, "
            "已服务, 服务完成, 已完成, 完成, 正常, 正常结束, 已办结, 办结, 成功, 已接听, 接听, 已接, 已接通, 接通, "
            "通过, 已通过, 审核通过, 审批通过, 同意, 核准, 准予登记, 已发照, 已领取, 办理完成, 已办理",
    GAVE_UP: "gave up, abandoned, abandon, abandonment, hang, hang up, hung up, hangup, no show, noshow, left, missed, "
             "unanswered, not answered, reneged, lost, "
             "放弃, 已放弃, 弃号, 过号, 未到, 未到场, 爽约, 未接, 未接听, 未接通, 排队放弃, 排队挂断, 挂断, "
             "主叫挂断, 呼损, 离开, 已离开, 取消排队, 流失",
    RETURNED: "returned, return, sent back, rejected, correction, to correct, corrections requested, "
              "退回, 已退回, 退件, 退回修改, 退回补正, 补正, 待补正, 需补正, 驳回, 已驳回, 不通过, 未通过, 审核不通过, "
              "不予通过, 打回, 修改后重报",
}  # fmt: skip

KIND_WORDS: Mapping[str, str] = {
    "enterprise": "enterprises, company, companies, firm, 企业, 公司, 内资企业, 有限公司, 有限责任公司, 普通企业",
    "individual": "individuals, individual business, self-employed, sole trader, sole proprietor, "
                  "个体, 个体户, 个体工商户",
    "key": "key enterprise, key enterprises, 重点企业, 重点, 重点项目, 重大项目",
    "other": "other business, others, change, cancellation, 其他, 其它, 其他业务, 变更, 注销, 变更登记, 注销登记, 备案",
    "inquiry": "inquiries, enquiry, question, 咨询, 仅咨询, 业务咨询",
}  # fmt: skip

EMPTY_WORDS = frozenset(
    ["", "-", "--", "—", "——", "/", "\\", "\\n", ".", "null", "(null)", "none", "nil", "nan", "nat", "na", "n/a",
     "#n/a", "#null!", "无", "空", "0000-00-00", "0000-00-00 00:00:00"]
)  # fmt: skip
"""What stands for nothing in a cell, in small letters."""


def normal(text: str) -> str:
    """Return a heading or word as it is compared: no case, no width of letters, nothing but letters and digits."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    # What is said in brackets, such as a unit, is no part of a heading.
    bare = re.sub(r"[(\[【].*?[)\]】]", "", folded)
    return re.sub(r"[\W_]+", "", bare) or re.sub(r"[\W_]+", "", folded)


def _table(words: Mapping[Meaning, str]) -> dict[str, tuple[Meaning, int]]:
    """Return for each normal word what it means, and how early it comes in its list."""
    table: dict[str, tuple[Meaning, int]] = {}
    for meaning, listed in words.items():
        for rank, word in enumerate(listed.split(", ")):
            table.setdefault(normal(word), (meaning, rank))
    return table


_HEADINGS = _table(HEADINGS)
_WORDS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "step": _table({place: f"{step}, {STEP_WORDS[step]}" for place, step in enumerate(STEPS)}),
    "outcome": _table(OUTCOME_WORDS),
    "kind": _table({place: f"{kind}, {KIND_WORDS[kind]}" for place, kind in enumerate(KINDS)}),
}


def recognised(headings: Sequence[str]) -> dict[str, int]:
    """Return which column tells which field, as far as its heading says so.

    Parameters
    ----------
    headings : sequence of str

    Returns
    -------
    dict of str to int
        Fields of `FIELDS` that were recognised, with the places of their columns. Of several columns for one field
        that counts whose heading comes first in `HEADINGS`.
    """
    best: dict[str, tuple[int, int]] = {}
    for place, heading in enumerate(headings):
        known = _HEADINGS.get(normal(heading))
        if known is not None:
            field, rank = known
            best[field] = min(best.get(field, (rank, place)), (rank, place))
    return {field: best[field][1] for field in FIELDS if field in best}


def meaning_of(field: str, word: str) -> int | None:
    """Return the place of the step or class, or the outcome, that a word stands for; None if it is not recognised."""
    known = _WORDS.get(field, {}).get(normal(word))
    return known[0] if known else None
