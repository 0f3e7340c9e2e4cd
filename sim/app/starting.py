"""Start the app: Streamlit with settings that keep it on this machine."""

from __future__ import annotations

import os
import socket
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sim.app.settings import Settings, as_argument
from sim.briefing.charts.style import BLUE, SKY

HERE = "127.0.0.1"
PORT = 8501
PAGE = Path(__file__).with_name("page.py")
CHINESE = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Embedded Han"'
FONTS = {"font": f'"Source Sans", {CHINESE}, sans-serif', "codeFont": f'"Source Code", {CHINESE}, monospace'}
"""Those of the machine, and for one without Chinese the characters that the page brings along."""


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
