"""Files and folders that are no business of other users of the machine."""

import os
import stat
from pathlib import Path

OTHERS = 0o007
"""What other users of the machine may do with a file, as bits of its mode."""

_GROUP = 0o070


def keep_private() -> None:
    """Make what this process creates from now on readable for its user alone: images of visitors,
    and locks, which whoever may read a file may hold for ever.

    Its group, too, where the user has said that it may write: then they work together.
    """
    before = os.umask(OTHERS | _GROUP)
    if not before & stat.S_IWGRP and hasattr(os, "getuid"):
        os.umask(before | OTHERS)


def is_private(folder: Path) -> bool:
    """Whether a folder is this user's, no link, and nobody else may write in it.

    Raises:
        OSError: it is not there.
    """
    found = folder.lstat()
    return not hasattr(os, "getuid") or (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.getuid()
        and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )


def may_be_trusted(folder: Path) -> bool:
    """Whether no stranger can put a file of theirs into a folder, or another in its place: it and
    the one above belong to this user or to the system, and only their group may write there, too.

    Raises:
        OSError: it is not there.
    """
    return _no_stranger_writes(folder, False) and _no_stranger_writes(folder.parent, True)


def _no_stranger_writes(folder: Path, may_be_sticky: bool) -> bool:
    """As a sticky folder (`/tmp`) has it, what is in it can be replaced by its owner alone."""
    found = folder.stat()
    if not hasattr(os, "getuid"):
        return True
    sticky = may_be_sticky and bool(found.st_mode & stat.S_ISVTX)
    own = found.st_uid in (0, os.getuid())
    return own and (sticky or not found.st_mode & stat.S_IWOTH)
