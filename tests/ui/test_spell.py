"""The word that is spelled before the camera, and what a browser may send of it."""

import base64

import pytest
from streamlit.testing.v1 import AppTest

from asl_core.errors import ImageError
from asl_core.ui.predict.spell import moving_words
from asl_core.ui.shared import camera

FRAME = "data:image/jpeg;base64," + base64.b64encode(b"a file").decode()


def spelled() -> None:
    from functools import partial

    import numpy as np
    import streamlit as st

    from asl_core.evaluation.hand_classifier import HandPrediction
    from asl_core.evaluation.prediction import Prediction
    from asl_core.ui.predict.spell import edit_word, spell, spelled_word

    image = np.zeros((8, 8, 3), np.uint8)
    for number, letter in enumerate("LLLAAA---------BBB"):
        shares = {"no hand": 1.0} if letter == "-" else {letter: 0.9, "no letter": 0.1}
        kind = Prediction if letter != "-" else partial(HandPrediction, hand=None)
        spell(kind("frame", image, shares), 0.2 * number, 0.6)
    edit_word("delete")
    edit_word("delete")
    st.text("".join(name for name, _ in spelled_word().letters))
    st.text(str([share for _, share in spelled_word().letters]))


def test_held_letters_become_a_word_that_buttons_change() -> None:
    app = AppTest.from_function(spelled).run()
    assert not app.exception
    assert app.text[0].value == "LA"
    assert app.text[1].value.count("0.9") == 2


def z_drawn() -> None:
    import numpy as np
    import streamlit as st

    from asl_core.evaluation.hand_classifier import HandPrediction
    from asl_core.landmarks.hand import Hand, Square
    from asl_core.landmarks.rendered import rendered_key_points
    from asl_core.ui.predict.spell import place_of, spell, spelled_word

    image = np.zeros((8, 8, 3), np.uint8)
    found = rendered_key_points("D", 1)[0]
    still = Hand(found.points[0], found.world[0], 1.0, 1.0, Square(0, 0, 1))
    way = [(0, 0)] * 5 + [(0.9, 0), (0.75, 0.3), (0.15, 0.8), (0.45, 1), (1.3, 1)]
    for others in ("I", "B"):
        for number, (x, y) in enumerate(way):
            points = still.points + np.array((x, y, 0), np.float32) * place_of(still).palm
            hand = Hand(points, still.world, 1.0, 1.0, still.square)
            at = 0.2 * number + (100 if others == "B" else 0)
            spell(HandPrediction("frame", image, {"D": 0.9, others: 0.1}, hand), at, 0.6)
        st.text("".join(name for name, _ in spelled_word().letters))


def test_a_z_is_read_by_its_movement_where_the_run_knows_i_and_d() -> None:
    app = AppTest.from_function(z_drawn).run()
    assert not app.exception
    assert app.text[0].value == "Z"
    assert "Z" not in app.text[1].value[1:]


def test_a_frame_has_a_time_and_a_file() -> None:
    frame = camera._frame({"image": FRAME, "at": 1.5})
    assert (frame.content, frame.at) == (b"a file", 1.5)
    for at in (None, "1", float("nan"), float("inf"), [1]):
        with pytest.raises(ImageError, match="has no time"):
            camera._frame({"image": FRAME, "at": at})


@pytest.mark.parametrize("told", [None, "delete", {"delete": 1}, [["delete"], 1, "format"]])
def test_what_is_no_edit_is_left_out(told: object) -> None:
    assert camera._edits(told) == []


def test_edits_are_done_in_their_order() -> None:
    told = ["space", "delete", "clear", "delete"]
    assert camera._edits(told) == told
    assert len(camera._edits(["delete"] * 10_000)) == camera.MAX_EDITS


@pytest.mark.parametrize(
    ("classes", "sees_hands", "said"),
    [
        ("ADI", True, "are read by their movement; tested on rendered movements only"),
        ("ADI", False, "is not read here"),
        ("ABI", True, "is not read here"),
        ("ABC", True, ""),
    ],
)
def test_it_is_said_whether_j_and_z_are_read(classes: str, sees_hands: bool, said: str) -> None:
    words = moving_words([*classes, "no letter"], sees_hands)
    assert said in words
    assert bool(words) == bool(said)
