"""Images of one's own in real Chromium: dropped, trained on, evaluated, deleted; seen by nobody
else; on a laptop and on a phone."""

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from asl_core.data.dataset_store import DatasetStore
from asl_core.data.own_dataset import OwnDataset
from tests.browser.server import LAPTOP, PHONE, SECOND, Server, go_to, opened, screen, settled
from tests.conftest import PHOTOS

pytestmark = pytest.mark.slow

LEE = PHOTOS.parent / "other_signers" / "lee"
"""720 photos of 26 letters, by another signer."""

UPLOADER = ".st-key-dropped_archive input[type=file]"
FOLDER = ".asl-folder input"
FEW_EPOCHS = "constant:epochs=2"


@pytest.fixture(scope="module")
def server(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on drawn images, to which visitors bring their own."""
    started = Server(drawn, tmp_path_factory.mktemp("own"))
    yield started
    assert "Traceback" not in started.log.read_text()
    started.stop()


@pytest.fixture(scope="module")
def lee(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The photos as a zip archive."""
    if not LEE.is_dir():
        pytest.skip("needs the photos of other signers beside ASL_DATA_DIR")
    place = tmp_path_factory.mktemp("lee")
    return Path(shutil.make_archive(str(place / "lee"), "zip", LEE.parent, LEE.name))


@pytest.fixture(scope="module")
def folder(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 300 images of two classes, more than one page may hold files; and a note."""
    place = tmp_path_factory.mktemp("folders") / "fruit"
    for letter, name in (("A", "apple"), ("B", "pear")):
        (place / name).mkdir(parents=True)
        files = sorted((drawn / letter).iterdir())
        for number in range(150):
            content = files[number % len(files)].read_bytes()
            (place / name / f"{number}.png").write_bytes(content)
    (place / "notes.doc").write_text("ripe")
    return place


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV file of 40 gray images of 28x28 pixels, labeled 0 and 1, as Sign Language MNIST."""
    path = tmp_path_factory.mktemp("tables") / "signs.csv"
    rng = np.random.default_rng(0)
    rows = [",".join(["label", *(f"pixel{i}" for i in range(1, 785))])]
    for number in range(40):
        values = rng.integers(60 + 120 * (number % 2), 70 + 120 * (number % 2), 784)
        rows.append(",".join(map(str, [number % 2, *values])))
    path.write_text("\n".join(rows))
    return path


def bring(page: Page, server: Server, path: Path, name: str = "") -> None:
    """Drop a file or a folder on *Data*, and import it."""
    opened(page, f"{server.url}/data")
    page.get_by_text("Bring your own images", exact=True).click()
    page.locator(UPLOADER).wait_for(state="attached")
    settled(page)
    page.locator(FOLDER if path.is_dir() else UPLOADER).set_input_files(path)
    if path.is_dir():
        expect(page.get_by_text("Now press Import")).to_be_visible()
    expect(page.get_by_test_id("stFileChip")).to_have_count(1)
    if name:
        page.get_by_role("textbox", name="Name", exact=True).fill(name)
        page.keyboard.press("Tab")
    page.get_by_role("button", name="Import", exact=True).click()


def use(page: Page) -> str:
    """Wait for what was imported, and use it. Returns its id."""
    button = page.get_by_role("button", name="Use it now")
    expect(button).to_be_visible(timeout=120 * SECOND)
    button.click()
    expect(button).to_have_count(0)
    settled(page)
    return page.url.partition("set%3A")[2][:16]


def card_of(server: Server, set_id: str) -> OwnDataset:
    return DatasetStore(server.runs.root).load(set_id)


def fits(page: Page) -> bool:
    """Whether nothing is wider than the screen."""
    wide: bool = page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth"
    )
    return wide


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_a_zip_is_dropped_trained_on_evaluated_and_deleted(
    browser: Browser, server: Server, lee: Path, size: tuple[int, int]
) -> None:
    touch = size == PHONE
    with screen(browser, size, touch=touch) as page:
        bring(page, server, lee, "Lee's hands")
        expect(page.get_by_text("720 images in 26 classes").first).to_be_visible(
            timeout=120 * SECOND
        )
        set_id = use(page)
        card = card_of(server, set_id)
        assert (card.name, card.n_images, len(card.counts)) == ("Lee's hands", 720, 26)
        expect(page.get_by_role("heading", name="training images")).to_contain_text("583")
        assert fits(page)

        known = {run.id for run in server.runs.list()}
        opened(page, f"{server.url}/train?data=set:{set_id}&settings={FEW_EPOCHS}")
        page.get_by_role("button", name="Train", exact=True).click()
        expect(page.get_by_text("Finished. Total time")).to_be_visible(timeout=180 * SECOND)
        (run,) = (run for run in server.runs.list() if run.id not in known)
        assert run.results.classes == tuple(card.counts)
        assert run.spec.source.own_id == set_id
        assert fits(page)

        opened(page, f"{server.url}/evaluate?run={run.id}")
        expect(page.get_by_text("Never predicted").first).to_be_visible()  # after two epochs
        assert page.locator(".asl-sheet img").count() > 0  # its mistakes, from the dataset
        assert fits(page)

        opened(page, f"{server.url}/data?data=set:{set_id}")
        page.get_by_text("Bring your own images", exact=True).click()
        page.locator(f".st-key-new_{set_id}").wait_for(state="detached")
        delete = page.get_by_role("button", name="Delete", exact=True).first
        delete.wait_for()
        settled(page)
        delete.evaluate("button => button.scrollIntoView({block: 'center'})")
        delete.click()
        page.get_by_role("button", name="Delete Lee's hands").click()
        expect(page.get_by_role("heading", name="training images")).to_contain_text("48")
    assert set_id not in [card.id for card in DatasetStore(server.runs.root).list()]
    assert run.folder.is_dir()  # it stays


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_a_folder_of_many_images_is_packed_in_the_browser(
    browser: Browser, server: Server, folder: Path, size: tuple[int, int]
) -> None:
    with screen(browser, size, touch=size == PHONE) as page:
        bring(page, server, folder)
        expect(page.get_by_text("300 images in 2 classes (apple, pear)")).to_be_visible(
            timeout=120 * SECOND
        )
        card = card_of(server, use(page))
        assert (card.name, card.counts) == ("fruit", {"apple": 150, "pear": 150})
        expect(page.get_by_role("heading", name="training images")).to_be_in_viewport()
        assert fits(page)


def test_a_table_is_dropped(browser: Browser, server: Server, table: Path) -> None:
    with screen(browser, PHONE, touch=True) as page:
        bring(page, server, table)
        expect(page.get_by_text("40 images in 2 classes (0, 1)")).to_be_visible(
            timeout=120 * SECOND
        )
        assert card_of(server, use(page)).counts == {"0": 20, "1": 20}


def test_three_visitors_do_not_see_each_others_datasets(
    browser: Browser, server: Server, folder: Path, table: Path
) -> None:
    names = ("Ann's images", "Bob's images", "Cem's images")
    contexts = [browser.new_context() for _ in names]
    pages = [context.new_page() for context in contexts]
    for page, name, path in zip(pages, names, (folder, table, folder), strict=True):
        page.set_default_timeout(60 * SECOND)
        bring(page, server, path, name)
    ids = [use(page) for page in pages]
    assert len(set(ids)) == 3
    for page, name in zip(pages, names, strict=True):
        go_to(page, "Home")
        go_to(page, "Data")
        page.get_by_text("Bring your own images", exact=True).click()
        expect(page.get_by_role("button", name="In use")).to_be_visible()
        settled(page)
        words = page.get_by_test_id("stMain").inner_text()
        assert [other for other in names if other in words] == [name]
    for context in contexts:
        context.close()


def test_a_zip_with_a_class_of_one_image_goes_on_without_it(
    browser: Browser, server: Server, drawn: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "signs.zip", "w") as archive:
        for name in "AB":
            for file in sorted((drawn / name).iterdir()):
                archive.write(file, f"signs/{name}/{file.name}")
        archive.write(drawn / "C" / "C0.png", "signs/J/J0.png")
        archive.writestr("signs/Z/Z0.png", b"no picture")
    with screen(browser, PHONE, touch=True) as page:
        bring(page, server, tmp_path / "signs.zip")
        use(page)
        page.get_by_role("button", name="Leave out J").click()
        expect(page.get_by_role("heading", name="training images")).to_contain_text("32")
        go_to_train = f"{server.url}/train{page.url[page.url.index('?') :]}"
        opened(page, go_to_train)
        expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
        page.get_by_role("button", name="Left out: J. Put it back").click()
        expect(page.get_by_role("button", name="Leave out J")).to_be_visible()
