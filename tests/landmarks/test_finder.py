"""Hands are found where they are: in renderings and photos, turned, mirrored, small, dark."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from asl_core.errors import HandFinderError
from asl_core.landmarks.finder import CROPS, N_VIEWS, HandFinder, cut, square_about
from asl_core.landmarks.hand import BONES, FINGERS, WRIST, Square
from asl_core.landmarks.palms import INPUT_SIDE, anchors, find_palms, hand_square
from asl_core.synthetic import View, render

INDEX_TIP, MIDDLE_TIP, RING_TIP = 8, 12, 16


@pytest.fixture(scope="module")
def finder(hand_finder: Path) -> HandFinder:
    return HandFinder(hand_finder)


def hand_of(letter: str, size: int = 200) -> np.ndarray:
    return render(letter, View(), size=size)


def test_the_fingers_of_a_rendered_v_are_where_they_are(finder: HandFinder) -> None:
    hand = finder.find(hand_of("V"))

    assert hand is not None
    assert hand.presence > 0.9
    assert hand.is_right
    assert hand.points.shape == hand.world.shape == (21, 3)
    assert hand.points.dtype == hand.world.dtype == np.float32
    assert (hand.points[:, :2] > 0).all()
    assert (hand.points[:, :2] < 200).all()
    raised, folded = hand.points[[INDEX_TIP, MIDDLE_TIP], 1], hand.points[RING_TIP, 1]
    assert (raised < folded - 40).all()  # y is down
    assert hand.points[INDEX_TIP, 0] > hand.points[MIDDLE_TIP, 0] + 15
    assert abs(hand.square.turn) < 0.4
    assert 0.05 < np.ptp(hand.world[:, 1]) < 0.25, "meters"


def test_its_mirror_image_is_a_left_hand(finder: HandFinder) -> None:
    hand, mirrored = finder.find(hand_of("L")), finder.find(hand_of("L")[:, ::-1])

    assert hand is not None
    assert mirrored is not None
    assert hand.is_right
    assert not mirrored.is_right
    back = mirrored.points * (-1, 1, 1) + (200, 0, 0)
    assert np.abs(back - hand.points)[:, :2].mean() < 8


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_points_turn_with_the_picture(finder: HandFinder, quarter: int) -> None:
    upright, turned = (
        finder.find(picture) for picture in (hand_of("Y"), np.rot90(hand_of("Y"), quarter))
    )

    assert upright is not None
    assert turned is not None
    angle = np.pi / 2 * quarter
    c, s = np.cos(angle), np.sin(angle)  # y is down: this turns counterclockwise
    back = (turned.points[:, :2] - 100) @ np.array([(c, s), (-s, c)]) + 100
    assert np.abs(back - upright.points[:, :2]).mean() < 10
    world = turned.world[:, :2] @ np.array([(c, s), (-s, c)])
    assert np.abs(world - upright.world[:, :2]).mean() < 0.01


def test_a_large_photo_has_the_same_points_in_its_own_pixels(finder: HandFinder) -> None:
    small = hand_of("B", 256)
    large = np.asarray(Image.fromarray(small).resize((3_000, 3_000), Image.Resampling.BICUBIC))

    found = [finder.find(small), finder.find(large)]

    assert found[0] is not None
    assert found[1] is not None
    difference = found[1].points / (3_000 / 256) - found[0].points
    assert np.abs(difference[:, :2]).mean() < 5


def test_a_small_hand_in_a_wide_picture_is_found(finder: HandFinder) -> None:
    picture = np.full((300, 700, 3), 200, np.uint8)
    picture[90:210, 500:620] = hand_of("L", 120)

    hand = finder.find(picture)

    assert hand is not None
    x, y = hand.points[:, :2].mean(axis=0)
    assert 500 < x < 620
    assert 90 < y < 210


def test_a_dark_hand_is_found_by_the_second_look(finder: HandFinder) -> None:
    dark = (hand_of("V") * 0.04).astype(np.uint8)

    hand, bright = finder.find(dark), finder.find(hand_of("V"))

    assert hand is not None
    assert bright is not None
    assert np.abs(hand.points - bright.points)[:, :2].mean() < 12


@pytest.mark.parametrize("kind", ["gray", "noise", "black", "one pixel"])
def test_where_there_is_no_hand_none_is_found(finder: HandFinder, kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    pictures = {
        "gray": np.full((100, 140, 3), 128, np.uint8),
        "noise": noise,
        "black": np.zeros((90, 90, 3), np.uint8),
        "one pixel": noise[:1, :1],
    }

    assert finder.find(pictures[kind]) is None
    assert finder.likeliest(pictures[kind]).presence < 0.5


def test_each_view_is_read_from_its_own_square(finder: HandFinder) -> None:
    views = finder.views(hand_of("A"))

    middle = views[0].square
    assert [view.square for view in views[:-1]] == [middle.moved(*crop) for crop in CROPS]
    assert middle == square_about(views[-1].points)
    assert len(views) == N_VIEWS
    assert all(view.presence > 0.8 for view in views)
    points = np.stack([view.points[:, :2] for view in views])
    assert 0 < np.abs(points - points[0]).mean() < 8


def test_threads_may_share_it(finder: HandFinder) -> None:
    pictures = [hand_of(letter) for letter in "ABLVY"]
    alone = [finder.likeliest(picture).points for picture in pictures]
    shared: dict[int, np.ndarray] = {}

    def look(index: int) -> None:
        shared[index] = finder.likeliest(pictures[index]).points

    threads = [threading.Thread(target=look, args=(index,)) for index in range(len(pictures))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(shared[index], points) for index, points in enumerate(alone))


def test_hands_are_found_in_the_photos(finder: HandFinder, photos: Path) -> None:
    files = [photos / letter / f"{letter}{n}.jpg" for letter in "ABC" for n in range(50, 1_000, 95)]
    hands = [finder.find(np.asarray(Image.open(file).convert("RGB"))) for file in files]

    found = [hand for hand in hands if hand is not None]
    assert len(found) >= 0.9 * len(files)
    assert np.mean([hand.is_right for hand in found]) > 0.7


def test_without_its_files_it_says_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(HandFinderError, match="download hand-finder"):
        HandFinder(tmp_path)


def test_a_square_that_is_turned_shows_its_part_upright() -> None:
    pixels = np.zeros((60, 80, 3), np.uint8)
    pixels[20:40, 40:50] = 255  # right half of a square about (40, 30)

    shown = cut(pixels, Square(40, 30, 20, np.pi / 2), 20)

    # its upper edge is turned clockwise to the right: what is at the right comes to the top
    assert (shown[:9] == 255).all()
    assert (shown[11:] == 0).all()


def test_beyond_the_picture_is_black() -> None:
    shown = cut(np.full((10, 10, 3), 200, np.uint8), Square(10, 5, 10), 10)
    assert (shown[:, :4] == 200).all()
    assert (shown[:, 6:] == 0).all()


def test_corners_of_a_square() -> None:
    upright = Square(5, 5, 4).corners
    assert np.allclose(upright, [(3, 3), (7, 3), (7, 7), (3, 7)])
    assert np.allclose(Square(5, 5, 4, np.pi / 2).corners, np.roll(upright, -1, axis=0))


def test_boxes_of_one_palm_become_one_and_others_stay() -> None:
    raw, logits = np.zeros((2016, 18), np.float32), np.full(2016, -20, np.float32)
    place = anchors() * INPUT_SIDE
    for index, logit in ((0, 3.0), (1, 3.0), (1_000, 1.0), (500, -1.0)):
        logits[index] = logit
        raw[index, :4] = (0, 0, 40, 40)
    raw[1, :4] = (8, 0, 40, 40)  # the same place, moved a little

    palms = find_palms(raw, logits)

    assert len(palms) == 2
    assert np.allclose(palms[0][:4] * INPUT_SIDE, (*(place[0] + (4, 0)), 40, 40), atol=1e-4)
    assert np.allclose(palms[1][:2] * INPUT_SIDE, place[1_000], atol=1e-4)
    assert len(anchors()) == 24 * 24 * 2 + 12 * 12 * 6


def test_the_square_of_a_hand_lies_towards_its_fingers() -> None:
    palm = np.zeros(18)
    palm[:4] = (0.5, 0.5, 0.2, 0.2)
    palm[4:6], palm[8:10] = (0.4, 0.5), (0.6, 0.5)  # fingers to the right

    square = hand_square(palm, Square(50, 50, 100))

    assert np.isclose(square.turn, np.pi / 2)
    assert np.isclose(square.side, 52)
    assert np.allclose((square.x, square.y), (60, 50))


def test_bones_join_every_point() -> None:
    assert len(BONES) == 20
    assert {end for _, end in BONES} == set(range(21)) - {WRIST}
    assert sorted(sum(FINGERS, ())) == list(range(1, 21))


def test_the_square_about_points_turns_and_moves_with_them() -> None:
    rng = np.random.default_rng(0)
    upright = rng.normal(100, 20, (21, 2))
    upright[WRIST], upright[9] = (100, 150), (100, 100)
    square = square_about(upright)
    turn = 0.7
    c, s = np.cos(turn), np.sin(turn)

    turned = square_about(upright @ np.array([(c, s), (-s, c)]) + (30, 40))

    assert np.isclose(square.turn, 0)
    assert np.isclose(turned.turn, turn)
    assert np.isclose(turned.side, square.side)
    place = np.array([square.x, square.y]) @ np.array([(c, s), (-s, c)]) + (30, 40)
    assert np.allclose((turned.x, turned.y), place)
