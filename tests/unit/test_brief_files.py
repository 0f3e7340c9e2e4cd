"""Page, deck and workbook, opened again: their numbers are those of the results, and no text of anybody's is code."""

import io
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import openpyxl
import pytest
from briefing_results import (
    BASELINE,
    HOSTILE,
    SEED,
    change_manifest,
    copied,
    entitle,
    flat_picture,
    look_up,
    manifest_of,
    write_results,
)
from experiment_folders import DEMAND, REVIEWERS, SHARE, write_sweep
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Pt
from test_staff_charts import write_staff

from sim.briefing.brief import charts
from sim.briefing.brief.compose import compose
from sim.briefing.brief.deck import deck
from sim.briefing.brief.fitting import height_of, lines_of, width_of
from sim.briefing.brief.inputs import found_in, read_given
from sim.briefing.brief.page import page
from sim.briefing.brief.parameters import ParameterFact, rows_of
from sim.briefing.brief.pictures import one_line
from sim.briefing.brief.sheets import sheets_of
from sim.briefing.brief.slides import EAST_ASIAN
from sim.briefing.brief.workbook import workbook
from sim.briefing.saved_evidence import Fitted
from sim.briefing.words import word
from sim.cli.briefing import parameter_facts

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

LANGUAGES = ("en", "zh")
INCHES = 914400


@pytest.fixture(scope="module", autouse=True)
def flat():
    """Draw nothing: charts are looked at elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts, "draw", flat_picture)
        yield


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = write_results(tmp_path_factory.mktemp("results"), sweep=True)
    write_staff(root / "staff" / BASELINE)
    change_manifest(root / "staff" / BASELINE, seed=SEED)
    return root


@pytest.fixture(scope="module", params=LANGUAGES)
def made(request, root):
    """Return a briefing, its deck opened again, its workbook opened again, and its page."""
    given = read_given(found_in(root)[0], root)
    briefing = compose(given, "test", request.param)
    book = workbook(briefing, sheets_of(given, parameter_facts(), request.param))
    slides = Presentation(io.BytesIO(deck(briefing)))
    return briefing, slides, openpyxl.load_workbook(io.BytesIO(book)), page(briefing)


class Elements(HTMLParser):
    """The elements of a page: names and attributes, and what is written in them."""

    def __init__(self, text):
        super().__init__()
        self.found, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)


# The page


def test_the_page_shows_the_values_that_its_sources_have(root, made):
    *_, html = made
    numbers = [attributes for tag, attributes in Elements(html).found if tag == "data"]
    assert len(numbers) > 40
    for attributes in numbers:
        saved = look_up(root, attributes["data-source"])
        value = float(attributes["value"])
        assert len(saved) == value if isinstance(saved, list) else float(saved) == pytest.approx(value, rel=1e-12)


def test_the_page_asks_for_nothing(made):
    *_, html = made
    elements = Elements(html).found
    assert not {tag for tag, _ in elements} & {"script", "link", "iframe", "object", "embed", "base", "form"}
    for tag, attributes in elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), tag
            if name in ("src", "href", "srcset", "action"):
                assert value.startswith(("data:", "#")), value[:60]
    assert not re.search(r"url\((?!\"data:)|@import", html)
    assert len(html.encode()) < 5_000_000


def test_every_source_is_shown_where_the_pointer_rests(made):
    *_, html = made
    sourced = [(tag, attributes) for tag, attributes in Elements(html).found if "data-source" in attributes]
    assert {tag for tag, _ in sourced} >= {"data", "figure", "span"}
    for _, attributes in sourced:
        assert attributes.get("title", "").replace("\n", " ") == attributes["data-source"]


def test_the_page_is_built_for_every_reader(made):
    briefing, *_, html = made
    elements = Elements(html).found
    assert dict(elements)["html"]["lang"] == ("zh-CN" if briefing.language == "zh" else "en")
    assert [tag for tag, _ in elements].count("h1") == 1
    assert all(attributes.get("alt") for tag, attributes in elements if tag == "img")
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in elements if tag == "th")
    levels = [int(tag[1]) for tag, _ in elements if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert "@media print" in html
    assert "prefers-color-scheme: dark" in html


# The deck


def texts_of(slide):
    """Return the texts of a slide, those of its tables included."""
    texts = []
    for shape in slide.shapes:
        if shape.has_text_frame:
            texts += [paragraph.text for paragraph in shape.text_frame.paragraphs]
        if shape.has_table:
            texts += [cell.text_frame.text for row in shape.table.rows for cell in row.cells]
    return [text for text in texts if text]


def runs_of(slides):
    for slide in slides.slides:
        frames = [shape.text_frame for shape in slide.shapes if shape.has_text_frame]
        frames += [cell.text_frame for shape in slide.shapes if shape.has_table for row in shape.table.rows
                   for cell in row.cells]  # fmt: skip
        frames.append(slide.notes_slide.notes_text_frame)
        for frame in frames:
            for paragraph in frame.paragraphs:
                yield from paragraph.runs


def test_the_deck_has_the_slides_of_a_meeting(made):
    briefing, slides, *_ = made
    assert slides.slide_width / slides.slide_height == pytest.approx(16 / 9, rel=1e-3)
    assert 8 <= len(slides.slides) <= 10
    titles = [slide.shapes.title.text_frame.text for slide in slides.slides]
    assert titles[0] == briefing.question.text
    assert titles[1] == word("brief answer", briefing.language)
    assert titles[2:5] == [picture.title for picture in briefing.pictures]
    assert titles[-1] == word("brief small print", briefing.language)


def test_a_chart_that_could_not_be_read_is_not_on_a_slide_but_named(made):
    briefing, *_ = made
    small = replace(flat_picture("small", None, ()), smallest=3.0, title="too small")
    large = replace(small, name="large", smallest=9.0, title="large enough")
    slides = Presentation(io.BytesIO(deck(replace(briefing, appendix=(small, large)))))
    titles = [slide.shapes.title.text_frame.text for slide in slides.slides]
    assert "large enough" in titles
    assert "too small" not in titles
    last = "\n".join(shape.text_frame.text for shape in slides.slides[-1].shapes if shape.has_text_frame)
    assert word("brief print too small of", briefing.language, names="too small") in last


def test_codes_are_words_in_the_workbook(made):
    briefing, _, book, _ = made
    language = briefing.language
    certificate = book[word("brief sheet certificate", language)]
    read = [dict(zip([cell.value for cell in certificate[3]], row, strict=True))
            for row in certificate.iter_rows(min_row=4, values_only=True)]  # fmt: skip
    held = {row[word("brief col requirement", language)] for row in read}
    assert word("brief target line", language) in held
    assert word("stage phone", language) in held
    assert {row[word("brief col about_mean", language)] for row in read} == {word("value yes", language),
                                                                             word("value no", language)}  # fmt: skip
    assert word("staffing plan itself", language) in {row[word("brief col plan", language)] for row in read}
    figures = book[word("brief sheet figures", language)]
    subjects = {row[0] for row in figures.iter_rows(min_row=4, values_only=True)}
    assert {word("clock licence", language), word("value subject wait", language)} <= subjects
    if language == "zh":
        words = [row[:5] for row in figures.iter_rows(min_row=4, values_only=True)]
        assert {text for row in words for text in row if text and re.fullmatch(r"[a-z_ ]+", str(text))} == set()


def test_every_run_has_a_font_for_chinese(made):
    _, slides, *_ = made
    runs = list(runs_of(slides))
    assert len(runs) > 100
    for run in runs:
        assert run._r.rPr.find(qn("a:ea")).get("typeface") == EAST_ASIAN
        assert run.font.size >= Pt(8)
    theme = slides.slide_master.part.part_related_by(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"
    ).blob.decode()
    assert theme.count(f'<a:ea typeface="{EAST_ASIAN}"/>') == 2


def test_nothing_hangs_over_the_edge_of_a_slide_or_its_box(made):
    _, slides, *_ = made
    for slide in slides.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= slides.slide_width + 2
            assert shape.top + shape.height <= slides.slide_height + 2
            if shape.has_text_frame and shape.text_frame.text and not shape.is_placeholder:
                high = 0.0
                # The number of the slide is a field, and no run.
                for paragraph in filter(lambda each: each.runs, shape.text_frame.paragraphs):
                    size = max(run.font.size.pt for run in paragraph.runs)
                    bold = any(run.font.bold for run in paragraph.runs)
                    text = "".join(run.text for run in paragraph.runs)
                    high += height_of(text, size, shape.width / INCHES, bold)
                    high += paragraph.space_before.pt / 72 if paragraph.space_before else 0
                lowest = shape.top / INCHES + high
                assert lowest <= 7.5, shape.text_frame.text


def test_tables_of_the_deck_are_native_and_have_the_results_numbers(root, made):
    briefing, slides, *_ = made
    cells = [text for slide in slides.slides for text in texts_of(slide)]
    for name in (BASELINE, "busy"):
        verdict = manifest_of(root / "scenarios" / name)["verdict"]
        assert any(f"{verdict['estimate']:,.2f}" in text or f"{verdict['estimate']:,.1f}" in text for text in cells)
    for row in briefing.staffing[0].table.rows:
        assert row[2].text in cells
        assert row[3].text in cells


def test_notes_name_the_files_and_pictures_are_described(root, made):
    briefing, slides, *_ = made
    for slide in slides.slides:
        notes = slide.notes_slide.notes_text_frame.text.splitlines()
        assert notes[0] == word("brief sources", briefing.language)
        for line in notes[1:]:
            for source in line.rpartition(" ← ")[2].split("; "):
                look_up(root, source)
        for shape in slide.shapes:
            if shape.shape_type == 13 or shape.has_table:
                assert shape._element.xpath(".//p:cNvPr")[0].get("descr")


# The workbook


def test_the_workbook_has_the_numbers_of_the_results(root, made):
    briefing, _, book, _ = made
    assert book.sheetnames[0] == word("brief sheet summary", briefing.language)
    sheet = book[word("brief sheet situations", briefing.language)]
    rows = {row[0]: row for row in sheet.iter_rows(min_row=4, values_only=True)}
    for name in (BASELINE, "busy"):
        verdict = manifest_of(root / "scenarios" / name)["verdict"]
        assert rows[name][3:6] == pytest.approx((verdict["estimate"], verdict["low"], verdict["high"]))
    cells = book[word("brief sheet cells", briefing.language)]
    assert cells.max_row == 3 + 45
    read = {row[0]: row[4] for row in cells.iter_rows(min_row=4, values_only=True)}
    for cell in read_given([root / "sweeps" / "demand"], root).lead.saved.cells:
        assert read[cell.number] == pytest.approx(cell.estimate) or read[cell.number] == "∞"


def test_the_workbook_is_fit_to_be_read(made):
    briefing, _, book, _ = made
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "B4"
        for column in range(1, sheet.max_column + 1):
            assert 8 <= sheet.column_dimensions[sheet.cell(1, column).column_letter].width <= 60
    assert len(book[word("brief sheet situations", briefing.language)]._charts) == 1
    assert len(book[word("brief sheet cells", briefing.language)]._charts) == 1
    assert book[word("brief sheet situations", briefing.language)]["D4"].number_format == "#,##0.00"


@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_of_two_kinds_each_have_their_own_format_and_field(root, tmp_path, language):
    other = copied(root, tmp_path / "other")
    share = {"statistic": "share", "clock": "journey", "estimate": 0.61, "low": 0.6, "high": 0.62, "verdict": "FAILS"}
    change_manifest(other / "scenarios" / "busy", **{f"verdict__{name}": value for name, value in share.items()})
    given = read_given([other / "scenarios" / BASELINE, other / "scenarios" / "busy"], other)
    book = workbook(compose(given, "test", language), sheets_of(given, parameter_facts(), language))
    sheet = openpyxl.load_workbook(io.BytesIO(book))[word("brief sheet situations", language)]
    mean, of_share = ([sheet.cell(row, column) for column in range(1, 16)] for row in (4, 5))
    assert [cell.number_format for cell in mean[3:7]] == ["#,##0.00"] * 4
    assert [cell.number_format for cell in of_share[3:7]] == ["0.0%"] * 4
    assert [mean[6].value, of_share[6].value] == [5.0, 0.9]
    assert "subject=licence," in mean[7].comment.text
    assert "subject=journey," in of_share[7].comment.text
    assert not sheet._charts
    for cell in (*mean[3:9], *of_share[3:9]):
        assert look_up(other, cell.comment.text) == pytest.approx(cell.value)


def test_the_target_of_a_sweep_of_shares_names_its_field(tmp_path):
    write_sweep(tmp_path / "sweeps" / "shares", [DEMAND, REVIEWERS], target=SHARE)
    given = read_given([tmp_path / "sweeps" / "shares"], tmp_path)
    (cells,) = (sheet for sheet in sheets_of(given, parameter_facts(), "en") if sheet.name == "Cells")
    head = cells.heads[-1]
    assert {row[-1] for row in cells.rows} == {look_up(tmp_path, head.source)} == {0.9}


def test_comments_of_the_summary_name_the_fields(root, made):
    _, _, book, _ = made
    summary = book.worksheets[0]
    comments = [cell.comment.text for row in summary.iter_rows() for cell in row if cell.comment]
    assert len(comments) > 15
    for comment in comments:
        for source in comment.split("; "):
            look_up(root, source)
    numbers = [cell for row in summary.iter_rows() for cell in row if isinstance(cell.value, int | float)]
    assert numbers
    assert all(cell.comment for cell in numbers)


def test_the_scenario_is_there_in_full_with_units_and_sources(root, made):
    briefing, _, book, _ = made
    sheet = book[word("brief sheet scenario", briefing.language)]
    rows = {row[0]: row for row in sheet.iter_rows(min_row=4, values_only=True)}
    mean = rows["review.minutes.mean_minutes"]
    assert mean[1] == manifest_of(root / "scenarios" / BASELINE)["scenario"]["review"]["minutes"]["mean_minutes"]
    assert mean[2] == ("min" if briefing.language == "en" else "分钟")
    assert mean[4] < mean[1] < mean[5]
    assert rows["target.minutes"][3].startswith("article" if briefing.language == "en" else "报道")
    assert len(rows) > 100


def test_fitted_values_say_so():
    facts = [ParameterFact("a.b", "min", "assumption", (1.0, 5.0), "a mean", "均值")]
    fitted = [Fitted("a.b", 3.25, 3.0, 3.5, 812, True)]
    (fit,) = rows_of({"a": {"b": 3.25}}, facts, fitted, "en")
    assert fit.source == "fitted, n = 812"
    (assumed,) = rows_of({"a": {"b": 3.0}}, facts, fitted, "en")
    assert assumed.source == "assumption"
    listed = rows_of({"a": [{"x": 1, "y": []}, {"x": 2}]}, [], [], "zh")
    assert [(row.path, row.value) for row in listed] == [("a[0].x", 1), ("a[0].y", []), ("a[1].x", 2)]


# Texts of anybody's


@pytest.mark.parametrize("kind", list(HOSTILE))
def test_titles_are_text_in_page_deck_and_workbook(root, kind, tmp_path):
    text = HOSTILE[kind]
    other = copied(root, tmp_path / "other")
    entitle(other, text)
    given = read_given(found_in(other)[0], other)
    briefing = compose(given, "test", "zh")
    elements = Elements(page(briefing))
    assert not {tag for tag, _ in elements.found} & {"script", "iframe"}
    assert sum(tag == "img" for tag, _ in elements.found) == len(briefing.pictures) + 1
    assert not [name for _, attributes in elements.found for name in attributes if name.startswith("on")]
    shown = " ".join("".join(elements.texts).split())
    assert " ".join(one_line(text).split()) in " ".join(one_line(shown).split())
    slides = Presentation(io.BytesIO(deck(briefing)))
    start = one_line(text)[:8]
    assert any(start in shown for slide in slides.slides for shown in texts_of(slide))
    book = openpyxl.load_workbook(io.BytesIO(workbook(briefing, sheets_of(given, parameter_facts(), "zh"))))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert one_line(text) in {cell.value for cell in cells}


def test_a_text_that_is_longer_than_its_room_is_broken_or_cut():
    assert width_of("执照", 20) == pytest.approx(2 * width_of("执", 20), rel=0.02)
    assert len(lines_of("执照" * 40, 20, 5.0)) == -(-80 // int(5.0 / width_of("执", 20)))
    assert lines_of("W" * 100, 20, 2.0)[0] == "W" * len(lines_of("W" * 100, 20, 2.0)[0])
    assert all(width_of(line, 20) <= 2.0 for line in lines_of("W" * 100, 20, 2.0))


def test_office_programs_open_deck_and_workbook(root, tmp_path):
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("no office program to open decks with: apt-get install libreoffice-impress libreoffice-calc")
    given = read_given([root / "scenarios" / BASELINE], root)
    briefing = compose(given, "test", "zh")
    (tmp_path / "deck.pptx").write_bytes(deck(briefing))
    (tmp_path / "book.xlsx").write_bytes(workbook(briefing, sheets_of(given, parameter_facts(), "zh")))
    home = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    line = [program, home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    for name in ("deck.pptx", "book.xlsx"):
        subprocess.run([*line, str(tmp_path / name)], check=True, capture_output=True, timeout=240)
    slides = len(Presentation(str(tmp_path / "deck.pptx")).slides)
    pages = (tmp_path / "deck.pdf").read_bytes().count(b"/Type/Page/")
    assert pages == slides or pages == 0
    assert (tmp_path / "book.pdf").stat().st_size > 10_000
