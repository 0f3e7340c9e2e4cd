"""The verbs: those of the studies, and a few of the program's own, each declared in a line or two."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import click

from sim import program
from sim.cli.options import options_of, shared_options, whole_number
from sim.office.problems import nearest
from sim.studies import studies
from sim.studies.base import Options, Study, refused
from sim.text import N_, _

ABOUT = """Does a business licence in five minutes hold?

5分钟办照能否做到？（中文：--lang zh）

"""
SHIPPED = {
    "SCENARIO": [""], "A": [""], "SWEEP": ["sweeps"], "RULES": ["staffing"], "FILE": ["", "sweeps", "staffing"],
}  # fmt: skip
"""By what files of a parameter are called in its usage: folders, below `scenarios/`, of those that are shipped."""
HEADINGS = {"Options": N_("Options"), "Commands": N_("Verbs")}


class Verb(NamedTuple):
    """A verb that is no study.

    Attributes
    ----------
    name, about : str
        As `Study` has them.
    work : str
        Module of `sim.cli` and its function, which takes the parameters in their order and the `Options`.
    parameters : sequence of click.Parameter
    plays : bool
        Whether it simulates; if not, most of the shared options make no difference to it.
    writes : bool
        Whether it reads or writes results.
    """

    name: str
    about: str
    work: str
    parameters: Sequence[click.Parameter] = ()
    plays: bool = False
    writes: bool = True


OWN = (
    Verb("new", N_("Write a scenario of your own office: a few lines, from what you say of it."), "beginning.begin", [
        click.Argument(["name"], metavar="NAME"),
        click.Option(["--title"], metavar="TEXT", help=N_("Title of the office, in any language.")),
        click.Option(["--registrations"], metavar="NUMBER", help=N_("Registrations a year (10000).")),
        click.Option(["--reviewers"], metavar="NUMBER", help=N_("Reviewers on duty (2).")),
        click.Option(["--clerks"], metavar="NUMBER", help=N_("Counter clerks on duty (1).")),
        click.Option(["--assistants"], metavar="NUMBER", help=N_("Assistants in the hall (none).")),
        click.Option(["--consultants"], metavar="NUMBER", help=N_("Phone consultants (none).")),
        click.Option(["--returned"], metavar="SHARE", help=N_("Sent back for correction, such as 25% (15%).")),
        click.Option(["--hours"], metavar="HOURS", help=N_("Opening hours: 09:00-12:00,13:30-17:30.")),
        click.Option(["--target"], metavar="TARGET", help=N_("Promise: 5 (mean, the default), '90% within 10'.")),
        click.Option(["--year"], metavar="YEAR", help=N_("Year whose calendar is used (2025).")),
    ], writes=False),
    Verb("log", N_("Write the log of a simulated period, in the form that calibrate reads."), "calibrating.export_log",
         [click.Argument(["scenario"], metavar="SCENARIO.yaml")], plays=True),
    Verb("brief", N_("A briefing from saved results: page, deck, workbook, pictures."), "briefing.brief_folders", [
        click.Argument(["folders"], nargs=-1, metavar="[RESULTS-FOLDER]..."),
        click.Option(["--name"], metavar="NAME", help=N_("Name of the briefing and its folder.")),
        click.Option(["--all-charts"], is_flag=True,
                     help=N_("With the charts that are not among the three that answer.")),
    ]),
    Verb("replay", N_("A day or a week of the office as a page to be watched."), "replaying.replay_files", [
        click.Argument(["scenarios"], nargs=-1, required=True, metavar="SCENARIO.yaml [OTHER.yaml]"),
        click.Option(["--day"], metavar="DATE", help=N_("Day to show (2023-03-06); left out, one in the middle.")),
        click.Option(["--week"], is_flag=True, help=N_("The whole week of that day.")),
    ], plays=True),
    Verb("app", N_("The web app: sliders, verdict, replay, briefing in a browser."), "serving.serve_app", [
        click.Option(["--port"], callback=whole_number(1, 65_535), metavar="NUMBER", default="8501",
                     help=N_("Port of this machine (8501); nobody else can reach it.")),
        click.Option(["--scenario"], metavar="NAME", help=N_("Scenario that is shown first.")),
    ]),
    Verb("results", N_("List finished and unfinished experiments."), "listing.list_results"),
    Verb("check", N_("Check scenarios, sweeps, or the installation: say all that is wrong."), "checking.check_files", [
        click.Argument(["files"], nargs=-1, metavar="FILE..."),
        click.Option(["--installation"], is_flag=True, help=N_("Check what is installed, and both engines.")),
        click.Option(["--licences"], is_flag=True, help=N_("List the packages that are used, and their licences.")),
    ], writes=False),
    Verb("schema", N_("Print the JSON Schema of scenario files."), "checking.print_schema", writes=False),
)  # fmt: skip


class Formatter(click.HelpFormatter):
    """Help in the language spoken here."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how a verb is called."""
        super().write_usage(prog, args, _("Usage: "))

    @contextmanager
    def section(self, name: str) -> Any:
        """Write a part below its heading."""
        with super().section(_(HEADINGS[name]) if name in HEADINGS else name):
            yield


class Spoken(click.Context):
    """A context whose help is in the language spoken here."""

    formatter_class = Formatter


class Command(click.Command):
    """A verb; says itself what is too much on its line."""

    context_class = Spoken

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Return what is left of the line, which is nothing."""
        ctx.allow_extra_args = True
        if rest := super().parse_args(ctx, args):
            raise refused("{verb}: {arguments} is too much", verb=self.name, arguments=" ".join(rest))
        return rest


class Group(click.Group):
    """A group that suggests the nearest verb, or the one that a scenario file without a verb needs."""

    context_class = Spoken

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in their order."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the verb, its command and the rest of the line."""
        word = args[0]
        if not word.startswith("-") and self.get_command(ctx, word) is None:
            if word.endswith((".yaml", ".yml")):
                raise refused("a scenario file needs a verb before it: run {file}", file=word)
            raise refused("there is no verb {verb}; {nearest}", verb=repr(word), nearest=nearest(word, self.commands))
        return super().resolve_command(ctx, args)


def command_line() -> click.Group:
    """Return the command line, with a verb for each study, in the language spoken here."""
    main_job = _("Without a verb: run every scenario as shipped, and end with one table of verdicts and one chart.")
    told = click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_show_version,
                        help=_("Show which version this is."))  # fmt: skip
    group = Group(params=[*shared_options(), told], callback=_main_job, invoke_without_command=True)
    group.help = ABOUT + main_job
    for study in studies():
        group.add_command(_command(study.verb, study.about, study.parameters, _carried_out(study), shared_options()))
    for verb in OWN:
        options = shared_options(hidden=not verb.plays, out=verb.writes)
        group.add_command(_command(verb.name, verb.about, verb.parameters, _called(verb), options))
    return group


def _show_version(context: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"{program.DISTRIBUTION} {version(program.DISTRIBUTION)}")
        context.exit()


@click.pass_context
def _main_job(context: click.Context, /, **given: Any) -> None:
    if context.invoked_subcommand is None:
        from sim.cli.whole import run_all

        context.exit(run_all(options_of(context)))


def _carried_out(study: Study[Any]) -> Callable[..., int]:
    def work(options: Options, **given: Any) -> int:
        from sim.studies.driver import carry_out

        return carry_out(study, options, **given)

    return work


def _called(verb: Verb) -> Callable[..., int]:
    def work(options: Options, **given: Any) -> int:
        module, __, function = verb.work.partition(".")
        status: int = getattr(import_module(f"sim.cli.{module}"), function)(*given.values(), options)
        return status

    return work


def _found(parameter: click.Parameter, given: Any, options: Options) -> Any:
    """Return what was given for a parameter; of a word that is no file, one's own file or the shipped one so called.

    As where a file extends another: what is here goes before what is shipped.
    """
    if isinstance(given, tuple):
        return tuple(_found(parameter, each, options) for each in given)
    kind = (parameter.metavar or "").partition(".")[0]
    if kind not in SHIPPED or not isinstance(given, str) or os.path.isfile(given) or Path(given).name != given:
        return given
    shipped = (options.shipped / folder for folder in SHIPPED[kind])
    files = (folder / f"{given}.yaml" for folder in (Path(), options.own, *shipped))
    return next((str(program.from_here(file)) for file in files if os.path.isfile(file)), given)


def _command(
    name: str, about: str, parameters: Sequence[click.Parameter], work: Callable[..., int],
    options: Sequence[click.Parameter],
) -> click.Command:  # fmt: skip
    """Return a verb with help in the language spoken here."""
    own = [copy.copy(parameter) for parameter in parameters]
    for parameter in own:
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = _(parameter.help)

    @click.pass_context
    def call(context: click.Context, /, **given: Any) -> int:
        asked = options_of(context)
        return work(asked, **{of.name: _found(of, given[of.name], asked) for of in own if of.name})

    return Command(name, params=[*own, *options], callback=call, help=_(about), short_help=_(about))
