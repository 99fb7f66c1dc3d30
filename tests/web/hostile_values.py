"""Values of an address that are made to harm, and what a page says to them."""

import base64
import re
from urllib.parse import quote

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection

from tests.web.raw import hear

TEXTS = (
    # places on the disk and elsewhere
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "/",
    "~",
    "file:///etc/passwd",
    "C:\\Windows\\system.ini",
    "....//....//etc/passwd",
    "/proc/self/environ",
    "set:../../../etc",
    "set:0000000000000000",
    "rendered:../../x:1:1",
    "/etc?without=passwd",
    "http://x.example/y",
    "https://x.example www.x.example a@x.example",
    "//x.example/y",
    # markup
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "[a](javascript:alert(1))",
    "![](http://x.example/p.png)",
    "**b** _c_ `d` ~~e~~",
    "# h\n\n- l\n\n> q",
    "| a | b |\n|---|---|\n| c | d |",
    ":material/delete: :smile: :streamlit: :red[r]",
    "$\\pi$ $$x^2$$ \\(y\\)",
    "&lt;b&gt; &#60;i&#62;",
    # long and many
    "x" * 100_000,
    ",".join(["y" * 90] * 1_000),
    "?" + "&".join(f"without={i}" for i in range(2_000)),
    "?without=" + "z" * 50_000,
    ":".join(["one-cycle", *["epochs=1"] * 60]),
    "(" * 5_000,
    # numbers
    "NaN",
    "inf",
    "1e999",
    "-1",
    "0",
    "9" * 400,
    "rendered:ABC:99999999:0",
    "rendered:ABC:4000:77",
    "one-cycle:epochs=1e999:learning_rate=nan",
    "constant:filters=-1,99999999999:batch_size=0",
    # signs
    "\0",
    "a\0b\r\nc\td",
    "\u202egnp.exe\u2066\u2069",
    "\u200b\u200d\ufeff",
    "Z\u0351\u036b\u0343" * 200,
    "\U0001f91f" * 300,
    "\uff0e\uff0e\uff0f\uff0e\uff0e\uff0f",
    # other languages
    "' OR 1=1; DROP TABLE runs;--",
    "{{7*7}} ${7*7} {0.__class__} %s%n",
    "__import__('os').system('id')",
    "$(id) `id` ; id | id",
    base64.urlsafe_b64encode(b'{"id": ' + b"[" * 2_000).decode(),
    base64.urlsafe_b64encode(b'{"id":"00000000","name":"<b>","task":1,"locked":{}}').decode(),
    "A" * 3_999,
)
ENCODED = ("%ED%A0%80", "%FF%FE%00", "%252e%252e%252f", "%", "%u0041", "")
"""As they stand in an address: a lone surrogate, no text, encoded twice, no code, old, empty."""

VALUES = (*map(quote, TEXTS), *ENCODED)

PARAMETERS = {
    "": ("data",),
    "data": ("data", "class", "letter", "set", "split", "check", "teach", "page"),
    "train": ("data", "settings", "lesson", "split"),
    "sweep": ("data", "sweep", "split"),
    "evaluate": (
        *("run", "part", "true", "predicted", "sort", "image", "photo", "map", "order", "data"),
    ),
    "compare": ("runs", "data"),
    "predict": ("run", "data"),
}
"""What each page reads of its address."""

MAX_TOLD = 600
"""Characters of a sentence that answers a value, with what is allowed instead."""

_MARKUP = re.compile(
    r"(?<!\\)<(?:img src|script|svg|b>|i>)|https?:\\?//x\.|www\.x|a@x|:material/delete:|:smile:"
    r"|:streamlit:|(?<!\\)\[a(?<!\\)\]|(?<!\\)\$\\|(?<!\\)\*\*b|(?<!\\)`d|\n\n- l|(?<!\\)\| a"
)
_WHOLE = re.compile(r"x{81}|y{81}|z{81}|\({81}|A{81}|9{81}")


def ask_page(opened: ClientConnection, page: str, query: str) -> list[str]:
    """Open an address over a websocket.

    Returns:
        What is wrong with the answer; nothing if all is well.
    """
    message = BackMsg()
    message.rerun_script.page_name, message.rerun_script.query_string = page, query
    opened.send(message.SerializeToString())
    faults: list[str] = []
    while (told := hear(opened)).WhichOneof("type") != "script_finished":
        faults += _faults_of(told)
    if told.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
        faults.append(f"ended as {told.script_finished}")
    return faults


def _faults_of(message: ForwardMsg) -> list[str]:
    if message.WhichOneof("type") != "delta":
        return []
    element = message.delta.new_element
    kind = element.WhichOneof("type")
    if kind == "exception":
        return [f"exception: {element.exception.message[:200]}"]
    words = {
        "alert": element.alert.body,
        "markdown": element.markdown.body,
        "heading": element.heading.body,
        "button": element.button.label,
        "html": element.html.body,
    }.get(str(kind), "")
    found = [f"{kind}: {bad[0]!r}" for bad in (_WHOLE.search(words),) if bad]
    if kind != "html" and (bad := _MARKUP.search(words.replace("\u2060", "\u2060"))):
        found.append(f"{kind}: markup {bad[0]!r} in {words[:200]!r}")
    if kind == "html" and re.search("<(?:img src=x|script|svg onload)", words):
        found.append("html: markup")
    if kind == "alert" and len(words) > MAX_TOLD:
        found.append(f"alert of {len(words)} characters: {words[:200]!r}")
    if "root:x:0" in words or "/tmp/" in words:
        found.append(f"{kind}: of the server: {words[:200]!r}")
    return found
