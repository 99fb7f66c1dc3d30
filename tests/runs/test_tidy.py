"""What dead processes have left is cleared, and nothing that is in use."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asl_core.background_task import STATE
from asl_core.data.own_dataset import CARD, REMOVED, SETS
from asl_core.runs.tidy import tidy

TWO_DAYS = 2 * 86_400


def left(folder: Path, name: str, file: str = "0001.jpg", age: float = TWO_DAYS) -> Path:
    """A folder with a file, of some age in seconds."""
    made = folder / name
    made.mkdir(parents=True, exist_ok=True)
    (made / file).write_bytes(b"content")
    os.utime(made, (time.time() - age,) * 2)
    return made


def test_what_is_old_and_unfinished_goes_and_all_else_stays(tmp_path: Path) -> None:
    staging, sets = tmp_path / ".staging", tmp_path / SETS
    gone = [
        *(left(staging, f"{kind}-0") for kind in ("group", "by-hand", "import", "removed")),
        left(sets, "0" * 16),
        left(sets / ("2" * 16), REMOVED),
    ]
    stays = [
        *(left(staging, f"{kind}-1", age=60) for kind in ("group", "by-hand", "import", "removed")),
        left(staging, "import-2", STATE),
        left(staging, "quality-0", STATE),
        left(staging, "20200101-000000-000000000", STATE),
        left(sets, "1" * 16, CARD),
        left(sets, "2" * 16, CARD),
        left(sets / ("1" * 16), REMOVED, age=60),
        left(tmp_path, "20200101-000000-111111111"),
    ]
    for days, folders in ((2, gone), (0, stays)):
        made = datetime.now(UTC) - timedelta(days=days, seconds=5)
        folders.append(left(tmp_path / ".deleted", f"{made:%Y%m%d-%H%M%S}-000000000"))

    tidy(tmp_path)

    assert not [path for path in gone if path.exists()]
    assert not [path for path in stays if not path.exists()]
    tidy(tmp_path / "nothing")


def test_hidden_folders_of_an_earlier_version_are_closed_to_others(tmp_path: Path) -> None:
    staging = left(tmp_path, ".staging")
    staging.chmod(0o755)
    tidy(tmp_path)
    assert staging.stat().st_mode & 0o007 == 0
