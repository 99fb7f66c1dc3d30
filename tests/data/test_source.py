"""Rendered sets as a source: their text, their pictures on every machine, their drawing."""

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from filelock import FileLock

from asl_core.config import TrainConfig
from asl_core.data import SyntheticSpec, find_source, make_split, open_dataset, read_folder
from asl_core.data.dataset import Source
from asl_core.data.synthetic_cache import (
    RENDERER_VERSION,
    CacheEntry,
    ensure_rendered,
    first_images,
    render_first,
)
from asl_core.data.synthetic_spec import BOUNDS
from asl_core.errors import DatasetError, StoppedError
from asl_core.files import from_json
from asl_core.runs.run import RunSpec
from asl_core.settings import settings
from asl_core.synthetic import Nuisance, SyntheticError, render_folder
from asl_core.synthetic.folder import part_counts

SMALL = "rendered:AB:40:1"
PATIENCE_SECONDS = 20.0


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An own, empty cache."""
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()
    yield tmp_path / "cache"
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize(
    ("text", "recipe"),
    [
        ("rendered:ABC:2000:0", SyntheticSpec()),
        ("rendered:AZ:20:4294967295", SyntheticSpec("AZ", 20, 2**32 - 1)),
        (
            "rendered:ABC:2000:0:turn=-30.5~30:left_hand=0.5",
            SyntheticSpec(ranges=replace(Nuisance(), turn=(-30.5, 30.0), left_hand=0.5)),
        ),
    ],
)
def test_a_recipe_is_its_text(text: str, recipe: SyntheticSpec) -> None:
    assert recipe.text == text
    assert SyntheticSpec.parse(text) == recipe


def test_one_set_has_one_text() -> None:
    usual = "~".join(f"{end:g}" for end in Nuisance().turn)
    assert SyntheticSpec.parse("rendered:CBA:0300:00").text == "rendered:ABC:300:0"
    assert SyntheticSpec.parse(f"{SMALL}:turn={usual}").text == SMALL
    assert (
        SyntheticSpec.parse(f"{SMALL}:left_hand=0.50:turn=-0~5.0").text
        == f"{SMALL}:turn=0~5:left_hand=0.5"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rendered:", "rendered:LETTERS:COUNT:SEED"),
        ("rendered:abc:100:0", "rendered:LETTERS:COUNT:SEED"),
        ("rendered:ABC:100:0:", "rendered:LETTERS:COUNT:SEED"),
        ("rendered:ABC:100:0:turn=nan~1", "rendered:LETTERS:COUNT:SEED"),
        ("rendered:A:100:0", "two or more different capital letters"),
        ("rendered:AAB:100:0", "two or more different capital letters"),
        ("rendered:ABC:29:0", "30 to 5,000"),
        ("rendered:ABC:5001:0", "30 to 5,000"),
        ("rendered:ABC:100:4294967296", "seed must be a number from 0"),
        (f"{SMALL}:colour=1", "one of: turn, tilt"),
        (f"{SMALL}:turn=5", "turn must be low~high"),
        (f"{SMALL}:left_hand=0~1", "left_hand must be one number"),
        (f"{SMALL}:turn=5~-5", "low <= high"),
        (f"{SMALL}:turn=-91~5", "turn must be from -90 to 90"),
        (f"{SMALL}:turn=0~5:turn=0~6", "turn is given twice"),
        (f"{SMALL}:backlit=0.7:sunlit=0.7", "at most 1"),
    ],
)
def test_what_is_no_recipe_is_refused_with_what_is_allowed(text: str, words: str) -> None:
    with pytest.raises(DatasetError, match=words):
        open_dataset(text)


def test_only_what_a_text_can_say_may_differ() -> None:
    with pytest.raises(DatasetError, match="haze can't be changed"):
        SyntheticSpec(ranges=replace(Nuisance(), haze=(0.0, 0.5)))


def test_bounds_hold_the_usual_ranges_and_can_be_drawn_at_their_ends() -> None:
    usual = {field.name: getattr(Nuisance(), field.name) for field in fields(Nuisance)}
    for name, (low, high) in BOUNDS.items():
        ends = usual[name] if isinstance(usual[name], tuple) else (usual[name],)
        assert low <= min(ends) <= max(ends) <= high, name
    wide = {n: b if isinstance(usual[n], tuple) else b[0] for n, b in BOUNDS.items()}
    render_first(SyntheticSpec("AB", 20, 0, replace(Nuisance(), **wide)))  # type: ignore[arg-type]


def test_the_default_set_has_the_missions_counts() -> None:
    assert part_counts("ABC", 2_000) == (
        {"A": 540, "B": 528, "C": 532},
        {"A": 118, "B": 144, "C": 138},
    )


@pytest.mark.parametrize(("letters", "count"), [("ABC", 100), ("ABCDEFG", 71), ("AB", 1)])
def test_letters_are_as_equal_as_can_be(letters: str, count: int) -> None:
    train_counts, test_counts = part_counts(letters, count)
    total = [train_counts[letter] + test_counts[letter] for letter in letters]
    assert sum(total) == count
    assert sum(test_counts.values()) == count // 5
    assert max(total) - min(total) <= 1
    assert max(test_counts.values()) - min(test_counts.values()) <= 1


def test_the_images_of_the_package_are_what_is_rendered() -> None:
    """If this fails after a change of the renderer, count `RENDERER_VERSION` up, and render the
    images of the package again (see `write_first_images`)."""
    shipped = first_images(SyntheticSpec())
    assert shipped
    images, letters = shipped
    drawn, labels = render_first(SyntheticSpec())
    assert RENDERER_VERSION == 3
    assert letters == "".join("ABC"[label] for label in labels)
    assert len(letters) == 36
    np.testing.assert_array_equal(images, drawn)


def test_a_text_opens_the_same_set_on_every_machine(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = open_dataset(SMALL)
    assert (here.source.text, here.rendered, here.counts()) == (SMALL, True, {"A": 20, "B": 20})
    split = make_split(here)
    assert split.name == "rendered"
    assert here.counts(split.train) == {"A": 16, "B": 16}
    np.testing.assert_array_equal(
        here.images[split.train], render_first(SyntheticSpec.parse(SMALL))[0]
    )
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "elsewhere"))
    settings.cache_clear()
    assert first_images(SyntheticSpec.parse(SMALL)) is None
    there = open_dataset(SMALL)
    assert there.folder != here.folder
    assert there.fingerprint == here.fingerprint
    assert open_dataset("rendered:AB:40:2").fingerprint != here.fingerprint


def test_a_folder_drawn_by_hand_is_the_same_set(cache: Path, tmp_path: Path) -> None:
    folder = read_folder(render_folder(tmp_path / "drawn", "AB", 40, 1))
    assert folder.rendered
    assert folder.source.text == str(tmp_path / "drawn")
    assert folder.fingerprint == open_dataset(SMALL).fingerprint


@pytest.mark.parametrize(
    ("source", "name", "rendered"),
    [
        (Source("/home/someone/signs/"), "signs", False),
        (Source("C:\\Users\\someone\\signs"), "signs", False),
        (Source("signs"), "signs", False),
        (Source("/home/someone/drawn", marked=True), "drawn", True),
        (Source(SMALL), SMALL, True),
    ],
)
def test_a_source_is_called_without_the_way_to_it(
    source: Source, name: str, rendered: bool
) -> None:
    assert (source.name, source.rendered) == (name, rendered)
    assert (source.spec is not None) == (source.text == SMALL)


def test_a_run_on_a_marked_folder_is_of_rendered_images_whatever_its_split() -> None:
    spec = RunSpec(TrainConfig(), "random", "/drawn", marked=True)
    assert spec.rendered
    assert from_json(json.dumps(spec.to_json()), RunSpec) == spec
    assert not RunSpec(TrainConfig(), "random", "/drawn").rendered
    assert RunSpec(TrainConfig(), "rendered", "/drawn").rendered


def test_splits_without_sense_are_refused(cache: Path, drawn: Path) -> None:
    with pytest.raises(DatasetError, match=r"not recordings.*split 'rendered'"):
        make_split(open_dataset(SMALL), "frames")
    with pytest.raises(DatasetError, match=r"holds photos\. Choose split 'random'"):
        make_split(read_folder(drawn), "rendered")
    for name in ("original", "random"):
        assert len(make_split(open_dataset(SMALL), name).test) == 8


def test_the_environment_may_name_a_set(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASL_DATA_DIR", SMALL)
    settings.cache_clear()
    assert find_source().text == SMALL


def test_a_dataset_is_rendered_once_and_told_how_far(cache: Path) -> None:
    spec, told = SyntheticSpec("AB", 60), list[float]()
    seen: list[int] = []

    def tell(fraction: float) -> None:
        told.append(fraction)
        shown = first_images(spec)
        assert shown
        seen.append(len(shown[1]))

    folder = ensure_rendered(spec, tell)
    assert told == sorted(told)
    assert told[-1] == 1
    assert set(seen) == {36}
    assert first_images(spec) is None  # the whole dataset is there
    files = sorted(folder.rglob("*.png"))
    written = [file.stat().st_mtime_ns for file in files]
    assert ensure_rendered(spec) == folder
    assert [file.stat().st_mtime_ns for file in files] == written
    assert len(files) == 60
    assert make_split(open_dataset(spec.text)).test.size == 12


def test_a_stop_and_a_process_that_died_leave_nothing_in_the_way(cache: Path) -> None:
    spec = SyntheticSpec("AB", 60)
    with pytest.raises(StoppedError):
        ensure_rendered(spec, should_stop=lambda: True)
    assert not CacheEntry(spec).is_ready
    left = CacheEntry(spec).folder.parent / ".drawing-dead"
    left.mkdir()
    ensure_rendered(spec)
    assert CacheEntry(spec).is_ready
    assert not left.exists()


@pytest.mark.parametrize("name", ["lock", "turn"])
def test_a_rendering_that_waits_for_its_turn_can_be_stopped(cache: Path, name: str) -> None:
    spec = SyntheticSpec("AB", 60)
    entry = CacheEntry(spec)
    lock: Path = getattr(entry, name)
    lock.parent.mkdir(parents=True)
    held, ended = Event(), Event()

    def hold() -> None:
        with FileLock(lock):
            held.set()
            ended.wait(PATIENCE_SECONDS)  # so that the test ends, if the wait does not

    asked: list[bool] = []

    def stop_when_asked_again() -> bool:
        asked.append(True)
        return len(asked) > 1

    other = Thread(target=hold)
    other.start()
    try:
        assert held.wait(PATIENCE_SECONDS)
        with pytest.raises(StoppedError, match="waited for its turn"):
            ensure_rendered(spec, should_stop=stop_when_asked_again)
    finally:
        ended.set()
        other.join()
    assert len(asked) == 2
    assert not entry.is_ready
    assert not entry.first.exists()
    ensure_rendered(spec)
    assert entry.is_ready


def test_a_failure_is_told_and_rendered_again_when_asked(cache: Path) -> None:
    spec = SyntheticSpec("AB", 20)
    entry = CacheEntry(spec)
    entry.folder.parent.mkdir(parents=True)
    entry.folder.write_text("in the way")
    with pytest.raises(SyntheticError, match="exists already"):
        ensure_rendered(spec)
    assert not entry.is_ready
    entry.folder.unlink()
    ensure_rendered(spec)
    assert entry.is_ready


def test_a_cache_that_can_not_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "file"))
    settings.cache_clear()
    with pytest.raises(DatasetError, match="can't be saved: Not a directory") as raised:
        open_dataset(SMALL)
    assert str(tmp_path) not in str(raised.value)
    assert str(tmp_path) in raised.value.in_full  # for the operator alone
    monkeypatch.undo()
    settings.cache_clear()
