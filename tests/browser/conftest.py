"""A headless Chromium for pages that are files: nothing may leave the machine, and nothing may go wrong in silence."""

from __future__ import annotations

import os
import shutil
from urllib.parse import urlsplit

import pytest

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
INLINE = ("file", "data", "blob", "about")
HERE = ("127.0.0.1", "localhost")
NO_CHROMIUM = "no browser to open pages with: apt-get install chromium"
NO_PLAYWRIGHT = "no playwright to drive a browser with: pip install playwright"


def stays_here(url):
    """Say whether a request leaves the machine."""
    parts = urlsplit(url)
    return parts.scheme in INLINE or parts.hostname in HERE


def missing(why):
    """Skip, or fail where everything has to be there."""
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(f"{why} (CI needs it)", pytrace=False)
    pytest.skip(why)


def pytest_terminal_summary(terminalreporter):
    """Say once what is missing, however many tests it has kept from running."""
    skipped = terminalreporter.stats.get("skipped", ())
    for why in sorted({report.longrepr[2] for report in skipped if report.nodeid.startswith("tests/browser")}):
        terminalreporter.write_line(f"tests/browser: {why}")


@pytest.fixture(scope="package")
def chromium():
    """Yield the browser; it is closed before other tests, since its event loop would be in their way."""
    program = shutil.which("chromium")
    if program is None:
        missing(NO_CHROMIUM)
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        missing(NO_PLAYWRIGHT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium):
    """Return a function that opens a file or an address of this machine; it ends with the test.

    Afterwards no request may have left the machine, and nothing may have been written to the console as an error.
    """
    contexts, outside, errors = [], [], []

    def note(request):
        if not stays_here(request.url):
            outside.append(request.url)

    def opened(where, size=(1440, 860), **settings):
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **settings)
        contexts.append(context)
        context.on("request", note)
        context.route("**/*", lambda route: route.continue_() if stays_here(route.request.url) else route.abort())
        page = context.new_page()
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: (errors.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(where if isinstance(where, str) else where.resolve().as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert outside == []
    assert errors == []
