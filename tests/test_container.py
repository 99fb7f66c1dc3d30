"""The container gets every file that the app opens: its pages open with what the image copies.

No Docker here: `Dockerfile` and `.dockerignore` are read, and the files that they name are copied.
`python -m benchmarks.image` executes all of `Dockerfile`, in a root of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

from asl_core.settings import ROOT
from tests.dockerfile import copy_files, is_sent, steps

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py") if path.stem != "home")

OPEN_PAGES = """
import sys
from streamlit.testing.v1 import AppTest
import asl_core
from streamlit import config
from asl_core.jobs.jobs import Jobs
from asl_core.settings import settings
assert asl_core.__file__.startswith(sys.argv[1]), asl_core.__file__
asl_core.open_dataset(settings().data_dir)  # rendered before, so that the pages have what to show
Jobs.warm_up = lambda self: None  # workers are another service; the test would wait for their end
config.get_config_options()
config.set_option("client.showErrorDetails", "full")  # a visitor gets none; this test does
app = AppTest.from_file("app.py", default_timeout=60).run()
for page in sys.argv[2:]:
    app.switch_page(f"pages/{page}.py").run()
    app.session_state["alphabet_open"] = True  # a folded part reads its files when it is unfolded
    app.run()
    assert app.title, page
    assert not app.exception, (page, app.exception)
    print(page, flush=True)
"""


def build(image: Path) -> Path:
    """Copy what `COPY` copies.

    Args:
        image: becomes the root of the container's files.

    Returns:
        The working directory in it.
    """
    folder = "/"
    for name, rest in steps():
        if name == "WORKDIR":
            folder = rest
        if name == "COPY":
            copy_files(image, folder, rest)
    return image / folder.lstrip("/")


def open_pages(folder: Path, *pages: str) -> subprocess.CompletedProcess[str]:
    """Open pages in a process of the container's folder, with the container's environment."""
    image = folder.parent
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("ASL_")}
    environment = {
        **theirs,
        "PYTHONPATH": str(folder),
        "ASL_RUNS_DIR": str(image / "srv/runs"),
        "ASL_CACHE_DIR": str(image / "srv/cache"),
        "ASL_DATA_DIR": "rendered:ABC:30:0",
    }
    command = [sys.executable, "-c", OPEN_PAGES, str(folder), *pages]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_every_page_opens_from_the_files_of_the_image(tmp_path: Path) -> None:
    folder = build(tmp_path)
    opened = open_pages(folder, *PAGES)
    assert opened.returncode == 0, opened.stderr
    assert opened.stdout.split() == PAGES
    assert (tmp_path / "srv/runs").is_dir()
    assert {path.suffix for path in (tmp_path / "srv/runs").glob("*/*")} >= {".keras", ".tflite"}


def test_a_file_that_the_image_lacks_is_seen(tmp_path: Path) -> None:
    """As it was when the sheet of letters lay in `docs/`, which is not copied."""
    folder = build(tmp_path)
    (folder / "asl_core/ui/data/letters.png").unlink()
    opened = open_pages(folder, "data")
    assert opened.returncode != 0
    assert "letters.png" in opened.stderr


def test_the_code_is_not_of_who_runs_it() -> None:
    """It is root's; the volumes alone are of the user, who comes after all that is copied."""
    given = [rest for name, rest in steps() if name == "RUN" and "chown" in rest]
    assert len(given) == 1
    assert given[0].endswith("chown -R asl /srv/runs /srv/cache data")
    names = [name for name, _ in steps()]
    assert dict(steps())["USER"] == "asl"
    assert not {"COPY", "RUN", "ADD"} & set(names[names.index("USER") :])


def test_docker_gets_no_more_than_it_needs() -> None:
    assert is_sent("asl_core/data/source.py")
    assert not is_sent("asl_core/data/__pycache__/source.cpython-312.pyc")
    assert is_sent("models/20261123-145555-1391ec5ed/model.keras")
    assert not is_sent("models/.staging/20261123-145555-1391ec5ed/run/model.keras")
    for name in (
        "README.md",
        "data/asl_abc/A/A1.jpg",
        "tests/conftest.py",
        ".git/config",
        ".venv/x",
    ):
        assert not is_sent(name)
