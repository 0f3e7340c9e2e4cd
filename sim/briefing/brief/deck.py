"""A briefing as slides: native tables, text that can be edited, sources in the notes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from pptx.presentation import Presentation as Deck
from pptx.slide import Slide

from sim.briefing.basis import PACKAGE
from sim.briefing.brief.contents import Advice, Briefing, SmallPrint, Table
from sim.briefing.brief.fitting import cut, fitting_size, height_of, width_of
from sim.briefing.brief.pictures import Picture, one_line
from sim.briefing.brief.slides import (
    INNER,
    SIDE,
    WIDE,
    Box,
    Look,
    add_block,
    add_line,
    add_notes,
    add_number,
    add_picture,
    add_run,
    add_slide,
    add_table,
    add_text,
    colour_of,
    new_deck,
    place,
    sources_as_lines,
)
from sim.briefing.brief.tabulating import Layout, laid_out, pages
from sim.briefing.brief.traced import Piece, Sentence
from sim.briefing.charts.style import GREY, LINE
from sim.briefing.words import Language, word

TITLE, BODY, SMALL = 26.0, 20.0, 12.0
"""Points: the largest that titles and texts are, and the smallest of texts."""
TOP, BOTTOM = 1.5, 6.85
"""Inches: between these is what a slide shows."""
LOWEST = 6.62
"""Inches: the lower edge of charts."""
LEGIBLE = 7.0
"""Points that the smallest letters of a chart of the appendix have at least."""
FOOT = 7.05
GAP = 9.0
"""Points between paragraphs."""
ONE_LINE, SMALLER = 44.0, 0.85
"""Points of the question on the first slide, and how much smaller it may be to have room in a line."""
LABEL = 1.5
"""Inches that what advice is about takes."""
MOST_INPUTS = 9
"""Results named on the last slide; the workbook has all."""
LONGEST_PROPERTY = 255
"""Characters of a property of a document."""


def deck(briefing: Briefing) -> bytes:
    """Return a deck as the bytes of a file."""
    made, language = new_deck(briefing.language), briefing.language
    _first(made, briefing)
    _answer(made, briefing)
    for picture in briefing.pictures:
        _picture(made, picture, language)
    if briefing.situations is not None:
        _table(made, word("brief situations", language), briefing.situations, (), language)
    for staffing in briefing.staffing:
        if staffing.table is None and {said.text for said in staffing.said} <= {said.text for said in briefing.answer}:
            continue
        if staffing.table is None:
            _paragraphs(made, staffing.heading, staffing.said, language)
        else:
            _table(made, staffing.heading, staffing.table, staffing.said[:3], language)
    _rests_on(made, briefing)
    _advice(made, briefing.advice, language)
    legible = [picture for picture in briefing.appendix if _points_on_slide(picture) >= LEGIBLE]
    for picture in legible:
        _picture(made, picture, language)
    _small_print(made, briefing, [picture for picture in briefing.appendix if picture not in legible])
    _number(made, briefing)
    properties = made.core_properties
    properties.title, properties.subject = (
        one_line(text)[:LONGEST_PROPERTY] for text in (briefing.question.text, briefing.subject)
    )
    properties.author = properties.last_modified_by = PACKAGE
    properties.language = "zh-CN" if language == "zh" else "en-US"
    if briefing.finished:
        properties.created = properties.modified = datetime.fromisoformat(briefing.finished)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def _titled(made: Deck, title: str, language: Language) -> Slide:
    # Two lines at most: what is longer than them at the smallest size is cut.
    size = fitting_size(title, INNER, 0.98, TITLE, 16.0, bold=True)
    return add_slide(made, cut(title, size, INNER, 0.98, bold=True), size, language)


def _number(made: Deck, briefing: Briefing) -> None:
    """Write the foot of every slide but the first."""
    language = briefing.language
    foot = f"{word('brief kicker', language)} · {briefing.subject}"
    small = Look(10.0, GREY)
    for slide in list(made.slides)[1:]:
        add_text(slide, Box(SIDE, FOOT, INNER - 1, 0.22), [cut(foot, 10.0, INNER - 1, 0.2)], small, language)
        add_number(slide, Box(WIDE - SIDE - 0.8, FOOT, 0.8, 0.22), Look(10.0, GREY, right=True), language)


def _first(made: Deck, briefing: Briefing) -> None:
    language, question = briefing.language, briefing.question.text
    size = fitting_size(question, 10.8, 2.2, ONE_LINE, 24.0, bold=True)
    # Rather a little smaller than with a word or two on a second line.
    if width_of(question, ONE_LINE * SMALLER, bold=True) <= 10.8:
        while width_of(question, size, bold=True) > 10.8:
            size -= 0.5
    slide = add_slide(made, cut(question, size, 10.8, 2.2, bold=True), size, language)
    place(slide.shapes.title, Box(1.1, 2.2, 10.8, 2.2))
    colour = colour_of(str(briefing.verdict.value)) if briefing.verdict else GREY
    add_block(slide, Box(0, 0, 0.35, 7.5), colour)
    add_text(slide, Box(1.1, 1.5, 10.8, 0.4), [word("brief kicker", language)], Look(16.0, GREY), language)
    about = cut(briefing.about.text, 20.0, 10.8, 0.8)
    lines = height_of(question, size, 10.8, bold=True)
    add_text(slide, Box(1.1, 2.2 + min(lines, 2.2) + 0.25, 10.8, 0.8), [about], Look(20.0, GREY), language)
    if briefing.finished:
        text = f"{word('brief print finished', language)}{word('colon', language)}{briefing.finished[:10]}"
        add_text(slide, Box(1.1, 6.6, 10.8, 0.3), [text], Look(14.0, GREY), language)
    _notes(slide, [briefing.question, briefing.about], language)


def _answer(made: Deck, briefing: Briefing) -> None:
    language = briefing.language
    slide = _titled(made, word("brief answer", language), language)
    bottom = 4.75 if briefing.figures else BOTTOM
    top = 1.25
    if briefing.verdict is not None:
        colour = colour_of(str(briefing.verdict.value))
        wide = width_of(briefing.verdict.signed, 24.0, bold=True) + 0.5
        add_block(slide, Box(SIDE, top, wide, 0.62), colour)
        label = Look(24.0, "#ffffff", bold=True, middle=True)
        add_text(slide, Box(SIDE + 0.25, top, wide, 0.62), [briefing.verdict.signed], label, language)
        top += 0.85
    size = _fitting(briefing.answer, INNER, bottom - top, 24.0)
    add_text(slide, Box(SIDE, top, INNER, bottom - top), _cut(briefing.answer, size, INNER, bottom - top),
             Look(size), language, GAP)  # fmt: skip
    wide = INNER / max(len(briefing.figures), 3)
    for number, figure in enumerate(briefing.figures):
        left = SIDE + wide * number
        add_line(slide, left, 4.95, wide - 0.3, LINE, 1)
        label_size = fitting_size(figure.label, wide - 0.3, 0.62, 14.0, 10.0)
        about = cut(figure.label, label_size, wide - 0.3, 0.62)
        add_text(slide, Box(left, 5.05, wide - 0.3, 0.3), [about], Look(label_size, GREY), language)
        low = 5.05 + height_of(about, label_size, wide - 0.3) + 0.02
        unit = f" {figure.unit}" if figure.unit else ""
        large = fitting_size(figure.value.text + unit, wide - 0.3, 0.8, 36.0, 16.0, bold=True)
        shape = add_text(slide, Box(left, low, wide - 0.3, 0.75), [Sentence((figure.value,))],
                         Look(large, bold=True), language)  # fmt: skip
        if unit:
            add_run(shape.text_frame.paragraphs[0], unit, Look(max(large / 2, SMALL)), language)
        note = cut(figure.note.text, SMALL, wide - 0.3, 0.5)
        add_text(slide, Box(left, low + 0.72, wide - 0.3, 0.5), [note], Look(SMALL, GREY), language)
    parts: list[Sentence | Piece] = [*briefing.answer]
    for figure in briefing.figures:
        parts += [figure.value, figure.note]
    _notes(slide, [*([briefing.verdict] if briefing.verdict else []), *parts], language)


def _points_on_slide(picture: Picture) -> float:
    """Return how large the smallest letters of a chart are on a slide, in points."""
    return picture.smallest * min(INNER / picture.width, (LOWEST - _chart_top(picture)) / picture.height)


def _below_title(title: str) -> float:
    """Return the inches from the upper edge of a slide to what is below its title."""
    size = fitting_size(title, INNER, 0.98, TITLE, 16.0, bold=True)
    return 0.4 + min(height_of(title, size, INNER, bold=True), 0.98) + 0.08


def _chart_top(picture: Picture) -> float:
    """Return the inches from the upper edge of a slide to a chart below its title and subtitle."""
    return _below_title(picture.title or picture.name) + (0.38 if picture.subtitle else 0.0)


def _picture(made: Deck, picture: Picture, language: Language) -> None:
    slide = _titled(made, picture.title or picture.name, language)
    top = _chart_top(picture)
    if picture.subtitle:
        size = fitting_size(picture.subtitle, INNER, 0.3, 14.0, 10.0)
        shown = cut(picture.subtitle, size, INNER, 0.3)
        add_text(slide, Box(SIDE, top - 0.38, INNER, 0.28), [shown], Look(size, GREY), language)
    add_picture(slide, picture, Box(SIDE, top, INNER, LOWEST - top))
    size = fitting_size(picture.source_line, INNER, 0.24, 11.0, 8.0)
    source = cut(picture.source_line, size, INNER, 0.25)
    add_text(slide, Box(SIDE, 6.72, INNER, 0.24), [source], Look(size, GREY), language)
    add_notes(slide, [word("brief sources", language), *picture.sources], language)


def _table(
    made: Deck, title: str, table: Table, before: Sequence[Sentence], language: Language, note: bool = True
) -> None:
    """Add a table, with sentences before it, on as many slides as it needs."""
    slide = _titled(made, title, language)
    top = 1.15
    lead: list[Sentence] = list(before) or ([Sentence((table.title,))] if table.title != title else [])
    # A sentence that has no room is left to the page rather than broken off.
    while len(lead) > 1 and _height(lead, SMALL, INNER, GAP) > 1.75:
        lead.pop()
    if lead:
        size = _fitting(lead, INNER, 1.75, 16.0)
        add_text(slide, Box(SIDE, top, INNER, 1.75), _cut(lead, size, INNER, 1.75), Look(size), language, 5.0)
        top += min(_height(lead, size, INNER, 5.0), 1.75) + 0.15
    low = BOTTOM - (0.3 if table.note else 0.0)
    layout = laid_out(table, INNER, low - top, 15.0, 11.0, 9.5)
    first, *rest = pages(layout, low - top)
    if rest:
        # The next slides have more room, without the sentences.
        rest = [(first[1] + begin, first[1] + end) for begin, end in pages(_part(layout, first[1]), low - 1.15)]
    for number, (begin, end) in enumerate([first, *rest]):
        if number:
            slide, top = _titled(made, word("brief continued", language, title=title), language), 1.15
        heights = [layout.heights[0], *layout.heights[1 + begin : 1 + end]]
        totals = table.total if end == len(table.rows) else 0
        rows = [table.heads, *table.rows[begin:end]]
        add_table(slide, Box(SIDE, top, sum(layout.widths), sum(heights)), rows, layout.widths, heights, layout.size,
                  table.wide, totals, language, table.title)  # fmt: skip
        if note and table.note:
            add_text(slide, Box(SIDE, top + sum(heights) + 0.08, INNER, 0.25), [cut(table.note, SMALL, INNER, 0.25)],
                     Look(SMALL, GREY), language)  # fmt: skip
        cells = [piece for row in table.rows[begin:end] for piece in row]
        _notes(slide, [*(lead if not number else ()), *cells], language)


def _part(layout: Layout, begin: int) -> Layout:
    return layout._replace(heights=(layout.heights[0], *layout.heights[1 + begin :]))


def _paragraphs(made: Deck, title: str, said: Sequence[Sentence], language: Language) -> None:
    slide = _titled(made, title, language)
    size = _fitting(said, INNER, BOTTOM - TOP, BODY)
    text = _cut(said, size, INNER, BOTTOM - TOP)
    add_text(slide, Box(SIDE, TOP, INNER, BOTTOM - TOP), text, Look(size), language, GAP)
    _notes(slide, said, language)


def _rests_on(made: Deck, briefing: Briefing) -> None:
    rests, language = briefing.rests_on, briefing.language
    title = word("brief rests on", language)
    table = rests.influential or rests.counts
    if table is None:
        _paragraphs(made, title, rests.said, language)
        return
    slide = _titled(made, title, language)
    top, low = 1.25, BOTTOM
    high = min(2.9, _height(rests.said, 18.0, INNER, GAP))
    size = _fitting(rests.said, INNER, high, 18.0)
    add_text(slide, Box(SIDE, top, INNER, high), _cut(rests.said, size, INNER, high), Look(size), language, GAP)
    top += high + 0.3
    layout = laid_out(table, INNER, low - top, 15.0, 11.0)
    begin, end = pages(layout, low - top)[0]
    rows, heights = [table.heads, *table.rows[begin:end]], layout.heights[: 1 + end]
    add_table(slide, Box(SIDE, top, sum(layout.widths), sum(heights)), rows, layout.widths, heights, layout.size,
              table.wide, 0, language, table.title)  # fmt: skip
    _notes(slide, [*rests.said, *(piece for row in rows for piece in row)], language)


def _advice(made: Deck, advice: Sequence[Advice], language: Language) -> None:
    """Add what to do, on as many slides as it needs."""
    if not advice:
        return
    title, wide = word("brief to do", language), INNER - LABEL
    room = BOTTOM - 1.25
    size = 18.0
    while size > 12.5 and sum(_advice_height(each, size, wide) for each in advice) > room:
        size -= 0.5
    whole = sum(_advice_height(each, size, wide) for each in advice)
    # On several slides, about as much on each.
    fair = whole / max(-(-whole // room), 1) + 0.5 * (whole > room)
    slides: list[list[Advice]] = [[]]
    taken = 0.0
    for each in advice:
        high = min(_advice_height(each, size, wide), room)
        if slides[-1] and taken + high > min(room, fair + 1e-6):
            slides.append([])
            taken = 0.0
        slides[-1].append(each)
        taken += high
    for number, shown in enumerate(slides):
        slide = _titled(made, word("brief continued", language, title=title) if number else title, language)
        top = 1.25
        for each in shown:
            high = min(_advice_height(each, size, wide), room)
            add_line(slide, SIDE, top, INNER, LINE, 0.75)
            label_size = fitting_size(each.about, LABEL - 0.2, 0.6, size, 10.0, bold=True)
            add_text(slide, Box(SIDE, top + 0.1, LABEL - 0.2, 0.4), [each.about], Look(label_size, bold=True), language)
            text = _cut([each.said], size, wide, high - 0.2)
            add_text(slide, Box(SIDE + LABEL, top + 0.1, wide, high - 0.2), text, Look(size), language)
            top += high
        _notes(slide, [each.said for each in shown], language)


def _advice_height(each: Advice, size: float, wide: float) -> float:
    return height_of(each.said.text, size, wide) + 0.24


def _small_print(made: Deck, briefing: Briefing, too_small: Sequence[Picture]) -> None:
    language = briefing.language
    slide = _titled(made, word("brief small print", language), language)
    label, top = 3.0, 1.2
    lines = list(briefing.small_print)
    if too_small:
        names = word("brief clause", language).join(picture.title or picture.name for picture in too_small)
        text = Sentence((word("brief print too small of", language, names=names),))
        lines.append(SmallPrint(word("brief print too small", language), text))
    for line in lines:
        high = height_of(line.said.text, SMALL, INNER - label)
        add_text(slide, Box(SIDE, top, label - 0.2, high), [line.label], Look(SMALL, GREY), language)
        add_text(slide, Box(SIDE + label, top, INNER - label, high), [line.said], Look(SMALL), language)
        top += high + 0.04
    table = _inputs(briefing)
    top += 0.2
    layout = laid_out(table, INNER, BOTTOM - top, SMALL, 9.0)
    begin, end = pages(layout, BOTTOM - top)[0]
    rows, heights = [table.heads, *table.rows[begin:end]], layout.heights[: 1 + end]
    add_table(slide, Box(SIDE, top, sum(layout.widths), sum(heights)), rows, layout.widths, heights, layout.size,
              table.wide, 0, language, table.title)  # fmt: skip
    _notes(slide, [line.said for line in lines], language)


def _inputs(briefing: Briefing) -> Table:
    """Return the results that the briefing was made from, runs beyond the first few as one line."""
    table, language = briefing.inputs, briefing.language
    rows = list(table.rows)
    if len(rows) > MOST_INPUTS:
        by_kind = [list(group) for _, group in groupby(rows, lambda row: row[1])]
        longest = max(by_kind, key=len)
        kept = max(len(longest) - (len(rows) - MOST_INPUTS + 1), 1)
        more = word("brief more rows", language, number=len(longest) - kept)
        at = rows.index(longest[0]) + kept
        blank: tuple[Piece, ...] = (more, *[""] * (len(table.heads) - 1))
        rows = [*rows[:at], blank, *rows[at + len(longest) - kept :]]
    return Table(table.title, table.heads, tuple(rows), wide=table.wide)


def _height(said: Sequence[Sentence], size: float, width: float, gap: float) -> float:
    return sum(height_of(each.text, size, width) for each in said) + gap / 72 * max(len(said) - 1, 0)


def _fitting(said: Sequence[Sentence], width: float, height: float, largest: float) -> float:
    """Return the largest size at which paragraphs have room."""
    size = largest
    while size > SMALL and _height(said, size, width, GAP) > height:
        size -= 0.5
    return size


def _cut(said: Sequence[Sentence], size: float, width: float, height: float) -> list[Sentence | str]:
    """Return paragraphs as far as they have room; what is cut ends with "…"."""
    shown: list[Sentence | str] = []
    left = height
    for each in said:
        high = height_of(each.text, size, width)
        if high <= left + 0.02:
            shown.append(each)
        elif left > size * 1.35 / 72:
            shown.append(cut(each.text, size, width, left))
        left -= high + GAP / 72
        if left <= 0:
            break
    return shown


def _notes(slide: Slide, parts: Sequence[Sentence | Piece], language: Language) -> None:
    add_notes(slide, [word("brief sources", language), *sources_as_lines(parts)], language)
