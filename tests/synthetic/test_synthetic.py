"""The drawn hand: the same everywhere, anatomical, and different where letters differ."""

import multiprocessing
import sys
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from types import ModuleType

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray
from PIL import Image

from asl_core.data import make_split, read_folder
from asl_core.synthetic import (
    LETTERS,
    MOVING_LETTERS,
    STATIC_LETTERS,
    Background,
    Camera,
    Finger,
    JointLimitError,
    Light,
    Nuisance,
    ParameterError,
    Patch,
    Skin,
    Thumb,
    UnknownLetterError,
    View,
    Wrist,
    contact_sheet,
    portrait,
    poses,
    render,
    render_folder,
    sample,
)
from asl_core.synthetic.field import Field
from asl_core.synthetic.folder import count_left_hands, draw_training
from asl_core.synthetic.hand import KNUCKLES, PHALANGES, capsules
from asl_core.synthetic.pose import LIMITS, Pose, loosen
from asl_core.synthetic.render import place
from asl_core.synthetic.sheet import framed
from asl_core.ui.shared.rendered_letters import SHEET

PLAIN = Background(colour=(0.9, 0.9, 0.9), far_colour=(0.9, 0.9, 0.9))
STRAIGHT = Finger(0, 0, 0)
FLAT = Pose(Thumb(40, 10), STRAIGHT, STRAIGHT, STRAIGHT, STRAIGHT)


def silhouette(letter: str, view: View = View()) -> NDArray[np.bool_]:  # noqa: B008
    """Where the hand shows: unlit skin before a bright wall."""
    picture = render(letter, view, Light(key=0, ambient=0), background=PLAIN, size=64)
    dark: NDArray[np.bool_] = picture.max(axis=2) < 128
    return dark


def test_picture_has_the_documented_shape_and_type() -> None:
    for size in (8, 51, 64):
        picture = render("A", size=size)
        assert picture.shape == (size, size, 3)
        assert picture.dtype == np.uint8


def test_same_arguments_give_the_same_picture() -> None:
    view, camera = View(slack=5), Camera(noise=0.02)
    first = render("K", view, camera=camera, seed=7)
    assert np.array_equal(first, render("K", view, camera=camera, seed=7))
    assert not np.array_equal(first, render("K", view, camera=camera, seed=8))


def test_without_noise_slack_or_texture_the_seed_changes_nothing() -> None:
    assert np.array_equal(render("K", seed=1), render("K", seed=2))


def test_straight_finger_reaches_its_anatomical_length() -> None:
    hand = capsules(FLAT)
    tip = hand.end[5]
    assert tip[1] == pytest.approx(KNUCKLES[1][1] + sum(PHALANGES[1]), abs=1e-3)
    assert tip[0] == pytest.approx(KNUCKLES[1][0], abs=1e-3)


def test_finger_bent_at_the_knuckle_points_to_the_viewer() -> None:
    hand = capsules(Pose(Thumb(40, 10), Finger(90, 0, 0), STRAIGHT, STRAIGHT, STRAIGHT))
    bone = hand.end[0] - hand.start[0]
    assert bone == pytest.approx([0, 0, PHALANGES[0][0]], abs=1e-3)


def test_bones_keep_their_length_in_every_letter() -> None:
    for letter in LETTERS:
        for pose in poses(letter):
            hand = capsules(pose)
            lengths = np.linalg.norm(hand.end - hand.start, axis=1)[:12]
            assert lengths == pytest.approx([b for bones in PHALANGES for b in bones], rel=1e-4)


def test_field_is_the_distance_to_a_lone_fingertip() -> None:
    hand = capsules(FLAT)
    x, y, z = (np.float32(c) for c in hand.end[5])
    above = np.array([y + 50], np.float32)
    found = Field.of(hand).distance((np.array([x]), above, np.array([z])))[0]
    assert found == pytest.approx(50 - hand.radii[5, 1], abs=4)


def test_field_normal_points_the_way_distance_grows() -> None:
    field = Field.of(capsules(poses("C")[0]))
    rng = np.random.default_rng(0)
    cloud = rng.uniform(-60, 120, (3, 400)).astype(np.float32)
    at = (cloud[0], cloud[1], cloud[2])
    near = np.flatnonzero(np.abs(field.distance(at)) < 3)
    at = (at[0][near], at[1][near], at[2][near])
    normal = field.normal(at)
    outside = tuple(p + np.float32(0.5) * n for p, n in zip(at, normal, strict=True))
    grown = field.distance((outside[0], outside[1], outside[2])) - field.distance(at)
    assert len(near) > 10
    assert (grown > 0.3).all()


def test_every_letter_has_poses_within_the_limits_of_joints() -> None:
    for letter in LETTERS:
        assert len(poses(letter)) >= 1
    assert set(STATIC_LETTERS) | set(MOVING_LETTERS) == set(LETTERS)
    assert len(STATIC_LETTERS) == 24


@pytest.mark.parametrize(
    ("make", "joint"),
    [
        (lambda: Finger(130, 0, 0), "mcp"),
        (lambda: Finger(0, -40, 0), "pip"),
        (lambda: Thumb(0, 0, ip=120), "ip"),
        (lambda: Wrist(flexion=120), "flexion"),
    ],
)
def test_impossible_joints_are_refused_by_name(make: object, joint: str) -> None:
    with pytest.raises(JointLimitError, match=joint):
        make()  # type: ignore[operator]


def test_slack_stays_within_the_limits_of_joints_and_moves_something() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        loose = loosen(poses("S")[0], 30, rng)
        low, high = LIMITS["Finger"]["pip"]
        assert all(low <= finger.pip <= high for finger in loose.fingers)
        assert loose != poses("S")[0]
    assert loosen(FLAT, 0, rng) == FLAT


def test_left_hand_is_the_mirror_image() -> None:
    for letter in "LGY":
        right, left = silhouette(letter), silhouette(letter, View(left_handed=True))
        assert (left != right[:, ::-1]).mean() < 0.002
        assert (left != right).mean() > 0.02


def test_a_portrait_is_filled_by_its_hand() -> None:
    for letter in LETTERS:
        hand = silhouette(letter, framed(poses(letter)[0]))
        rows, columns = np.flatnonzero(hand.any(axis=1)), np.flatnonzero(hand.any(axis=0))
        assert not hand[:3].any(), letter
        assert not hand[:, :3].any(), letter
        assert max(np.ptp(rows), np.ptp(columns)) >= 0.8 * 64, letter
        assert hand.mean() > 0.15, letter


def test_the_index_of_d_stands_clear_of_its_other_fingers() -> None:
    for pose in poses("D"):
        hand = place(pose, View())
        others = hand.start[3:12, 1] + hand.radii[3:12, 0]
        assert hand.end[2, 1] - others.max() > 50


def test_the_sheet_of_letters_is_what_is_rendered() -> None:
    """After a change of the hand, save `Image.fromarray(contact_sheet(130, 9)).quantize(256)`."""
    sheet = np.asarray(Image.open(SHEET).convert("RGB"))
    tiles = sheet.reshape(3, 130, 9, 130, 3).swapaxes(1, 2).reshape(-1, 130, 130, 3)
    for letter in "ADMT":
        difference = tiles[LETTERS.index(letter)].astype(int) - portrait(letter, 130)
        assert np.abs(difference).mean() < 4, letter


def test_hand_moves_where_the_view_says() -> None:
    columns = np.arange(64)
    middle = (silhouette("S") * columns).sum() / silhouette("S").sum()
    moved = silhouette("S", View(right=0.2))
    assert (moved * columns).sum() / moved.sum() == pytest.approx(middle + 12.8, abs=3)
    assert silhouette("B", View(distance=500)).sum() < 0.5 * silhouette("B").sum()


def test_letters_look_different() -> None:
    pictures = {letter: portrait(letter, 48).astype(float) for letter in STATIC_LETTERS}
    for a in STATIC_LETTERS:
        for b in STATIC_LETTERS:
            if a < b:
                assert np.abs(pictures[a] - pictures[b]).mean() > 1.0, (a, b)


def test_fists_differ_by_the_thumb() -> None:
    tips = {letter: capsules(poses(letter)[0]).end[13] for letter in "AMNST"}
    wrist_to_thumb_side = [tips[letter][0] for letter in "MNTA"]
    assert wrist_to_thumb_side == sorted(wrist_to_thumb_side)
    assert min(np.diff(wrist_to_thumb_side)) > 10
    assert tips["S"][2] > tips["M"][2] + 5
    assert tips["T"][1] > tips["N"][1] + 20


def test_spread_fingers_tell_v_from_u_and_crossing_tells_r() -> None:
    def lean(letter: str) -> float:
        hand = capsules(poses(letter)[0])
        return float(hand.end[2][0] - hand.end[5][0])

    assert lean("V") > lean("U") + 20
    assert lean("R") < -5


def test_pointing_letters_point_where_they_should() -> None:
    def index(letter: str) -> NDArray[np.float32]:
        hand = capsules(poses(letter)[0])
        return np.asarray(hand.end[2] - hand.start[0])

    for letter in "GHP":
        assert index(letter)[0] < -60
    assert index("Q")[1] < -40
    for letter in "DLRUVWZ":
        assert index(letter)[1] > 60


def test_round_letters_show_their_hole() -> None:
    for letter in "DO":
        hand = silhouette(letter)
        outside = ~hand
        reached = np.zeros_like(outside)
        reached[0] = outside[0]
        for _ in range(200):
            grown = reached.copy()
            grown[1:] |= reached[:-1]
            grown[:-1] |= reached[1:]
            grown[:, 1:] |= reached[:, :-1]
            grown[:, :-1] |= reached[:, 1:]
            reached = grown & outside
        assert (outside & ~reached).sum() > 10, letter


def test_light_skin_and_sleeve_show() -> None:
    dark = render("B", skin=Skin(tone=0.9), background=PLAIN).astype(int)
    light = render("B", skin=Skin(tone=0.1), background=PLAIN).astype(int)
    assert light[30, 25].sum() > dark[30, 25].sum() + 150
    lit = render("B", light=Light(key=3, ambient=1), background=PLAIN).astype(int)
    assert lit.sum() > render("B", background=PLAIN).astype(int).sum()
    blue = Skin(sleeve=10, sleeve_colour=(0, 0, 1))
    sleeve = render("A", skin=blue, background=PLAIN).astype(int)[49]
    assert (sleeve[:, 2] > sleeve[:, 0] + 50).any()


def test_shade_keeps_the_key_light_off() -> None:
    lit = render("A", light=Light(ambient=0.1, key=2)).astype(int)
    shaded = render("A", light=Light(ambient=0.1, key=2, shade_edge=0)).astype(int)
    assert shaded[35:].sum() < lit[35:].sum()
    assert np.array_equal(shaded[:12], lit[:12])


def test_camera_settings_do_what_they_say() -> None:
    grey = render("A", camera=Camera(saturation=0))
    assert np.ptp(grey.astype(int), axis=2).max() <= 1
    assert render("A", camera=Camera(exposure=3)).mean() > render("A").mean() + 20
    plain = render("A", background=PLAIN).astype(int)
    noisy = render("A", background=PLAIN, camera=Camera(noise=0.03)).astype(int)
    assert (noisy - plain)[:5].std() == pytest.approx(0.03 * 255, rel=0.2)
    blurred = render("A", background=PLAIN, camera=Camera(blur=0.03)).astype(int)
    assert np.abs(np.diff(blurred, axis=1)).max() < np.abs(np.diff(plain, axis=1)).max()


def test_patch_is_painted_in_its_place() -> None:
    red = Patch(x=-0.25, y=0.25, width=0.2, height=0.2, angle=0, colour=(1, 0, 0), softness=0)
    picture = render("A", View(right=0.4, up=-0.4), background=Background(patches=(red,)))
    assert picture[12, 12].tolist() == [255, 0, 0]
    assert picture[12, 30].tolist() != [255, 0, 0]


def test_sample_is_balanced_and_reproducible() -> None:
    images, labels = sample("ABC", 10, seed=3, size=24)
    again, _ = sample("ABC", 10, seed=3, size=24)
    assert images.shape == (10, 24, 24, 3)
    assert images.dtype == np.uint8
    assert labels.dtype == np.int64
    assert np.array_equal(images, again)
    assert np.bincount(labels).tolist() == [4, 3, 3]
    assert not np.array_equal(images, sample("ABC", 10, seed=4, size=24)[0])


def test_first_pictures_of_a_long_sample_are_a_short_sample() -> None:
    for counts in (None, {"A": 7, "B": 3, "C": 5}):
        images, labels = sample("ABC", 9, seed=1, size=24, counts=counts)
        first, first_labels = sample("ABC", 4, seed=1, size=24, counts=counts)
        assert np.array_equal(images[:4], first)
        assert np.array_equal(labels[:4], first_labels)


def test_two_processes_draw_the_same_in_the_same_order() -> None:
    told: list[tuple[int, int]] = []
    alone, labels = sample("AB", 5, seed=2, size=16)
    shared, shared_labels = sample(
        "AB", 5, seed=2, size=16, processes=2, on_progress=lambda *step: told.append(step)
    )
    assert np.array_equal(alone, shared)
    assert np.array_equal(labels, shared_labels)
    assert told == [(i, 5) for i in range(1, 6)]


def test_stopping_ends_the_other_processes() -> None:
    mine = psutil.Process()
    before = set(mine.children(recursive=True))

    def stop(done: int, total: int) -> None:
        assert len(set(mine.children()) - before) == 2
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample("A", 1000, processes=2, on_progress=stop)
    assert not set(mine.children(recursive=True)) - before


def test_drawing_processes_may_start_in_a_daemonic_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Streamlit's runner of tests leaves app.py there, and a spawned process begins with it.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    results = multiprocessing.get_context("spawn").SimpleQueue()
    painter = multiprocessing.get_context("spawn").Process(
        target=_draw_with_two, args=(results,), daemon=True
    )
    painter.start()
    painter.join(60)
    assert painter.exitcode == 0
    assert results.get() == sample("A", 2, size=16)[0].tobytes()


def _draw_with_two(results: "SimpleQueue[bytes]") -> None:
    results.put(sample("A", 2, size=16, processes=2)[0].tobytes())


def test_left_hands_are_counted() -> None:
    usual, _ = draw_training("ABC", 90, seed=5, size=16)
    right, _ = draw_training("ABC", 90, seed=5, size=16, ranges=Nuisance(left_hand=0))
    differ = int((usual != right).any(axis=(1, 2, 3)).sum())
    assert 0 < differ <= count_left_hands("ABC", 90, 5) <= differ + 18  # of the test pictures
    assert count_left_hands("ABC", 90, 5, Nuisance(left_hand=0)) == 0
    assert count_left_hands("ABC", 90, 5, Nuisance(left_hand=1)) == 90
    assert 0.2 < count_left_hands("ABC", 2000) / 2000 < 0.3


def test_exact_counts() -> None:
    _, labels = sample("AB", 9, size=8, counts={"A": 7, "B": 2})
    assert np.bincount(labels).tolist() == [7, 2]


def test_progress_is_told_in_order_and_may_stop_the_drawing() -> None:
    told: list[tuple[int, int]] = []
    sample("A", 3, size=8, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample("A", 3, size=8, on_progress=stop)


def test_ranges_are_obeyed() -> None:
    dark = Nuisance(
        wall=(0, 0), wall_tint=(0, 0), patches=(0, 0), backlit=0, textured=0, beamed=0, framed=0
    )
    still = {"haze": (0.0, 0.0), "noise": (0.0, 0.0), "right": (0.0, 0.0), "up": (0.0, 0.0)}
    images, _ = sample("S", 4, ranges=Nuisance(**{**vars(dark), **still}))
    assert images[:, 0, 0].max() == 0


def test_contact_sheet_holds_every_letter_in_order() -> None:
    sheet = contact_sheet(size=16, columns=13)
    assert sheet.shape == (32, 208, 3)
    assert np.array_equal(sheet[16:, :16], portrait("N", 16))


@pytest.mark.parametrize("letter", ["a", "AB", "", "5", None, 3, ["A"]])
def test_unknown_letters_are_refused(letter: str) -> None:
    with pytest.raises(UnknownLetterError, match="letter"):
        render(letter)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: render("A", size=4), "size"),
        (lambda: View(distance=1), "distance"),
        (lambda: Light(key=-1), "key"),
        (lambda: Skin(tone=2), "tone"),
        (lambda: Background(colour=(2, 0, 0)), "colour"),
        (lambda: Camera(exposure=float("nan")), "exposure"),
        (lambda: Nuisance(left_hand=2), "left_hand"),
        (lambda: Nuisance(turn=(5, -5)), "turn"),
        (lambda: Nuisance(key=(0, 1)), "key"),
        (lambda: Nuisance(backlit=0.7, sunlit=0.7), "sunlit"),
        (lambda: sample("", 1), "letters"),
        (lambda: sample("AA", 1), "letters"),
        (lambda: sample("A", 0), "n must"),
        (lambda: sample("A", 1, seed=-1), "seed"),
        (lambda: sample("A", 1, processes=0), "processes"),
        (lambda: sample("AB", 1, counts={"A": 1}), "counts"),
        (lambda: sample("A", 3, counts={"A": 2}), "n must"),
        (lambda: contact_sheet(columns=0), "columns"),
    ],
)
def test_bad_arguments_are_refused_by_name(make: object, named: str) -> None:
    with pytest.raises(ParameterError, match=named):
        make()  # type: ignore[operator]


def test_a_folder_of_pictures_is_read_like_one_of_photos(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    render_folder(tmp_path / "drawn", "ABC", 8, seed=3, on_progress=lambda *step: told.append(step))
    dataset = read_folder(tmp_path / "drawn")
    assert dataset.counts() == {"A": 3, "B": 3, "C": 2}
    assert dataset.rendered
    assert told == [(done, 8) for done in range(1, 9)]
    images, labels = draw_training("ABC", 8, seed=3)
    assert len(images) == 7
    split = make_split(dataset)
    np.testing.assert_array_equal(dataset.images[split.train], images)
    np.testing.assert_array_equal(dataset.labels[split.train], labels)
    assert [dataset.class_name(i) for i in split.test] == ["A"]


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(ParameterError, match="mine exists already"):
        render_folder(tmp_path / "mine")
    with pytest.raises(UnknownLetterError):
        render_folder(tmp_path / "new", "A1")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
