"""Two datasets become one: counts, groups, names, and what is said of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from asl_core.data import default_split, open_dataset
from asl_core.data.combine_datasets import Combination, combine_datasets
from asl_core.data.dataset_store import DatasetStore
from asl_core.data.new_images import PHOTO
from asl_core.errors import StoreError
from asl_core.settings import settings
from tests.data.test_grow_dataset import filled, frames, growing


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of runs of this test's own."""
    monkeypatch.setenv("ASL_RUNS_DIR", str(tmp_path / "runs"))
    settings.cache_clear()
    yield tmp_path / "runs"
    monkeypatch.undo()
    settings.cache_clear()


def test_a_folder_and_one_s_own_images_become_one(drawn: Path) -> None:
    mine = filled().card()
    shares: list[float] = []
    wanted = Combination((str(drawn), mine.text), "Both", "ann")
    card = combine_datasets(wanted, shares.append)
    both = open_dataset(card.text)
    assert both.counts() == {"A": 26, "B": 26, "C": 20}
    assert (card.counts, card.owner, card.by_hand) == (both.counts(), "ann", False)
    assert not both.groups  # those of one alone would hold out all of the other
    assert default_split(both) == "random"
    assert shares == sorted(shares)
    contents = {both.content(i) for i in range(len(both))}
    assert {file.read_bytes() for file in drawn.rglob("*.png")} <= contents


def test_recordings_of_both_stay_apart() -> None:
    one, other = filled().card(), filled().card()
    both = open_dataset(combine_datasets(Combination((one.text, other.text), "Both", "ann")).text)
    assert both.counts() == {"A": 12, "B": 12}
    assert set(both.groups) == {f"{i}-recording-{j}" for i in (1, 2) for j in (1, 2)}


def test_rendered_hands_among_photos_are_told() -> None:
    wanted = Combination(("rendered:AB:20:0", filled().card().text), "Both", "ann")
    card = combine_datasets(wanted)
    assert not open_dataset(card.text).rendered
    assert "20 of the images are rendered hands" in card.account[0]


def test_one_image_of_one_s_own_is_enough(drawn: Path) -> None:
    few = growing("ann", "C", "thumb up")
    few.add_images("thumb up", frames(0, 1), PHOTO)
    card = combine_datasets(Combination((str(drawn), few.card().text), "Both", "ann"))
    assert open_dataset(card.text).counts() == {"A": 20, "B": 20, "C": 20, "thumb up": 1}


def test_nothing_stays_of_one_that_fails(runs: Path) -> None:
    empty = growing("ann", "A")
    with pytest.raises(StoreError, match="has no images so far"):
        combine_datasets(Combination((filled().card().text, empty.card().text), "Both", "ann"))
    assert len(DatasetStore().list()) == 2
    assert not list((runs / ".staging").iterdir())
