"""What a visitor chooses, kept in the address and from page to page.

A link opens the same view; a change of page, which empties the address, loses nothing. A value in
the address is not trusted: what is not offered is told once, and the usual choice is shown.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar, overload

import streamlit as st

from asl_core.config import OLD_SPLITS
from asl_core.ui.shared.words import shown_reason, shown_value

T = TypeVar("T")

STALE_SECONDS = 5.0
"""A browser may send an address that it has not yet heard to be outdated, this long after."""

OLD_NAMES: Mapping[str, str] = {"class": "letter", "image": "photo"}
"""What parameters were called in links of earlier versions."""

OLD_VALUES: Mapping[str, Mapping[str, str]] = {
    "split": OLD_SPLITS,
    "set": {"Training": "training", "Test": "test"},
    "class": {"All letters": ""},
    "true": {"All letters": ""},
    "predicted": {"All letters": ""},
    "check": {
        "Pictures": "images",
        "Labels": "label-errors",
        "Decisions": "corrections",
        "LabelCorrections": "corrections",
    },
    "part": {
        "Mistakes": "mistakes",
        "How far to believe it": "generalization",
        "How sure": "calibration",
        "What upsets it": "robustness",
        "Robustness": "robustness",
        "Map": "map",
    },
    "sort": {
        "surest first": "confidence",
        "highest loss first": "loss",
        "closest call first": "margin",
    },
    "map": {"PCA": "pca", "t-SNE": "tsne"},
}
"""What values were called in links of earlier versions; empty: the usual choice."""


@dataclass
class _Kept:
    """What one visitor chose.

    Attributes:
        text: the choice; None: the usual one.
        outdated: earlier texts, with the time (monotonic, seconds) when they were replaced.
        by_hand: whether a control has chosen it; else an address.
    """

    text: str | None
    outdated: dict[str, float] = field(default_factory=dict)
    by_hand: bool = False

    def replaced_by(self, text: str | None) -> "_Kept":
        """The next choice, which remembers this one as outdated."""
        now = time.monotonic()
        young = {old: at for old, at in self.outdated.items() if now - at < STALE_SECONDS}
        if self.text is not None:
            young[self.text] = now
        return _Kept(text, young)

    def outdates(self, text: str) -> bool:
        """Whether a text was replaced so lately that the browser may not know yet."""
        at = self.outdated.get(text)
        return at is not None and time.monotonic() - at < STALE_SECONDS


def asked_for(name: str, lasting: bool = True) -> str | None:
    """What the address asks for, else what this visitor chose before; None: neither.

    Args:
        name: of the parameter.
        lasting: whether a choice lasts where an address says nothing, as that of another page
            does. Else it has ended there, and what the address says counts at any time, as it is
            after the browser's way back.
    """
    kept: _Kept | None = st.session_state.get(_durable(name))
    linked = _linked(name)
    if linked is not None and not (lasting and kept and kept.outdates(linked)):
        if kept is None or kept.text != linked:
            _keep(name, linked, by_hand=False)
        _write(name, linked)
        return linked
    if kept is None or not lasting:
        return None
    _write(name, kept.text)
    return kept.text


def keep(name: str, text: str | None) -> None:
    """Keep a choice in the address and from page to page.

    Args:
        name: of the parameter.
        text: the choice; None: the usual one, of which an address says nothing.
    """
    _keep(name, text, by_hand=True)
    _write(name, text)


def chosen_by_hand(name: str) -> bool:
    """Whether this visitor has made the choice here: an address alone begins no work."""
    kept: _Kept | None = st.session_state.get(_durable(name))
    return kept is not None and kept.by_hand


def _keep(name: str, text: str | None, by_hand: bool) -> None:
    kept: _Kept = st.session_state.get(_durable(name), _Kept(None))
    kept = kept if kept.text == text else kept.replaced_by(text)
    st.session_state[_durable(name)] = replace(kept, by_hand=by_hand)


def to_mistakes(run_id: str) -> dict[str, str]:
    """Parameters of a link to the mistakes of a run on *Evaluate*, whatever else of another run was
    looked at there before."""
    return {"run": run_id, "part": "mistakes"}


def refuse(name: str, label: str, text: str, reason: str = "which doesn't exist here") -> None:
    """Tell that a link asks for what can't be shown, and forget it.

    Args:
        name: of the parameter.
        label: what a visitor reads for it, as at its control.
        text: its value, of any length and with any markup.
        reason: goes on from the value, such as `which doesn't exist here`; any text.
    """
    keep(name, None)
    st.session_state[_durable(name)].outdated.pop(text, None)  # asked for again, it is told again
    st.warning(
        f"The link asks for '{label}: {shown_value(text)}', "
        f"{shown_reason(reason.removesuffix('.'))}. Showing the default.",
        icon=":material/link_off:",
    )


@overload
def choose(
    widget: Callable[..., Any],
    label: str,
    options: Sequence[T],
    name: str,
    *,
    optional: Literal[True],
    **arguments: Any,
) -> T | None:
    """Where nothing may be chosen."""


@overload
def choose(
    widget: Callable[..., Any], label: str, options: Sequence[T], name: str, **arguments: Any
) -> T:
    """Where one is always chosen."""


def choose(
    widget: Callable[..., Any],
    label: str,
    options: Sequence[T],
    name: str,
    *,
    optional: bool = False,
    **arguments: Any,
) -> T | None:
    """A control with one choice of several, which is kept (see `keep`).

    Args:
        widget: `st.selectbox`, `st.segmented_control` or one of their kind.
        label: of the control.
        options: to choose from, each with a text of its own; the first is the usual one. None
            among them is never in the address.
        name: of the parameter, and key of the control.
        optional: whether nothing is chosen at first, and nothing may be chosen.
        **arguments: of the widget.
    """
    usual = None if optional else options[0]
    by_text = {str(option): option for option in options if option is not None}
    text = asked_for(name)
    chosen = usual if text is None else by_text.get(text, usual)
    if text is not None and text not in by_text:
        refuse(name, label, text)
    if name not in st.session_state or st.session_state[name] != chosen:
        st.session_state[name] = chosen

    def take_over() -> None:
        told = st.session_state[name]
        keep(name, None if told is None or told == usual else str(told))

    if None in options and "format_func" in arguments:  # Streamlit takes it for no choice at all
        arguments.setdefault("placeholder", arguments["format_func"](None))
    widget(
        label,
        options,
        key=name,
        on_change=take_over,
        **_shown_at_first(widget, options, chosen),
        **arguments,
    )
    return chosen


def _shown_at_first(
    widget: Callable[..., Any], options: Sequence[Any], chosen: Any
) -> dict[str, Any]:
    """What a widget shows where the browser has not heard of its value: a click while the page is
    being drawn breaks that off, and Streamlit drops what it has not sent yet."""
    if widget is st.segmented_control:
        return {"default": chosen}
    return {"index": options.index(chosen) if chosen in options else None}


def _linked(name: str) -> str | None:
    """What the address says, in words of today; nothing where it says nothing."""
    old_name = OLD_NAMES.get(name, name)
    given = st.query_params.get(name, st.query_params.get(old_name))
    if given is None:
        return None
    if old_name != name:
        st.query_params.pop(old_name, None)
    text = OLD_VALUES.get(name, {}).get(given, given)
    if not text:
        st.query_params.pop(name, None)
    return text or None


def _write(name: str, text: str | None) -> None:
    if text is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != text:
        st.query_params[name] = text


def _durable(name: str) -> str:
    return f"url_{name}"
