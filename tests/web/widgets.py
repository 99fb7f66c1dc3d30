"""The values of widgets as a browser sends them, and values that a visitor might choose."""

import random
from typing import Any

from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.WidgetStates_pb2 import WidgetState

CHANGEABLE = ("button_group", "selectbox", "slider", "checkbox")
"""Kinds whose change does no more than show something else on the pages of this app."""


def usual_state(element: Element) -> WidgetState | None:
    """What a browser holds of a widget when it appears; None if it is none, or unknown here."""
    kind = element.WhichOneof("type")
    widget: Any = getattr(element, kind) if kind else None
    name = getattr(widget, "id", "")
    if not name:
        return None
    state = WidgetState(id=name)
    if kind == "button_group":
        chosen = [widget.options[i].content for i in widget.default]
        state.string_array_value.data.extend(widget.raw_values if widget.set_value else chosen)
    elif kind in ("selectbox", "radio"):
        if widget.set_value:
            state.string_value = widget.raw_value
        elif widget.options and widget.HasField("default"):
            state.string_value = widget.options[widget.default]
    elif kind == "slider":
        if widget.options:
            chosen = [widget.options[int(i)] for i in widget.default]
            state.string_array_value.data.extend(widget.raw_value if widget.set_value else chosen)
        else:
            state.double_array_value.data.extend(
                widget.value if widget.set_value else widget.default
            )
    elif kind == "checkbox":
        state.bool_value = widget.value if widget.set_value else widget.default
    elif kind == "number_input":
        value = widget.value if widget.set_value else widget.default
        if widget.data_type == widget.INT:
            state.int_value = int(value)
        else:
            state.double_value = value
    elif kind in ("text_input", "text_area"):
        state.string_value = widget.value if widget.set_value else widget.default
    elif kind == "file_uploader":
        state.file_uploader_state_value.SetInParent()
    elif kind != "button":
        return None
    return state


def is_changeable(delta: Delta) -> bool:
    """Whether a visitor can change a widget, which then shows something else."""
    kind = delta.new_element.WhichOneof("type")
    if kind not in CHANGEABLE:
        return False
    widget = getattr(delta.new_element, kind)
    return not widget.disabled and not widget.ignore_rerun


def changed(delta: Delta, before: WidgetState, choose: random.Random) -> WidgetState:
    """Another value of a widget.

    Args:
        delta: with the widget.
        before: its value.
        choose: what chooses.
    """
    kind = str(delta.new_element.WhichOneof("type"))
    widget: Any = getattr(delta.new_element, kind)
    state = WidgetState(id=widget.id)
    if kind == "checkbox":
        state.bool_value = not before.bool_value
    elif kind == "selectbox":
        others = [name for name in widget.options if name != before.string_value]
        state.string_value = choose.choice(others or [before.string_value])
    elif kind == "button_group":
        names = [option.content for option in widget.options]
        others = [name for name in names if name not in before.string_array_value.data]
        state.string_array_value.data.append(choose.choice(others or names))
    elif widget.options:
        chosen = [choose.choice(widget.options) for _ in before.string_array_value.data]
        state.string_array_value.data.extend(sorted(chosen, key=list(widget.options).index))
    else:
        steps = int((widget.max - widget.min) / widget.step)
        values = [widget.min + choose.randint(0, steps) * widget.step for _ in widget.default]
        state.double_array_value.data.extend(sorted(values))
    return state
