"""Labels of breaking demand and the capacity frontier."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "list limit": ("limit", "承载极限"),
    "limits found": ("plans: {plans}, demands judged: {tests}", "{plans}个方案，共判定{tests}档业务量"),
    "limit progress": ("demand {between}", "业务量{between}"),
    "limit more": ("{pool} {number}", "{pool}{number}"),
    "limit plan": ("{plan}: {more}", "{plan}：{more}"),
    # Target, to be read aloud
    "limit target mean": ("a mean {clock} of at most {minutes} minutes", "平均{clock}不超过{minutes}分钟"),
    "limit target share": ("{percent} % within {minutes} minutes ({clock})",
                           "{clock}在{minutes}分钟以内的不低于{percent}%"),
    "limit target percentile": ("P{percent} within {minutes} minutes ({clock})",
                                "{clock}的P{percent}不超过{minutes}分钟"),
    # What a plan carries
    "limit carries": ("With {plan} the office keeps {target} up to {holds} registrations a year; at {fails} it no "
                      "longer does.",
                      "{plan}：年新设登记不超过{holds}户时，{target}的目标能够兑现；达到{fails}户时无法兑现。"),
    "limit only holds": ("With {plan} the office keeps {target} up to {holds} registrations a year; no demand up to "
                         "{highest}, the highest tried, was shown to break it.",
                         "{plan}：年新设登记不超过{holds}户时，{target}的目标能够兑现；"
                         "直到所试的最大业务量{highest}户，均未证实无法兑现。"),
    "limit only fails": ("With {plan} no demand down to {lowest} registrations a year holds: {target} is missed from "
                         "{fails} on.",
                         "{plan}：业务量即使降到年新设登记{lowest}户，{target}的目标也未能证实兑现；"
                         "自{fails}户起即无法兑现。"),
    "limit neither": ("With {plan} nothing can be said: of {target}, no demand from {lowest} to {highest} "
                      "registrations a year was shown to hold or to fail.",
                      "{plan}：年新设登记{lowest}至{highest}户之间，{target}的目标能否兑现均无定论。"),
    "limit not monotone": ("Of {plan}, a higher demand was found to hold than one that fails: more demand is not "
                           "always worse there, or a verdict is wrong, so take its two ends with caution.",
                           "{plan}出现业务量较高时达标、较低时反而不达标的情况：或业务量增加未必更差，"
                           "或个别判定有误，其上下限应慎用。"),
    # When growth breaks it
    "limit no growth": ("Demand does not grow ({growth} % a year), and with {base} in {year} ",
                        "业务量不增长（年增长率{growth}%），{year}年为{base}户，"),
    "limit shrinks": ("Demand falls ({growth} % a year), and with {base} in {year} ",
                      "业务量逐年下降（每年{growth}%），{year}年为{base}户，"),
    "limit never": ("the plan is never broken.", "该方案始终能够承载。"),
    "limit already": ("it is over the limit already.", "已超出该方案的承载能力。"),
    "limit unclear": ("it lies where there is no verdict.", "处于尚无定论的区间。"),
    "limit passed": ("From {base} in {year}, at {growth} % growth a year, demand passes that {when}.",
                     "以{year}年{base}户为基数、年增长{growth}%测算，业务量将于{when}越过这一界限。"),
    "limit was passed": ("Demand is over that already: {base} in {year}; at {growth} % growth a year it passed the "
                         "limit {when}.",
                         "{year}年业务量为{base}户，已超出承载能力；按年增长{growth}%倒推，{when}即已越过这一界限。"),
    "limit no date": ("No date can be given on which growth of {growth} % a year from {base} in {year} breaks it.",
                      "以{year}年{base}户为基数、年增长{growth}%测算，无法给出越限日期。"),
    "limit between": ("between {begin} and {end}", "{begin}至{end}之间"),
    "limit in": ("in {begin}", "{begin}"),
    "limit after": ("in {begin} or later", "{begin}或之后"),
    "limit before": ("in {end} or earlier", "{end}或之前"),
    "limit convention": ("Dates: the middle of the twelve months whose registrations reach the limit, with steady "
                         "growth from the middle of {year}.",
                         "日期口径：以{year}年年中为起点匀速增长，取连续12个月业务量达到界限时该12个月的中点。"),
    # Next year
    "limit next carried": ("It carries the {mark} of {year}.", "{year}年的{mark}户可以承载。"),
    "limit next broken": ("It does not carry the {mark} of {year}.", "{year}年的{mark}户无法承载。"),
    "limit next open": ("Whether it carries the {mark} of {year} is not shown.",
                        "{year}年的{mark}户能否承载尚无定论。"),
    "limit next by": ("The cheapest of the plans shown to carry the {mark} of {year} is {plan}: it holds up to {holds}"
                      "{when}, for {cost} yuan of staff cost {more} than {first}.",
                      "能够承载{year}年{mark}户的方案中成本最低的是“{plan}”：可承载至{holds}户{when}，"
                      "人员成本比“{first}”{more}{cost}元。"),
    "limit next by first": ("The cheapest of the plans shown to carry the {mark} of {year} is {plan} itself.",
                            "能够承载{year}年{mark}户的方案中，成本最低的就是“{plan}”。"),
    "limit next by none": ("None of the {all} plans is shown to carry the {mark} of {year}.",
                           "{all}个方案均未证实能够承载{year}年的{mark}户。"),
    "limit reached": (", a demand that is passed {when}", "（业务量将于{when}越过）"),
    "limit cost more": ("more", "增加"),
    "limit cost less": ("less", "减少"),
    # Titles of the chart
    "limit title carries": ("{plan} holds up to {holds} registrations a year and fails from {fails}",
                            "{plan}：年新设登记{holds}户以内达标，{fails}户起不达标"),
    "limit title only holds": ("{plan} holds up to {holds} registrations a year; none was shown to fail",
                               "{plan}：年新设登记{holds}户以内达标，未见不达标"),
    "limit title only fails": ("{plan} holds at no demand down to {lowest} registrations a year",
                               "{plan}：业务量降到年新设登记{lowest}户仍不达标"),
    "limit title neither": ("{plan}: no demand was shown to hold or to fail", "{plan}：能否达标均无定论"),
    "limit title some": ("{number} of {all} plans carry the {mark} registrations of {year}; the cheapest: {plan}",
                         "{all}个方案中{number}个可承载{year}年的{mark}户，成本最低的是“{plan}”"),
    "limit title none": ("None of {all} plans is shown to carry the {mark} registrations of {year}",
                         "{all}个方案均未证实可承载{year}年的{mark}户新设登记"),
    "limit error": ("chance of any wrong verdict ≤ {error} %", "出现任何误判的概率≤{error}%"),
    # Axes, columns and notes
    "limit demand axis": ("registrations a year", "年新设登记（户）"),
    "limit cost axis": ("staff cost over {days} working days [10,000 yuan]", "人员成本（万元，{days}个工作日）"),
    "limit mark base": ("{mark} ({year})", "{mark}（{year}年）"),
    "limit mark next": ("{mark} ({year}, {growth} %)", "{mark}（{year}年，{growth}%）"),
    "limit cost column": ("cost\n[10,000\nyuan]", "成本\n（万元）"),
    "limit bracket column": ("holds – fails\n[registrations a year]", "达标 – 不达标\n（年新设登记，户）"),
    "limit breaks column": ("demand\npasses it", "越限时间"),
    "limit bars": ("bars: largest demand that holds to smallest that fails",
                   "竖条：从达标的最大业务量到不达标的最小业务量"),
    "limit frontier": ("line: frontier; grey: carries nothing, or no more than another that costs no more",
                       "折线：承载前沿；灰色：无法承载，或另有方案成本不高于它而承载不少于它"),
    "limit arrows": ("▲▼ beyond the scale", "▲▼超出刻度"),
    "limit points": ("points: demands judged, with {level} % intervals for all at once; band: neither shown to hold "
                     "nor to fail",
                     "点：所判定的业务量，竖线为同时成立的{level}%区间；色带：既未证实达标、也未证实不达标"),
    "limit source": ("Simulation: {replications} replications, {days} working days each, seed {seed}. "
                     "{basis}",
                     "仿真结果：共{replications}次重复，每次{days}个工作日，随机种子{seed}。"
                     "{basis}"),
    "limit not shown": ("▲ beyond the scale, or cannot finish", "▲超出刻度或办不完"),
    "limit not shown share": ("▼ beyond the scale, or cannot finish", "▼超出刻度或办不完"),
    "limit none holds": ("none", "无"),
    # Report in the terminal
    "limits table": ("Demand that each plan carries, in registrations a year",
                     "各方案可承载的业务量（年新设登记，户）"),
    "limit holds column": ("largest\nthat HOLDS", "达标的\n最大值"),
    "limit fails column": ("smallest\nthat FAILS", "不达标的\n最小值"),
    "limit passes column": ("demand passes it\n({growth} % a year)", "越限时间\n（年增长{growth}%）"),
    "limit money column": ("staff cost\n[yuan]", "人员成本\n（元）"),
    "limit tests column": ("demands\njudged", "判定\n档数"),
    "limit steps table": ("Demands judged: {plan}", "所判定的业务量：{plan}"),
    "limit demand column": ("registrations a year", "年新设登记（户）"),
    "limit report note": ("Chance of any wrong verdict ≤ {error} %, shared among {tests} demands. Staff cost, overtime "
                          "included: over {days} working days at the largest demand that HOLDS.",
                          "出现任何误判的概率≤{error}%，由{tests}档业务量分担。人员成本含加班，"
                          "为达标的最大业务量下{days}个工作日的合计。"),
}  # fmt: skip
