"""The control that makes another rendered set."""

from dataclasses import dataclass

import streamlit as st

from asl_core.data import Dataset, SyntheticSpec, find_source
from asl_core.data.synthetic_spec import BOUNDS, MAX_PICTURES, MAX_SEED, MIN_PER_LETTER, with_ranges
from asl_core.errors import DatasetError
from asl_core.synthetic import LETTERS, MOVING_LETTERS
from asl_core.ui.shared.choose_dataset import has_chosen, show_default_set, show_set
from asl_core.ui.shared.words import escape_markdown

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
    Control("distance", "Distance of the camera, cm", 0.1, 1, "Nearer hands fill the picture."),
    Control("right", "Place, left to right, %", 100, 5, "0 is the middle of the picture."),
    Control("up", "Place, down to up, %", 100, 5, "0 is the middle of the picture."),
    Control("turn", "Turned sideways, degrees", 1, 1, "0 faces the camera."),
    Control("tilt", "Tipped to or from the camera, degrees", 1, 1, "0 is upright."),
    Control("roll", "Rolled in the picture, degrees", 1, 1, "0 is upright."),
    Control(
        "slack", "Slack of the fingers, degrees", 1, 1, "How far joints stray from the letter."
    ),
    Control("left_hand", "Left hands, %", 100, 5, "Mirrored; the others are right hands."),
    Control("tone", "Skin tone, light to dark, %", 100, 5, "Along the Monk scale of ten tones."),
    Control("key", "Strength of the lamp or window", 1, 0.05, "1 shows skin at its own colour."),
    Control("backlit", "Hands against the light, %", 100, 5, "Dark hands on a bright wall."),
    Control("sunlit", "Over-exposed hands, %", 100, 5, "In strong light, on a dimmer wall."),
    Control("wall", "Brightness of the background, %", 100, 5, "0 is black, 100 is white."),
    Control("patches", "Things in the background", 1, 1, "Furniture, beams, other walls."),
    Control("textured", "Backgrounds with texture, %", 100, 5, "The others are plain."),
    Control("blur", "Blur, % of the picture's side", 100, 0.1, "As of a lens out of focus."),
    Control("noise", "Noise, % of the brightness", 100, 0.5, "As of a camera in the dark."),
)


_UNFOLDED = "make_set_was_open"


def make_another_set(shown: Dataset | SyntheticSpec) -> None:
    """A folded form; what it asks for is drawn and shown to this visitor."""
    form = st.expander(
        "Make another set", icon=":material/brush:", key="make_set_open", on_change="rerun"
    )
    if form.open:
        st.session_state[_UNFOLDED] = True
    if _UNFOLDED not in st.session_state:  # once drawn, always: else folding would forget it all
        return
    recipe = _recipe_of(shown)
    with form:
        if has_chosen() and find_source().rendered:
            st.button("Back to the usual set", icon=":material/undo:", on_click=show_default_set)
        st.caption(
            "This program draws the pictures; the address of the page then opens the same set "
            "elsewhere. The wider the ranges, the harder the set is to learn."
        )
        with st.form("make_set", border=False):
            wish = _ask(recipe)
            asked = st.form_submit_button("Draw this set", icon=":material/brush:", type="primary")
        if asked:
            _show(*wish)


def _recipe_of(shown: Dataset | SyntheticSpec) -> SyntheticSpec:
    if isinstance(shown, SyntheticSpec):
        return shown
    return shown.source.spec or SyntheticSpec()


def _ask(recipe: SyntheticSpec) -> tuple[str, int, int, Changes]:
    letters = st.pills(
        "Letters",
        [*LETTERS],
        selection_mode="multi",
        default=[*recipe.letters],
        format_func=lambda letter: f"{letter} (moves)" if letter in MOVING_LETTERS else letter,
        help="J and Z are made with a movement: they are drawn as they begin.",
        key=f"letters_{recipe.text}",
    )
    left, right = st.columns(2)
    count = left.number_input(
        "Pictures",
        2 * MIN_PER_LETTER,
        MAX_PICTURES,
        recipe.count,
        step=100,
        help="A fifth of them is for the test.",
        key=f"count_{recipe.text}",
    )
    seed = right.number_input(
        "Seed",
        0,
        MAX_SEED,
        recipe.seed,
        help="The same seed gives the same pictures.",
        key=f"seed_{recipe.text}",
    )
    st.markdown("**What varies, and how much**")
    changes = recipe.changes()
    columns = st.columns(2, gap="large")
    for number, control in enumerate(CONTROLS):
        with columns[number * 2 // len(CONTROLS)]:
            changes |= _slide(control, recipe)
    return "".join(sorted(letters)), count, seed, changes


def _slide(control: Control, recipe: SyntheticSpec) -> Changes:
    """The slider of a field. Returns its new value, or nothing if it was not moved."""
    value = getattr(recipe.ranges, control.field)
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
        key=f"{control.field}_{recipe.text}",
    )
    chosen = moved if isinstance(moved, tuple) else (moved,)
    if chosen == shown:
        return {}
    scaled = tuple(end / control.scale for end in chosen)
    return {control.field: scaled if len(scaled) == 2 else scaled[0]}


def _show(letters: str, count: int, seed: int, changes: Changes) -> None:
    try:
        recipe = SyntheticSpec(letters, count, seed, with_ranges(changes))
    except DatasetError as error:
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return
    show_set(recipe)
    st.rerun()
