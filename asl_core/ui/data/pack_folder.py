"""A folder of images, packed into one archive in the visitor's browser."""

from pathlib import Path

import streamlit as st

from asl_core.data.folder_tree import TABLE
from asl_core.images import SUFFIXES
from asl_core.settings import MAX_ARCHIVE_ENTRIES, MAX_DROPPED_BYTES

_component = st.components.v2.component(
    "asl_pack_folder",
    html='<div class="asl-folder"><label>Or choose a folder'
    '<input type="file" webkitdirectory multiple></label>'
    '<output aria-live="polite"></output></div>',
    css=Path(__file__).with_suffix(".css").read_text(),
    js=Path(__file__).with_suffix(".js").read_text(),
    isolate_styles=False,
)


def pack_folder(uploader: str, turn: int) -> None:
    """A control that takes a folder and gives it to a file uploader as one zip archive.

    The uploader's own folders are a file for each image, which keeps the browser busy for minutes
    from some hundred files on, and would need a limit of its own. Streamlit has nothing to pack.

    Args:
        uploader: key of an `st.file_uploader` on the same page that takes a zip.
        turn: another number each time that the uploader is emptied; what was said is then outdated.
    """
    _component(
        key=f"pack_for_{uploader}",
        data={
            "turn": turn,
            "uploader": f".st-key-{uploader} input[type=file]",
            "suffixes": [*SUFFIXES, TABLE, "labels.txt"],
            "most_files": MAX_ARCHIVE_ENTRIES,
            "most_bytes": MAX_DROPPED_BYTES,
        },
    )
