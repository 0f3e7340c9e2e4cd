"""Read the folders that a briefing is made from, and find those that belong together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from sim.briefing.brief.traced import Origin
from sim.briefing.overview import NAME as OVERVIEW
from sim.briefing.saved import Saved, SavedError, SavedExperiment, read_saved
from sim.briefing.saved_comparison import SavedComparison, read_comparison
from sim.briefing.saved_evidence import SavedFit, SavedFlips, read_fit, read_flips
from sim.briefing.saved_explanation import SavedExplanation, read_explanation
from sim.briefing.saved_limit import SavedLimit, read_limit
from sim.briefing.saved_staff import SavedStaff, read_staff
from sim.briefing.saved_sweep import SavedSweep, read_sweep

READERS: dict[str, Callable[[Path], Any]] = {
    "run": read_saved, "staff": read_staff, "limit": read_limit, "explanation": read_explanation, "sweep": read_sweep,
    "comparison": read_comparison, "sensitivity": read_flips, "calibration": read_fit,
}  # fmt: skip
"""By what the manifests say that a folder holds."""
SCENARIOS = "scenarios"
FOLDERS = {
    "staff": "staff", "limit": "limits", "explanation": "explanations", "sweep": "sweeps", "comparison": "comparisons",
    "sensitivity": "sensitivity", "calibration": "calibrations",
}  # fmt: skip
"""Where the results of each kind are, below the folder of all results."""
FIRST = "baseline-2023"
S = TypeVar("S", bound=Saved | SavedExperiment)


class Facts(dict[str, Any]):
    """Facts of a manifest. That one is missing is a fault of the folder, and said as such."""

    def __init__(self, facts: Mapping[str, Any], folder: Path, way: str = "") -> None:
        super().__init__({
            name: Facts(value, folder, f"{way}{name}.") if isinstance(value, dict) else value
            for name, value in facts.items()
        })  # fmt: skip
        self.folder, self.way = folder, way

    def __missing__(self, name: str) -> None:
        raise SavedError(missing(self.folder, f"{self.way}{name}"))


def missing(folder: Path, field: str) -> str:
    """Return that a manifest lacks a field, and what to do."""
    return f"{folder}: its manifest.json is damaged ({field} is missing); make the results again"


@dataclass(frozen=True)
class Found(Generic[S]):
    """Results, and where they are."""

    saved: S
    origin: Origin
    finished: str

    @property
    def kind(self) -> str:
        """What was done, as the manifest says it."""
        return str(self.saved.manifest["kind"])


class LeftOut(NamedTuple):
    """Results that do not belong to others about the scenario of the same name.

    Attributes
    ----------
    origin, other : Origin
        Where they are, and where the others.
    scenario : str
        Name of the scenario.
    differs : str
        "scenario", "seed" or "model".
    """

    origin: Origin
    other: Origin
    scenario: str
    differs: str


@dataclass(frozen=True)
class Given:
    """All that a briefing is made from.

    Attributes
    ----------
    all : tuple of Found
        The first is what the briefing is about.
    overview : dict of name to row
        What the main job's table says of the runs, as far as it is of the same results.
    left_out : tuple of LeftOut
        What was named, too, but does not belong to the others.
    """

    all: tuple[Found[Any], ...]
    overview: dict[str, dict[str, Any]]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def lead(self) -> Found[Any]:
        """What the briefing is about."""
        return self.all[0]

    @property
    def runs(self) -> list[Found[Saved]]:
        """The runs."""
        return [found for found in self.all if found.kind == "run"]

    @property
    def staff(self) -> list[Found[SavedStaff]]:
        """The staffing answers."""
        return [found for found in self.all if found.kind == "staff"]

    @property
    def limits(self) -> list[Found[SavedLimit]]:
        """What plans carry."""
        return [found for found in self.all if found.kind == "limit"]

    @property
    def explanations(self) -> list[Found[SavedExplanation]]:
        """Which stages are to blame."""
        return [found for found in self.all if found.kind == "explanation"]

    @property
    def sweeps(self) -> list[Found[SavedSweep]]:
        """The sweeps."""
        return [found for found in self.all if found.kind == "sweep"]

    @property
    def comparisons(self) -> list[Found[SavedComparison]]:
        """The comparisons."""
        return [found for found in self.all if found.kind == "comparison"]

    @property
    def flips(self) -> list[Found[SavedFlips]]:
        """The sensitivities."""
        return [found for found in self.all if found.kind == "sensitivity"]

    @property
    def fits(self) -> list[Found[SavedFit]]:
        """The calibrations."""
        return [found for found in self.all if found.kind == "calibration"]


def read_given(folders: Sequence[Path], root: Path) -> Given:
    """Read folders of results.

    Parameters
    ----------
    folders : sequence of Path
        The first is what the briefing is about.
    root : Path
        The folder of all results, which sources are named from.

    Raises
    ------
    SavedError
        If one of them holds nothing that a briefing can show; one line a folder.
    """
    found: list[Found[Any]] = []
    wrong: list[str] = []
    for folder in dict.fromkeys(folders):
        try:
            found.append(_read(folder, root))
        except SavedError as error:
            wrong.append(str(error))
    if wrong:
        raise SavedError("\n".join(wrong))
    if not found:
        raise SavedError(f"{root}: holds no results yet; begin with: python run_sim.py")
    kept, left_out = _belonging(found)
    return Given(tuple(kept), _overview(root, kept), tuple(left_out))


def _belonging(found: Iterable[Found[Any]]) -> tuple[list[Found[Any]], list[LeftOut]]:
    """Part results that belong to the first about the scenario of their name from those that do not.

    A scenario's file may have been changed between two of them. Runs stay: each is a situation of its own. So do
    calibrations: their scenario is what they have made, and never that of the others.
    """
    first: dict[str, Found[Any]] = {}
    kept: list[Found[Any]] = []
    left_out: list[LeftOut] = []
    for each in found:
        inside = None if each.kind == "calibration" else scenario_in(each.saved.manifest)
        name = "" if inside is None else str(inside[1].get("name", ""))
        other = each if inside is None else first.setdefault(name, each)
        differs = None if each.kind == "run" else _difference(each.saved.manifest, other.saved.manifest)
        if differs is None:
            kept.append(each)
        else:
            left_out.append(LeftOut(each.origin, other.origin, name, differs))
    return kept, left_out


def _difference(facts: Mapping[str, Any], other: Mapping[str, Any]) -> str | None:
    """Return in what results differ that their numbers depend on; None if in nothing."""
    # A title changes no number.
    contents = [
        {key: value for key, value in inside[1].items() if key != "title"}
        for inside in map(scenario_in, (facts, other)) if inside is not None
    ]  # fmt: skip
    if contents and contents[0] != contents[-1]:
        return "scenario"
    for field in ("seed", "model"):
        if len({str(each[field]) for each in (facts, other) if field in each}) > 1:
            return field
    return None


def _read(folder: Path, root: Path) -> Found[Any]:
    facts = _manifest(folder)
    kind = facts.get("kind")
    if kind not in READERS:
        raise SavedError(
            f"{folder}: holds results of the kind {kind!r}, which a briefing does not show; it takes "
            f"{', '.join(READERS)}"
        )
    saved = _saved_in(folder, str(kind))
    try:
        timing = json.loads((folder / "timing.json").read_text(encoding="utf-8"))
        finished = str(timing["finished"])
    except (OSError, ValueError, KeyError, TypeError):
        finished = ""
    return Found(saved, Origin(_path(folder, root)), finished)


def _saved_in(folder: Path, kind: str) -> Any:
    """Return the results in a folder; what their reader does not look for is missed when it is looked for."""
    try:
        saved = READERS[kind](folder)
    except KeyError as error:
        raise SavedError(missing(folder, error.args[0])) from error
    return replace(saved, manifest=Facts(saved.manifest, folder))


def _path(folder: Path, root: Path) -> str:
    """Return how sources name a folder: from the folder of all results, or by its last two names."""
    whole = folder.resolve()
    try:
        return whole.relative_to(root.resolve()).as_posix()
    except ValueError:
        return "/".join(whole.parts[-2:])


def _manifest(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise SavedError(f"{folder}: there is no such folder; name one that run, sweep, staff or another verb has made")
    try:
        facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        inner = sorted(file.parent for file in folder.glob("*/manifest.json"))
        hint = f"did you mean {inner[0]}?" if inner else "name a folder that run, sweep, staff or another verb has made"
        raise SavedError(f"{folder}: holds no results (there is no manifest.json); {hint}") from None
    except (OSError, ValueError) as error:
        raise SavedError(f"{folder}: its manifest.json cannot be read ({error}); make the results again") from error
    if not isinstance(facts, dict):
        raise SavedError(f"{folder}: its manifest.json is damaged; make the results again")
    return facts


def scenario_in(facts: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return where a manifest has a scenario in full, and the scenario; of several plans the first."""
    places = {"scenario": facts.get("scenario"), "base": facts.get("base"), "scenarios.0": facts.get("scenarios")}
    for field, found in places.items():
        scenario = found[0] if isinstance(found, list) and found else found
        # The base of a limit is a demand.
        if isinstance(scenario, dict) and {"title", "target", "hours"} <= scenario.keys():
            return field, scenario
    return None


def _overview(root: Path, found: Iterable[Found[Any]]) -> dict[str, dict[str, Any]]:
    """Return the rows of the main job's table that are of the runs given, and not of others before or after them."""
    try:
        rows = {row["scenario"]: row for row in pq.read_table(root / f"{OVERVIEW}.parquet").to_pylist()}
    except (OSError, KeyError, pa.ArrowException):
        return {}
    same: dict[str, dict[str, Any]] = {}
    for each in found:
        row = rows.get(each.saved.name)
        if each.kind == "run" and row is not None and each.origin.path == f"{SCENARIOS}/{each.saved.name}":
            facts = each.saved.manifest
            if (row["verdict"], row["replications"], row["seed"]) == (
                facts["verdict"]["verdict"], facts["replications"], str(facts["seed"])
            ):  # fmt: skip
                same[each.saved.name] = row
    return same


def found_in(root: Path) -> tuple[list[Path], list[str]]:
    """Return the folders of a briefing that names none, and what was left out of it, in words.

    They are the scenarios of the main job, `FIRST` first, and of each other kind what there is about the first
    scenario, or if there is nothing, about the first other scenario of them that has some.
    """
    runs = sorted(_folders(root / SCENARIOS), key=lambda folder: (folder.name != FIRST, folder.name))
    if not runs:
        return [], []
    names = [folder.name for folder in runs]
    chosen, left_out = list(runs), []
    for kind, below in FOLDERS.items():
        about: dict[str, list[Path]] = {}
        for folder in sorted(_folders(root / below)):
            try:
                facts = _manifest(folder)
                if facts.get("kind") != kind:
                    raise SavedError(f"{folder}: holds results of another kind, {facts.get('kind')!r}")
                _saved_in(folder, kind)
            except SavedError as error:
                left_out.append(str(error))
                continue
            about.setdefault(_scenario_of(facts), []).append(folder)
        for name in names:
            if name in about:
                chosen += about[name]
                break
    return chosen, left_out


def _folders(folder: Path) -> list[Path]:
    return [each for each in folder.glob("*/") if not each.name.startswith(".")]


def _scenario_of(facts: dict[str, Any]) -> str:
    """Return the name of the scenario that results are about."""
    if facts["kind"] in ("limit", "comparison"):
        plans = facts.get("plans") or [{}]
        return str(plans[0].get("name", ""))
    if facts["kind"] == "sweep":
        return str((facts.get("base") or {}).get("name", ""))
    if facts["kind"] == "calibration":
        return str(facts.get("parent", ""))
    return str((facts.get("scenario") or {}).get("name", facts.get("name", "")))
