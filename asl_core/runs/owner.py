"""Who asked for a run: known to themselves, and told to nobody else.

A run folder may be handed on, so it holds a mark that is made of who asked and of the run's id:
from it nobody learns who it was, or which runs are of the same person.
"""

import hashlib

from asl_core.errors import NotAllowedError
from asl_core.permissions import check_may_change, not_yours, requester


def owner_mark(run_id: str, owner: str) -> str:
    """What a run's manifest says of who asked for it.

    Args:
        run_id: of the run.
        owner: who asked for it, as `TaskRequest.owner`; empty: nobody in particular.

    Returns:
        16 hex digits; empty for nobody in particular.
    """
    return hashlib.sha256(f"{run_id} {owner}".encode()).hexdigest()[:16] if owner else ""


def asked_by(run_id: str, mark: str, owner: str) -> bool | None:
    """Whether somebody asked for a run.

    Args:
        run_id: of the run.
        mark: of who asked for it, from its manifest.
        owner: who may be the one.

    Returns:
        None where it is not known who did: it was on the command line, or in an earlier version.
    """
    return mark == owner_mark(run_id, owner) if mark else None


def may_change_run(run_id: str, mark: str) -> bool:
    """Whether whoever asks may rename, archive or delete a run.

    Args:
        run_id: of the run.
        mark: of who asked for it, from its manifest; empty: nobody, or it can't be read.
    """
    asks = requester()
    return asks.may_change and (asks.may_change_all or asked_by(run_id, mark, asks.owner) is True)


def check_may_change_run(run_id: str, mark: str) -> None:
    """Refuse to rename, archive or delete a run for who may not.

    The arguments are those of `may_change_run`.

    Raises:
        NotAllowedError: says why, and the way out.
    """
    check_may_change()
    if not may_change_run(run_id, mark):
        raise NotAllowedError(not_yours("this run"))
