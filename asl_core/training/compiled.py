"""Functions that Numba compiles, and keeps on disk so that each machine compiles them once."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

from asl_core.private import may_be_trusted
from asl_core.settings import settings

Function = TypeVar("Function", bound=Callable[..., Any])

COMPILED_DIR = settings().cache_dir / "compiled"
"""Where machine code is kept; each processor and each version of a file has its own."""


def _can_keep(folder: Path) -> bool:
    """Whether there is a place for it; Numba would refuse to compile where there is none. It runs
    what it finds there, so that no stranger may have put it there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trusted = may_be_trusted(folder)
    except OSError:
        return False
    if not trusted:
        logging.getLogger(__name__).warning(
            "Compiled code is not kept in %s: other users of this machine may write there. Have "
            "ASL_CACHE_DIR name a folder of your own.",
            folder,
        )
    return trusted and os.access(folder, os.W_OK)


_KEEPS = _can_keep(COMPILED_DIR)
if _KEEPS:
    numba.config.CACHE_DIR = str(COMPILED_DIR)


def compiled(function: Function) -> Function:
    """For what only compiled functions call."""
    made: Function = numba.njit(function, error_model="numpy", fastmath={"contract"})
    return made


def compiled_and_kept(function: Function) -> Function:
    """For what Python calls: compiled with all that it calls, free of Python's lock."""
    made: Function = numba.njit(function, error_model="numpy", nogil=True, cache=_KEEPS)
    return made
