"""One test image, large: its probabilities, why the network says so, and what it resembles."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from asl_core import figures
from asl_core.data import Dataset
from asl_core.errors import RunError
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.saliency import enlarged, gradcam, occlusion, overlay
from asl_core.runs.intervals import rounded
from asl_core.runs.run import Run
from asl_core.training.architecture import blocks
from asl_core.ui.evaluate.one_hand import show_evidence, show_input, show_nearest
from asl_core.ui.evaluate.run_values import layer_inspector_of, similar_to
from asl_core.ui.shared.charts import chart, mode
from asl_core.ui.shared.images import Picture, sheet
from asl_core.ui.shared.landmarks import offer_landmarks
from asl_core.ui.shared.neighbors import show_neighbors
from asl_core.ui.shared.reading import offer_sized
from asl_core.ui.shared.resources import classifier_of
from asl_core.ui.shared.words import escape_markdown, percent

OCCLUSION = (
    "**Occlusion**: a patch of the image's mean color was moved over it. Orange: covering this "
    "place lowers the probability of the class, so the network needs it. Blue: covering it raises "
    "the probability."
)
GRADCAM = (
    "**Grad-CAM**: orange is where the last convolutional layer found evidence for the class. It "
    "is coarse, {cells} by {cells} cells, and tells where, not why."
)


def show_image(
    run: Run,
    evaluation: Evaluation,
    dataset: Dataset,
    row: int,
    others: Sequence[str],
    go_to: Callable[[str | None], None],
) -> None:
    """Open an image above the page.

    Args:
        run: whose answer is shown.
        evaluation: its answers.
        dataset: its images.
        row: of the answer.
        others: files of the images that one can go on to, in their order; this one may be among
            them.
        go_to: told the file of another image when the visitor goes on to it, and None when the
            visitor closes this one, before the page runs again.
    """
    true, predicted = _classes(evaluation, row)
    title = f"{escape_markdown(true)}, predicted {escape_markdown(predicted)}"
    if true == predicted:
        title = f"{escape_markdown(true)}, classified correctly"

    def show() -> None:
        next_one = "Next" if true == predicted else "Next mistake"
        _steps(evaluation.files[row], others, next_one, go_to)
        _image(run, evaluation, dataset, row)

    st.dialog(title, width="medium", on_dismiss=lambda: go_to(None))(show)()


def _steps(
    file: str, others: Sequence[str], next_one: str, go_to: Callable[[str | None], None]
) -> None:
    """Buttons to the images before and after."""
    if file not in others or len(others) < 2:
        return
    place, last = others.index(file), len(others) - 1
    with st.container(horizontal=True, vertical_alignment="center"):
        back = st.button("Previous", icon=":material/arrow_back:", disabled=place == 0)
        on = st.button(next_one, icon=":material/arrow_forward:", disabled=place == last)
        st.caption(f"{place + 1:,} of {len(others):,}", width="content")
    if back or on:
        go_to(others[place + (1 if on else -1)])
        st.rerun()


def _classes(evaluation: Evaluation, row: int) -> tuple[str, str]:
    classes = evaluation.classes
    return classes[evaluation.labels[row]], classes[evaluation.predicted[row]]


def _image(run: Run, evaluation: Evaluation, dataset: Dataset, row: int) -> None:
    index = int(evaluation.indices[row])
    if run.spec.config.features == "landmarks":
        _hand(run, evaluation, dataset, row)
        return
    size = run.spec.config.image_size
    shown, answer = st.columns([1, 2], gap="medium")
    with answer:
        _answer(evaluation, row)
    with shown:
        if not (read := offer_sized(dataset, size)):
            return
        image = read.images[index]
        caption = f"Network input ({size} x {size} pixels)"
        sheet([_large(image, caption, evaluation.files[row])], columns=1)
    _saliency(run, evaluation, row, image)
    _nearest(run, dataset, index)


def _hand(run: Run, evaluation: Evaluation, dataset: Dataset, row: int) -> None:
    """The same of a run on landmarks."""
    landmarks, index = offer_landmarks(dataset), int(evaluation.indices[row])
    shown, answer = st.columns([1, 2], gap="medium")
    with answer:
        _answer(evaluation, row)
    if landmarks is None:
        return
    with shown:
        show_input(dataset, landmarks, index)
    if not landmarks.found[index]:
        return
    st.markdown("### Saliency: which key points it needs")
    name = _choose_class(evaluation, row)
    show_evidence(run, dataset, landmarks, index, name, run.results.classes)
    st.markdown("### Nearest training hands")
    show_nearest(run, dataset, landmarks, index)


def _answer(evaluation: Evaluation, row: int) -> None:
    true, predicted = _classes(evaluation, row)
    st.markdown(
        f"True class **{escape_markdown(true)}**, predicted class "
        f"**{escape_markdown(predicted)}**, confidence "
        f"{percent(evaluation.confidence[row], 0)}."
    )
    values = dict(zip(evaluation.classes, evaluation.probabilities[row].tolist(), strict=True))
    chart(
        figures.probabilities(values, mode()),
        "Probabilities: " + ", ".join(f"{name} {value:.3f}" for name, value in values.items()),
        key="image_probabilities",
    )
    st.caption(
        f"Margin {rounded(100 * evaluation.margin[row], 0)} percentage points: the lead of the "
        f"most probable class over the next. Loss {evaluation.loss[row]:.2f}: 0 if the true class "
        "has probability 1, and more the lower its probability."
    )


def _saliency(run: Run, evaluation: Evaluation, row: int, image: np.ndarray) -> None:
    st.markdown("### Saliency: where the network looked")
    name = _choose_class(evaluation, row)
    label = evaluation.classes.index(name)
    left, right = st.columns(2)
    with left:
        heat = occlusion(classifier_of(run, run.id).probabilities, image, label)
        sheet([_large(overlay(image, heat), f"for {name}: {_peak(heat)}")], columns=1)
        st.caption(OCCLUSION)
    with right:
        try:
            heat = gradcam(layer_inspector_of(run, run.id), image[None], np.array([label]))[0]
        except RunError as error:
            st.caption(escape_markdown(str(error)))
            return
        sheet([_large(overlay(image, heat), f"for {name}: {_peak(heat)}")], columns=1)
        st.caption(GRADCAM.format(cells=blocks(run.spec.config.architecture)[-1].size))


def _choose_class(evaluation: Evaluation, row: int) -> str:
    """The predicted class, or, of a mistake, which of the two."""
    names = list(dict.fromkeys(reversed(_classes(evaluation, row))))
    if len(names) == 1:
        return names[0]
    name: str = st.segmented_control(
        "Evidence for the class",
        names,
        default=names[0],
        required=True,
        key="saliency_class",
        format_func=escape_markdown,
    )
    return name


def _large(pixels: np.ndarray, caption: str, note: str = "") -> Picture:
    pixels = enlarged(pixels) if pixels.shape[0] < 100 else pixels
    return Picture(pixels, caption, f"{caption} {note}".strip(), note)


def _peak(heat: np.ndarray) -> str:
    """Where a map is strongest, in words."""
    if heat.max() <= 0:
        return "no positive evidence"
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    names = (("top left", "top", "top right"), ("left", "center", "right"))
    rows = (*names, ("bottom left", "bottom", "bottom right"))
    return f"strongest at {rows[3 * row // heat.shape[0]][3 * column // heat.shape[1]]}"


def _nearest(run: Run, dataset: Dataset, index: int) -> None:
    st.markdown("### Nearest training images")
    found = similar_to(run, run.id, dataset, index)
    show_neighbors(dataset, found)
    example = "" if run.spec.rendered else ", such as the next frame of the same video"
    st.caption(
        "Distance: mean absolute pixel difference; 0 is identical, 1 is black versus white. "
        f"Up to 0.02 is a near-duplicate{example}."
    )
