"""What was found beside the images of a dataset and not used: nothing is left out silently."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_NAMED = 10
"""Names that one sentence gives; of the others it tells the number."""


@dataclass(frozen=True)
class FolderAccount:
    """What a folder, or a table, holds besides the images that are read.

    Attributes:
        ignored: files that are no images, by suffix (lower case; empty for none).
        without_images: class folders in which no image can be used.
        left_out: images that are not read since of where they lie, by the folder they lie in.
        hidden: folders with images whose name begins with `_` or `.`, and how many images.
        truncated: JPEG files that lack their last bytes, and are read as far as they go.
        bad_rows: rows of a table that can't be used, each with the reason; at most `MAX_NAMED`.
        n_bad_rows: how many there are.
        notes: what was concluded from the folder, as sentences.
    """

    ignored: Mapping[str, int] = field(default_factory=dict)
    without_images: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    hidden: Mapping[str, int] = field(default_factory=dict)
    truncated: tuple[str, ...] = ()
    bad_rows: tuple[str, ...] = ()
    n_bad_rows: int = 0
    notes: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it, a sentence each, what matters most first; empty if there is nothing to say."""
        told = []
        if self.without_images:
            told.append(f"No usable images in {_named(self.without_images)}.")
        if self.n_bad_rows:
            told.append(
                f"{_count(self.n_bad_rows, 'row')} could not be used: {_named(self.bad_rows)}."
            )
        if self.left_out:
            told.append(f"Not read, as they lie in no class folder: {_counted(self.left_out)}.")
        if self.hidden:
            told.append(f"Not read, as their names begin with _ or .: {_counted(self.hidden)}.")
        if self.truncated:
            told.append(
                f"{_count(len(self.truncated), 'JPEG file')} without the last bytes, read as far "
                f"as they go: {_named(self.truncated)}."
            )
        if self.ignored:
            told.append(f"Files that are no images: {_suffixes(self.ignored)}.")
        return (*told, *self.notes)


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _named(names: tuple[str, ...]) -> str:
    more = len(names) - MAX_NAMED
    return ", ".join(names[:MAX_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _counted(images: Mapping[str, int]) -> str:
    return _named(tuple(f"{name} ({_count(n, 'image')})" for name, n in images.items()))


def _suffixes(ignored: Mapping[str, int]) -> str:
    return _named(tuple(f"{n:,} {suffix or 'without suffix'}" for suffix, n in ignored.items()))
