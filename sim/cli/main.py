"""From arguments to an exit status: 0 done, 1 a fault of ours, 2 the input is wrong, 130 interrupted."""

from __future__ import annotations

import errno
import shlex
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from sim.briefing.mistakes import in_language
from sim.cli.errors import InputError, LostError, StoppedError
from sim.cli.options import Call, language_of
from sim.cli.output import discard_stdout, one_line, prepare_streams, print_json, problem_dicts, say
from sim.cli.verbs import command_line
from sim.office.problems import ScenarioError, nearest

PROGRAM = "run_sim.py"
DONE, FAULT, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(home: Path, arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    home : Path
        Folder that holds `scenarios/`.
    arguments : sequence of str, optional
        Those of the process if not given.

    Returns
    -------
    int
        Exit status.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    prepare_streams()
    call = Call(home, shlex.join(["python", PROGRAM, *arguments]))
    try:
        status = command_line.main(arguments, prog_name=PROGRAM, standalone_mode=False, obj=call)
        sys.stdout.flush()
        return int(status or DONE)
    except BrokenPipeError:
        # Whoever read our output has seen enough; the files are written.
        discard_stdout()
        return DONE
    except ScenarioError as error:
        return _fail(arguments, WRONG_INPUT, [str(problem) for problem in error.problems], error)
    except (click.ClickException, InputError) as error:
        texts = [_message(error)] if isinstance(error, click.ClickException) else error.args
        return _fail(arguments, WRONG_INPUT, [f"{PROGRAM}: error: {one_line(text)}" for text in texts], error)
    except (StoppedError, click.Abort, KeyboardInterrupt) as stop:
        done = str(stop) or "nothing was running; no file was changed"
        return _fail(arguments, INTERRUPTED, [f"{PROGRAM}: interrupted; {done}"], stop)
    except LostError as error:
        return _fail(arguments, FAULT, [f"{PROGRAM}: {error}"], error)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO) or error.filename is not None:
            return _internal(arguments, error)
        discard_stdout()
        return _fail(arguments, FAULT, [f"{PROGRAM}: cannot write to standard output: {error.strerror}"], error)
    except Exception as error:
        return _internal(arguments, error)


def _internal(arguments: Sequence[str], error: Exception) -> int:
    """Report a fault of ours in one line."""
    kind, text = type(error).__name__, one_line(str(error))
    if "--debug" in arguments:
        traceback.print_exception(error)
    line = f"{PROGRAM}: internal error, please report it: {kind}: {text} (with --debug: where it happened)"
    return _fail(arguments, FAULT, [line], error)


def _message(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption) and error.ctx is not None:
        options = [name for param in error.ctx.command.get_params(error.ctx) for name in param.opts if name[:2] == "--"]
        return f"there is no option {error.option_name!r}; {nearest(error.option_name, options)}"
    return error.format_message()


def _fail(arguments: Sequence[str], status: int, lines: list[str], error: BaseException) -> int:
    """Say what is wrong on standard error, and on standard output too if JSON is expected there.

    Programs read JSON, so there it is in English in any language.
    """
    for line in lines:
        say(in_language(line, language_of(arguments)))
    if "--json" in arguments:
        problems = problem_dicts(error.problems) if isinstance(error, ScenarioError) else []
        try:
            print_json({"status": status, "errors": problems or [{"message": line} for line in lines]})
        except OSError:
            # Standard output is closed or full; what is wrong was said on standard error.
            discard_stdout()
    return status
