"""One test photo, large: what the network says of it, why, and what it resembles."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from asl_core import figures
from asl_core.data import Dataset
from asl_core.errors import RunError
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.saliency import enlarged, gradcam, occlusion, overlay
from asl_core.runs.run import Run
from asl_core.ui.evaluate.run_values import layer_inspector_of, similar_to
from asl_core.ui.shared.charts import chart, mode
from asl_core.ui.shared.images import Picture, sheet
from asl_core.ui.shared.resources import classifier_of
from asl_core.ui.shared.words import escape_markdown, pictures

OCCLUSION = (
    "**Covered** (occlusion): a patch of the picture's mean colour was moved over it. Orange: "
    "covering this place takes away from the letter, so the network needs it. Blue: covering it "
    "helps the letter."
)
GRADCAM = (
    "**Lit up** (Grad-CAM): orange is where the last convolution found what speaks for the letter. "
    "It is coarse, 12 by 12 cells, and tells where, not why."
)


def show_image(
    run: Run, evaluation: Evaluation, dataset: Dataset, row: int, on_close: Callable[[], None]
) -> None:
    """Open a photo above the page.

    Args:
        run: whose answer is shown.
        evaluation: its answers.
        dataset: its pictures.
        row: of the answer.
        on_close: called when the visitor closes it, before the page runs again.
    """
    true, predicted = _letters(evaluation, row)
    title = f"{escape_markdown(true)}, and taken for {escape_markdown(predicted)}"
    if true == predicted:
        title = f"{escape_markdown(true)}, and recognised"
    st.dialog(title, width="medium", on_dismiss=on_close)(_photo)(run, evaluation, dataset, row)


def _letters(evaluation: Evaluation, row: int) -> tuple[str, str]:
    classes = evaluation.classes
    return classes[evaluation.labels[row]], classes[evaluation.predicted[row]]


def _photo(run: Run, evaluation: Evaluation, dataset: Dataset, row: int) -> None:
    image = dataset.images[evaluation.indices[row]]
    picture, answer = st.columns([1, 2], gap="medium", vertical_alignment="center")
    with picture:
        sheet([_large(image, "What the network gets", evaluation.files[row])], columns=1)
    with answer:
        _answer(evaluation, row)
    _where_it_looked(run, evaluation, row, image)
    _what_it_resembles(run, dataset, int(evaluation.indices[row]))


def _answer(evaluation: Evaluation, row: int) -> None:
    true, predicted = _letters(evaluation, row)
    st.markdown(
        f"It shows **{escape_markdown(true)}**. The network says "
        f"**{escape_markdown(predicted)}** and is "
        f"{100 * evaluation.confidence[row]:.0f} % sure."
    )
    values = dict(zip(evaluation.classes, evaluation.probabilities[row].tolist(), strict=True))
    chart(
        figures.probabilities(values, mode()),
        "Probabilities: " + ", ".join(f"{name} {value:.3f}" for name, value in values.items()),
        key="photo_probabilities",
    )
    st.caption(
        f"Margin {100 * evaluation.margin[row]:.0f} percentage points: the lead of the likeliest "
        f"letter over the next. Loss {evaluation.loss[row]:.2f}: 0 for a network that is sure and "
        f"right, and more the less it believes in {escape_markdown(true)}."
    )


def _where_it_looked(run: Run, evaluation: Evaluation, row: int, image: np.ndarray) -> None:
    st.markdown("##### Where it looked")
    letters = list(dict.fromkeys(reversed(_letters(evaluation, row))))
    letter = letters[0]
    if len(letters) > 1:
        letter = st.segmented_control(
            "What speaks for", letters, default=letter, required=True, key="photo_why"
        )
    label = evaluation.classes.index(letter)
    covered, lit = st.columns(2)
    with covered:
        heat = occlusion(classifier_of(run, run.id).probabilities, image, label)
        sheet([_large(overlay(image, heat), f"for {letter}: {_peak(heat)}")], columns=1)
        st.caption(OCCLUSION)
    with lit:
        try:
            heat = gradcam(layer_inspector_of(run, run.id), image[None], np.array([label]))[0]
        except RunError as error:
            st.caption(escape_markdown(str(error)))
            return
        sheet([_large(overlay(image, heat), f"for {letter}: {_peak(heat)}")], columns=1)
        st.caption(GRADCAM)


def _large(pixels: np.ndarray, caption: str, note: str = "") -> Picture:
    pixels = enlarged(pixels) if pixels.shape[0] < 100 else pixels
    return Picture(pixels, caption, f"{caption} {note}".strip(), note)


def _peak(heat: np.ndarray) -> str:
    """Where a map is strongest, in words."""
    if heat.max() <= 0:
        return "nothing speaks for it"
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    names = (("top left", "top", "top right"), ("left", "centre", "right"))
    rows = (*names, ("bottom left", "bottom", "bottom right"))
    return f"most at {rows[3 * row // heat.shape[0]][3 * column // heat.shape[1]]}"


def _what_it_resembles(run: Run, dataset: Dataset, index: int) -> None:
    noun = pictures(run.spec.rendered)
    st.markdown(f"##### The training {noun} that resemble it most")
    found = similar_to(run, run.id, dataset, index)
    sheet(
        [
            Picture(
                dataset.images[i],
                dataset.class_name(i),
                f"Training picture of {dataset.class_name(i)}, {dataset.files[i]}",
                f"{distance:.3f} away",
            )
            for i, distance in zip(found.indices[0], found.distances[0], strict=True)
        ],
        columns=6,
    )
    st.caption(
        "By the mean difference of the pixels, where 0 is the same and 1 is black against white. "
        "Up to 0.02 is a near-copy, such as the next frame of the same video."
    )
