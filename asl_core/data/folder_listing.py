"""The images of a dataset before any of them is read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from asl_core.data.dataset import Part
from asl_core.data.folder_account import FolderAccount


@dataclass(frozen=True)
class Listing:
    """The images of a dataset before any is read, by class and then by path, as text.

    Attributes:
        folder: that the paths start from.
        files: path of each image, with forward slashes (n,).
        labels: class of each (n,).
        parts: part of the given split of each (n,); empty if there is none.
        groups: group of each (n,), such as who is on it; empty if they are not told for all.
        account: of what else is there.
        told: whether a table tells the labels, so that they are no part of the paths.
    """

    folder: Path
    files: tuple[str, ...]
    labels: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    groups: tuple[str, ...] = ()
    account: FolderAccount = field(default_factory=FolderAccount)
    told: bool = False

    def identities(self, rows: Sequence[int]) -> list[str]:
        """What tells some of the images apart, besides their content (see `fingerprint`)."""
        if not self.told:
            return [self.files[row] for row in rows]
        parts, groups = self.parts or [""] * len(self.files), self.groups or [""] * len(self.files)
        return [json.dumps([self.files[i], self.labels[i], parts[i], groups[i]]) for i in rows]


def in_order(listing: Listing) -> Listing:
    """By class and then by path, both as text."""
    order = sorted(range(len(listing.files)), key=lambda i: (listing.labels[i], listing.files[i]))
    return replace(
        listing,
        files=tuple(listing.files[i] for i in order),
        labels=tuple(listing.labels[i] for i in order),
        parts=tuple(listing.parts[i] for i in order) if listing.parts else (),
        groups=tuple(listing.groups[i] for i in order) if listing.groups else (),
    )
