"""The app behind a real nginx with `deploy/nginx.conf`: TLS, below a path, one process and two."""

import http.client
import re
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from tests.browser.server import ARGUMENTS, CHROMIUM, SECOND, Server, opened, settled
from tests.browser.test_content_security import RECORD, nothing_is_refused
from tests.browser.test_share_view import PAGES, copied
from tests.processes import wait_for
from tests.web.nginx import NGINX, Nginx

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NGINX is None, reason="needs Debian's nginx-light"),
]

BASE = "/asl"
PUBLIC_URL = "https://asl.example.org/asl"
RENDERED = "rendered:ABC:150:0"
HTML = "text/html"
FORGIVEN_SECONDS = 11
"""After which nginx asks a server again that did not answer (`fail_timeout`, 10 s)."""
INTO_LOCAL = "--disable-features=LocalNetworkAccessChecks"
"""Else a page of the internet may not frame one of this machine."""


class Site:
    """nginx with the servers behind it, which share one folder of runs.

    Args:
        home: its folder.
        n_servers: one or two.
        variables: more for their environment.
    """

    def __init__(self, home: Path, n_servers: int, **variables: str) -> None:
        runs = {"ASL_RUNS_DIR": str(home / "runs"), "ASL_CACHE_DIR": str(home / "cache")}
        told = {"ASL_PUBLIC_URL": PUBLIC_URL, "ASL_PUBLIC": "0", **runs, **variables}
        self._start = partial(Server, RENDERED, base=BASE, variables=told)
        self._home = home
        self.servers = [self._start(home / str(number)) for number in range(n_servers)]
        self.ports = [urlsplit(server.url).port or 0 for server in self.servers]
        self.nginx = Nginx(home / "nginx", *self.ports)
        self.url = self.nginx.url

    def get(
        self, path: str, own_address: str = "127.0.0.1", **headers: str
    ) -> http.client.HTTPResponse:
        """Ask nginx over TLS, from an address of loopback."""
        connection = http.client.HTTPSConnection(
            "localhost",
            self.nginx.port,
            context=self.nginx.context(),
            source_address=(own_address, 0),
            timeout=30,
        )
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers=sent)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def process_of(self, page: Page) -> int:
        """Which server a browser was given: 0 or 1."""
        (value,) = (
            cookie.get("value", "")
            for cookie in page.context.cookies()
            if cookie.get("name") == "asl_process"
        )
        return self.ports.index(int(value))

    def start_again(self, number: int) -> None:
        """Start a server that was killed."""
        again = self._start(self._home / f"{number} again", port=self.ports[number])
        self.servers[number] = again

    def stop(self) -> None:
        """End all."""
        self.nginx.stop()
        for server in self.servers:
            server.stop()
            assert "Traceback" not in server.log.read_text()


@pytest.fixture(scope="module")
def one(drawn_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server behind nginx, with a run on drawn pictures."""
    home = tmp_path_factory.mktemp("site")
    shutil.copytree(drawn_run.folder, home / "runs" / drawn_run.id)
    site = Site(home, 1)
    yield site
    site.stop()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Page]:
    """A page that takes the certificate, and may use the clipboard."""
    context = browser.new_context(
        ignore_https_errors=True, permissions=["clipboard-read", "clipboard-write"]
    )
    context.set_default_timeout(60 * SECOND)
    yield context.new_page()
    context.close()


def drop(page: Page, image: Path) -> None:
    """Drop an image on *Predict*, and see the answer."""
    page.locator("input[type=file]").set_input_files(str(image))
    expect(page.get_by_role("table", name="Probabilities")).to_be_visible()
    settled(page)


def test_every_page_opens_and_nothing_is_refused(one: Site, visit: Page) -> None:
    failed: list[str] = []
    visit.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    visit.add_init_script(RECORD)
    for name in PAGES:
        opened(visit, f"{one.url}/{name}")
        nothing_is_refused(visit)
    # Streamlit's page looks for its base from the longest path on: below that of the page first.
    assert all(re.search(r"/asl/[a-z]+/_stcore/(health|host-config)$", url) for url in failed)
    opened(visit, one.url)  # without a slash at its end
    assert visit.url == f"{one.url}/"


def test_a_photo_is_answered_and_its_link_can_be_passed_on(
    one: Site, visit: Page, drawn: Path, drawn_run: Run
) -> None:
    visit.add_init_script(RECORD)
    opened(visit, f"{one.url}/predict?run={drawn_run.id}")
    drop(visit, drawn / "A" / "A0.png")
    nothing_is_refused(visit)
    link = copied(visit)
    assert link.startswith(f"{one.url}/predict?")
    assert drawn_run.id in link
    opened(visit, f"{one.url}/evaluate?run={drawn_run.id}&part=calibration")
    expect(visit.get_by_role("radio", name="Calibration", exact=True)).to_be_checked()
    pictures = visit.locator("img").evaluate_all("all => all.map(one => one.naturalWidth)")
    assert all(pictures)


def test_cookies_are_secure_and_of_its_path_alone(one: Site, visit: Page) -> None:
    opened(visit, one.url)
    cookies = visit.context.cookies()
    assert {re.sub("_[0-9a-f]{8}$", "", cookie.get("name", "")) for cookie in cookies} == {
        "asl_visitor",
        "asl_process",
        "_streamlit_xsrf",
    }
    for cookie in cookies:
        assert (cookie.get("secure"), cookie.get("path")) == (True, BASE), cookie


def test_a_link_has_a_preview_whose_addresses_are_below_the_path(
    one: Site, drawn_run: Run, visit: Page
) -> None:
    opened(visit, f"{one.url}/evaluate?run={drawn_run.id}")

    def told(name: str) -> str | None:
        return visit.locator(f'meta[property="og:{name}"]').get_attribute("content")

    assert told("image") == f"{PUBLIC_URL}/preview/{drawn_run.id}.png"
    assert told("url") == f"{PUBLIC_URL}/evaluate?run={drawn_run.id}"
    picture = one.get(f"{BASE}/preview/{drawn_run.id}.png")
    assert (picture.status, picture.headers["content-type"]) == (200, "image/png")
    assert "frame-ancestors 'self'" in picture.headers["content-security-policy"]


def test_another_name_is_refused(one: Site) -> None:
    assert one.get(f"{BASE}/").status == 200
    assert one.get(f"{BASE}/", Host="evil.example").status == 421
    assert one.get("/").status == 404


def test_plain_http_leads_to_tls(one: Site) -> None:
    connection = http.client.HTTPConnection("localhost", one.nginx.plain_port)
    connection.request("GET", "/asl/data?x=1")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["location"]) == (301, "https://localhost/asl/data?x=1")
    connection.close()


def test_requests_are_counted_by_the_address_of_the_visitor(tmp_path: Path) -> None:
    """One who claims to be many is one; another is not charged for it."""
    site = Site(tmp_path, 1, ASL_REQUESTS_PER_SECOND="1")
    try:
        path = f"{BASE}/_stcore/health"
        got = [site.get(path, "127.0.0.2", X_Forwarded_For=f"10.0.0.{n}") for n in range(80)]
        assert [answer.status for answer in got].count(429) >= 10
        assert site.get(path, "127.0.0.3").status == 200
    finally:
        site.stop()


def test_who_comes_through_nginx_is_a_stranger(visit: Page, tmp_path: Path) -> None:
    """Though nginx is on the same machine, and nothing is set: whoever sits there asks no nginx."""
    site = Site(tmp_path, 1, ASL_PUBLIC="")
    try:
        opened(visit, f"{site.url}/train")
        expect(visit.get_by_role("button", name="Train", exact=True)).to_be_disabled()
        opened(visit, f"{site.servers[0].url}/train")
        expect(visit.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    finally:
        site.stop()


def test_within_a_page_of_another_site_a_photo_is_answered(
    browser: Browser, drawn: Path, drawn_run: Run, tmp_path: Path
) -> None:
    """As Hugging Face shows a Space. There the cookie against forged uploads must say so."""
    shutil.copytree(drawn_run.folder, tmp_path / "runs" / drawn_run.id)
    site = Site(
        tmp_path,
        1,
        ASL_FRAME_ANCESTORS="https://huggingface.co",
        STREAMLIT_SERVER_XSRF_COOKIE_SAME_SITE="none",
    )
    frame = f'<iframe src="{site.url}/predict?run={drawn_run.id}" width=900 height=900></iframe>'
    chromium = browser.browser_type.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, INTO_LOCAL])
    page = chromium.new_context(ignore_https_errors=True).new_page()
    page.set_default_timeout(60 * SECOND)
    page.route("https://*/framed", lambda route: route.fulfill(body=frame, content_type=HTML))
    try:
        with page.expect_console_message(lambda told: "frame-ancestors" in told.text):
            page.goto("https://evil.example/framed")
        page.goto("https://huggingface.co/framed")
        framed = page.frame_locator("iframe")
        expect(framed.get_by_role("heading", name="Predict", exact=True)).to_be_visible()
        framed.locator("input[type=file]").set_input_files(str(drawn / "A" / "A0.png"))
        expect(framed.get_by_role("table", name="Probabilities")).to_be_visible()
    finally:
        chromium.close()
        site.stop()


def test_two_processes_share_the_runs_and_one_takes_over(browser: Browser, tmp_path: Path) -> None:
    site = Site(tmp_path, 2)
    contexts = [browser.new_context(ignore_https_errors=True) for _ in range(2)]
    try:
        pages = [context.new_page() for context in contexts]
        for page in pages:
            page.set_default_timeout(60 * SECOND)
            opened(page, f"{site.url}/train")
        assert {site.process_of(page) for page in pages} == {0, 1}  # they take turns
        train(pages[0])
        run = RunStore(tmp_path / "runs").list()[0].id
        image = picture(tmp_path)
        for page in pages:  # also that of the other process, which sees the run
            opened(page, f"{site.url}/predict?run={run}")
            drop(page, image)
        lost, other = site.process_of(pages[0]), site.process_of(pages[1])
        assert {lost, other} == {0, 1}

        opened(pages[0], f"{site.url}/predict?run={run}")
        site.servers[lost].kill()
        wait_for(lambda: site.process_of(pages[0]) == other)  # by itself: the page connects again
        expect(pages[0].get_by_test_id("stApp")).to_have_attribute(
            "data-test-connection-state", "CONNECTED"
        )
        settled(pages[0])
        drop(pages[0], image)
        opened(pages[1], f"{site.url}/evaluate?run={run}")
        expect(pages[1].get_by_text("95 % interval").first).to_be_visible()
        contexts.append(browser.new_context(ignore_https_errors=True))
        newcomer = contexts[-1].new_page()
        opened(newcomer, f"{site.url}/data")
        assert site.process_of(newcomer) == other

        site.start_again(lost)
        pages[0].wait_for_timeout(FORGIVEN_SECONDS * SECOND)
        with pages[0].expect_response(re.compile("/upload_file/")) as sent:
            pages[0].locator("input[type=file]").set_input_files(str(image))
        assert sent.value.ok  # it went where the websocket is, though the first process is back
        told = " ".join(str(site.get(f"{BASE}/").headers) for _ in range(8))
        assert set(map(int, re.findall(r"asl_process=(\d+)", told))) == set(site.ports)
    finally:
        for context in contexts:
            context.close()
        site.stop()


def train(page: Page) -> None:
    """Train a network on the page that is open."""
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("Finished. Total time")).to_be_visible(timeout=180 * SECOND)


def picture(folder: Path) -> Path:
    """A gray image."""
    path = folder / "gray.png"
    Image.new("RGB", (64, 64), (120, 130, 140)).save(path)
    return path
