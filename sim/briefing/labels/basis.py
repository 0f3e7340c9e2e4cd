"""What numbers rest on: assumptions, or a log to which parameters were fitted."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    # At the bottom of charts
    "basis assumed": ("Staffing and step times are assumptions", "人员配置与各步用时为假设"),
    "basis fitted": ("Parameters fitted to the log {log}: {number}; the others are assumptions",
                     "据业务记录{log}拟合{number}项参数，其余为假设"),
    "basis mixed": ("Partly fitted to a log, the rest are assumptions", "部分参数据业务记录拟合，其余为假设"),
    "basis version": ("{basis}. Version {version}", "{basis}。版本{version}"),
    # Report in the terminal
    "rests on": ("Article: {article}. Assumed: {assumption} other parameters, all staffing and step times among them; "
                 "taken from elsewhere: {elsewhere}. Each in docs/parameters.md",
                 "出自报道：{article}。其余{assumption}项为假设（含全部人员配置与各步用时），{elsewhere}项取自其他资料；"
                 "逐项见docs/parameters.md"),
    "rests on fitted": ("Fitted to the log {log}: {fitted}{staffing}. Article: {article}. Assumed: {assumption} other "
                        "parameters; taken from elsewhere: {elsewhere}. What is assumed: docs/parameters.md",
                        "据业务记录{log}拟合：{fitted}{staffing}。出自报道：{article}。其余{assumption}项为假设，"
                        "{elsewhere}项取自其他资料；假设项见docs/parameters.md"),
    "parameters": ("{number} parameters", "{number}项参数"),
    "parameters one": ("1 parameter", "1项参数"),
    "staffing among them": (", the staffing of {pools} among them", "（含{pools}的人员配置）"),
    "staffing not among them": (", no staffing among them", "（不含人员配置）"),
    # Briefing
    "brief simulated assumed": ("This is a simulation, not a measurement: staffing and step times are assumptions.",
                                "以上均为仿真结果，不是实测：人员配置与各步用时为假设。"),
    "brief simulated mixed": ("This is a simulation, not a measurement: its parameters are partly fitted to a log, and "
                              "assumptions otherwise.",
                              "以上均为仿真结果，不是实测：部分参数据业务记录拟合，其余为假设。"),
    "brief simulated fitted": ("This is a simulation, not a measurement: {fitted} parameters were fitted to the log "
                               "{log}, the others are assumptions.",
                               "以上均为仿真结果，不是实测：据业务记录{log}拟合{fitted}项参数，其余为假设。"),
    "brief counted log": ("{fitted} parameters were fitted to the log {log}, {article} come from the article, "
                          "{elsewhere} are taken from elsewhere, {assumption} are assumed",
                          "模型参数中，据业务记录{log}拟合的{fitted}项，出自报道的{article}项，取自其他资料的{elsewhere}项，"
                          "其余{assumption}项为假设"),
    "brief staffing seen": ("The staffing of {pools} is what the log shows at work; whoever served nobody is not seen. "
                            "All other staffing is an assumption.",
                            "{pools}的人员安排取自业务记录中的实际在岗情况，在岗而未办理业务的人员无从得见；"
                            "其余岗位的人员安排为假设。"),
    "brief staffing all seen": ("The staffing is what the log shows at work; whoever served nobody is not seen.",
                                "人员安排取自业务记录中的实际在岗情况，在岗而未办理业务的人员无从得见。"),
    "brief from assumption rest": ("what the log does not tell; each in the workbook",
                                   "业务记录未能反映的项目，逐项见工作簿"),
    "brief from fitted rest": ("what the log tells; each in the workbook", "业务记录所反映的项目，逐项见工作簿"),
    "brief fitted to": ("fitted to the log {log}", "据业务记录{log}拟合"),
    "brief check rest": ("Before money is spent on this: see whether what is still assumed is true of the office. The "
                         "calibration says what its log does not tell.",
                         "据此投入之前，宜先核实其余假设是否符合本单位实际；业务记录未能反映的项目见校准结果。"),
}  # fmt: skip
