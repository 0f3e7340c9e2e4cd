"""The documents are true: their examples run and print what they say, their links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from helpers import said_in

from sim.office.parameters.listing import keys_of
from sim.office.problems import ScenarioError
from sim.office.scenario import BLANK, load_scenario_file
from sim.studies.sweep.file import load_sweep_file
from sim.studies.sweep.form import ChartForm, ChoiceForm, FactorForm, SweepForm
from sim.studies.sweep.show import SIGN

ROOT = Path(__file__).parents[2]
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh.md"}
EXPERIMENTS = {"en": ROOT / "docs" / "experiments.md", "zh": ROOT / "docs" / "experiments.zh.md"}
SWEEPS = sorted((ROOT / "scenarios" / "sweeps").glob("*.yaml"))
EXAMPLE = "automatic-against-growth"
BASELINE = ROOT / "scenarios" / "baseline-2023.yaml"
DOCUMENTS = [*READMES.values(), *sorted((ROOT / "docs").rglob("*.md")), ROOT / "results" / "README.md"]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def names(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def script(name: str) -> Iterator[ModuleType]:
    """Yield a script of the documents as a module."""
    spec = importlib.util.spec_from_file_location(f"{name}_of_the_documents", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def examples() -> Iterator[ModuleType]:
    """Return docs/examples.py, which is no part of the package."""
    yield from script("examples")


@pytest.mark.parametrize(("page", "least"), [("README.md", 1), ("README.zh.md", 1), ("docs/library.md", 10)])
def test_examples_print_what_the_page_says(examples: ModuleType, page: str, least: int) -> None:
    run = list(examples.examples_of(ROOT / page))
    assert len(run) >= least
    for example in run:
        assert example.printed == example.promised, example.code


def test_an_example_that_prints_something_else_is_noticed(examples: ModuleType, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\na = 1\n```\n\n```python\nprint(a + 1)\n```\n\n```text\n3\n```\n", encoding="utf-8")
    first, second = examples.examples_of(page)
    assert (first.promised, first.printed) == ("", "")
    assert (second.promised, second.printed) == ("3\n", "2\n")


@pytest.mark.parametrize("path", DOCUMENTS, ids=names(DOCUMENTS))
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", text_of(path))
    missing = [link for link in links if "://" not in link and not (path.parent / link.split("#")[0]).exists()]
    assert missing == []


@pytest.mark.parametrize("pages", [READMES, EXPERIMENTS], ids=["README", "experiments"])
def test_both_languages_have_the_same_parts(pages: dict[str, Path]) -> None:
    english, chinese = (
        re.findall(r"^(#+) |^(```\w*)|^(!\[)|^(- \*\*|- )|^(\|)", text_of(page), re.MULTILINE)
        for page in pages.values()
    )
    assert english == chinese


SHIPPED = sorted(file for file in BASELINE.parent.glob("*.yaml") if file.stem != BLANK)
"""Those of the main job."""


@pytest.mark.parametrize("language", READMES)
def test_the_readme_shows_every_shipped_scenario(language: str) -> None:
    lines = text_of(READMES[language]).splitlines()
    for file in SHIPPED:
        title = getattr(load_scenario_file(file).title, language)
        assert [line for line in lines if line.startswith(f" {title} ")], title


@pytest.mark.parametrize("language", READMES)
def test_the_scenario_of_the_readme_is_valid_and_the_mistake_is_named_as_it_says(language: str, tmp_path: Path) -> None:
    readme = text_of(READMES[language])
    (yaml,) = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    (message,) = re.findall(r"^scenarios/\S+\.yaml:\d+:\d+[:：].*$", readme, re.MULTILINE)
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    file = tmp_path / message.split(":")[0]
    file.write_text(yaml, encoding="utf-8")
    scenario = load_scenario_file(file)
    assert scenario.review.auto_approved_share == 0.2
    assert scenario.demand.growth == 0.144
    file.write_text(yaml.replace("auto_approved_share", "auto_approve"), encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        load_scenario_file(file)
    found = said_in(language, str, error.value)
    assert found.replace(f"{tmp_path}/", "").replace("\\", "/") == message


def block_of(page: Path, mark: str) -> str:
    """Return what stands between the marks of a page."""
    (block,) = re.findall(rf"<!-- {mark}: begin[^\n]*-->\n(.*?)<!-- {mark}: end -->", text_of(page), re.DOTALL)
    return block


def written_out(language: str, folder: Path) -> Path:
    """Write the sweep of the page beside the shipped scenarios."""
    (yaml,) = re.findall(rf"```yaml\n(name: {EXAMPLE}\n.*?)```", text_of(EXPERIMENTS[language]), re.DOTALL)
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    file = folder / "scenarios" / "sweeps" / f"{EXAMPLE}.yaml"
    file.write_text(yaml, encoding="utf-8")
    return file


@pytest.mark.parametrize("language", EXPERIMENTS)
def test_the_sweep_of_the_page_is_valid(language: str, tmp_path: Path) -> None:
    sweep = load_sweep_file(written_out(language, tmp_path))
    assert sweep.warnings == ()
    assert [len(factor.labels) for factor in sweep.factors] == [3, 3]


@pytest.mark.parametrize("language", EXPERIMENTS)
def test_the_parts_of_sweep_files_on_the_page_are_valid(language: str, tmp_path: Path) -> None:
    file = written_out(language, tmp_path)
    whole = text_of(file)
    head, vary = whole.split("vary:\n")
    pieces = re.findall(r"```yaml\n(.*?)```", text_of(EXPERIMENTS[language]), re.DOTALL)[1:]
    assert len(pieces) == 5
    for piece in pieces:
        if piece.startswith(" "):
            text = f"{head}vary:\n  a:\n    title: {{en: a, zh: 甲}}\n{piece}"
        else:
            # Points lie between two ends, of which nobody says how many steps there are.
            factors = vary.replace("    steps: 3\n", "") if "space-filling" in piece else vary
            text = f"{head}{piece}vary:\n{factors}"
        file.write_text(text, encoding="utf-8")
        assert load_sweep_file(file).points, piece


@pytest.mark.parametrize("language", EXPERIMENTS)
def test_every_key_of_a_sweep_file_is_explained(language: str) -> None:
    first_cells = re.findall(r"^\| ([^|]+) \|", text_of(EXPERIMENTS[language]), re.MULTILINE)
    explained = {key for cell in first_cells for key in re.findall(r"`([^`]+)`", cell)}
    for form in (SweepForm, FactorForm, ChoiceForm, ChartForm):
        assert set(keys_of(form)) <= explained, form.__name__


@pytest.mark.parametrize("language", EXPERIMENTS)
@pytest.mark.parametrize("name", [EXAMPLE, *(file.stem for file in SWEEPS)])
def test_the_tables_of_sweeps_have_the_cells_of_their_files(language: str, name: str, tmp_path: Path) -> None:
    file = written_out(language, tmp_path) if name == EXAMPLE else ROOT / "scenarios" / "sweeps" / f"{name}.yaml"
    sweep = load_sweep_file(file)
    lines = block_of(EXPERIMENTS[language], f"sweep {name}").splitlines()
    assert lines[1].endswith(sweep.title[language])
    assert re.findall(r"\d+", lines[2]).count(str(len(sweep.points))) >= 1
    signs = "".join(SIGN.values())
    estimates = [mark for line in lines[4:] for mark in re.findall(rf"\d ([{signs}])", line)]
    assert len(estimates) == len(sweep.points)


def test_the_method_shows_tables_of_the_calibration() -> None:
    rows = set(text_of(ROOT / "docs" / "calibration.md").splitlines())
    for mark in ("calibration", "calibration-office"):
        block = block_of(ROOT / "docs" / "method.md", mark).splitlines()
        assert len(block) > 4
        assert set(block) <= rows


def test_the_map_names_every_folder() -> None:
    folders = {f"sim/{folder.parent.name}/" for folder in (ROOT / "sim").glob("*/__init__.py")}
    for readme in READMES.values():
        assert folders <= set(re.findall(r"`(sim/\w+/)`", text_of(readme)))


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert len(DECISIONS) >= 15


@pytest.mark.parametrize("path", DECISIONS, ids=names(DECISIONS))
def test_a_decision_says_why_what_and_what_follows(path: Path) -> None:
    text = text_of(path)
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert f"({path.name})" in text_of(path.parent / "README.md")


def test_the_pages_of_result_files_are_current() -> None:
    for made in script("result_files"):
        stale = [page.name for language, page in made.PAGES.items() if page.read_text("utf-8") != made.page(language)]
        assert stale == [], "run: python docs/result_files.py"
