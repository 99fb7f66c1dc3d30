"""The folder of the runs is tidied for as long as the server runs (see `asl_core.runs.tidy`)."""

import asyncio
import logging

from asl_core.errors import AslError
from asl_core.permissions import A_PROGRAM, acting_as
from asl_core.runs.tidy import tidy
from asl_core.settings import settings

TIDY_SECONDS = 3_600.0
"""Time between two looks what nobody uses any more."""


async def tidy_runs() -> None:
    """Clear the folder of the runs, when the server starts and from time to time."""
    while True:
        try:
            with acting_as(A_PROGRAM):
                await asyncio.to_thread(tidy, settings().runs_dir)
        except AslError as error:  # such as a disk that can't be written
            logging.getLogger(__name__).warning("The runs are not tidied: %s", error.in_full)
        except Exception:  # whatever it is, the next look may go well
            logging.getLogger(__name__).exception("The runs are not tidied.")
        await asyncio.sleep(TIDY_SECONDS)
