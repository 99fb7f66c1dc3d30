"""Tables of images (CSV): which kind one is, and rows that name files."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias

from asl_core.data.dataset import Part
from asl_core.data.folder_account import MAX_NAMED, FolderAccount
from asl_core.data.folder_layout import part_of
from asl_core.data.folder_listing import Listing, in_order
from asl_core.errors import DatasetError
from asl_core.images import SUFFIXES

Kind: TypeAlias = Literal["files", "pixels"]

FILE_NAMES = ("file", "filename", "path", "filepath", "image", "imagepath", "imagefile", "img")
LABEL_NAMES = ("label", "labels", "class", "classname", "target", "category", "letter", "sign")
SPLIT_NAMES = ("split", "part", "set", "subset")
GROUP_NAMES = ("group", "person", "signer", "subject", "session", "user")

LABELS_FILE = "labels.txt"
"""Beside a table, it names the classes that the table numbers from 0: a name a line."""

MAX_LINE = 10 * 2**20
"""Longest line, in characters."""

MAX_ROWS = 1_000_000

NUMBERED = {
    frozenset(range(26)): "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    frozenset(range(25)) - {9}: "ABCDEFGHIJKLMNOPQRSTUVWXY",
}
"""Labels that are the places of letters in the alphabet: of all, or without J and Z, as in 'Sign
Language MNIST'."""


@dataclass(frozen=True)
class Table:
    """A CSV file whose rows are images.

    Attributes:
        path: of the file.
        columns: names of its columns in lower case without `_` and blanks; empty if the first row
            is an image already, as all its values are numbers.
        delimiter: between the values.
        part: what its images are for, by the file's name beside another one; None if that is open.
    """

    path: Path
    columns: tuple[str, ...]
    delimiter: str
    part: Part | None = None

    @property
    def kind(self) -> Kind | None:
        """What its rows hold; None if that can't be told."""
        if self.column(FILE_NAMES) is not None and self.column(LABEL_NAMES) is not None:
            return "files"
        labeled = not self.columns or self.column(LABEL_NAMES) in (0, len(self.columns) - 1)
        return "pixels" if labeled and len(self.columns) not in range(1, 5) else None

    def column(self, names: tuple[str, ...]) -> int | None:
        """Place of the first column that is called so."""
        return next((i for i, name in enumerate(self.columns) if name in names), None)


class BadRows:
    """Rows that can't be used: all are counted, and the first are told."""

    def __init__(self) -> None:
        self._told, self._n = list[str](), 0

    def add(self, table: Table, row: int, reason: str) -> None:
        """One more.

        Args:
            table: in which it is.
            row: its line, from 1.
            reason: what is wrong, as the end of a sentence.
        """
        self._n += 1
        if self._n <= MAX_NAMED:
            self._told.append(f"{table.path.name} line {row:,} {reason}")

    def into(self, account: FolderAccount) -> FolderAccount:
        """An account with them."""
        return replace(account, bad_rows=tuple(self._told), n_bad_rows=self._n)

    @property
    def first(self) -> str:
        """A sentence with a blank before it; empty if there is none."""
        return f" {self._told[0]}." if self._told else ""


def open_table(path: Path) -> Table:
    """Read the head of a table.

    Raises:
        DatasetError: it is no text.
        OSError: it can't be read.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            head = file.readline(MAX_LINE)
        except UnicodeDecodeError:
            raise DatasetError(f"{path.name} is not UTF-8 text. Save it as CSV UTF-8.") from None
    delimiter = max(",;\t", key=head.count)
    values = next(csv.reader([head], delimiter=delimiter), [])
    if not values:
        return Table(path, ("",), delimiter)
    if all(_is_number(value) for value in values):
        return Table(path, (), delimiter)
    names = (value.strip().lower().replace("_", "").replace(" ", "") for value in values)
    return Table(path, tuple(names), delimiter)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def tables_of(paths: list[Path]) -> tuple[Table, ...]:
    """Which of some CSV files to read: the one of images, or those of a given split.

    Returns:
        Tables of one kind; none, if no file is one of images.

    Raises:
        DatasetError: there are several, or one is no text. Says which to name.
        OSError: one can't be read.
    """
    tables = [table for table in map(open_table, paths) if table.kind]
    if len(tables) < 2:
        return tuple(tables)
    said = [part_of(table.path.stem) for table in tables]
    parts = {part for _, part in filter(None, said)}
    one_set = len({stem for stem, _ in filter(None, said)}) == 1
    one_kind = len({table.kind for table in tables}) == 1
    if one_set and one_kind and len(parts) == len(tables) and "train" in parts:
        return tuple(
            replace(table, part=part)
            for table, (_, part) in zip(tables, filter(None, said), strict=True)
        )
    names = ", ".join(table.path.name for table in tables)
    raise DatasetError(f"There are several tables of images: {names}. Name one of these files.")


def listing_of(tables: tuple[Table, ...]) -> Listing:
    """The images that the rows of tables name, as they are below the tables' folder.

    Raises:
        DatasetError: no row can be used.
        OSError: a table can't be read.
    """
    folder, bad = tables[0].path.parent, BadRows()
    rows = sorted(_rows(tables, folder, bad))
    if not rows:
        raise DatasetError(
            f"{tables[0].path.name} names no image that can be used: it needs a column `file` with "
            f"paths from its own folder, and a column `label`.{bad.first}",
            tables[0].path,
        )
    labels, files, parts, groups = zip(*rows, strict=True)
    names, notes = class_names(set(labels), folder)
    return in_order(
        Listing(
            folder=folder,
            files=files,
            labels=tuple(names[label] for label in labels),
            parts=parts if all(parts) and "train" in parts and len(set(parts)) > 1 else (),
            groups=groups if all(groups) and len(set(groups)) > 1 else (),
            account=bad.into(FolderAccount(notes=notes)),
            told=True,
        )
    )


def class_names(labels: Iterable[str], folder: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """What the classes of a table are called.

    Args:
        labels: as the rows say.
        folder: of the table; its `labels.txt` names classes that are numbered from 0.

    Returns:
        The name of each label, and what is to be said about that.
    """
    as_is = {label: label for label in labels}
    if not all(label.isdecimal() and len(label) < 4 for label in as_is):
        return as_is, ()
    numbers = {int(label) for label in as_is}
    file = folder / LABELS_FILE
    if file.is_file():
        names = file.read_text(encoding="utf-8-sig").split("\n")[: max(numbers) + 1]
        named = {label: names[int(label)].strip() for label in as_is if int(label) < len(names)}
        if (
            len(named) == len(as_is)
            and len(set(named.values())) == len(named)
            and all(named.values())
        ):
            return named, (f"Labels are named by {LABELS_FILE}.",)
    letters = NUMBERED.get(frozenset(numbers))
    if letters is None:
        return as_is, ()
    lowest, highest = min(numbers), max(numbers)
    return {label: letters[int(label)] for label in as_is}, (
        f"Labels {lowest} to {highest} are read as the letters A to {letters[highest]}; a "
        f"{LABELS_FILE} beside the table, with a name a line, names them otherwise.",
    )


def _rows(
    tables: tuple[Table, ...], folder: Path, bad: BadRows
) -> Iterator[tuple[str, str, Part | str, str]]:
    seen = set[str]()
    for table in tables:
        columns = [table.column(n) for n in (FILE_NAMES, LABEL_NAMES, SPLIT_NAMES, GROUP_NAMES)]
        for line, values in _lines(table, bad):
            file, label, split, group = (
                "" if column is None else values[column].strip() for column in columns
            )
            file = file.replace("\\", "/").removeprefix("./")
            if reason := _refused(folder, file, label, file in seen):
                bad.add(table, line, reason)
                continue
            seen.add(file)
            said = part_of(split)
            yield label, file, table.part or (said[1] if said else ""), group


def _lines(table: Table, bad: BadRows) -> Iterator[tuple[int, list[str]]]:
    with table.path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file, delimiter=table.delimiter)
        try:
            next(reader, None)
            for values in reader:
                if reader.line_num > MAX_ROWS:
                    raise DatasetError(f"{table.path.name} has more than {MAX_ROWS:,} rows.")
                if len(values) >= len(table.columns):
                    yield reader.line_num, values
                elif values:
                    bad.add(table, reader.line_num, f"has {len(values)} values")
        except csv.Error as error:
            bad.add(table, reader.line_num, f"and what follows can't be read: {error}")


def _refused(folder: Path, file: str, label: str, seen: bool) -> str:
    """Why a row can't be used; empty if it can."""
    path = PurePosixPath(file)
    if not file or not label:
        return "lacks its file or its label"
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        return "names a file outside of the table's folder"
    if not file.lower().endswith(SUFFIXES):
        return f"names {path.name}, which is no image"
    if seen:
        return f"names {path.name} again"
    return "" if (folder / file).is_file() else f"names {path.name}, which is not there"
