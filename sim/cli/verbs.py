"""The verbs. Each says what it takes, and leaves the work to a module that is imported when it is needed."""

from __future__ import annotations

from typing import Any, NoReturn

import click

from sim.cli.options import options_of, share_of_days, shared_options, whole_number
from sim.office.problems import nearest

ABOUT = """Does a business licence in five minutes hold?

Without a verb: run every scenario as shipped, and end with one table of verdicts and one chart.

\b
5分钟办照能否做到？不带子命令：运行全部内置场景，给出判定总表与总图。
"""
RUN = "Run one scenario: verdict, figures, charts. / 运行一个场景"
SWEEP = "Run a sweep: the verdict over a grid, a list or a space of scenarios. / 运行一组扫描"
COMPARE = "Compare plans under common random numbers. / 用相同随机数比较方案"
STAFF = "Find the cheapest plan that keeps the target, with its certificate. / 求达标且成本最低的人员方案"
LIMIT = "How much demand a plan carries, and when growth breaks it. / 求人员方案可承载的最大业务量"
EXPLAIN = "Which stage makes the licences late, and what one more of staff is worth. / 超时归因：哪个环节造成"
BRIEF = "A briefing from saved results: page, deck, workbook, pictures. / 由已有结果生成简报"
REPLAY = "A day or a week of the office as a page to be watched. / 在网页中重放办事处的一天或一周"
APP = "The web app: sliders, verdict, replay, briefing in a browser. / 网页应用：调参数、看判定、重放、出简报"
SENSITIVITY = "Which assumption the verdict hangs on, and where it flips. / 判定取决于哪些假设，取何值时翻转"
CALIBRATE = "Fit the model to an office's own log, and back-test it. / 用本单位业务记录拟合模型并回测"
LOG = "Write the log of a simulated period, in the form that calibrate reads. / 导出一次仿真的业务记录"
RESULTS = "List finished and unfinished experiments. / 列出已有结果"
CHECK = "Check scenario and sweep files: say all that is wrong. / 检查场景与扫描文件"
SCHEMA = "Print the JSON Schema of scenario files. / 输出JSON Schema"


class Verbs(click.Group):
    """A group that suggests the nearest verb, or the one that a scenario file without a verb needs."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the verb, its command and the rest of the line."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            self._unknown(ctx, args[0])
        return super().resolve_command(ctx, args)

    def _unknown(self, ctx: click.Context, word: str) -> NoReturn:
        if word.endswith((".yaml", ".yml")):
            ctx.fail(f"a scenario file needs a verb before it: run {word}")
        ctx.fail(f"there is no verb {word!r}; {nearest(word, self.commands)}")


@click.group(cls=Verbs, invoke_without_command=True, help=ABOUT)
@shared_options()
@click.pass_context
def command_line(context: click.Context, /, **_: Any) -> None:
    """Do the main job if there is no verb."""
    if context.invoked_subcommand is None:
        from sim.cli.whole import run_all

        context.exit(run_all(options_of(context)))


@command_line.command(help=RUN, short_help=RUN)
@click.argument("scenario", metavar="SCENARIO.yaml")
@shared_options()
@click.pass_context
def run(context: click.Context, /, scenario: str, **_: Any) -> int:
    """Run one scenario."""
    from sim.cli.single import run_one

    return run_one(scenario, options_of(context))


@command_line.command(help=SWEEP, short_help=SWEEP)
@click.argument("sweep", metavar="SWEEP.yaml")
@shared_options()
@click.pass_context
def sweep(context: click.Context, /, sweep: str, **_: Any) -> int:
    """Run a sweep."""
    from sim.cli.sweeping import run_sweep_file

    return run_sweep_file(sweep, options_of(context))


@command_line.command(help=COMPARE, short_help=COMPARE)
@click.argument("scenarios", nargs=-1, required=True, metavar="A.yaml B.yaml...")
@click.option("--best", is_flag=True, help="Look for the best plan only: drop the others early. / 只找最优方案")
@click.option("--name", default=None, metavar="NAME", help="Name of the comparison and its folder. / 比较的名称")
@shared_options()
@click.pass_context
def compare(context: click.Context, /, scenarios: tuple[str, ...], best: bool, name: str | None, **_: Any) -> int:
    """Compare plans."""
    from sim.cli.comparing import compare_files

    return compare_files(scenarios, best, name, options_of(context))


@command_line.command(help=STAFF, short_help=STAFF)
@click.argument("scenario", metavar="SCENARIO.yaml")
@click.option("--rules", default=None, metavar="RULES.yaml",
              help="Shifts, bounds and service floors (scenarios/staffing/standard.yaml). / 班次、人数上下限与服务底线")
@shared_options()
@click.pass_context
def staff(context: click.Context, /, scenario: str, rules: str | None, **_: Any) -> int:
    """Find the cheapest plan."""
    from sim.cli.staffing import staff_file

    return staff_file(scenario, rules, options_of(context))


@command_line.command(help=LIMIT, short_help=LIMIT)
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO.yaml...")
@click.option("--add", multiple=True, metavar="POOL=NUMBER",
              help="One more plan: the first scenario's with so many more on duty; may be repeated. / 在首个方案上增员")
@click.option("--growth", default=None, metavar="SHARE",
              help="Yearly growth for the date on which a plan breaks (0.144). / 年增长率")
@shared_options()
@click.pass_context
def limit(
    context: click.Context, /, scenarios: tuple[str, ...], add: tuple[str, ...], growth: str | None, **_: Any
) -> int:
    """Find the breaking demand of plans."""
    from sim.cli.limiting import limit_files

    return limit_files(scenarios, add, growth, options_of(context))


@command_line.command(help=EXPLAIN, short_help=EXPLAIN)
@click.argument("scenario", metavar="SCENARIO.yaml")
@shared_options()
@click.pass_context
def explain(context: click.Context, /, scenario: str, **_: Any) -> int:
    """Say which stage is to blame."""
    from sim.cli.explaining import explain_file

    return explain_file(scenario, options_of(context))


@command_line.command(help=REPLAY, short_help=REPLAY)
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO.yaml [OTHER.yaml]")
@click.option("--day", default=None, metavar="DATE",
              help="Day to show (2023-03-06); left out, one in the middle. / 日期，缺省取居中的一天")
@click.option("--week", is_flag=True, help="The whole week of that day. / 该日所在的一周")
@shared_options()
@click.pass_context
def replay(
    context: click.Context, /, scenarios: tuple[str, ...], day: str | None, week: bool, **_: Any
) -> int:
    """Write a replay."""
    from sim.cli.replaying import replay_files

    return replay_files(scenarios, day, week, options_of(context))


@command_line.command(help=BRIEF, short_help=BRIEF)
@click.argument("folders", nargs=-1, metavar="[RESULTS-FOLDER]...")
@click.option("--name", default=None, metavar="NAME", help="Name of the briefing and its folder. / 简报的名称")
@click.option("--all-charts", is_flag=True,
              help="With the charts that are not among the three that answer. / 附上其余全部图")
@shared_options(hidden=True, out=True)
@click.pass_context
def brief(context: click.Context, /, folders: tuple[str, ...], name: str | None, all_charts: bool, **_: Any) -> int:
    """Make a briefing."""
    from sim.cli.briefing import brief_folders

    return brief_folders(folders, name, all_charts, options_of(context))


@command_line.command(help=APP, short_help=APP)
@click.option("--port", callback=whole_number(1, 65_535), metavar="NUMBER", default="8501",
              help="Port of this machine (8501); nobody else can reach it. / 本机端口，外部无法访问")
@click.option("--scenario", default=None, metavar="NAME", help="Scenario that is shown first. / 首先显示的场景")
@shared_options(hidden=True, out=True)
@click.pass_context
def app(context: click.Context, /, port: int, scenario: str | None, **_: Any) -> int:
    """Serve the web app."""
    from sim.cli.serving import serve_app

    return serve_app(port, scenario, options_of(context))


@command_line.command(help=SENSITIVITY, short_help=SENSITIVITY)
@click.argument("scenario", metavar="SCENARIO.yaml")
@click.option("--only", multiple=True, metavar="flips|screening|indices|plausible",
              help="Only this piece; may be repeated. / 只做其中一部分，可重复")
@click.option("--parameters", default=None, metavar="A,B,...",
              help="Only these assumptions (review.return_rate,issue.minutes.mean_minutes). / 只考察这些假设")
@click.option("--ranges", default=None, metavar="RANGES.yaml",
              help="Ranges in place of the plausible ones, such as those fitted to a log. / 以拟合区间代替合理范围")
@shared_options()
@click.pass_context
def sensitivity(
    context: click.Context, /, scenario: str, only: tuple[str, ...], parameters: str | None, ranges: str | None,
    **_: Any,
) -> int:
    """Say what the verdict hangs on."""
    from sim.cli.sensing import sense_file

    return sense_file(scenario, only, parameters, ranges, options_of(context))


@command_line.command(help=CALIBRATE, short_help=CALIBRATE)
@click.argument("log", nargs=-1, required=True, metavar="LOG...")
@click.option("--mapping", default=None, metavar="MAPPING.yaml",
              help="What columns and words mean; what it leaves out is recognised. / 列名与用语对照")
@click.option("--parent", default=None, metavar="SCENARIO.yaml",
              help="Scenario for what the log does not tell (baseline-2023). / 业务记录未反映的参数取自此场景")
@click.option("--name", default=None, metavar="NAME", help="Name of the new scenario. / 新场景名称")
@click.option("--hold-out", default="0.25", metavar="SHARE", callback=share_of_days,
              help="Last share of the days, to be foretold; 0 = none. / 留作回测的末段天数占比")
@shared_options()
@click.pass_context
def calibrate(
    context: click.Context,
    /,
    log: tuple[str, ...],
    mapping: str | None,
    parent: str | None,
    name: str | None,
    hold_out: float,
    **_: Any,
) -> int:
    """Fit the model to a log."""
    from sim.cli.calibrating import calibrate_files

    return calibrate_files(log, mapping, parent, name, hold_out, options_of(context))


@command_line.command(help=LOG, short_help=LOG)
@click.argument("scenario", metavar="SCENARIO.yaml")
@shared_options()
@click.pass_context
def log(context: click.Context, /, scenario: str, **_: Any) -> int:
    """Write the log of a simulated period."""
    from sim.cli.calibrating import export_log

    return export_log(scenario, options_of(context))


@command_line.command(help=RESULTS, short_help=RESULTS)
@shared_options(hidden=True, out=True)
@click.pass_context
def results(context: click.Context, /, **_: Any) -> int:
    """List what there is."""
    from sim.cli.listing import list_results

    return list_results(options_of(context))


@command_line.command(help=CHECK, short_help=CHECK)
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@shared_options(hidden=True)
@click.pass_context
def check(context: click.Context, /, files: tuple[str, ...], **_: Any) -> int:
    """Check scenario files."""
    from sim.cli.checking import check_files

    return check_files(files, options_of(context))


@command_line.command(help=SCHEMA, short_help=SCHEMA)
@shared_options(hidden=True)
@click.pass_context
def schema(context: click.Context, /, **_: Any) -> int:
    """Print the JSON Schema of scenario files."""
    import json

    from sim.cli.output import print_text
    from sim.office.schema import json_schema

    print_text(json.dumps(json_schema(), ensure_ascii=False, indent=None if options_of(context).json else 2))
    return 0
