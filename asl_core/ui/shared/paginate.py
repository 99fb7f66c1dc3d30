"""Many items, some at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

import streamlit as st


@contextmanager
def paginate(count: int, per_page: int, key: str) -> Iterator[slice]:
    """What is drawn inside stands above the numbers of the pages, if there are several.

        with paginate(len(items), 36, "items") as shown:
            sheet(items[shown])

    Args:
        count: of all items.
        per_page: how many are shown at a time.
        key: of the control; another key starts at the first page.

    Yields:
        The part of the items to show.
    """
    slot, n_pages = st.container(), max(1, ceil(count / per_page))
    page = st.pagination(n_pages, key=key) if n_pages > 1 else 1
    with slot:
        yield slice((page - 1) * per_page, page * per_page)
