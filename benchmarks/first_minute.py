"""What a newcomer's terminal and machine see in the first minute.

Usage: python -m benchmarks.first_minute [--seconds 60] [--json]

A copy of the project's files goes into a new folder, with a virtual environment `.venv` inside it,
as the README's first command leaves it. Then `streamlit run app.py` is started at a terminal of
its own (a pseudo-terminal), by somebody who has never used Streamlit (an empty home folder), and
one browser has the first page open. The lines on the terminal are counted, and the seconds of
processor time of the web process alone, not of its workers.
"""

import argparse
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright

from asl_core.settings import ROOT
from benchmarks.web import START_SECONDS, chromium, show
from tests.processes import answers, free_port, wait_for

MAX_LINES = 15
"""Fewer lines than this on the terminal are wanted."""
MAX_CPU_SECONDS = 4.0
"""Less processor time than this of the web process is wanted."""

OWN = ("ASL_", "STREAMLIT_", "VIRTUAL_ENV", "PYTHONPATH")
"""Variables of this process that a newcomer would not have."""
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--python", default=sys.executable, help="of the virtual environment")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = copy_project(Path(folder) / "project")
        set_up(project, options.python)
        report, terminal = first_minute(project, options.seconds)
    if options.json:
        print(json.dumps(report | {"terminal": terminal}))
        return
    print("\n".join(f"{name}: {value}" for name, value in report.items()))
    print("on the terminal:", *terminal[:40], sep="\n  ")


def copy_project(to: Path) -> Path:
    """The project's own files, as a download of it has them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        target = to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_file():
            shutil.copy2(ROOT / name, target)
    return to


def set_up(project: Path, python: str) -> None:
    """A virtual environment in the project, with what `requirements.txt` asks for."""
    subprocess.run([python, "-m", "venv", ".venv"], cwd=project, check=True)
    uv = shutil.which("uv")  # the same packages, sooner
    install = [uv, "pip", "install"] if uv else [".venv/bin/pip", "install"]
    subprocess.run(
        [*install, "--quiet", "-r", "requirements.txt"],
        cwd=project,
        check=True,
        env={**os.environ, "VIRTUAL_ENV": str(project / ".venv")},
    )


def first_minute(project: Path, seconds: float) -> tuple[dict[str, float], list[str]]:
    """Start the app, open its first page, and wait.

    Args:
        project: folder with the app and `.venv`.
        seconds: how long the app runs, from its start.

    Returns:
        Figures, and the lines that the terminal showed.
    """
    port = free_port()
    home = project.parent / "home"
    home.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(OWN)}
    terminal, end = pty.openpty()
    started = time.monotonic()
    server = subprocess.Popen(
        [".venv/bin/streamlit", "run", "app.py", "--server.port", str(port)],
        cwd=project,
        env={**environment, "HOME": str(home), "TERM": "xterm"},
        stdin=end,
        stdout=end,
        stderr=end,
        start_new_session=True,
    )
    os.close(end)
    written: list[bytes] = []
    reader = threading.Thread(target=_read, args=(terminal, written))
    reader.start()
    processes = [psutil.Process(server.pid)]
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(f"{url}/_stcore/health"), START_SECONDS)
        with sync_playwright() as playwright:
            browser = chromium(playwright)
            page = browser.new_page()
            show(page, url)
            shown = time.monotonic() - started
            page.wait_for_timeout(1_000 * max(0.0, seconds - shown))
            spent = processes[0].cpu_times()
            lines = _lines(written)
            processes += processes[0].children(recursive=True)
            browser.close()
    finally:
        for process in processes:
            if process.is_running():
                process.kill()
        server.wait()
        reader.join()
        os.close(terminal)
    report = {
        "seconds": seconds,
        "terminal_lines": len(lines),
        "wanted_lines_below": MAX_LINES,
        "web_process_cpu_seconds": round(spent.user + spent.system, 2),
        "wanted_cpu_seconds_below": MAX_CPU_SECONDS,
        "first_page_after_seconds": round(shown, 2),
        "load_average": round(os.getloadavg()[0], 2),
    }
    return report, lines


def _read(terminal: int, written: list[bytes]) -> None:
    """Keep what is written to a terminal, until all who may write are gone."""
    while True:
        try:
            chunk = os.read(terminal, 65_536)
        except OSError:  # Linux says so when the other end has been closed
            return
        written.append(chunk)


def _lines(written: list[bytes]) -> list[str]:
    text = b"".join(written).decode(errors="replace").replace("\r\n", "\n")
    lines = _ESCAPES.sub("", text).split("\n")
    return lines[:-1] if lines[-1] == "" else lines


if __name__ == "__main__":
    main()
