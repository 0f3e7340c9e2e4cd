"""Under which licence each package is that this program needs and has: what an office's own IT asks first."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from sim.present.table import Table
from sim.present.terminal import print_json, print_parts
from sim.program import DISTRIBUTION
from sim.text import _

EXTRAS = ("", "app", "cluster")
"""Of this program; packages of the last two are listed if they are there."""
LONGEST = 60
"""Characters of a licence's name: some packages have its whole text there."""


def show_licences(as_json: bool) -> int:
    """Print the licences; return the exit status."""
    found = sorted(_installed(DISTRIBUTION, EXTRAS, set()), key=lambda of: canonicalize_name(of.name))
    rows = [(of.name, of.version, _licence_of(of)) for of in found]
    if as_json:
        names = ("package", "version", "licence")
        print_json({"status": 0, "packages": [dict(zip(names, row, strict=True)) for row in rows]})
        return 0
    heads = (_("package"), _("version"), _("licensed under"))
    title = _("Licences of what is installed, as each package says")
    print_parts([Table(title, heads, tuple(rows), wide=frozenset({1, 2}))])
    return 0


def _installed(name: str, extras: tuple[str, ...], seen: set[str]) -> Iterator[Distribution]:
    """Yield a package and all that it needs, as far as they are there, each once."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return
    if (key := canonicalize_name(name)) not in seen:
        seen.add(key)
        yield found
    for line in found.requires or ():
        needed = Requirement(line)
        wanted = needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras or ("",))
        if wanted and canonicalize_name(needed.name) not in seen:
            yield from _installed(needed.name, tuple(needed.extras), seen)


def _licence_of(found: Distribution) -> str:
    """Return what a package says of its licence: the expression, its classifiers, or the first line of the text."""
    said = found.metadata.json
    kinds = [line.rpartition(" :: ")[2] for line in said.get("classifier", ()) if line.startswith("License :: ")]
    text = str(said.get("license_expression") or ", ".join(kinds) or said.get("license") or "").strip()
    return text.splitlines()[0][:LONGEST] if text else _("not said")
