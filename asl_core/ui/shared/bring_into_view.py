"""Bring the answer to a click into view: on a phone it may be far from what was pressed.

Streamlit scrolls by itself only inside a container of a fixed height.
"""

import secrets

import streamlit as st

_SCROLL = """
const done = new Set();
const AGAIN = [600, 1200, 2400];  // ms: what is above may still grow, as charts do
const HAND = ["wheel", "touchstart", "keydown", "pointerdown"];  // whoever scrolls is left alone
function bring(place, behavior) {
  const { top } = place.getBoundingClientRect();
  if (top >= 0 && top < window.innerHeight / 2) return;  // it is in view as it is
  place.scrollIntoView({ block: "start", behavior });
}
export default function({ data }) {
  if (!data || done.has(data.once)) return;
  done.add(data.once);
  const place = document.querySelector(data.place);
  if (!place) return;
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  bring(place, still ? "instant" : "smooth");
  const later = AGAIN.map((ms) => setTimeout(() => bring(place, "instant"), ms));
  const leave = () => later.forEach(clearTimeout);
  for (const kind of HAND) window.addEventListener(kind, leave, { once: true, passive: true });
}
"""

_component = st.components.v2.component("asl_bring_into_view", js=_SCROLL)

_WANTED = "bring_into_view"


def want_in_view(answer: str) -> None:
    """Ask for it in this pass of the page, or the next one, if this one is cut short.

    Args:
        answer: as in `bring_into_view`.
    """
    st.session_state[f"{_WANTED}_{answer}"] = secrets.token_hex(4)


def bring_into_view(answer: str) -> None:
    """Scroll to the answer, once for each time that it was asked for. A page may have several.

    Args:
        answer: key of the container in which the click is answered.
    """
    once = st.session_state.pop(f"{_WANTED}_{answer}", None)
    with st.container(key=f"asl_unseen_{answer}"):
        data = {"once": once, "place": f".st-key-{answer}"}
        _component(key=f"asl_scroll_{answer}", data=data if once else None)
