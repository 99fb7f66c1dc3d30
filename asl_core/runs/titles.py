"""What people call a run: `title.txt` beside its manifest, not one of its sealed files."""

from contextlib import suppress

from asl_core.errors import RunError, RunNotFoundError
from asl_core.files import write_text
from asl_core.runs.run import Run
from asl_core.settings import MAX_TITLE

TITLE = "title.txt"


def title_of(run: Run) -> str:
    """The title of a run, one line; empty if it has none, or was deleted meanwhile."""
    with suppress(FileNotFoundError):
        text = (run.folder / TITLE).read_text(encoding="utf-8", errors="replace")
        return _one_line(text)[:MAX_TITLE]
    return ""


def rename(run: Run, title: str) -> None:
    """Give a run a title. Its folder, its id and its sealed files stay as they are.

    Args:
        run: to be named.
        title: made one line, of at most `MAX_TITLE` characters; empty takes the title away.

    Raises:
        RunError: the title is too long, or can't be written.
        RunNotFoundError: the run was deleted meanwhile.
    """
    title = _one_line(title)
    if len(title) > MAX_TITLE:
        raise RunError(f"A title has at most {MAX_TITLE} characters. Received: {len(title)}")
    file = run.folder / TITLE
    try:
        if title:
            write_text(file, title)
        else:
            file.unlink(missing_ok=True)
    except FileNotFoundError as error:
        raise RunNotFoundError(f"There is no run {run.id} any more.") from error
    except OSError as error:
        raise RunError(f"Run {run.id} can't be renamed: {error.strerror}.") from error


def _one_line(text: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())
