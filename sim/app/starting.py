"""Start the app: what it is started with, and Streamlit with options that keep it on this machine."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sim.present.charts.style import BLUE, SKY
from sim.text import Language

HERE = "127.0.0.1"
PORT = 8501
PAGE = Path(__file__).with_name("page.py")
CHINESE = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Embedded Han"'
FONTS = {"font": f'"Source Sans", {CHINESE}, sans-serif', "codeFont": f'"Source Code", {CHINESE}, monospace'}
"""Those of the machine, and for one without Chinese the characters that the page brings along."""


@dataclass(frozen=True)
class Settings:
    """What the app is started with.

    Attributes
    ----------
    scenarios : Path
        Folder of scenario files; the only one besides `results`, and the system's for temporary files, that the app
        writes, and besides `shipped` that it reads.
    results : Path
        Folder of what the app keeps: finished replications, and what briefings are made from.
    scenario : str
        Name of the one that is shown first; empty: the baseline.
    seed : int
    shipped : Path or None
        Folder of those that are shipped, if they are elsewhere.
    """

    scenarios: Path
    results: Path
    language: Language
    scenario: str
    seed: int
    shipped: Path | None = None

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where scenarios are; of two of the same name the first counts."""
        return (self.scenarios,) if self.shipped is None else (self.scenarios, self.shipped)


def as_argument(settings: Settings) -> str:
    """Return settings as the page's one argument, since Streamlit runs it as a script."""
    return json.dumps(asdict(settings), default=str, ensure_ascii=True)


def settings_from(arguments: Sequence[str]) -> Settings:
    """Return the settings that a page was started with."""
    facts = Settings(**json.loads(arguments[0]))
    shipped = facts.shipped and Path(facts.shipped)
    return replace(facts, scenarios=Path(facts.scenarios), results=Path(facts.results), shipped=shipped)


def installed() -> bool:
    """Say whether Streamlit is there; it is an extra."""
    return find_spec("streamlit") is not None


def refusal(port: int) -> OSError | None:
    """Return why a port of this machine cannot be served, None if it can."""
    with socket.socket() as tried:
        if os.name == "posix":
            # As the server binds: what an ended one has left behind is no obstacle.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HERE, port))
        except OSError as error:
            return error
    return None


def options(port: int) -> dict[str, Any]:
    """Return Streamlit's options, which go before those of its configuration files."""
    return {
        "server_address": HERE,
        "server_port": port,
        "server_headless": True,
        # Another page in the same browser, or a name that leads here, must not reach what the app reads and writes.
        "server_enableCORS": True,
        "server_corsAllowedOrigins": [],
        "server_allowedHosts": [HERE, "localhost"],
        "server_enableXsrfProtection": True,
        "server_enableAgentApi": False,
        "server_fileWatcherType": "none",
        "server_enableStaticServing": False,
        "server_maxUploadSize": 1,
        "browser_serverAddress": HERE,
        "browser_serverPort": port,
        "browser_gatherUsageStats": False,
        "client_toolbarMode": "minimal",
        "client_showErrorDetails": "none",
        "client_showSidebarNavigation": False,
        "runner_magicEnabled": False,
        "logger_level": "error",
        "logger_hideWelcomeMessage": True,
        # Said of both themes: said of one for all, the page would always be light.
        **{f"theme_light_{name}": value for name, value in {**FONTS, "primaryColor": BLUE}.items()},
        **{f"theme_dark_{name}": value for name, value in {**FONTS, "primaryColor": SKY}.items()},
    }


def serve(settings: Settings, port: int) -> None:
    """Serve the app until it is interrupted."""
    from streamlit import net_util
    from streamlit.web import bootstrap

    # To judge a request of unknown origin, Streamlit would ask a server outside for the address of this machine.
    net_util.get_external_ip = lambda: None
    chosen = options(port)
    bootstrap.load_config_options(chosen)
    bootstrap.run(str(PAGE), False, [as_argument(settings)], chosen)
