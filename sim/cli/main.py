"""From arguments to an exit status: 0 done, 1 a fault of ours, 2 the input is wrong, 130 interrupted."""

from __future__ import annotations

import errno
import logging
import shlex
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from sim import program
from sim.cli.options import Call, language_of
from sim.cli.verbs import command_line
from sim.office.problems import Problem, ScenarioError, nearest, problem_dicts
from sim.present.terminal import discard_stdout, one_line, prepare_streams, print_json, say
from sim.studies.base import InputError, LostError, StoppedError
from sim.text import N_, SOURCE, Message, speaking

DONE, FAULT, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130
Said = Message | Problem


def main(home: Path, arguments: Sequence[str] | None = None, own: Path | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    home : Path
        Folder that holds `scenarios/`.
    arguments : sequence of str, optional
        Those of the process if not given.
    own : Path, optional
        Folder for scenarios of one's own; `scenarios/` if not given.

    Returns
    -------
    int
        Exit status.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    prepare_streams()
    # Where there is no home that can be written to, it would say so in lines of its own.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    with speaking(language_of(arguments)):
        line = shlex.join([*program.called.split(), *arguments])
        return _status(Call(home, own or home / program.SCENARIOS, line), arguments)


def _status(call: Call, arguments: Sequence[str]) -> int:
    try:
        status = command_line().main(arguments, prog_name=_name(), standalone_mode=False, obj=call)
        sys.stdout.flush()
        return int(status or DONE)
    except BrokenPipeError:
        # Whoever read our output has seen enough; the files are written.
        discard_stdout()
        return DONE
    except ScenarioError as error:
        return _fail(arguments, WRONG_INPUT, error.problems)
    except InputError as error:
        return _fail(arguments, WRONG_INPUT, [_wrong(why) for why in error.args])
    except click.ClickException as error:
        return _fail(arguments, WRONG_INPUT, [_wrong(_of_click(error, arguments))])
    except (StoppedError, click.Abort, KeyboardInterrupt) as stop:
        if isinstance(stop.__cause__, EOFError):
            return _internal(arguments, stop.__cause__)  # which click takes for a terminal that was closed
        return _stopped(arguments, stop)
    except LostError as error:
        return _fail(arguments, FAULT, [Message("{program}: {why}", program=_name(), why=error)])
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO) or error.filename is not None:
            return _internal(arguments, error)
        discard_stdout()
        why = Message("{program}: cannot write to standard output: {why}", program=_name(), why=error.strerror)
        return _fail(arguments, FAULT, [why])
    except Exception as error:
        # Libraries that call us back make errors of their own of what happens there.
        if isinstance(error.__cause__ or error.__context__, KeyboardInterrupt):
            return _stopped(arguments, KeyboardInterrupt())
        return _internal(arguments, error)


def _stopped(arguments: Sequence[str], stop: BaseException) -> int:
    done = stop if str(stop) else Message("there was no result yet; no file was changed")
    return _fail(arguments, INTERRUPTED, [Message("{program}: interrupted; {done}", program=_name(), done=done)])


def _name() -> str:
    """Return the name of the program as it begins what it says of errors."""
    return program.called.split()[-1]


def _internal(arguments: Sequence[str], error: Exception) -> int:
    """Report a fault of ours in one line."""
    if "--debug" in arguments:
        traceback.print_exception(error)
    return _fail(arguments, FAULT, [Message(
        "{program}: internal error, please report it: {error} (with --debug: where it happened)", program=_name(),
        error=one_line(f"{type(error).__name__}: {error}"),
    )])  # fmt: skip


def _wrong(why: object) -> Message:
    return Message("{program}: error: {why}", program=_name(), why=why)


def _of_click(error: click.ClickException, arguments: Sequence[str]) -> Message | str:
    """Return what click finds wrong with a line."""
    if isinstance(error, click.NoSuchOption) and error.ctx is not None:
        known = [name for param in error.ctx.command.get_params(error.ctx) for name in param.opts if name[:2] == "--"]
        return Message("there is no option {option}; {nearest}", option=repr(error.option_name),
                       nearest=nearest(error.option_name, known))  # fmt: skip
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return Message("{name} is missing", name=error.param.human_readable_name)
    if isinstance(error, click.BadOptionUsage):
        given = any(argument.startswith(f"{error.option_name}=") for argument in arguments)
        what = N_("{option} takes no value") if given else N_("{option}: a value is missing")
        return Message(what, option=error.option_name)
    return error.format_message()


def _fail(arguments: Sequence[str], status: int, said: Sequence[Message | Problem]) -> int:
    """Say what is wrong on standard error, and on standard output too if JSON is expected there.

    Programs read JSON, so there it is in English in any language.
    """
    for each in said:
        say(one_line(str(each)))
    if "--json" in arguments:
        try:
            with speaking(SOURCE):
                errors = [
                    problem_dicts([each])[0] if isinstance(each, Problem) else {"message": one_line(str(each))}
                    for each in said
                ]
                print_json({"status": status, "errors": errors})
        except OSError:
            # Standard output is closed or full; what is wrong was said on standard error.
            discard_stdout()
    return status
