"""A net under everything that presents results: what every verb writes, as text, against what was kept.

    python tests/golden/net.py                   calls every verb in both languages, and says what differs
    python tests/golden/net.py run brief         only these verbs: all cases that begin so
    python tests/golden/net.py --lang zh staff   only this language
    python tests/golden/net.py --keep            takes what is written now as right

What is kept is in `tests/golden/net/<case>.<language>.<view>.txt`. The views:

    report    standard output
    said      standard error, and the exit status
    json      what --json gives
    records   tables, manifest and names of the files in the folder of results
    charts    the texts of the charts
    page, deck, workbook    of a briefing; `page` and `data` of a replay
    sources   what page, deck and workbook say of where in the results their numbers come from

How results are kept is in `records` and `sources` alone, and is known to `records_view`, `without_files` and
`without_sources` in `net_views.py`. The cases are in `net_cases.py`.

Charts are laid out, not painted: a white picture is put in their place.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import patch

import net_views as views
from matplotlib.figure import Figure
from matplotlib.text import Text
from net_cases import CASES, GROUPS, HOME, MISTAKES, ROOT, Case, write_files
from PIL import Image

KEPT = Path(__file__).parent / "net"
LANGUAGES = ("en", "zh")
SAME = "(as in en)\n"
"""Kept in place of a text that is the same in both languages."""
MOST_LINES = 60
"""Of one view's differences that are printed."""


class Net:
    """Calls the program in a folder of its own; each case once.

    What a case has found is presented in both languages, and as JSON, without being looked for again.

    Parameters
    ----------
    folder : Path
        Empty.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_files(folder)
        self._found: dict[tuple[str, str], dict[str, str]] = {}
        self._records: dict[Path, Any] = {}

    def views_of(self, name: str, language: str) -> dict[str, str]:
        """Return the texts of a case by view."""
        if (name, language) not in self._found:
            for before in CASES[name].after:
                self.views_of(before, language)
            found = self._mistakes(language) if name == "mistakes" else self._called(CASES[name], language)
            texts = {view: self._usual(text).strip("\n") + "\n" for view, text in found.items() if text}
            self._found[name, language] = texts
        return self._found[name, language]

    def _called(self, case: Case, language: str) -> dict[str, str]:
        line = [part.format(lang=language) for part in (*case.line, "--lang", language)]
        if language != "en":
            line = [part for part in line if part != "--all-charts"]
        charts: dict[str, list[str]] = {}
        status, report, said = self.call(line, charts)
        found = {"report": views.without_files(report) if case.folder else report, "said": f"status {status}\n{said}"}
        if language in case.as_json:
            found["json"] = views.json_view(self.call([*line, "--json"])[1])
        found["charts"] = "\n\n".join(f"{chart}:\n" + "\n".join(texts) for chart, texts in sorted(charts.items()))
        if case.folder:
            found["records"] = views.records_view(self.folder / case.folder)
        written = self.folder / case.page.format(lang=language)
        if case.page.endswith(".html"):
            page = written.read_text(encoding="utf-8")
            found |= {"page": views.visible(page), "data": views.data_view(page)}
        elif case.page:
            texts = {
                "page": views.visible((written / "briefing.html").read_text(encoding="utf-8")),
                "deck": views.deck_view(written / "briefing.pptx"),
                "workbook": views.workbook_view(written / "briefing.xlsx", self._usual),
            }
            split = {view: views.without_sources(text) for view, text in texts.items()}
            found |= {view: text for view, (text, _) in split.items()}
            found["sources"] = "\n\n".join(f"{view}:\n{lines}" for view, (_, lines) in split.items())
        return found

    def _usual(self, text: str) -> str:
        return views.usual(text, self.folder)

    def _mistakes(self, language: str) -> dict[str, str]:
        said = []
        for line in MISTAKES:
            out = [] if "--out" in line else ["--out", "wrong"]
            status, report, errors = self.call([*line, *out, "--lang", language])
            said.append(f"$ {' '.join(line)}\nstatus {status}\n{report}{errors}")
        _, as_json, _ = self.call(["run", "wrong.yaml", "--json", "--lang", language])
        return {"said": "\n".join(said), "json": views.json_view(as_json)}

    def call(self, line: Sequence[str], charts: dict[str, list[str]] | None = None) -> tuple[int, str, str]:
        """Return exit status, standard output and standard error of a call, and take down the texts of its charts.

        If nobody wants these, results get empty files in place of charts.
        """
        from flat_pictures import flat_files

        from sim.cli.main import main
        from sim.present import embedded_font
        from sim.studies import driver

        out, err = io.StringIO(), io.StringIO()
        # Where no time passes nothing is said of progress, which is said every few seconds, and all takes 0.0 s.
        still = patch.object(time, "perf_counter", lambda: 0.0)
        once = patch.object(driver, "answered", partial(self._answered, driver.answered))
        drawn = patch.object(driver, "draw_into", flat_files if charts is None else driver.draw_into)
        # No view has the fonts that are embedded in pages.
        plain = patch.object(embedded_font, "_face", lambda characters: "")
        # Whether something is still to be compiled depends on what ran before.
        compiled = patch.object(driver, "compile_ahead", lambda say: None)
        with (
            contextlib.chdir(self.folder), patch.dict(os.environ, {"LC_ALL": "C.UTF-8"}), still, once, drawn, plain,
            compiled, charts_seen(charts), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err),
        ):  # fmt: skip
            status = main(self.folder / HOME, line)
        return status, out.getvalue(), err.getvalue()

    def _answered(self, answered: Callable[..., Any], study: Any, job: Any, options: Any) -> Any:
        """Save what a job has found, as a job for this folder has found it before.

        Not of sweeps, whose figures can be read once: they are more than there may be room for.
        """
        folder = options.out.absolute() / study.folder / job.about.name

        def work(ready: Any) -> Any:
            if folder not in self._records:
                self._records[folder] = job.work(ready)
            found = self._records[folder]
            return replace(found, about=replace(found.about, command=job.about.command))

        return answered(study, job if study.verb == "sweep" else replace(job, work=work), options)


@contextlib.contextmanager
def charts_seen(seen: dict[str, list[str]] | None) -> Iterator[None]:
    """Take down the texts of every chart that is written, and write a white picture of its size in its place.

    What draws and writes charts may change: all that is looked at here is what matplotlib is given.
    """
    last: list[Figure] = []

    def savefig(figure: Figure, file: Any, **options: Any) -> None:
        if seen is not None and figure not in last:
            last[:] = [figure]
            figure.draw_without_rendering()
            texts = sorted({" ".join(one.get_text().split()) for one in figure.findobj(Text) if one.get_visible()})
            name = Path(file).stem if isinstance(file, str | Path) else f"chart {len(seen) + 1:02d}"
            seen[name] = [text for text in texts if text]
        if (options.get("format") or Path(file).suffix[1:]) == "png":
            size = tuple(round(inches * options["dpi"]) for inches in figure.get_size_inches())
            picture = Image.new("RGB", size, "white")
            # What is white at the edges is cut off.
            picture.paste("black", (0, size[1] // 8, 9, size[1] * 7 // 8))
            picture.paste("black", (size[0] - 9, size[1] // 8, size[0], size[1] * 7 // 8))
            picture.save(file, "PNG", compress_level=1)
        else:
            text = '<svg xmlns="http://www.w3.org/2000/svg"/>'
            Path(file).write_text(text, "utf-8") if isinstance(file, str | Path) else file.write(text.encode())

    with patch.object(Figure, "savefig", savefig):
        yield


def kept(name: str, language: str) -> dict[str, str]:
    """Return what is kept of a case by view."""
    found = {}
    for file in KEPT.glob(f"{name}.{language}.*.txt"):
        text = file.read_text(encoding="utf-8")
        view = file.name.split(".")[2]
        if text == SAME:
            text = (KEPT / f"{name}.en.{view}.txt").read_text(encoding="utf-8")
        found[view] = text
    return found


def keep(net: Net, name: str, language: str) -> None:
    """Take the texts of a case as right."""
    KEPT.mkdir(exist_ok=True)
    for file in KEPT.glob(f"{name}.{language}.*.txt"):
        file.unlink()
    english = net.views_of(name, "en")
    for view, text in net.views_of(name, language).items():
        same = language != "en" and text == english.get(view)
        (KEPT / f"{name}.{language}.{view}.txt").write_text(SAME if same else text, encoding="utf-8", newline="\n")


def differences(net: Net, name: str, language: str) -> list[str]:
    """Return what differs from what is kept of a case: a unified diff of each view."""
    old, new = kept(name, language), net.views_of(name, language)
    found = []
    for view in sorted(old.keys() | new.keys()):
        if old.get(view) == new.get(view):
            continue
        lines = list(difflib.unified_diff(
            old.get(view, "").splitlines(), new.get(view, "").splitlines(), f"{name}.{language}.{view}: kept",
            f"{name}.{language}.{view}: now", lineterm="", n=1,
        ))  # fmt: skip
        more = len(lines) - MOST_LINES
        found.append("\n".join([line[:600] for line in lines[:MOST_LINES]] + [f"... {more} more lines"] * (more > 0)))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare or keep; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="only cases that begin so")
    parser.add_argument("--lang", choices=LANGUAGES, help="only this language")
    parser.add_argument("--keep", action="store_true", help="take what is written now as right")
    parser.add_argument("--times", action="store_true", help="say how long each case takes")
    given = parser.parse_args(arguments)
    names = [name for name in CASES if not given.cases or name.startswith(tuple(given.cases))]
    if not names:
        parser.error(f"there is no such case; there are {', '.join(CASES)}")
    languages = (given.lang,) if given.lang else LANGUAGES
    began, looked, found = time.monotonic(), 0, 0
    for group in GROUPS:
        with tempfile.TemporaryDirectory() as folder:
            net = Net(Path(folder))
            for name, language in product((name for name in group if name in names), languages):
                start = time.monotonic()
                looked += len(net.views_of(name, language))
                if given.keep:
                    keep(net, name, language)
                else:
                    for text in differences(net, name, language):
                        found += 1
                        print(text, end="\n\n")
                if given.times:
                    print(f"{name} {language}: {time.monotonic() - start:.1f} s")
    said = "kept" if given.keep else f"{found} different" if found else "all as kept"
    print(f"{looked} texts of {len(names)} cases: {said} ({time.monotonic() - began:.0f} s)")
    return 1 if found else 0


if __name__ == "__main__":
    # The program beside this file, wherever it is called from; and what tests share.
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    sys.exit(main())
