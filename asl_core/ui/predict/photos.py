"""The photos of a visitor on Predict: in the memory of the session, from page to page."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from asl_core.settings import MAX_UPLOAD_FILES

KEPT_BYTES = 40 * 2**20
"""What the photos of a session may take."""

_PHOTOS = "predict_photos"
_DROPPED = "predict_dropped"

_ID_LENGTH = 16


@dataclass(frozen=True)
class Photo:
    """One photo, as it was brought.

    Attributes:
        name: of the file.
        content: of the file.
        upload: id under which Streamlit holds it too, which is where uploads are counted; empty:
            it does not.
    """

    name: str
    content: bytes = field(repr=False)
    upload: str = ""

    @cached_property
    def id(self) -> str:
        """The same for the same name and content."""
        digest = hashlib.sha256(self.name.encode(errors="replace") + b"\0" + self.content)
        return digest.hexdigest()[:_ID_LENGTH]


def kept_photos() -> tuple[Photo, ...]:
    """The photos of this session, those that came last first."""
    photos: tuple[Photo, ...] = st.session_state.get(_PHOTOS, ())
    return photos


def keep_photos(photos: Sequence[Photo]) -> None:
    """Put photos before those that are kept; one that is there already moves. What came first is
    dropped where it becomes too much (see `n_dropped`).

    Args:
        photos: in their order.
    """
    by_id: dict[str, Photo] = {}
    for photo in (*photos, *kept_photos()):
        by_id.setdefault(photo.id, photo)
    kept: list[Photo] = []
    n_bytes = 0
    for photo in by_id.values():
        n_bytes += len(photo.content)
        if len(kept) == MAX_UPLOAD_FILES or (kept and n_bytes > KEPT_BYTES):
            break
        kept.append(photo)
    _keep_only(kept, photos)
    st.session_state[_DROPPED] = len(by_id) - len(kept)


def remove_photo(photo: Photo) -> None:
    """Forget one."""
    _keep_only([other for other in kept_photos() if other.id != photo.id])
    st.session_state.pop(_DROPPED, None)


def clear_photos() -> None:
    """Forget all."""
    _keep_only([])
    st.session_state.pop(_DROPPED, None)


def n_dropped() -> int:
    """Photos that were dropped when the last ones came."""
    number: int = st.session_state.get(_DROPPED, 0)
    return number


def _keep_only(photos: Sequence[Photo], brought: Sequence[Photo] = ()) -> None:
    """These, and nothing else, neither here nor where Streamlit holds uploads.

    Args:
        photos: that are kept.
        brought: that came just now, which Streamlit holds, too.
    """
    held, context = {photo.upload for photo in photos}, get_script_run_ctx()
    uploads = context.uploaded_file_mgr if context else None
    if context and isinstance(uploads, MemoryUploadedFileManager):
        for photo in (*kept_photos(), *brought):
            if photo.upload not in held:
                uploads.remove_file(context.session_id, photo.upload)
    st.session_state[_PHOTOS] = tuple(photos)
