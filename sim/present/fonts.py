"""The font of all charts: one that has Chinese, from a package, so that it is there on every machine."""

from __future__ import annotations

import logging
from functools import cache
from importlib.resources import as_file, files

# The first use on a machine makes a list of its fonts; matplotlib would announce it among our lines.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

from matplotlib.font_manager import FontProperties, fontManager  # noqa: E402

PACKAGE = "pylopdf_fonts_zh_cn"
FILE = "NotoSansSC-Regular.otf"
"""A static font: matplotlib draws variable ones thin, and takes the Japanese face of a collection."""
FALLBACK = "DejaVu Sans"


@cache
def families() -> tuple[str, str]:
    """Register the font with matplotlib, and return the families to draw with."""
    with as_file(files(PACKAGE) / FILE) as path:
        fontManager.addfont(path)
        return FontProperties(fname=path).get_name(), FALLBACK
