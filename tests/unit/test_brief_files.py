"""Page, deck and workbook, opened again: their numbers are those of the results, and no text of anybody's is code."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import combinations, pairwise

import openpyxl
import pytest
from briefing_results import (
    BASELINE,
    HOSTILE,
    change_manifest,
    copied,
    entitle,
    look_up,
    manifest_of,
    runs,
    write_results,
    written,
)
from flat_pictures import flat_picture
from helpers import said_in
from made_up import DEMAND, REVIEWERS, SHARE, made_sweep
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Pt

from sim.brief.compose import compose
from sim.brief.deck import EAST_ASIAN, deck
from sim.brief.fitting import Grid, Layout, height_of, laid_out, lines_of, pages, width_of
from sim.brief.inputs import one_line, read_given
from sim.brief.layouts import LAYOUTS, TEMPLATE, template
from sim.brief.page import page
from sim.brief.sheets import sheets_of
from sim.brief.workbook import workbook
from sim.present.terminal import UNSAFE
from sim.text import _

pytestmark = pytest.mark.filterwarnings("error:Glyph .* missing from font.*:UserWarning")

LANGUAGES = ("en", "zh")
INCHES = 914400


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_results(tmp_path_factory.mktemp("results"))


def made_of(given):
    """Return a briefing, its deck opened again, its workbook opened again, and its page."""
    briefing = compose(given, "test")
    book = openpyxl.load_workbook(io.BytesIO(workbook(briefing, sheets_of(given))))
    return briefing, Presentation(io.BytesIO(deck(briefing))), book, page(briefing)


@pytest.fixture(scope="module", params=LANGUAGES)
def made(request, root):
    return said_in(request.param, made_of, read_given([], root))


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
    *_rest, html = made
    numbers = [attributes for tag, attributes in Elements(html).found if tag == "data"]
    assert len(numbers) > 40
    for attributes in numbers:
        saved = look_up(root, attributes["data-source"])
        value = float(attributes["value"])
        assert len(saved) == value if isinstance(saved, list) else float(saved) == pytest.approx(value, rel=1e-12)


def test_the_page_asks_for_nothing(made):
    *_rest, html = made
    elements = Elements(html).found
    assert not {tag for tag, _attributes in elements} & {"script", "link", "iframe", "object", "embed", "base", "form"}
    for tag, attributes in elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), tag
            if name in ("src", "href", "srcset", "action"):
                assert value.startswith(("data:", "#")), value[:60]
    assert not re.search(r"url\((?!\"data:)|@import", html)
    assert len(html.encode()) < 5_000_000


def test_every_source_is_shown_where_the_pointer_rests(made):
    *_rest, html = made
    sourced = [(tag, attributes) for tag, attributes in Elements(html).found if "data-source" in attributes]
    assert {tag for tag, _attributes in sourced} >= {"data", "figure", "span"}
    for _tag, attributes in sourced:
        assert attributes.get("title", "").replace("\n", " ") == attributes["data-source"]


def test_the_page_is_built_for_every_reader(made):
    briefing, *_rest, html = made
    elements = Elements(html).found
    assert dict(elements)["html"]["lang"] == ("zh-CN" if briefing.language == "zh" else "en")
    assert [tag for tag, _attributes in elements].count("h1") == 1
    assert all(attributes.get("alt") for tag, attributes in elements if tag == "img")
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in elements if tag == "th")
    levels = [int(tag[1]) for tag, _attributes in elements if re.fullmatch("h[1-6]", tag)]
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


def test_the_template_is_what_the_layouts_make():
    """Run ``python -m sim.brief.layouts`` after a change of the layouts."""
    made, kept = (zipfile.ZipFile(io.BytesIO(data)) for data in
                  (template(), files("sim.brief").joinpath(TEMPLATE).read_bytes()))  # fmt: skip
    assert made.namelist() == kept.namelist()
    for name in made.namelist():
        assert made.read(name) == kept.read(name), name


def test_every_layout_is_used_and_its_places_stand_apart(made):
    _briefing, slides, *_rest = made
    assert [layout.name for layout in slides.slide_layouts] == list(LAYOUTS)
    assert {slide.slide_layout.name for slide in slides.slides} >= set(LAYOUTS) - {"Text"}
    for name, holders in LAYOUTS.items():
        for one, other in combinations([holder.box for holder in holders], 2):
            apart = one[0] + one[2] <= other[0] or other[0] + other[2] <= one[0]
            assert apart or one[1] + one[3] <= other[1] + 0.01 or other[1] + other[3] <= one[1] + 0.01, name


def test_the_deck_has_the_slides_of_a_meeting(made):
    briefing, slides, *_rest = made
    assert slides.slide_width / slides.slide_height == pytest.approx(16 / 9, rel=1e-3)
    assert 9 <= len(slides.slides) <= 13
    titles = [slide.shapes.title.text_frame.text for slide in slides.slides]
    assert titles[0] == briefing.question.text
    assert titles[2:5] == [picture.title for picture in briefing.pictures]
    assert titles[-1] == briefing.inputs.title
    # Nothing asks to be filled in.
    for slide in slides.slides:
        assert all(shape.text_frame.text for shape in slide.placeholders if shape.has_text_frame)


def test_a_chart_that_could_not_be_read_is_not_on_a_slide_but_named(made):
    briefing, *_rest = made
    small = replace(flat_picture("small", None, ()), smallest=3.0, title="too small")
    large = replace(small, name="large", smallest=9.0, title="large enough")
    slides = Presentation(io.BytesIO(deck(replace(briefing, appendix=(small, large)))))
    titles = [slide.shapes.title.text_frame.text for slide in slides.slides]
    assert "large enough" in titles
    assert "too small" not in titles
    assert any("too small" in text for text in texts_of(slides.slides[-2]))


def test_a_table_on_several_slides_has_every_row_once(made):
    briefing, *_rest = made
    names = [f"row {number}" for number in range(60)]
    long = replace(briefing.inputs, heads=("row",), rows=tuple((name,) for name in names), wide=())
    alone = replace(briefing, pictures=(), situations=None, sections=(), appendix=(), inputs=long)
    slides = Presentation(io.BytesIO(deck(alone)))
    firsts = [[row.cells[0].text for row in shape.table.rows] for slide in slides.slides for shape in slide.shapes
              if shape.has_table]  # fmt: skip
    shown = [[text for text in first if text.startswith("row ")] for first in firsts]
    assert [name for some in shown for name in some] == names
    assert sum(map(bool, shown)) > 2


def test_every_run_has_a_font_for_chinese_and_is_in_its_language(made):
    briefing, slides, *_rest = made
    runs = list(runs_of(slides))
    assert len(runs) > 100
    for run in runs:
        assert run._r.rPr.find(qn("a:ea")).get("typeface") == EAST_ASIAN
        assert run.font.size >= Pt(8)
        assert run._r.rPr.get("lang").startswith(briefing.language)
    assert slides.core_properties.language.startswith(briefing.language)
    theme = slides.slide_master.part.part_related_by(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"
    ).blob.decode()
    assert theme.count(f'<a:ea typeface="{EAST_ASIAN}"/>') == 2


def test_nothing_hangs_over_the_edge_of_a_slide_or_over_something_else(made):
    _briefing, slides, *_rest = made
    for slide in slides.slides:
        boxes = []
        for shape in slide.shapes:
            high = shape.height / INCHES
            if shape.has_table:
                high = sum(row.height for row in shape.table.rows) / INCHES
            elif shape.has_text_frame:
                high = 0.0
                # The number of the slide is a field, and no run.
                for paragraph in filter(lambda each: each.runs, shape.text_frame.paragraphs):
                    size = max(run.font.size.pt for run in paragraph.runs)
                    bold = any(run.font.bold for run in paragraph.runs)
                    high += height_of("".join(run.text for run in paragraph.runs), size, shape.width / INCHES, bold)
                    high += paragraph.space_before.pt / 72 if paragraph.space_before else 0
                assert high <= shape.height / INCHES + 0.03, shape.text_frame.text
            left, top, wide = (value / INCHES for value in (shape.left, shape.top, shape.width))
            if shape == slide.shapes.title and slide.slide_layout.name != "Cover":
                top += shape.height / INCHES - high
            assert left >= 0
            assert top >= 0
            assert left + wide <= 13.334
            assert top + high <= 7.5
            boxes.append((left, top, left + wide, top + high, shape.name))
        for one, other in combinations(boxes, 2):
            across = min(one[2], other[2]) - max(one[0], other[0])
            down = min(one[3], other[3]) - max(one[1], other[1])
            assert across <= 0.01 or down <= 0.03, (one, other)


def test_tables_of_the_deck_are_native_and_have_the_results_numbers(root, made):
    briefing, slides, *_rest = made
    cells = [text for slide in slides.slides for text in texts_of(slide)]
    for name in (BASELINE, "busy"):
        estimate = manifest_of(root / "scenarios" / name)["estimate"]
        assert any(f"{estimate:,.2f}" in text or f"{estimate:,.1f}" in text for text in cells)
    for row in briefing.sections[0][0].table.rows:
        assert row[2].text in cells
        assert row[3].text in cells


def test_notes_name_the_files_and_pictures_are_described(root, made):
    briefing, slides, *_rest = made
    for slide in slides.slides:
        notes = slide.notes_slide.notes_text_frame.text.splitlines()
        assert notes[0] == said_in(briefing.language, _, "Where the numbers come from")
        for line in notes[1:]:
            for source in line.rpartition(" ← ")[2].split("; "):
                look_up(root, source)
        for shape in slide.shapes:
            if shape.shape_type == 13 or shape.has_table:
                assert shape._element.xpath(".//p:cNvPr")[0].get("descr")


# The workbook


def sheet_of(made, name):
    """Return a sheet of the workbook by its English name."""
    briefing, _slides, book, _page = made
    return book[said_in(briefing.language, _, name)]


def test_the_workbook_has_the_numbers_of_the_results(root, made):
    rows = {row[0]: row for row in sheet_of(made, "Scenarios").iter_rows(min_row=4, values_only=True)}
    for name, run in runs().items():
        assert rows[name][3:6] == pytest.approx((run.estimate, run.low, run.high))
    cells = sheet_of(made, "Design points")
    assert cells.max_row == 3 + 45
    read = {row[0]: row[4] for row in cells.iter_rows(min_row=4, values_only=True)}
    for point in read_given([root / "sweeps" / "demand"], root).lead.record.points:
        assert read[point.point] == pytest.approx(point.estimate) or read[point.point] == "∞"


def test_the_workbook_is_fit_to_be_read(made):
    for sheet in made[2].worksheets[1:]:
        assert sheet.freeze_panes == "B4"
        for column in range(1, sheet.max_column + 1):
            assert 8 <= sheet.column_dimensions[sheet.cell(1, column).column_letter].width <= 60
    for name in ("Scenarios", "Design points", "Licence times"):
        assert len(sheet_of(made, name)._charts) == 1
    assert sheet_of(made, "Scenarios")["D4"].number_format == "#,##0.00"
    assert sheet_of(made, "Demand carried")["K4"].number_format == "#,##0"


def test_every_column_names_the_field_that_it_is_of(root, made):
    for sheet in made[2].worksheets[2:-3]:
        for cell in sheet[3]:
            column = re.fullmatch(r"(.+)\.parquet#(\w+)", cell.comment.text)
            if column is None:
                # The target, which is in the manifest.
                assert look_up(root, cell.comment.text) == sheet.cell(4, cell.column).value
            else:
                look_up(root, f"{column[1]}.parquet#count")
            assert cell.value


def test_the_lines_of_a_sweep_are_drawn_one_for_each_level(made):
    (chart,) = sheet_of(made, "Design points")._charts
    assert len(chart.series) == len(REVIEWERS.labels) + 1
    where = [series.yVal.numRef.f for series in chart.series]
    rows = [tuple(map(int, re.findall(r"\$(\d+)", each))) for each in where]
    assert rows == [(4 + 9 * level, 12 + 9 * level) for level in range(5)] + [(4, 48)]


def test_codes_are_words_in_the_workbook(made):
    briefing = made[0]
    if briefing.language == "zh":
        for name in ("Figures", "Certificate", "Pairs"):
            texts = {cell for row in sheet_of(made, name).iter_rows(min_row=4, values_only=True) for cell in row[:5]}
            codes = {text for text in texts if text and re.fullmatch(r"[a-z_ ]+", str(text))}
            assert codes <= {"first", "all", "more"}
    certificate = sheet_of(made, "Certificate")
    yes, no = (said_in(briefing.language, _, word) for word in ("yes", "no"))
    assert {row[10] for row in certificate.iter_rows(min_row=4, values_only=True)} == {yes, no}


@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_of_two_kinds_each_have_their_own_format_and_field(root, tmp_path, language):
    other = copied(root, tmp_path / "other")
    change_manifest(other / "scenarios" / "busy", target__statistic="share", target__clock="journey", estimate=0.61,
                    low=0.6, high=0.62)  # fmt: skip
    given = read_given([other / "scenarios" / BASELINE, other / "scenarios" / "busy"], other)
    sheet = sheet_of(said_in(language, made_of, given), "Scenarios")
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
    sweep = made_sweep([DEMAND, REVIEWERS], target=SHARE)
    written(sweep, tmp_path / "sweeps" / "shares", base=runs()[BASELINE].scenario)
    given = read_given([tmp_path / "sweeps" / "shares"], tmp_path)
    (cells,) = (sheet for sheet in sheets_of(given) if sheet.name == "Design points")
    head = cells.heads[-1]
    assert {row[-1] for row in cells.rows} == {look_up(tmp_path, head.source)} == {0.9}


def test_comments_of_the_summary_name_the_fields(root, made):
    summary = made[2].worksheets[0]
    comments = [cell.comment.text for row in summary.iter_rows() for cell in row if cell.comment]
    assert len(comments) > 15
    for comment in comments:
        for source in comment.split("; "):
            look_up(root, source)
    numbers = [cell for row in summary.iter_rows() for cell in row if isinstance(cell.value, int | float)]
    assert numbers
    assert all(cell.comment for cell in numbers)


def test_the_scenario_is_there_in_full_with_units_and_sources(root, made):
    rows = {row[0]: row for row in sheet_of(made, "Parameters").iter_rows(min_row=4, values_only=True)}
    mean = rows["review.minutes.mean_minutes"]
    assert mean[1] == manifest_of(root / "scenarios" / BASELINE)["scenario"]["review"]["minutes"]["mean_minutes"]
    assert mean[2] == ("min" if made[0].language == "en" else "分钟")
    assert mean[4] < mean[1] < mean[5]
    assert rows["target.minutes"][3].startswith("article" if made[0].language == "en" else "报道")
    assert rows["phone.profiles[0].talk_seconds"][1] > 0
    assert len(rows) > 100


def test_fitted_values_say_so(root, tmp_path):
    other = copied(root, tmp_path / "other")
    change_manifest(other / "scenarios" / BASELINE, about__fitted={"log": "own", "parameters": ["review.return_rate"]})
    given = read_given([other / "scenarios" / BASELINE], other)
    (sheet,) = (each for each in sheets_of(given) if each.name == "Parameters")
    source = {row[0]: row[3] for row in sheet.rows}
    assert source["review.return_rate"] == "fitted to the log own"
    assert source["review.minutes.cv"].startswith("assumption")


# Texts of anybody's


@pytest.mark.parametrize("kind", ["script", "formula", "long", "lines"])
def test_titles_are_text_in_page_deck_and_workbook(root, kind, tmp_path):
    text = HOSTILE[kind]
    other = copied(root, tmp_path / "other")
    entitle(other, text)
    briefing, slides, book, html = said_in("zh", made_of, read_given([], other))
    elements = Elements(html)
    assert not {tag for tag, _attributes in elements.found} & {"script", "iframe"}
    assert sum(tag == "img" for tag, _attributes in elements.found) == len(briefing.pictures) + 1
    assert not [name for _tag, attributes in elements.found for name in attributes if name.startswith("on")]
    shown = " ".join("".join(elements.texts).split())
    assert " ".join(one_line(text).split()) in " ".join(one_line(shown).split())
    start = one_line(text)[:8]
    assert any(start in shown for slide in slides.slides for shown in texts_of(slide))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert one_line(text) in {cell.value for cell in cells}


def test_what_a_terminal_obeys_or_turns_a_line_is_in_no_file(root, tmp_path):
    """Names of folders are shown as where figures come from."""
    name = "x\x1b[2J\u202ey\u200f"
    other = copied(root, tmp_path / "other")
    entitle(other, "licence \u202e office \x1b[31m")
    (other / "scenarios" / BASELINE).rename(other / "scenarios" / name)
    given = said_in("en", read_given, [other / "scenarios" / name], other)
    _, slides, book, html = said_in("en", made_of, given)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    texts = [html, *(shown for slide in slides.slides for shown in texts_of(slide)),
             *(str(cell.value) for cell in cells), *(cell.comment.text for cell in cells if cell.comment)]  # fmt: skip
    assert "\N{REPLACEMENT CHARACTER}[2J" in html
    assert not [text for text in texts if {ord(sign) for sign in text} & UNSAFE.keys()]


def test_a_text_that_is_longer_than_its_room_is_broken_or_cut():
    assert width_of("执照", 20) == pytest.approx(2 * width_of("执", 20), rel=0.02)
    assert len(lines_of("执照" * 40, 20, 5.0)) == -(-80 // int(5.0 / width_of("执", 20)))
    assert lines_of("W" * 100, 20, 2.0)[0] == "W" * len(lines_of("W" * 100, 20, 2.0)[0])
    assert all(width_of(line, 20) <= 2.0 for line in lines_of("W" * 100, 20, 2.0))


def test_no_row_is_left_alone_on_a_slide():
    grid = Grid(("a", "b"), [(f"row {number}", "1") for number in range(20)])
    layout = laid_out(grid, 10.0, 3.0, 15.0, 15.0)
    room = layout.head + sum(layout.rows[:19])
    assert pages(layout, room) == [(0, 17), (17, 20)]
    # A table that only just does not fit is made smaller rather than cut.
    assert len(pages(laid_out(grid, 10.0, room, 15.0), room)) == 1
    # Rows that have no room together are not put together.
    high = Layout(10.0, (10.0,), 0.5, (*[1.5] * 6, 5.0, 4.9))
    assert pages(high, 10.0) == [(0, 6), (6, 7), (7, 8)]


def test_columns_share_the_width_by_what_they_need():
    grid = Grid(("situation", "verdict", "x"), [("a long title " * 9, "◆ UNDECIDED", "1,000")], frozenset({1}))
    layout = laid_out(grid, 8.0, 5.0, 15.0)
    assert sum(layout.widths) == pytest.approx(8.0)
    assert layout.widths[1] >= width_of("◆ UNDECIDED", layout.size, bold=True)
    narrow = laid_out(Grid(("a", "b"), [("1", "2")]), 8.0, 5.0, 15.0)
    assert sum(narrow.widths) == pytest.approx(8.0)


def test_office_programs_open_deck_and_workbook(root, tmp_path):
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("no office program to open decks with: apt-get install libreoffice-impress libreoffice-calc")
    given = read_given([root / "scenarios" / BASELINE], root)
    briefing = said_in("zh", compose, given, "test")
    (tmp_path / "deck.pptx").write_bytes(said_in("zh", deck, briefing))
    (tmp_path / "book.xlsx").write_bytes(said_in("zh", workbook, briefing, said_in("zh", sheets_of, given)))
    home = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    line = [program, home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    for name in ("deck.pptx", "book.xlsx"):
        subprocess.run([*line, str(tmp_path / name)], check=True, capture_output=True, timeout=240)
    slides = len(Presentation(str(tmp_path / "deck.pptx")).slides)
    pages = (tmp_path / "deck.pdf").read_bytes().count(b"/Type/Page/")
    assert pages == slides or pages == 0
    assert (tmp_path / "book.pdf").stat().st_size > 10_000
