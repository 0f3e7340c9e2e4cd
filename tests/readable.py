"""Whether the texts of a figure can be read: none cut, none over another."""

import itertools

from matplotlib.text import Annotation, Text


def shown_texts(figure):
    """Return the texts of a figure that are visible, with their boxes in pixels."""
    figure.draw_without_rendering()
    renderer = figure.canvas.get_renderer()
    # Ticks beyond the ends of an axis exist, but are not drawn.
    beyond = {
        label
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
        for label in (tick.label1, tick.label2)
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }
    boxes = []
    for text in set(figure.findobj(Text)) - beyond:
        if text.get_visible() and text.get_text().strip() and text.get_window_extent(renderer).width > 0:
            # Of an annotation the text only, without an arrow.
            box = Text.get_window_extent(text, renderer) if isinstance(text, Annotation) else text.get_window_extent()
            boxes.append((text.get_text(), box))
    return boxes


def assert_readable(figure):
    """Fail if a text is cut at the edge of the figure, or lies over another."""
    boxes = shown_texts(figure)
    width, height = figure.bbox.width, figure.bbox.height
    cut = [text for text, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height]
    assert cut == []
    over = [
        (first, second)
        for (first, a), (second, b) in itertools.combinations(boxes, 2)
        # A pixel of the surroundings of letters does not matter.
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 2 and min(a.y1, b.y1) - max(a.y0, b.y0) > 4
    ]
    assert over == []
