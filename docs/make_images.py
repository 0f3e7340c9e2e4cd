"""Make the pictures and the printed tables of the READMEs: ``python docs/make_images.py``.

Runs the main job once in each language, in a temporary folder, copies the charts to docs/images/ and puts what was
printed into README.md and README.zh.md. About a minute on two cores.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from marked import replace_between_marks
from PIL import Image

from sim.files import replaced_file

ROOT = Path(__file__).resolve().parents[1]
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh.md"}
CHARTS = {
    "overview": "overview.png",
    "licence-time": "baseline-2023/licence_time.png",
    "day": "baseline-2023/day.png",
    "minutes": "baseline-2023/minutes.png",
}


def main() -> None:
    """Run the main job in both languages."""
    for language, readme in READMES.items():
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, str(ROOT / "run_sim.py"), "--lang", language]
            printed = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True).stdout.decode()
            for name, chart in CHARTS.items():
                copy_small(Path(folder, "results", chart), ROOT / "docs" / "images" / f"{name}.{language}.png")
        replace_between_marks(readme, "main-job", f"```text\n{printed.strip()}\n```")


def copy_small(chart: Path, image: Path) -> None:
    """Copy a chart with 256 colours, a third of the size; flat colours and letters lose nothing that shows."""
    with replaced_file(image) as new, Image.open(chart) as picture:
        few = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(new, optimize=True)


if __name__ == "__main__":
    main()
