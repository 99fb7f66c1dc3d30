"""Whoever presses every button of a page, also those that are off, without a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import ClientConnection

from tests.web.raw import hear, websocket

MOST = 150
"""Buttons of a page that are pressed: one that makes others with each press would have no end."""

VIEWS = ("Back to the photos", "Clear")
"""Buttons that take away what others are below."""


@dataclass
class Presser:
    """An open page, and what stands on it.

    Attributes:
        opened: the websocket.
        page: path of the page.
        query: of its address.
        buttons: label and fragment of each that was seen, by its id.
        states: values of the other widgets.
        openers: of a button in a window, the one that opens the window, by their ids.
        groups: ids of segmented controls.
        faults: exceptions that the page showed.
        told: all sentences that it showed.
    """

    opened: ClientConnection
    page: str
    query: str
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)
    states: dict[str, WidgetState] = field(default_factory=dict)
    openers: dict[str, str] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def press_all(self) -> list[str]:
        """Open all folds and press every button once, also those that a press brings.

        Returns:
            The labels of those that were pressed.
        """
        self._run()
        self._run()  # with the folds open
        pressed: dict[str, str] = {}
        while left := [name for name in self.buttons if name not in pressed]:
            assert len(pressed) < MOST, pressed.values()
            left.sort(key=lambda name: self.buttons[name][0] in VIEWS)
            pressed[left[0]] = self.press(left[0])
        return list(pressed.values())

    def press(self, name: str) -> str:
        """Press a button by its id; one in a window, which any press closes, after the one that
        opens it. Returns its label."""
        if name in self.openers:
            self._press(self.openers[name])
        before = set(self.buttons)
        label = self._press(name)
        for new in set(self.buttons) - before:
            if self.buttons[new][1]:
                self.openers[new] = name
        return label

    def _press(self, name: str) -> str:
        label, fragment = self.buttons[name]
        try:
            self._run(WidgetState(id=name, trigger_value=True), fragment)
        except TimeoutError:
            raise AssertionError(f"{label} is not answered") from None
        return label

    def press_labeled(self, label: str) -> None:
        """Press the first button with a label."""
        self.press(next(name for name, (other, _) in self.buttons.items() if other == label))

    def press_keyed(self, key: str) -> None:
        """Press the button with a key."""
        self.press(next(name for name in self.buttons if name.endswith(f"-{key}")))

    def send_wrong_kinds(self) -> None:
        """Say of segmented controls what no browser says of them: that they are checked."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_name = self.query, self.page
        asked.widget_states.widgets.extend(WidgetState(id=i, bool_value=True) for i in self.groups)
        self.opened.send(message.SerializeToString())
        self._hear()

    def look(self) -> None:
        """Draw the page."""
        self._run()

    def _run(self, more: WidgetState | None = None, fragment: str = "") -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_name, asked.fragment_id = self.query, self.page, fragment
        asked.widget_states.widgets.extend([*self.states.values(), *([more] if more else [])])
        self.opened.send(message.SerializeToString())
        self._hear()

    def _hear(self) -> None:
        while (message := hear(self.opened)).WhichOneof("type") != "script_finished":
            if message.WhichOneof("type") != "delta":
                continue
            delta = message.delta
            if fold := delta.add_block.expandable.id:
                self.states[fold] = WidgetState(id=fold, bool_value=True)
            element = delta.new_element
            match element.WhichOneof("type"):
                case "button_group":
                    self.groups.add(element.button_group.id)
                case "button":
                    self.buttons[element.button.id] = element.button.label, delta.fragment_id
                case "exception":
                    self.faults.append(element.exception.message)
                case "alert":
                    self.told.append(element.alert.body)
                case "markdown":
                    self.told.append(element.markdown.body)
                case "toast":
                    self.told.append(element.toast.body)


@contextmanager
def presser(url: str, page: str, query: str = "", cookie: str = "") -> Iterator[Presser]:
    """A page of a server, open as long as this lasts.

    Args:
        url: of the server.
        page: path of the page.
        query: of its address.
        cookie: header of the browser; empty: a browser that has none.
    """
    with websocket(url, cookie=cookie) as opened:
        yield Presser(opened, page, query)
