"""What the tests of the pages do with a page."""

import json
import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

from asl_core import SyntheticSpec
from asl_core.data.synthetic_cache import CacheEntry
from asl_core.runs.manifest import seal
from asl_core.settings import ROOT


def opened(page: str, /, **query: str) -> AppTest:
    """A page as a new visitor gets it, who comes to it by a link."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    if page != "home":
        app.switch_page(f"pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    """All words on a page."""
    blocks = (app.title, app.header, app.markdown, app.caption)
    boxes = (app.info, app.warning, app.error, app.success)
    words = "\n".join(str(element.value) for kind in (*blocks, *boxes) for element in kind)
    return words.replace("\\", "")  # escapes of Markdown


def press(app: AppTest, button: str) -> None:
    """Click the one button with this label or key."""
    (found,) = (each for each in app.button if button in (each.label, each.key))
    found.click().run()
    assert not app.exception


def dialog(call: str) -> AppTest:
    """A dialog that stays open: the test runner runs whole pages, which would close it."""
    lines = (
        "from asl_core.ui.compare.delete_runs import choose_dialog, delete_dialog",
        "from asl_core.ui.compare.edit_runs import rename_dialog",
        "from asl_core.ui.shared.resources import run_store",
        call,
    )
    return AppTest.from_string("\n".join(lines), default_timeout=60).run()


def rewrite(run: Path, file: str, **changes: object) -> None:
    """Change a file of a run, and seal it again."""
    values = json.loads((run / file).read_text())
    (run / file).write_text(json.dumps({**values, **changes}))
    seal(run)


def wait_until_drawn(app: AppTest, source: str, heading: str) -> None:
    """Wait for a set of drawings, which the page then shows under this heading."""
    for _ in range(600):
        if CacheEntry(SyntheticSpec.parse(source)).is_ready:
            break
        time.sleep(0.1)
    app.run()
    assert not app.exception
    told = CacheEntry(SyntheticSpec.parse(source)).is_ready, text(app)[:2_000]
    assert app.header[0].value == heading, told
