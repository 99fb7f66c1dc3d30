"""What `Dockerfile` and `.dockerignore` say, for tests and for a machine without Docker."""

import re
import shutil
from pathlib import Path

from asl_core.settings import ROOT


def steps() -> list[tuple[str, str]]:
    """The instructions of `Dockerfile` in order, each with what follows it."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def copy_files(image: Path, folder: str, rest: str) -> None:
    """Copy what a `COPY` copies, as Docker does.

    Args:
        image: the root of the container's files.
        folder: the working directory in it.
        rest: of the instruction.
    """
    *sources, target = rest.split()
    assert not target.startswith("--"), rest
    to = image / folder.lstrip("/") / target if target[0] != "/" else image / target[1:]
    for source in sources:
        _copy(source, to)


def _copy(source: str, to: Path) -> None:
    """Copy a file into a folder, or the content of a folder into another."""
    found = ROOT / source
    files = [path for path in (found, *found.rglob("*")) if path.is_file()]
    sent = [path for path in files if is_sent(str(path.relative_to(ROOT)))]
    assert sent, f"COPY {source} finds nothing"
    for path in sent:
        inner = path.relative_to(found) if found.is_dir() else found.name
        (to / inner).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to / inner)


def is_sent(name: str) -> bool:
    """Whether Docker gets a file: the last line of `.dockerignore` that matches it decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern = re.escape(line.removeprefix("!")).replace(r"\*\*/", "(.*/)?")
            pattern = pattern.replace(r"\*", "[^/]*")
            if re.fullmatch(f"{pattern}(/.*)?", name):
                sent = line.startswith("!")
    return sent
