"""Where parameters come from, in Chinese: the English texts are those of the parameters' own definitions."""

from __future__ import annotations

BANK = "Technion银行呼叫中心数据"

_SOURCES: dict[str, str] = {
    "article": "报道",
    "article: on average 5 minutes": "报道：平均5分钟",
    "article (Xiaoshan, February 2024)": "报道（萧山，2024年2月）",
    "article (Xiaoshan, February 2024): +14.4 % in 2023": "报道（萧山，2024年2月）：2023年增长14.4%",
    "none in the article": "报道未提及",
    "national calendar": "国家法定节假日安排",
    "whole year": "全年",
    "assumption": "假设",
    "assumption, influential": "假设，对结论影响较大",
    "assumption: the article gives no start or end for its 5 minutes": "假设：报道未说明5分钟自何时起、至何时止",
    "assumption: the article gives no staffing": "假设：报道未给出人员数",
    "assumption; open through the midday break: article": "假设；午间不断岗见报道",
    "assumption; the post itself is in the article": "假设；设有该岗位见报道",
    "assumption, within the range of the US Business Formation Statistics 2023; knows no Spring Festival":
        "假设，在美国2023年企业设立统计的范围之内；未反映春节影响",
    "assumption; Canberra's shopfronts have 1.6 calls a visit": "假设；堪培拉办事大厅每次到访对应1.6次来电",
    "assumption; mixture fitted to the Technion bank data": f"假设；混合比例据{BANK}拟合",
    "assumption; lognormal shape: call-centre literature": "假设；对数正态形状见呼叫中心研究文献",
    "assumption; Companies House about 3 min, Guangzhou's robot at most 2 min":
        "假设；英国公司注册署约3分钟，广州审批机器人不超过2分钟",
    "assumption; UK online < 10 %, postal > 50 %": "假设；英国网上申请退回不足10%，邮寄申请超过50%",
    "district stock about 52 % (article); new entities nationally about 30 %":
        "报道：全区存量中企业约占52%；全国新设主体中约占30%",
    "computed, UK daily incorporations 2019": "据英国2019年逐日公司设立数推算",
    "computed, UK daily incorporations 2019 (0.13 in 2021)": "据英国2019年逐日公司设立数推算（2021年为0.13）",
    "computed, call arrivals of the Technion bank data": f"据{BANK}的来电时刻推算",
    "computed, Technion bank data (430,130 calls: mean 188 s, SD 235 s)":
        f"据{BANK}推算（430,130次通话，平均188秒，标准差235秒）",
    "computed, 250 days of the same bank: hang-ups about 4.2 % + wait / 418 s; by profile assumption":
        "据同一银行250天数据推算：挂断率约4.2%加等待时间/418秒；分类别为假设",
    "Chinese registrations 2020: -59 % in one month, +20 % in another, year on year":
        "2020年全国登记数：同比一月降59%、另一月增20%",
    "UK Companies House accepts 35-40 % automatically": "英国公司注册署自动通过35%至40%",
}
"""By the English text: the Chinese one."""

WORDS: dict[str, tuple[str, str]] = {f"value source {english}": (english, zh) for english, zh in _SOURCES.items()}
