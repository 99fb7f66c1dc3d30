"""A large set is decoded by a worker, once for all visitors, while the pages tell how far it is."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from asl_core.background_task import BackgroundTask, task_ids
from asl_core.data.dataset import Source
from asl_core.data.unread import BYTES_PER_SECOND, SECONDS_PER_IMAGE, unread_files
from asl_core.errors import DatasetError, UnreadError
from asl_core.jobs.tasks import reading_task
from asl_core.jobs.worker import dispatch
from asl_core.settings import settings
from asl_core.ui.shared import resources
from asl_core.ui.shared.resources import jobs, run_store
from asl_core.ui.shared.tasks import headline
from tests.background_tasks import done_here
from tests.processes import wait_for
from tests.ui.pages import opened, text


@pytest.fixture(autouse=True)
def folder(
    environment: Path, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A server with an empty cache, to which 60 images are many."""
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(resources, "LONG_SECONDS", 0.0)
    settings.cache_clear()
    jobs().close()  # workers of another test would read into its cache
    yield drawn
    jobs().close()


def unread_of(source: Source) -> UnreadError:
    with pytest.raises(UnreadError) as raised:
        resources._open(source)
    return raised.value


def tasks_under_way() -> list[str]:
    return [name for name in task_ids(run_store().root) if name.startswith("reading-")]


@pytest.mark.slow
def test_the_pages_wait_for_a_worker_and_then_show_the_images() -> None:
    assert "Reading 60 images of drawn" in str(opened("data").get("progress")[0].proto.text)
    app = opened("train")  # somebody else
    assert not app.error
    assert not app.button  # there is nothing to train on yet
    assert len(tasks_under_way()) <= 1
    wait_for(lambda: not tasks_under_way(), 60)
    app.run()
    assert not app.exception
    assert "48 images" in text(app)
    assert opened("data").header[0].value == "48 training images"


def test_images_are_decoded_once_and_only_mapped_afterwards(folder: Path) -> None:
    unread = unread_of(Source(str(folder)))
    assert unread.n_images == 60
    done_here(reading_task(run_store(), unread))
    assert len(resources._open(Source(str(folder)))) == 60


def test_without_some_classes_it_is_read_in_two_steps(folder: Path) -> None:
    source = Source(str(folder)).without("B")
    whole = unread_of(source)
    assert whole.n_images == 60
    done_here(reading_task(run_store(), whole))
    rest = unread_of(source)
    assert rest.n_images == 40
    done_here(reading_task(run_store(), rest))
    assert resources._open(source).classes == ("A", "C")


@pytest.mark.parametrize("page", ["data", "train"])
def test_a_link_reads_and_copies_nothing_until_somebody_asks(folder: Path, page: str) -> None:
    done_here(reading_task(run_store(), unread_of(Source(str(folder)))))
    copies = sorted(settings().decoded_dir.iterdir())
    app = opened(page, data="?without=B")
    assert f"The images of {folder.name} without B have yet to be read." in text(app)
    assert not tasks_under_way()
    assert sorted(settings().decoded_dir.iterdir()) == copies


def test_what_a_link_names_is_read_after_a_click(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "LONG_SECONDS", 60.0)
    app = opened("data", data="?without=B")
    (button,) = (each for each in app.button if each.label == "Read the images")
    button.click().run()
    assert app.header[0].value == "32 training images"


def test_junk_in_a_link_is_the_whole_dataset_and_makes_nothing(folder: Path) -> None:
    done_here(reading_task(run_store(), unread_of(Source(str(folder)))))
    copies = sorted(settings().decoded_dir.iterdir())
    junk = "&".join(f"without=x{i}" for i in range(3_000))
    assert opened("data", data=f"?{junk}").header[0].value == "48 training images"
    assert sorted(settings().decoded_dir.iterdir()) == copies


def test_images_of_another_size_are_read_for_nobody_who_has_not_asked(folder: Path) -> None:
    done_here(reading_task(run_store(), unread_of(Source(str(folder)))))
    dataset = resources._open(Source(str(folder)))
    with pytest.raises(UnreadError) as unread:
        resources.sized(dataset, 64)
    done_here(reading_task(run_store(), unread.value))
    assert resources.sized(dataset, 64).images.shape[1:] == (64, 64, 3)


def test_what_changes_meanwhile_is_told_not_asked_for_again_and_again(
    folder: Path, tmp_path: Path
) -> None:
    changed = Path(shutil.copytree(folder, tmp_path / "changed"))
    task = reading_task(run_store(), unread_of(Source(str(changed))))
    (changed / "A" / "A0.png").unlink()
    assert task.claim()
    with pytest.raises(DatasetError, match="have changed while they were read"):
        dispatch(str(task.root), task.id)
    task.submitted.release()
    assert BackgroundTask(task.root, task.id).state().phase == "failed"


def test_a_failure_is_told_and_others_images_stay_in_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    for name in "AB":
        (broken / name).mkdir(parents=True)
        (broken / name / "0.png").write_text("no picture")
    monkeypatch.setenv("ASL_DATA_DIR", str(broken))
    settings.cache_clear()
    task = reading_task(run_store(), unread_of(Source(str(broken))))
    assert task.claim()
    with pytest.raises(DatasetError):
        dispatch(str(task.root), task.id)
    task.submitted.release()
    app = opened("data")
    assert "needs images of at least two classes" in app.error[0].value
    assert [header.value for header in app.header] == ["Other images"]


def test_where_a_cache_can_not_be_shared_the_images_are_decoded_here(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "file" / "cache"))
    settings.cache_clear()
    assert len(resources._open(Source(str(folder)))) == 60


def test_a_table_of_pixels_is_left_to_a_worker_too(tmp_path: Path) -> None:
    rows = (f"{i % 2},{','.join([str(i)] * 16)}" for i in range(20))
    (tmp_path / "table.csv").write_text("\n".join(("label,p" + ",p" * 15, *rows)))
    unread = unread_of(Source(str(tmp_path / "table.csv")))
    assert unread.n_images is None
    done_here(reading_task(run_store(), unread))
    assert len(resources._open(Source(str(tmp_path / "table.csv")))) == 20


def test_few_large_files_count_as_many_small_ones(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(bytes(5_000_000))
    told = unread_files(Path("key"), tmp_path, ["photo.jpg", "gone.jpg"])
    assert told.n_images == 2
    assert told.seconds == pytest.approx(2 * SECONDS_PER_IMAGE + 5e6 / BYTES_PER_SECOND)


def test_how_far_it_is_counts_images() -> None:
    from asl_core.task_state import TaskState

    state = TaskState("working", "", 0.25, 30.0)
    assert headline(state, 87_000) == "21,750 of 87,000, 25 %, about 30 s left"
    assert headline(state) == "25 %, about 30 s left"


def test_the_files_of_a_large_set_are_looked_at_more_seldom(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grown = Path(shutil.copytree(folder, tmp_path / "grown"))
    monkeypatch.setattr(resources, "LONG_SECONDS", 60.0)
    monkeypatch.setattr(resources, "LARGE", 60)
    monkeypatch.setenv("ASL_DATA_DIR", str(grown))
    settings.cache_clear()
    source = Source(str(grown))
    for _ in range(2):
        assert len(resources._open(source)) == 60
    shutil.copy(grown / "A" / "A0.png", grown / "A" / "new.png")
    resources._look_often.clear()  # its ten seconds are over
    assert len(resources._open(source)) == 60
    resources._look_seldom.clear()
    assert len(resources._open(source)) == 61
