"""What a newcomer's terminal says: that the app is there, and where; nothing floods it."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from asl_core.settings import ROOT
from tests.browser.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

MAX_LINES = 15

ASK = """
import json, sys
from streamlit import config
known = set(config.get_config_options())
print(json.dumps({name: config.get_option(name) for name in sys.argv[1:] if name in known}))
"""


def chosen() -> dict[str, object]:
    """What `.streamlit/config.toml` sets, by Streamlit's own names; themes are left out."""
    sections = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    return {
        f"{section}.{name}": value
        for section, options in sections.items()
        for name, value in options.items()
        if section != "theme"
    }


def test_streamlit_knows_every_option_that_is_set() -> None:
    """`runner.postScriptGC` is a hidden one: an upgrade of Streamlit may rename it."""
    command = [sys.executable, "-c", ASK, *chosen()]
    asked = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert json.loads(asked.stdout) == chosen()
    assert json.loads(asked.stdout)["runner.postScriptGC"] is False


def test_a_visited_server_watches_no_files_and_says_little(
    page: "Page", drawn: Path, tmp_path: Path
) -> None:
    server = Server(drawn, tmp_path / "home")
    try:
        page.goto(server.url)
        page.get_by_role("heading", name="ASL Explorer", exact=True).wait_for()
        open_files = Path(f"/proc/{server.process.pid}/fd").iterdir()
        kinds = [os.readlink(file) for file in open_files if file.is_symlink()]
        assert any(kind.startswith("socket:") for kind in kinds)
        assert not [kind for kind in kinds if "inotify" in kind]
        said = server.log.read_text()
        assert "You can now view" in said
        assert len(said.splitlines()) < MAX_LINES
    finally:
        server.stop()


def test_the_first_start_of_all_asks_for_nothing(tmp_path: Path) -> None:
    """Streamlit asks who runs it at a screen for the first time for an email address, and waits."""
    with subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "0"],
        cwd=ROOT,
        env={**os.environ, "HOME": str(tmp_path), "DISPLAY": ":99", "PATH": "/nowhere"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        assert server.stdout
        said = ""
        for line in server.stdout:
            said += line
            if "Welcome" in line or "You can now view" in line:
                break
        server.terminate()
    assert "You can now view" in said
    assert "Welcome" not in said
