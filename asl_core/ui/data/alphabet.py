"""The whole manual alphabet as this program renders it."""

import streamlit as st

from asl_core.synthetic import MOVING_LETTERS
from asl_core.ui.shared.images import Picture, sheet
from asl_core.ui.shared.rendered_letters import rendered_letters


def show_alphabet() -> None:
    """All 26 letters, folded, and shown when they are unfolded."""
    alphabet = st.expander(
        "The manual alphabet, rendered",
        icon=":material/sign_language:",
        key="alphabet_open",
        on_change="rerun",
    )
    if alphabet.open:
        with alphabet:
            sheet(
                [
                    Picture(
                        tile,
                        letter,
                        f"A rendered hand signing {letter}",
                        "moves" if letter in MOVING_LETTERS else "",
                    )
                    for letter, tile in rendered_letters().items()
                ]
            )
            st.caption(
                "As a viewer in front of the signer sees them; rendered by this program, not "
                "photographed. J and Z are made with a movement; this is how they start."
            )
