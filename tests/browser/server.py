"""The app in real Chromium: what the tests of the pages share."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Locator, Page, expect

from asl_core.runs.store import RunStore
from asl_core.settings import ANY_HAND, ROOT
from tests.processes import answers, children, free_port, wait_for

CHROMIUM = shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SECOND = 1_000
LAPTOP, PHONE, ZOOMED, SMALL_PHONE = (1366, 768), (390, 844), (683, 384), (320, 640)
"""Width and height in CSS pixels; the third is the laptop at 200 % zoom."""
expect.set_options(timeout=60 * SECOND)


def any_hand(runs: RunStore) -> str:
    """The id of the run on landmarks that comes with the code."""
    (run,) = (run for run in runs.list() if run.spec.data == ANY_HAND)
    return run.id


class Server:
    """The app, as `streamlit run app.py` starts it.

    Args:
        source: of its images.
        home: its folder of runs, cache and log.
        options: more for the command line.
        base: path that it is below, such as `/asl`.
        port: that it listens on; 0: any that is free.
        variables: more for its environment.
        program: what Python runs in place of Streamlit's module.
    """

    def __init__(
        self,
        source: Path | str,
        home: Path,
        options: Sequence[str] = (),
        base: str = "",
        variables: Mapping[str, str] | None = None,
        port: int = 0,
        program: Sequence[str] = ("-m", "streamlit"),
    ) -> None:
        port = port or free_port()
        self.url = f"http://127.0.0.1:{port}{base}"
        home.mkdir(exist_ok=True)
        self.runs = RunStore(home / "runs")
        self.log = home / "app.log"
        environment = {
            **os.environ,
            "ASL_DATA_DIR": str(source),
            "ASL_RUNS_DIR": str(self.runs.root),
            "ASL_CACHE_DIR": str(home / "cache"),
            **(variables or {}),
        }
        own = ["--server.port", str(port), "--server.address", "127.0.0.1"]
        self.process = subprocess.Popen(
            [
                sys.executable,
                *program,
                "run",
                "app.py",
                *own,
                f"--server.baseUrlPath={base}",
                "--server.headless=true",
                *options,
            ],
            cwd=ROOT,
            env=environment,
            stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
        )
        self._wait()

    def _wait(self) -> None:
        try:
            wait_for(lambda: answers(f"{self.url}/_stcore/health"))
        except TimeoutError:
            raise AssertionError(self.log.read_text()) from None

    def stop(self) -> None:
        """Ask the server to end, as Ctrl+C does, and see that nothing is left of what it started.

        Uvicorn 0.54 waits without a limit for connections that a browser opened, without a request,
        while the server was told to end; then it is killed. Its processes must end all the same.
        """
        started = children(self.process.pid)
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        _, left = psutil.wait_procs(started, timeout=60)
        assert not left

    def kill(self) -> None:
        """`kill -9` of the server and of all that it has started, at once."""
        for process in children(self.process.pid):
            process.kill()
        self.process.kill()
        self.process.wait(20)


def go_to(page: Page, name: str) -> None:
    """Click a page in the navigation."""
    page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
    heading = "ASL Explorer" if name == "Home" else name
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of a select box."""
    page.get_by_role("combobox", name=re.compile(label)).click()
    page.get_by_role("option", name=option, exact=True).click()


def no_tensorflow_in(pid: int) -> None:
    """No library of TensorFlow is in the memory of the web process."""
    mapped = Path(f"/proc/{pid}/maps").read_text()
    assert "python" in mapped
    assert "tensorflow" not in mapped


def slide(page: Page, label: str, key: str, times: int = 1) -> None:
    """Move a slider by its keys."""
    slider = page.get_by_role("slider", name=label)
    slider.focus()
    for _ in range(times):
        slider.press(key)


def settled(page: Page) -> None:
    """Wait until the page's script has run to the end."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


_STILL = """Promise.race([
  Promise.allSettled(
    document.getAnimations()
      .filter(one => one.effect?.getComputedTiming().iterations !== Infinity)
      .map(one => one.finished)
  ),
  new Promise(after => setTimeout(after, 5000)),
]).then(() => {})"""
"""An animation whose element is taken away never finishes."""


def opened(page: Page, url: str = "") -> None:
    """Go there, if anywhere, and wait until the page has its title, and nothing moves any more."""
    if url:
        page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settled(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.evaluate("document.fonts.ready.then(() => {})")
    page.evaluate(_STILL)


@contextmanager
def screen(
    browser: Browser, size: tuple[int, int], scheme: str = "light", touch: bool = False
) -> Iterator[Page]:
    """A page of that size, in a browser of its own."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=2 if size == ZOOMED else 1,
        has_touch=touch,
        is_mobile=touch,
    )
    context.set_default_timeout(60_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def open_mistake(page: Page) -> Locator:
    """Click the first mistake on the screen. Returns its window."""
    page.locator(".asl-sheet a").first.click()
    window = page.get_by_role("dialog")
    expect(window.get_by_text("Nearest training images")).to_be_visible()
    settled(page)
    return window
