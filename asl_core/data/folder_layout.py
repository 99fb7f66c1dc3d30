"""Finds the classes in a folder, the way people have them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from asl_core.data.dataset import Part
from asl_core.data.folder_account import FolderAccount
from asl_core.data.folder_listing import Listing
from asl_core.data.folder_tree import Tree
from asl_core.errors import DatasetError
from asl_core.images import FORMAT_NAMES

MAX_DEPTH = 4
"""Folders within folders that are followed on the way to the classes."""

FEWEST_CLASSES = 2
MAX_SUGGESTED = 5

PARTS: dict[str, Part] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("valid", "val", "validation"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
"""What the folders of a given split are called, in any case, alone or beside another word."""

CONTAINERS = {"dataset", "datasets", "data", "images", "imgs", "photos", "pictures", "set"}
"""What a folder is called that holds classes, and is none."""

_WORDS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class _Class:
    folder: Tree
    part: Part | None = None


@dataclass(frozen=True)
class _Found:
    """Folders that are classes, the folder that their paths start from, and those on the way."""

    base: Tree
    classes: tuple[_Class, ...]
    passed: tuple[Tree, ...]

    @property
    def names(self) -> set[str]:
        return {a_class.folder.last_name for a_class in self.classes}


def find_images(root: Tree) -> Listing | None:
    """All images in the classes of a folder; None if it has no two classes.

    Raises:
        DatasetError: it holds several sets of images: says which, to be named instead.
        OSError: a folder can't be listed.
    """
    found = _arrange(root)
    if found is None or len(found.names) < FEWEST_CLASSES:
        return None
    prefix = found.base.path
    rows = sorted(row for a_class in found.classes for row in _images_of(a_class, prefix))
    labels, files, parts, groups = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Listing(
        folder=prefix,
        files=files,
        labels=labels,
        parts=tuple(parts) if all(parts) else (),
        groups=tuple(groups) if all(groups) and len(set(groups)) > 1 else (),
        account=_account(found, len(set(groups)) if all(groups) else 0),
    )


def innermost(root: Tree) -> Tree:
    """The folder that single folders inside each other lead to."""
    return _descend(root)[0] if not root.tables else root


def nothing_found(root: Tree) -> DatasetError:
    """Why a folder can't be read: what is there, and what to do."""
    with_images = root.with_images
    text = (
        f"{root.name} needs images of at least two classes (found {len(with_images)}): one "
        f"subfolder per class, with {FORMAT_NAMES} files in it."
    )
    if root.images:
        text += f" It has {_count(len(root.images), 'image')} outside of any subfolder."
    if with_images and all(part_of(folder.last_name) for folder in with_images):
        names = ", ".join(folder.name for folder in with_images)
        text += f" The images in {names} lie in no class folder."
    elif root.folders:
        told = [_of_folder(folder) for folder in root.folders[:MAX_SUGGESTED]]
        more = len(root.folders) - len(told)
        text += f" There is {', '.join(told)}{f' and {more} more' if more else ''}."
    return DatasetError(text, root.path)


def part_of(name: str) -> tuple[str, Part] | None:
    """What a folder's name says about a given split: what else it says, and the part.

    `train` and `Training_set` are ('', 'train'), `asl_test` is ('asl', 'test'); `cat` is None.
    """
    words = [word.removesuffix("set") for word in _WORDS.split(name.lower())]
    parts = [PARTS[word] for word in words if word in PARTS]
    if len(parts) != 1:
        return None
    return " ".join(w for w in words if w not in PARTS and w not in CONTAINERS).strip(), parts[0]


def _arrange(folder: Tree, depth: int = 0) -> _Found | None:
    folder, passed = _descend(folder, depth)
    depth += len(passed)
    if found := _given(folder):
        return _Found(found.base, found.classes, (*passed, *found.passed))
    classes = tuple(_Class(sub) for sub in folder.folders if _is_class(sub))
    direct = _Found(folder, classes, (*passed, folder))
    inner = [] if depth >= MAX_DEPTH else list(_sets_below(folder, depth, len(classes)))
    if len(classes) >= FEWEST_CLASSES and not inner and not _is_split_without_classes(folder):
        return direct
    if len(inner) == 1 and len(classes) < FEWEST_CLASSES:
        (only,) = inner
        return _Found(only.base, only.classes, (*passed, folder, *only.passed))
    if inner:
        raise _several(folder, inner)
    return None


def _descend(folder: Tree, depth: int = 0) -> tuple[Tree, tuple[Tree, ...]]:
    """Follow a single folder inside a folder, unless images lie in one of them."""
    passed: list[Tree] = []
    while depth + len(passed) < MAX_DEPTH and len(folder.folders) == 1:
        (only,) = folder.folders
        if only.images or folder.images:
            break
        passed.append(folder)
        folder = only
    return folder, tuple(passed)


def _sets_below(folder: Tree, depth: int, more_than: int) -> Iterator[_Found]:
    """Subfolders that hold classes of their own, more than there are at this level."""
    for sub in folder.folders:
        if sub.images or (more_than >= FEWEST_CLASSES and _is_class(sub)):
            continue
        found = _arrange(sub, depth + 1)
        if found and len(found.names) >= max(FEWEST_CLASSES, more_than + 1):
            yield found


def _given(folder: Tree) -> _Found | None:
    """Folders of a given split, each with classes: two parts at least, of one set."""
    named = [(sub, said) for sub in folder.folders if (said := part_of(sub.last_name))]
    classes, passed = list[_Class](), [folder]
    for sub, (_, part) in named:
        inner, way = _descend(sub)
        here = [
            _Class(a_class, part)
            for a_class in inner.folders
            if _has_images(a_class) and a_class.last_name != sub.last_name
        ]
        if not inner.images and here:
            classes += here
            passed += [*way, inner]
    stems = {stem for _, (stem, _) in named}
    parts = Counter(part for _, (_, part) in named)
    if len(stems) != 1 or max(parts.values()) > 1:
        return None
    learned = {a_class.folder.last_name for a_class in classes if a_class.part == "train"}
    tested = {a_class.folder.last_name for a_class in classes if a_class.part != "train"}
    if not learned & tested:
        return None
    return _Found(folder, tuple(classes), tuple(passed))


def _is_split_without_classes(folder: Tree) -> bool:
    return all(part_of(sub.last_name) for sub in folder.with_images) and bool(folder.with_images)


def _has_images(folder: Tree) -> bool:
    return bool(folder.images or folder.with_images)


def _is_class(folder: Tree) -> bool:
    """Whether images lie in it or one level below, and it is not a set of classes itself."""
    return _has_images(folder) and not _is_set(folder)


def _is_set(folder: Tree) -> bool:
    inner, name = folder.with_images, folder.last_name
    if folder.images or len(inner) < FEWEST_CLASSES:
        return False
    says_so = name.lower() in CONTAINERS or part_of(name) is not None
    short = all(_is_short(sub.last_name) for sub in inner)
    return says_so or (short and not _is_short(name))


def _is_short(name: str) -> bool:
    """Whether a name is a letter or a number, as of a class of signs and not of a person."""
    return len(name) == 1 or name.isdigit()


def _images_of(a_class: _Class, base: Path) -> Iterator[tuple[str, str, Part | str, str]]:
    """Label, path below a folder, part and group of each image."""
    folder, part = a_class.folder, a_class.part or ""
    label, place = folder.last_name, folder.path.relative_to(base).as_posix()
    for name in folder.images:
        yield label, f"{place}/{name}", part, ""
    for group in folder.with_images:
        for name in group.images:
            yield label, f"{place}/{group.last_name}/{name}", part, group.last_name


def _account(found: _Found, n_groups: int) -> FolderAccount:
    classes = [a_class.folder for a_class in found.classes]
    read = {folder.path for folder in (*found.passed, *classes)}
    groups = [group for folder in classes for group in folder.with_images]
    ignored: Counter[str] = Counter()
    left_out, hidden, empty = dict[str, int](), dict[str, int](), list[str]()
    for folder in (*found.passed, *classes, *groups):
        ignored += folder.ignored
        hidden.update(_with_images(folder.hidden))
    for folder in found.passed:
        if folder.images:
            left_out[_shown(folder.name)] = len(folder.images)
        for sub in (sub for sub in folder.folders if sub.path not in read):
            if n := sub.n_images():
                left_out[_shown(sub.name)] = n
            elif folder.path in {a_class.path.parent for a_class in classes}:
                empty.append(_shown(sub.name))
    too_deep = (sub for folder in classes for sub in folder.folders if not sub.images)
    left_out.update(_with_images(too_deep))
    left_out.update(_with_images(sub for group in groups for sub in group.folders))
    return FolderAccount(
        ignored=dict(sorted(ignored.items())),
        without_images=tuple(empty),
        left_out=left_out,
        hidden=hidden,
        notes=(_of_groups(n_groups),) if n_groups > 1 else (),
    )


def _with_images(folders: Iterable[Tree]) -> dict[str, int]:
    counted = ((_shown(folder.name), folder.n_images()) for folder in folders)
    return {name: n for name, n in counted if n}


def _of_groups(n: int) -> str:
    return (
        f"Images lie in {n} different folders below the classes: those are offered as groups, "
        "which a split can hold out as a whole."
    )


def _several(root: Tree, sets: list[_Found]) -> DatasetError:
    told = "; ".join(
        f"{_shown(_below(root, found))} has {len(found.names)} classes"
        for found in sets[:MAX_SUGGESTED]
    )
    return DatasetError(
        f"{root.last_name} holds several sets of images: {told}. Name one of these folders.",
        root.path,
    )


def _below(root: Tree, found: _Found) -> str:
    return found.base.path.relative_to(root.path.parent).as_posix()


def _of_folder(folder: Tree) -> str:
    if folder.images:
        return f"{_shown(folder.name)} ({_count(len(folder.images), 'image')})"
    inner = len(folder.with_images)
    return f"{_shown(folder.name)} ({f'{inner} folders with images' if inner else 'no images'})"


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _shown(name: str) -> str:
    """A name that may not be UTF-8, as it can be shown and saved."""
    return name.encode(errors="backslashreplace").decode()
