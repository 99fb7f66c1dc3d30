"""Who signs in at a real OpenID provider may do what the list allows, and nobody else's runs."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from asl_core.runs.run import Run
from asl_core.ui.shared.sign_in import NOT_SIGNED_IN
from asl_core.web.visitor import NOT_LISTED, READ_ONLY, SIGN_IN
from tests.browser.server import SECOND, Server, opened, settled
from tests.processes import answers, free_port, wait_for

pytestmark = pytest.mark.slow

PROVIDER = "oidc-provider@9.13.3"
"""A certified OpenID provider of the npm registry, which only this test needs."""

SCRIPT = Path(__file__).with_name("oidc_server.mjs")

PASSWORD = "any"

EDITORS = "anna@school.example, *@class.example, clara"


@pytest.fixture(scope="module")
def provider_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the provider and the script that starts it."""
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("Node.js and npm are needed for the OpenID provider.")
    folder = tmp_path_factory.mktemp("provider")
    options = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    installed = subprocess.run(["npm", "install", *options, PROVIDER], cwd=folder, check=False)
    if installed.returncode:
        pytest.skip(f"{PROVIDER} can't be had from the npm registry.")
    shutil.copy(SCRIPT, folder)
    return folder


@contextmanager
def provider_at(port: int, folder: Path, redirect: str) -> Iterator[None]:
    """The provider, running."""
    process = subprocess.Popen(
        ["node", SCRIPT.name, str(port), redirect],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/.well-known/openid-configuration"))
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def server(
    provider_files: Path, drawn: Path, drawn_run: Run, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A public server with a run of nobody, where people sign in at the provider."""
    at = free_port()
    started = public_server(tmp_path_factory.mktemp("signed"), drawn, at)
    shutil.copytree(drawn_run.folder, started.runs.root / drawn_run.id)
    with provider_at(at, provider_files, f"{at_home(started)}/oauth2callback"):
        yield started
    started.stop()
    assert "Traceback" not in started.log.read_text()


def public_server(home: Path, drawn: Path, at: int) -> Server:
    """A public server where people sign in at a provider on that port."""
    secrets = home / "secrets.toml"
    secrets.write_text(
        f"""[auth]
        redirect_uri = "http://localhost:{{port}}/oauth2callback"
        cookie_secret = "{"of-the-test-" * 4}"
        client_id = "asl"
        client_secret = "of-the-test"
        client_kwargs = {{ scope = "openid email profile", prompt = "login" }}
        server_metadata_url = "http://localhost:{at}/.well-known/openid-configuration"
        """
    )
    variables = {"ASL_PUBLIC": "1", "ASL_EDITORS": EDITORS}
    return Server(drawn, home, ["--secrets.files", str(secrets)], variables=variables)


def at_home(server: Server) -> str:
    """The address under which the provider knows the app."""
    return server.url.replace("127.0.0.1", "localhost")


@contextmanager
def person(browser: Browser, server: Server, name: str, page: str = "train") -> Iterator[Page]:
    """Somebody who opens a page and signs in."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.set_default_timeout(60 * SECOND)
    try:
        shown = context.new_page()
        opened(shown, f"{at_home(server)}/{page}")
        if name:
            shown.get_by_role("button", name="Sign in").click()
            shown.locator("[name=login]").fill(name)
            shown.locator("[name=password]").fill(PASSWORD)
            shown.locator("button[type=submit]").click()
            shown.locator("button[type=submit]").click()  # the app may know who it is
            expect(shown.get_by_text("Signed in as")).to_be_visible()
            settled(shown)
        yield shown
    finally:
        context.close()


def may_train(page: Page) -> bool:
    """Whether the button is on."""
    return page.get_by_role("button", name="Train", exact=True).is_enabled()


def test_nobody_is_signed_in_at_first_and_reads_how(browser: Browser, server: Server) -> None:
    with person(browser, server, "") as page:
        expect(page.get_by_text(SIGN_IN)).to_be_visible()
        assert not may_train(page)


def test_who_signs_in_comes_back_to_the_page_with_its_address(
    browser: Browser, server: Server, drawn_run: Run
) -> None:
    with person(browser, server, "anna", f"evaluate?run={drawn_run.id}&view=calibration") as page:
        expect(page.get_by_role("heading", name="Evaluate", exact=True)).to_be_visible()
        settled(page)
        assert f"run={drawn_run.id}" in page.url
        assert page.url.startswith(f"{at_home(server)}/evaluate?")


@pytest.mark.parametrize(
    "name",
    [
        "anna",
        "ben",  # all of *@class.example are on the list
        "clara",  # by the `sub` of who has no email address
    ],
)
def test_who_is_on_the_list_may_train(browser: Browser, server: Server, name: str) -> None:
    with person(browser, server, name) as page:
        expect(page.get_by_text(f"Signed in as {name}")).to_be_visible()
        expect(page.get_by_text(READ_ONLY)).to_have_count(0)
        assert may_train(page)


@pytest.mark.parametrize("name", ["eve", "mallory"])  # mallory's address is not verified
def test_who_is_not_on_the_list_may_look_and_predict(
    browser: Browser, server: Server, name: str
) -> None:
    with person(browser, server, name) as page:
        expect(page.get_by_text(NOT_LISTED)).to_be_visible()
        assert not may_train(page)


def test_a_person_changes_their_own_runs_in_any_browser_and_nobody_elses(
    browser: Browser, server: Server, drawn_run: Run
) -> None:
    store = server.runs
    with person(browser, server, "anna") as page:
        page.get_by_role("button", name="Train", exact=True).click()
        wait_for(lambda: len(store.list()) == 2, 120)
    run_id = store.list()[0].id
    compare = f"compare?runs={run_id},{drawn_run.id}"
    with person(browser, server, "ben", compare) as page:
        for each in (run_id, drawn_run.id):
            expect(page.locator(f".st-key-rename_{each} button").first).to_be_disabled()
    with person(browser, server, "anna", compare) as page:
        mine = page.locator(f".st-key-rename_{run_id} button")
        expect(page.locator(f".st-key-rename_{drawn_run.id} button").first).to_be_disabled()
        mine.click()
        page.get_by_role("textbox", name="Title").fill("Anna's")
        page.get_by_role("button", name="Save", exact=True).click()
        wait_for(lambda: store.load(run_id).title == "Anna's")
        page.locator(f".st-key-delete_{run_id} button").click()
        page.locator(".st-key-confirm_delete button").click()
        wait_for(lambda: [run.id for run in store.list()] == [drawn_run.id])


def test_who_signs_out_may_do_nothing_more_also_in_another_tab(
    browser: Browser, server: Server
) -> None:
    with person(browser, server, "anna") as page:
        other = page.context.new_page()
        opened(other, f"{at_home(server)}/train")
        assert may_train(other)
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/session/end**")  # of the provider, which asks, too
        opened(page, f"{at_home(server)}/train")
        expect(page.get_by_text(SIGN_IN)).to_be_visible()
        assert not may_train(page)
        other.get_by_text("Hand landmarks", exact=True).click()  # the tab that was open all along
        settled(other)
        expect(other.get_by_text(SIGN_IN)).to_be_visible()
        assert not may_train(other)


def test_who_breaks_it_off_comes_back_and_is_told(browser: Browser, server: Server) -> None:
    with person(browser, server, "") as page:
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Cancel").click()
        expect(page.get_by_text(NOT_SIGNED_IN)).to_be_visible()
        assert page.url == f"{at_home(server)}/train"
        assert not may_train(page)


def test_a_cookie_that_was_changed_is_nobodys(browser: Browser, server: Server) -> None:
    with person(browser, server, "anna") as page:
        (cookie,) = (c for c in page.context.cookies() if c["name"] == "_streamlit_user")
        parts = cookie["value"].rsplit("|", 1)
        page.context.add_cookies(
            [{"name": cookie["name"], "url": at_home(server), "value": f"{parts[0]}|{'0' * 64}"}]
        )
        opened(page, f"{at_home(server)}/train")
        expect(page.get_by_text(SIGN_IN)).to_be_visible()
        assert not may_train(page)


def test_where_the_provider_does_not_answer_it_is_told_on_the_page(
    browser: Browser, drawn: Path, tmp_path: Path
) -> None:
    alone = public_server(tmp_path, drawn, free_port())
    try:
        with person(browser, alone, "") as page:
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_text(NOT_SIGNED_IN)).to_be_visible()
            assert page.url == f"{at_home(alone)}/train"
    finally:
        alone.stop()
    assert "Error during OAuth" in alone.log.read_text()  # whoever runs it reads why
