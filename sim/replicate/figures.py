"""The figures of several replications as tables, and as the bytes of a file."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measures.controls import Controls, joined_controls
from sim.measures.kpis import Kpi, Kpis, short_name
from sim.office.blocks import Unfinished

F64 = NDArray[np.float64]

CHECKSUM = 32
"""Bytes of a SHA-256."""
MOST_UNPACKED = 1 << 28
"""Bytes that a batch may have, unpacked."""
PROFILES = ("histogram", "day_mean", "day_cases", "arrivals", "queue", "on_duty")
CONTROLS = tuple(field.name for field in fields(Controls))


class DamagedError(ValueError):
    """Bytes that are not, or no longer, the figures of what they should be of."""


@dataclass(frozen=True)
class Figures:
    """The figures of n consecutive replications.

    Attributes
    ----------
    names : tuple of Kpi
    values : (n, len(names)) float64
        NaN where a replication has no such figure.
    score_sum, scores, parts : (n,) float64, (n,) float64, (n, parts, 2) float64
        As in `Kpis`.
    histogram, day_mean, day_cases, arrivals, queue, on_duty : (n, ...) float64, or None
        The profiles of `Kpis`; None if they were not kept.
    excess, weeks, outcome, outages : (n, ...), or None
        Those of `controls`; None if the office knows no disruptions.
    unfinished : Unfinished or None
        What the office cannot finish in the replication after these.
    """

    names: tuple[Kpi, ...]
    values: F64
    score_sum: F64
    scores: F64
    parts: F64
    histogram: F64 | None = None
    day_mean: F64 | None = None
    day_cases: F64 | None = None
    arrivals: F64 | None = None
    queue: F64 | None = None
    on_duty: F64 | None = None
    excess: F64 | None = None
    weeks: F64 | None = None
    outcome: F64 | None = None
    outages: NDArray[np.int64] | None = None
    unfinished: Unfinished | None = None

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def controls(self) -> Controls | None:
        """What the disruptions of the replications were."""
        if self.excess is None or self.weeks is None or self.outcome is None or self.outages is None:
            return None
        return Controls(self.excess, self.weeks, self.outcome, self.outages)

    def __getitem__(self, name: str) -> F64:
        """Return a figure of all replications by its short name, such as ``wait mean stage review``."""
        for column, kpi in enumerate(self.names):
            if name == short_name(kpi):
                return self.values[:, column]
        raise KeyError(f"no figure {name!r}; there are {', '.join(sorted(map(short_name, self.names))[:5])}, ...")

    def columns(self, names: Sequence[str]) -> F64:
        """Return figures by their short names, shape (n, len(names)); NaN where there is no such figure."""
        place = {short_name(kpi): column for column, kpi in enumerate(self.names)} if names else {}
        found = np.full((len(self), len(names)), np.nan)
        for column, name in enumerate(names):
            if name in place:
                found[:, column] = self.values[:, place[name]]
        return found

    def first(self, replications: int) -> Figures:
        """Return the figures of the first replications alone."""
        if replications >= len(self):
            return self
        cut: dict[str, Any] = {
            field.name: value[:replications]
            for field in fields(self)
            if isinstance(value := getattr(self, field.name), np.ndarray)
        }
        return Figures(self.names, **cut)


def figures_of(replications: Sequence[Kpis], profiles: bool, unfinished: Unfinished | None = None) -> Figures:
    """Return the figures of replications as tables, without the profiles if nobody will look at them."""
    names = tuple(dict.fromkeys(kpi for kpis in replications for kpi in kpis.values))
    values = np.array([[kpis.values.get(kpi, np.nan) for kpi in names] for kpis in replications], np.float64)
    kept: dict[str, Any] = {
        name: np.array([getattr(kpis, name) for kpis in replications], np.float64)
        for name in (PROFILES if profiles and replications else ())
    }
    controls = joined_controls([kpis.controls for kpis in replications])
    if controls is not None:
        kept |= vars(controls)
    return Figures(
        names,
        values.reshape(len(replications), len(names)),
        np.array([kpis.score_sum for kpis in replications], np.float64),
        np.array([kpis.scores for kpis in replications], np.float64),
        np.array([kpis.parts for kpis in replications], np.float64) if replications else np.empty((0, 1, 2)),
        **kept,
        unfinished=unfinished,
    )


def nothing(replications: int) -> Figures:
    """Return the figures of an office that nobody comes to with anything that the target is about."""
    return Figures((), np.empty((replications, 0)), np.zeros(replications), np.zeros(replications),
                   np.zeros((replications, 1, 2)))  # fmt: skip


def joined(parts: Sequence[Figures]) -> Figures:
    """Return the figures of consecutive parts as one; what cannot be finished after the last stays."""
    names = tuple(dict.fromkeys(kpi for part in parts for kpi in part.names))
    column = {kpi: number for number, kpi in enumerate(names)}
    values = np.full((sum(map(len, parts)), len(names)), np.nan)
    row = 0
    for part in parts:
        values[row : row + len(part), [column[kpi] for kpi in part.names]] = part.values
        row += len(part)
    some = [part for part in parts if len(part)]
    kept = {
        name: np.concatenate([getattr(part, name) for part in some])
        for name in (*PROFILES, *CONTROLS)
        if some and all(getattr(part, name) is not None for part in some)
    }
    return Figures(
        names,
        values,
        np.concatenate([part.score_sum for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.parts for part in some]) if some else np.empty((0, 1, 2)),
        **kept,
        unfinished=parts[-1].unfinished,
    )


def packed(figures: Figures, facts: dict[str, Any]) -> bytes:
    """Return figures as the bytes of an .npz file, and the SHA-256 of these at its end.

    The checksums of the format's own do not cover its table of contents: with a byte of that another, whole arrays
    are missing and nobody is told.

    Parameters
    ----------
    figures : Figures
    facts : dict
        What they are the figures of; `unpacked` wants the same.
    """
    unfinished = figures.unfinished and vars(figures.unfinished)
    told = {"facts": facts, "names": _names_as_text(figures.names), "unfinished": unfinished}
    arrays: dict[str, Any] = {
        field.name: value
        for field in fields(figures)
        if isinstance(value := getattr(figures, field.name), np.ndarray)
    }  # fmt: skip
    file = io.BytesIO()
    text = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    np.savez_compressed(file, said=np.frombuffer(text, np.uint8), **arrays)
    content = file.getvalue()
    return content + hashlib.sha256(content).digest()


@lru_cache(64)
def _names_as_text(names: tuple[Kpi, ...]) -> str:
    """Return names of figures as JSON; there are hundreds, and thousands of offices have the same."""
    return json.dumps(names, ensure_ascii=False)


@lru_cache(64)
def _names_in(text: str) -> tuple[Kpi, ...]:
    return tuple(Kpi(*name) for name in json.loads(text))


def unpacked(data: bytes, facts: dict[str, Any]) -> Figures:
    """Return the figures in the bytes of a file.

    Raises
    ------
    DamagedError
        If the bytes are damaged, or are the figures of something else.
    """
    content, checksum = data[:-CHECKSUM], data[-CHECKSUM:]
    if hashlib.sha256(content).digest() != checksum:
        raise DamagedError("the file is damaged: its checksum is another")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise DamagedError("the file is damaged: it unpacks to more than batches do")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        told = json.loads(arrays.pop("said").tobytes())
        names = _names_in(told["names"])
        unfinished = told["unfinished"] and Unfinished(**told["unfinished"])
        figures = Figures(names, **arrays, unfinished=unfinished)
        whole = figures.values.shape == (len(figures), len(names))
        whole = whole and len(figures.score_sum) == len(figures.parts) == len(figures)
        if told["facts"] != facts or not whole:
            raise DamagedError("these are the figures of something else")
    except DamagedError:
        raise
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
        raise DamagedError(f"the file is damaged: {error}") from error
    except Exception as error:  # zlib and zip readers raise what they like on damaged bytes
        raise DamagedError(f"the file is damaged: {type(error).__name__}: {error}") from error
    return figures
