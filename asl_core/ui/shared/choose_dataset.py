"""The dataset that a visitor looks at: the server's own, or a synthetic one of their choice.

The choice is kept in the URL, so that a link opens the same dataset, and from page to page.
"""

from asl_core.data import SyntheticSpec, find_source
from asl_core.data.dataset import Source
from asl_core.errors import DatasetError
from asl_core.ui.shared.url import asked_for, keep, refuse

_QUERY = "data"


def current_source() -> Source:
    """Where what the pages show comes from.

    A link may ask for a synthetic dataset, never for a folder of the server.

    Raises:
        DatasetError: `ASL_DATA_DIR` names no folder.
    """
    text = asked_for(_QUERY)
    if text is not None:
        try:
            return Source(SyntheticSpec.parse(text).text)
        except DatasetError as error:
            refuse(_QUERY, "Dataset", text, f"which can't be rendered. {error}")
    return find_source()


def show_set(spec: SyntheticSpec) -> None:
    """Show a synthetic dataset to this visitor from now on."""
    keep(_QUERY, None if spec == find_source().spec else spec.text)


def show_default_set() -> None:
    """Show this visitor what the server shows to everybody."""
    keep(_QUERY, None)


def has_chosen() -> bool:
    """Whether this visitor looks at a dataset of their own choice."""
    return asked_for(_QUERY) is not None
