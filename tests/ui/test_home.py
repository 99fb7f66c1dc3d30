"""The page Home by Streamlit's own test runner; and names of classes of any kind on three pages."""

from html import escape
from pathlib import Path

import pytest
from PIL import Image

from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.settings import settings
from asl_core.ui.shared.resources import jobs
from tests.processes import wait_for
from tests.ui.pages import opened, press, text

ODD = ("*a*", "$b$", "<b>", "x" * 60)
MANY = tuple(f"Tomato___a_disease_with_a_long_name_{number:02d}" for number in range(56))


@pytest.fixture
def sixty_classes(environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with 60 classes of two images each; some names look like markup."""
    for level, name in enumerate((*ODD, *MANY)):
        folder = tmp_path / "sixty" / name
        folder.mkdir(parents=True)
        for frame in range(2):
            Image.new("RGB", (50, 50), (4 * level, 9 * frame, 0)).save(folder / f"{frame}.png")
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path / "sixty"))
    settings.cache_clear()


def test_home_tells_the_accuracy_of_the_newest_run(with_run: Run) -> None:
    app = opened("home")
    (metric,) = app.metric
    assert metric.value == f"{100 * with_run.results.test_accuracy:.1f} %"
    assert "95 %" in metric.delta


@pytest.mark.parametrize("page", ["home", "data"])
def test_captions_show_names_of_any_kind(sixty_classes: None, page: str) -> None:
    app = opened(page)
    (sheet,) = (e.proto.body for e in app.get("html") if "asl-sheet" in e.proto.body)
    shown = [name for name in (*ODD, *MANY) if f">{escape(name)}</span>" in sheet]
    per_image = 1 if page == "home" else 3  # of twelve on Home, 36 on Data
    assert len(shown) >= 10 * per_image
    assert r"\*a\*" in "".join(caption.value for caption in app.caption)
    assert max(len(caption.value) for caption in app.caption) < 500


def test_every_class_of_sixty_has_its_row(sixty_classes: None) -> None:
    app = opened("data")
    table = app.dataframe[0].value
    assert len(set(table["Class"])) == 60
    assert table["Training"].tolist() == [1] * 60
    assert app.selectbox(key="class").options[1:] == sorted((*ODD, *MANY))


def test_train_opens_with_sixty_classes(sixty_classes: None) -> None:
    app = opened("train")
    assert app.dataframe[0].value["Layer"].tolist()[-1] == "Dense (60, softmax)"
    assert "**60 images**" in text(app)


def test_train_now_starts_a_training_and_shows_it(environment: Path) -> None:
    app = opened("home")
    press(app, "Train now")
    assert app.title[0].value == "Train"
    wait_for(lambda: bool(RunStore(environment).list()), 120)
    jobs().close()
