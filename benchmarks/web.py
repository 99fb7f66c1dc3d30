"""The real server and a real browser, as benchmarks use them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright

from asl_core.settings import ROOT
from tests.processes import answers, free_port, wait_for

START_SECONDS = 60


def start(log: Path, **environment: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start the app as `streamlit run app.py` does, in a process group of its own.

    Args:
        log: file that its output is added to.
        environment: `ASL_...` beside those of this process.

    Returns:
        The process and its address, once it answers.

    Raises:
        TimeoutError: it does not.
    """
    port = free_port()
    options = ["--server.port", str(port), "--server.headless", "true"]
    with log.open("ab") as file:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", *options],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    wait_for(lambda: answers(f"{url}/_stcore/health"), START_SECONDS)
    return server, url


def chromium(playwright: Playwright, *arguments: str) -> Browser:
    """Debian's browser, with arguments of its command line."""
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium"),
        args=["--no-sandbox", "--disable-gpu", *arguments],
    )


def show(page: Page, url: str) -> None:
    """Open a page and wait until its script has run to the end."""
    page.goto(url)
    page.get_by_test_id("stMain").get_by_role("heading").first.wait_for(timeout=60_000)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=60_000)
