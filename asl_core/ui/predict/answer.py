"""What a run says of one photo, on the page Predict: a card."""

from dataclasses import dataclass
from html import escape

import streamlit as st

from asl_core.data.manual_alphabet import are_letters
from asl_core.evaluation.hand_classifier import HandPrediction
from asl_core.evaluation.prediction import Prediction
from asl_core.runs.run import Run
from asl_core.ui.predict.doubt import (
    HOW_TO_HOLD,
    NO_ANSWER,
    Verdict,
    caution,
    likeliest,
    stated_of,
    verdict_of,
)
from asl_core.ui.predict.photos import Photo
from asl_core.ui.predict.pictures import crop_url, input_url, letter_url, photo_url
from asl_core.ui.predict.square import is_moved, square_id
from asl_core.ui.shared.words import name_hand, percent

BARS = 5
"""Classes whose probabilities are shown."""

MIRRORED = "Read mirrored, as a left hand"

LETTER, WORD = 2, 12
"""Characters up to which a class is written as large as a letter, or as a word; in `page.css`."""


@dataclass(frozen=True)
class Figure:
    """A picture of a card.

    Attributes:
        url: that carries it.
        alt: what it shows, for those who can't see it.
        caption: below it, as HTML.
        pixelated: whether its pixels are to be seen.
    """

    url: str
    alt: str
    caption: str
    pixelated: bool = False

    @property
    def html(self) -> str:
        """As it stands in the card."""
        style = ' style="image-rendering:pixelated"' if self.pixelated else ""
        return (
            f'<figure><img src="{self.url}" alt="{escape(self.alt)}"{style}>'
            f"<figcaption>{self.caption}</figcaption></figure>"
        )


def show_prediction(run: Run, photo: Photo, prediction: Prediction) -> None:
    """What a run says of a photo: the photo, the answer beside it, and what was looked at.

    Args:
        run: that was asked.
        photo: that it was asked of.
        prediction: what it says.
    """
    verdict = verdict_of(prediction, stated_of(run, run.id))
    if isinstance(prediction, HandPrediction):
        picture, tiles = _hand(prediction, photo)
    else:
        picture, tiles = _pixels(prediction, photo, run)
    if verdict.kind == "answer" and are_letters(run.results.classes):
        tiles = [*tiles, *_comparison(prediction)]
    st.html(
        f'<div class="asl-answer-box"><div class="asl-answer asl-answer-{picture.pixelated:d}">'
        f'{_said(prediction, verdict)}<div class="asl-answer-photo">{picture.html}</div>'
        f'<div class="asl-answer-rest">{_notes(verdict, caution(run, run.id))}'
        f"{'' if verdict.kind == 'no hand' else _bars(prediction)}"
        f'<div class="asl-answer-tiles">{"".join(tile.html for tile in tiles)}</div></div>'
        "</div></div>"
    )


def _hand(prediction: HandPrediction, photo: Photo) -> tuple[Figure, list[Figure]]:
    """The pictures of a card of a run on landmarks."""
    hand = prediction.hand
    url = photo_url(prediction, photo.id)
    if hand is None:
        return Figure(url, "The photo, without a hand", ""), []
    where = "White square: where it found the hand"
    tile = Figure(
        crop_url(prediction, photo.id),
        "What the hand finder read, turned upright",
        "What it read, turned upright",
    )
    return Figure(url, f"The photo, with 21 key points of a {name_hand(hand)}", where), [tile]


def _pixels(prediction: Prediction, photo: Photo, run: Run) -> tuple[Figure, list[Figure]]:
    """The pictures of a card of a run on pixels."""
    height, width, _ = prediction.image.shape
    alt = f"Network input: {width} by {height} pixels"
    which = "your" if is_moved(photo) else "the center"
    caption = f"What the network gets: {which} square, {width} x {height} pixels"
    url = input_url(prediction, square_id(photo), run.id)
    return Figure(url, alt, caption, pixelated=True), []


def _comparison(prediction: Prediction) -> list[Figure]:
    """The predicted letter as it is rendered, with the hand that signs it in the photo."""
    letter = prediction.label.upper()
    if len(letter) != 1 or not letter.isalpha():
        return []
    hand = prediction.hand if isinstance(prediction, HandPrediction) else None
    left = hand is not None and not hand.is_right
    shown = "left hand" if left else "hand"
    words = f"For comparison: {letter}, rendered"
    return [Figure(letter_url(letter, left), f"A rendered {shown} signing {letter}", words)]


def _said(prediction: Prediction, verdict: Verdict) -> str:
    """The answer, large, with its confidence; or the word that there is none."""
    confidence = f"Confidence <b>{percent(prediction.confidence)}</b>"
    line = {
        "answer": confidence,
        "unsure": f"Likeliest: <b>{escape(_likeliest_words(prediction))}</b>",
        "no letter": confidence,
        "no hand": f"<b>{NO_ANSWER}.</b> {HOW_TO_HOLD}",
    }[verdict.kind]
    hand = prediction.hand if isinstance(prediction, HandPrediction) else None
    lines = [line, *([name_hand(hand).capitalize()] if hand else [])]
    if prediction.mirrored:
        lines.append(MIRRORED)
    longest = len(verdict.headline)
    size = "letter" if longest <= LETTER else "word" if longest <= WORD else "long"
    asked = "Predicted class" if verdict.kind == "answer" else ""
    return (
        f'<div class="asl-answer-said asl-answer-{size}">'
        f'<h2 data-kind="{verdict.kind}">{escape(verdict.headline)}</h2>'
        f"<div>{f'<small>{asked}</small>' if asked else ''}"
        f"{''.join(f'<p>{line}</p>' for line in lines)}</div></div>"
    )


def _likeliest_words(prediction: Prediction) -> str:
    return ", ".join(f"{name} ({percent(share, 0)})" for name, share in likeliest(prediction))


def _notes(verdict: Verdict, warned: str) -> str:
    """How far that can be believed."""
    warning = f"<p><b>{escape(warned)}</b></p>" if warned else ""
    return warning + (f"<p>{escape(verdict.why)}</p>" if verdict.why else "")


def _bars(prediction: Prediction) -> str:
    """The likeliest classes, as a table whose bars are as long as they are likely."""
    shown = likeliest(prediction, BARS)
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        f'<td><i style="width:{100 * share:.1f}%"></i></td><td>{percent(share)}</td></tr>'
        for name, share in shown
    )
    more = len(prediction.probabilities) - BARS
    rest = f"<caption>The likeliest of {more + BARS} classes</caption>" if more > 0 else ""
    longest = max(len(name) for name, _ in shown)
    return (
        f'<table aria-label="Probabilities" style="--longest:{longest}">{rest}'
        f"<tbody>{rows}</tbody></table>"
    )
