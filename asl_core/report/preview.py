"""What somebody sees of a run who is sent a link to it: a title, two sentences, and a picture."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from asl_core.evaluation.evaluation import Evaluation
from asl_core.figures.confusion import cell_texts, tint_steps, tints
from asl_core.figures.labels import cut
from asl_core.runs.describe import BETWEEN, classes_of, describe_network, images_of
from asl_core.runs.intervals import percent, wilson_interval
from asl_core.runs.run import Run

WIDTH, HEIGHT = 1200, 630
"""Of the picture, in pixels: what those who show previews ask for."""

INK, MUTED, PAPER = "#0f1720", "#5b636e", "#fbfaf7"

MARGIN, MATRIX = 60, 510
"""Around the picture, and side of the confusion matrix in it, in pixels."""

MOST_NAMED = 8
"""Classes up to which they and the counts are written into the matrix."""

CLASS, LINE, MOST_LINES = 6, 24, 3
"""Characters of a class, of a line of the title, and its most lines."""

LONGEST = 200
"""Characters of a description."""


@dataclass(frozen=True)
class Preview:
    """Words of a preview, in which what visitors wrote stands as it is.

    Attributes:
        title: of the run.
        description: how good it is, and what it was trained on.
    """

    title: str
    description: str

    @classmethod
    def of(cls, run: Run) -> "Preview":
        """Of a run."""
        results = run.results
        interval = wilson_interval(results.test_correct, results.n_test)
        said = (
            f"{percent(results.test_accuracy)} of {results.n_test:,} test images right (95 % "
            f"interval {interval}). {describe_network(run.spec.config)}{BETWEEN}{images_of(run)}"
            f"{BETWEEN}{classes_of(run)}"
        )
        cropped = said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"
        return cls(run.title or f"A run of {run.created:%d %b %Y}", cropped)


def draw_preview(run: Run) -> bytes:
    """A PNG: the title of a run, its accuracy with the interval, and its confusion matrix.

    Raises:
        RunNotFoundError: the run was deleted meanwhile.
        DamagedRunError: its answers can't be read.
    """
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    preview, results = Preview.of(run), run.results
    top = MARGIN
    for line in _lines(preview.title):
        draw.text((MARGIN, top), line, INK, _font(44))
        top += 54
    draw.text((MARGIN, top + 40), percent(results.test_accuracy), INK, _font(110))
    interval = wilson_interval(results.test_correct, results.n_test)
    for place, line in enumerate(
        (f"of {results.n_test:,} test images right", f"95 % interval {interval}")
    ):
        draw.text((MARGIN, top + 190 + 40 * place), line, MUTED, _font(30))
    draw.text((MARGIN, HEIGHT - MARGIN - 30), "ASL Explorer", MUTED, _font(30))
    _draw_matrix(picture, draw, Evaluation.of(run))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _lines(title: str) -> list[str]:
    """A title in short lines, broken between words where that goes."""
    lines = [""]
    for word in title.split():
        for part in (word[i : i + LINE] for i in range(0, len(word), LINE)):
            joined = f"{lines[-1]} {part}".strip()
            if len(joined) <= LINE:
                lines[-1] = joined
            else:
                lines.append(part)
    if len(lines) > MOST_LINES:
        return [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1][: LINE - 1]}…"]
    return lines


def _draw_matrix(picture: Image.Image, draw: ImageDraw.ImageDraw, evaluation: Evaluation) -> None:
    counts, colors = evaluation.confusion, tints("light")
    steps, n = tint_steps(counts), len(counts)
    palette = np.array([[int(tint[i : i + 2], 16) for i in (1, 3, 5)] for tint, _ in colors])
    cells = Image.fromarray(palette[steps].astype(np.uint8))
    left, top = WIDTH - MARGIN - MATRIX, (HEIGHT - MATRIX) // 2
    picture.paste(cells.resize((MATRIX, MATRIX), Image.Resampling.NEAREST), (left, top))
    draw.rectangle((left, top, left + MATRIX, top + MATRIX), outline=MUTED)
    if n > MOST_NAMED:
        return
    side = MATRIX / n
    for row, texts in enumerate(cell_texts(counts, percent=False)):
        for column, text in enumerate(texts):
            place = (left + (column + 0.5) * side, top + (row + 0.5) * side)
            draw.text(place, text, colors[steps[row, column]][1], _font(28), anchor="mm")
    for index, name in enumerate(cut(evaluation.classes, CLASS)):
        middle = (index + 0.5) * side
        draw.text((left - 12, top + middle), name, MUTED, _font(22), anchor="rm")
        draw.text((left + middle, top - 8), name, MUTED, _font(22), anchor="ms")
