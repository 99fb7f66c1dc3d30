"""The control that creates a synthetic dataset."""

from dataclasses import dataclass

import streamlit as st

from asl_core.data import Dataset, SyntheticSpec, find_source
from asl_core.data.synthetic_spec import BOUNDS, MAX_PICTURES, MAX_SEED, MIN_PER_LETTER, with_ranges
from asl_core.errors import DatasetError
from asl_core.jobs.tasks import rendering_task
from asl_core.synthetic import LETTERS, MOVING_LETTERS
from asl_core.ui.shared.choose_dataset import has_chosen, show_default_set, show_set
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.fold import lasting_fold
from asl_core.ui.shared.permitted import change_form_button
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.tasks import start
from asl_core.web.visitor import visitor

Changes = dict[str, float | tuple[float, float]]


@dataclass(frozen=True)
class Control:
    """A slider for one field of `Nuisance`.

    Attributes:
        field: name of the field.
        label: in plain words, with its unit.
        scale: shown units in one unit of the field.
        step: of the slider, in shown units.
        help: what its ends mean.
    """

    field: str
    label: str
    scale: float
    step: float
    help: str


CONTROLS = (
    Control("distance", "Camera distance, cm", 0.1, 1, "Nearer hands fill the image."),
    Control("right", "Horizontal position, %", 100, 5, "0 is the center of the image."),
    Control("up", "Vertical position, %", 100, 5, "0 is the center of the image."),
    Control("turn", "Yaw (turned sideways), degrees", 1, 1, "0 faces the camera."),
    Control("tilt", "Pitch (tilted to or from the camera), degrees", 1, 1, "0 is upright."),
    Control("roll", "Roll (rotated in the image), degrees", 1, 1, "0 is upright."),
    Control("slack", "Joint jitter, degrees", 1, 1, "How far finger joints stray from the letter."),
    Control("left_hand", "Left hands, %", 100, 5, "Mirrored; the others are right hands."),
    Control("tone", "Skin tone, light to dark, %", 100, 5, "Monk Skin Tone Scale (10 tones)."),
    Control("key", "Key light strength", 1, 0.05, "Lamp or window; 1 shows skin in its own color."),
    Control("backlit", "Backlit hands, %", 100, 5, "Dark hands on a bright wall."),
    Control("sunlit", "Overexposed hands, %", 100, 5, "In strong light, on a dimmer wall."),
    Control("wall", "Brightness of the background, %", 100, 5, "0 is black, 100 is white."),
    Control("patches", "Objects in the background", 1, 1, "Furniture, beams, other walls."),
    Control("textured", "Textured backgrounds, %", 100, 5, "The others are plain."),
    Control("blur", "Blur, % of the image's side", 100, 0.1, "Like an out-of-focus lens."),
    Control("noise", "Noise, % of the brightness range", 100, 0.5, "Like a camera in low light."),
)


def make_synthetic_dataset(shown: Dataset | SyntheticSpec | None) -> None:
    """A folded form; what it asks for is rendered and shown to this visitor.

    Args:
        shown: the dataset that the page shows, whose recipe the form starts from; None: none.
    """
    form = lasting_fold("Create a synthetic dataset", ":material/brush:", "make_set_open")
    if form is None:
        return
    spec = _spec_of(shown)
    with form:
        if has_chosen() and find_source().rendered:
            st.button(
                "Back to the default dataset", icon=":material/undo:", on_click=show_default_set
            )
        st.caption(
            "This program renders the images; the page URL then opens the same dataset "
            "elsewhere. The wider the ranges, the harder the dataset is to learn."
        )
        with st.form("make_set", border=False):
            wish = _ask(spec)
            asked = change_form_button("Generate", icon=":material/brush:", type="primary")
        if asked:
            _show(*wish)


def _spec_of(shown: Dataset | SyntheticSpec | None) -> SyntheticSpec:
    if isinstance(shown, SyntheticSpec):
        return shown
    return (shown and shown.source.spec) or SyntheticSpec()


def _ask(spec: SyntheticSpec) -> tuple[str, int, int, Changes]:
    letters = st.pills(
        "Letters",
        [*LETTERS],
        selection_mode="multi",
        default=[*spec.letters],
        format_func=lambda letter: f"{letter} (moves)" if letter in MOVING_LETTERS else letter,
        help="J and Z are made with a movement: the images show how they start.",
        key=f"letters_{spec.text}",
    )
    left, right = st.columns(2)
    count = left.number_input(
        "Images",
        2 * MIN_PER_LETTER,
        MAX_PICTURES,
        spec.count,
        step=100,
        help="A fifth of them is held out for testing.",
        key=f"count_{spec.text}",
    )
    seed = right.number_input(
        "Seed",
        0,
        MAX_SEED,
        spec.seed,
        help="The same seed gives the same images.",
        key=f"seed_{spec.text}",
    )
    st.markdown("**Ranges of what varies from image to image**")
    changes = spec.changes()
    columns = st.columns(2, gap="large")
    for number, control in enumerate(CONTROLS):
        with columns[number * 2 // len(CONTROLS)]:
            changes |= _slide(control, spec)
    return "".join(sorted(letters)), count, seed, changes


def _slide(control: Control, spec: SyntheticSpec) -> Changes:
    """The slider of a field. Returns its new value, or nothing if it was not moved."""
    value = getattr(spec.ranges, control.field)
    ends = value if isinstance(value, tuple) else (value,)
    shown = tuple(round(end * control.scale, 3) for end in ends)
    low, high = (round(end * control.scale, 3) for end in BOUNDS[control.field])
    moved = st.slider(
        control.label,
        float(low),
        float(high),
        shown if len(shown) == 2 else shown[0],
        float(control.step),
        format="%g",
        help=control.help,
        key=f"{control.field}_{spec.text}",
    )
    chosen = moved if isinstance(moved, tuple) else (moved,)
    if chosen == shown:
        return {}
    scaled = tuple(end / control.scale for end in chosen)
    return {control.field: scaled if len(scaled) == 2 else scaled[0]}


def _show(letters: str, count: int, seed: int, changes: Changes) -> None:
    try:
        spec = SyntheticSpec(letters, count, seed, with_ranges(changes))
    except DatasetError as error:
        show_error(error)
        return
    task = rendering_task(run_store(), spec, visitor())
    if task.state().phase == "done" or start(task):
        show_set(spec)
        st.rerun()
