"""Draws sets in processes of their own, so that the process that asks stays free."""

import os
import subprocess
import sys
import threading

from asl_core.data.folder import read_folder
from asl_core.data.synthetic_cache import Drawing, draw, look
from asl_core.data.synthetic_spec import SyntheticSpec
from asl_core.errors import AslError
from asl_core.settings import ROOT, settings

END_SECONDS = 5


class Drawer:
    """Starts drawings. One per process is enough; may be shared by threads.

    A drawing process ends when its standard input closes, that is with this process, however that
    ends. How far it is stands in the cache, for every process to see.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, recipe: SyntheticSpec) -> None:
        """Have a set drawn, unless it is there or somebody draws it already."""
        with self._lock:
            if self._is_running(recipe) or look(recipe).phase in ("drawing", "ready"):
                return
            self._processes[recipe.text] = subprocess.Popen(
                [sys.executable, "-m", "asl_core.data.drawer", recipe.text],
                stdin=subprocess.PIPE,
                cwd=ROOT,
            )

    def look(self, recipe: SyntheticSpec) -> Drawing:
        """How far a set is; a process that has just been started counts as drawing."""
        running = self._is_running(recipe)  # asked first: it may end between the two looks
        drawing = look(recipe)
        starting = running and drawing.phase in ("missing", "failed")
        return Drawing("drawing") if starting else drawing

    def close(self) -> None:
        """End all drawings that were started here."""
        with self._lock:
            for process in self._processes.values():
                assert process.stdin
                process.stdin.close()
                try:
                    process.wait(END_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
            self._processes.clear()

    def _is_running(self, recipe: SyntheticSpec) -> bool:
        process = self._processes.get(recipe.text)
        return process is not None and process.poll() is None


def _end_with_input() -> None:
    while os.read(0, 1024):  # a buffered reader would hold a lock when the process ends
        pass
    os._exit(1)


def main(text: str) -> None:
    """Draw a set into the cache and decode it, as a process of `Drawer` does."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        if hasattr(os, "nice"):
            os.nice(settings().worker_niceness)
        read_folder(draw(SyntheticSpec.parse(text)))
    except AslError as error:
        raise SystemExit(f"error: {error}") from error
    except KeyboardInterrupt:  # of the app, in the same terminal
        raise SystemExit(130) from None


if __name__ == "__main__":
    main(sys.argv[1])
