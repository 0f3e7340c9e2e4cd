"""The verb `results`: what there is, finished and unfinished."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim import program
from sim.present.table import Table
from sim.present.terminal import Part, print_json, print_parts
from sim.results.about import kept_in
from sim.results.begun import all_begun
from sim.results.codec import FORMAT
from sim.studies import studies, study_of
from sim.studies.base import Options, Study
from sim.studies.finished import SavedError, read_results
from sim.text import N_, SOURCE, _, language, speaking

DAMAGED, OTHER_VERSION = "damaged", "other version"
KINDS = {"scenarios": N_("all scenarios"), DAMAGED: N_("damaged"), OTHER_VERSION: N_("another version")}
"""What is listed besides the kinds of studies: the main job, which is begun as a whole, and what cannot be read."""


def list_results(options: Options) -> int:
    """Print all results in the folder of the results; return the exit status."""
    # Programs read English.
    with speaking(SOURCE if options.json else language()):
        finished = [
            _finished(study, folder)
            for study in studies()
            for name in (*study.also_in, study.folder)
            for folder in sorted((options.out / name).glob("*/"))
            if not folder.name.startswith(".")
        ]
    unfinished = all_begun(options.out, {"scenarios": "", **{study.kind: study.verb for study in studies()}})
    if options.json:
        print_json({"status": 0, "finished": finished, "unfinished": unfinished})
    else:
        print_parts(_report(finished, unfinished, options.out))
    return 0


def _finished(study: Study[Any], folder: Path) -> dict[str, Any]:
    """Return what is known of a folder: kind, name, what was found, replications, seed, when; or why nothing is."""
    found: dict[str, Any] = {"kind": study.kind, "name": folder.name, "found": "", "replications": None, "seed": None}
    found |= {"finished": None, "folder": str(folder)}
    try:
        record = read_results(study, folder)
        return found | {
            "name": record.name, "found": study.short(record), "replications": getattr(record, "replications", None),
            "seed": record.about.seed, "finished": record.finished,
        }  # fmt: skip
    except Exception as error:
        # Whatever is wrong with one folder, the others are listed.
        kept = kept_in(folder)
        other = kept is not None and kept.format != FORMAT
        return found | {
            "kind": OTHER_VERSION if other else DAMAGED,
            "why": str(error) if isinstance(error, SavedError) else _("{folder}: damaged", folder=folder),
        }


def _report(finished: list[dict[str, Any]], unfinished: list[dict[str, Any]], out: Path) -> list[Part]:
    if not finished and not unfinished:
        return [_("Nothing in {folder} yet; begin with: {program}", folder=out, program=program.called)]
    parts: list[Part] = []
    if finished:
        heads = _("kind"), _("name"), _("found"), _("replications"), _("seed"), _("finished"), _("folder")
        keys = ("name", "found", "replications", "seed", "finished", "folder")
        rows = tuple(
            (_label(one["kind"]), *("" if one[key] is None else str(one[key]) for key in keys)) for one in finished
        )
        parts.append(Table("", heads, rows, wide=frozenset({1, 2, 5, 6})))
    parts += [one["why"] for one in finished if "why" in one]
    parts += [
        _("Not finished: {kind} {name}, begun {begun}; what is done is kept; to go on: {command}",
          **{**one, "kind": _label(one["kind"]), "command": one["command"] or _verb(one["kind"])})
        for one in unfinished
    ]  # fmt: skip
    return parts


def _verb(kind: str) -> str:
    study = study_of(kind)
    return program.called if study is None else f"{program.called} {study.verb} ..."


def _label(kind: str) -> str:
    study = study_of(kind)
    return _(KINDS[kind]) if kind in KINDS else kind if study is None else _(study.label)
