"""Who asked for a run: known to themselves, and told to nobody else.

A run folder may be handed on, so it holds a mark that is made of who asked and of the run's id:
from it nobody learns who it was, or which runs are of the same person.
"""

import hashlib

from asl_core.runs.run import Run


def owner_mark(run_id: str, owner: str) -> str:
    """What a run's manifest says of who asked for it.

    Args:
        run_id: of the run.
        owner: who asked for it, as `TaskRequest.owner`; empty: nobody in particular.

    Returns:
        16 hex digits; empty for nobody in particular.
    """
    return hashlib.sha256(f"{run_id} {owner}".encode()).hexdigest()[:16] if owner else ""


def asked_by(run: Run, owner: str) -> bool | None:
    """Whether somebody asked for a run; None where it is not known who did: it was on the command
    line, or in an earlier version."""
    if not run.owner:
        return None
    return run.owner == owner_mark(run.id, owner)
