"""The photos of a visitor on Predict, from page to page: the session knows which they are, and what
is in them is counted with the uploads (see `KEPT`)."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from asl_core.settings import MAX_UPLOAD_FILES
from asl_core.web.kept_files import KEPT

KEPT_BYTES = 40 * 2**20
"""What the photos of a session may take."""

_PHOTOS = "predict_photos"
_DROPPED = "predict_dropped"
_GONE = "predict_gone"

_ID_LENGTH = 16


@dataclass(frozen=True)
class Photo:
    """One photo, as it was brought.

    Attributes:
        name: of the file.
        content: of the file.
        upload: id under which Streamlit holds it; empty: it does not (any more).
        known_id: of what was read before; empty: it is computed.
    """

    name: str
    content: bytes = field(repr=False)
    upload: str = ""
    known_id: str = field(default="", repr=False, compare=False)

    @cached_property
    def id(self) -> str:
        """The same for the same name and content."""
        if self.known_id:
            return self.known_id
        digest = hashlib.sha256(self.name.encode(errors="replace") + b"\0" + self.content)
        return digest.hexdigest()[:_ID_LENGTH]


@dataclass(frozen=True)
class _Listed:
    """What the session knows of a photo."""

    name: str
    id: str
    n_bytes: int


def kept_photos() -> tuple[Photo, ...]:
    """The photos of this session, those that came last first."""
    listed, session = _listed(), _session()
    found = [(each, KEPT.content(session, each.id)) for each in listed]
    here = [(each, content) for each, content in found if content is not None]
    if gone := len(listed) - len(here):  # while nobody was there, others needed the room
        st.session_state[_PHOTOS] = tuple(each for each, _ in here)
        st.session_state[_GONE] = gone
    return tuple(Photo(each.name, content, known_id=each.id) for each, content in here)


def keep_photos(photos: Sequence[Photo]) -> None:
    """Put photos before those that are kept; one that is there already moves. What came first is
    dropped where it becomes too much (see `n_dropped`).

    Args:
        photos: in their order.
    """
    by_id: dict[str, _Listed] = {}
    brought = (_Listed(photo.name, photo.id, len(photo.content)) for photo in photos)
    for each in (*brought, *_listed()):
        by_id.setdefault(each.id, each)
    kept: list[_Listed] = []
    n_bytes = 0
    for each in by_id.values():
        n_bytes += each.n_bytes
        if len(kept) == MAX_UPLOAD_FILES or (kept and n_bytes > KEPT_BYTES):
            break
        kept.append(each)
    for photo in photos:
        KEPT.keep(_session(), photo.id, photo.content)
    _take_from_uploads(photos)
    _keep_only(kept, by_id)
    st.session_state[_DROPPED] = len(by_id) - len(kept)


def remove_photo(photo: Photo) -> None:
    """Forget one."""
    _keep_only([other for other in _listed() if other.id != photo.id], [photo.id])


def clear_photos() -> None:
    """Forget all."""
    _keep_only([], [each.id for each in _listed()])


def n_dropped() -> int:
    """Photos that were dropped when the last ones came."""
    number: int = st.session_state.get(_DROPPED, 0)
    return number


def n_gone() -> int:
    """Photos that were dropped while this page was not connected."""
    kept_photos()
    number: int = st.session_state.get(_GONE, 0)
    return number


def _listed() -> tuple[_Listed, ...]:
    listed: tuple[_Listed, ...] = st.session_state.get(_PHOTOS, ())
    return listed


def _session() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""


def _keep_only(kept: Sequence[_Listed], known: Iterable[str]) -> None:
    """These, and nothing else.

    Args:
        kept: photos that stay.
        known: ids of all that were there.
    """
    for photo_id in {*known} - {each.id for each in kept}:
        KEPT.drop(_session(), photo_id)
    st.session_state[_PHOTOS] = tuple(kept)
    for told in (_DROPPED, _GONE):
        st.session_state.pop(told, None)


def _take_from_uploads(photos: Sequence[Photo]) -> None:
    """Streamlit need not hold what is held here."""
    context = get_script_run_ctx()
    uploads = context.uploaded_file_mgr if context else None
    if context and isinstance(uploads, MemoryUploadedFileManager):
        for photo in photos:
            uploads.remove_file(context.session_id, photo.upload)
