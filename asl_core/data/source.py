"""Opens a dataset, wherever it comes from."""

from dataclasses import replace
from pathlib import Path

from asl_core.data.dataset import Dataset, Source
from asl_core.data.dataset_store import note_use
from asl_core.data.folder import at_size, read_folder
from asl_core.data.folder_without import without_classes
from asl_core.data.own_dataset import IMAGES, check_filled, read_card, set_folder
from asl_core.data.synthetic_cache import ensure_rendered
from asl_core.data.synthetic_spec import SyntheticSpec
from asl_core.data.unread import OnUnread, go_on
from asl_core.errors import DatasetError
from asl_core.progress import OnShare
from asl_core.settings import IMAGE_SIZE, settings


def find_source() -> Source:
    """The set to show: `ASL_DATA_DIR`, else the mission's photos, else the default rendered set.

    Raises:
        DatasetError: `ASL_DATA_DIR` names no folder, or no rendered set.
    """
    chosen = settings().data_dir
    if chosen is None:
        downloaded = settings().download_dir
        return Source(str(downloaded) if downloaded.is_dir() else SyntheticSpec().text)
    if spec := Source(str(chosen)).spec:
        return Source(spec.text)
    if Source(str(chosen)).own_id:
        return Source(str(chosen))
    if not chosen.expanduser().exists():
        raise DatasetError(f"ASL_DATA_DIR names {chosen.name}, which doesn't exist.", chosen)
    return Source(str(chosen.expanduser().resolve()))


def open_dataset(
    source: Source | Path | str,
    on_progress: OnShare = lambda share: None,
    size: int = IMAGE_SIZE,
    on_unread: OnUnread = go_on,
) -> Dataset:
    """Open a dataset, on any machine.

    Args:
        source: a folder of images or a table (see `read_folder`), maybe without some classes (see
            `Source`), the `set:<id>` of a dataset that somebody brought, or what a rendered set is
            rendered from, such as `rendered:ABC:2000:0` (see `SyntheticSpec`): that is done on
            first use, in this process, and kept under `ASL_CACHE_DIR`.
        on_progress: told the share that is rendered, or decoded, often; what it raises ends it.
        size: side of the images, in pixels (see `at_size`). Rendered images have 50, and are
            enlarged.
        on_unread: told before images are decoded, if they must be; what it raises ends it.

    Returns:
        The dataset; its `source` opens it again.

    Raises:
        DatasetError: no such folder, too few images, a text that names no rendered set, or a
            dataset that was brought and has been deleted (`StoreError`).
    """
    text = source.text if isinstance(source, Source) else str(source)
    spec = Source(text).spec
    if spec is None:
        wanted = Source(text)
        own = _open_own(wanted, on_progress, on_unread)
        dataset = own or read_folder(wanted.path, on_progress, on_unread)
        return at_size(without_classes(dataset, wanted.left_out, on_unread), size, on_progress)
    dataset = read_folder(ensure_rendered(spec, on_progress), on_unread=on_unread)
    return at_size(replace(dataset, source=Source(spec.text)), size, on_progress)


def _open_own(source: Source, on_progress: OnShare, on_unread: OnUnread) -> Dataset | None:
    """A dataset that somebody brought, with all its classes; None if it is no such source."""
    if not (own_id := source.own_id):
        return None
    folder = set_folder(own_id)
    check_filled(read_card(folder))  # or it tells that it is gone, or not ready
    dataset = read_folder(folder / IMAGES, on_progress, on_unread)
    note_use(folder)
    return replace(dataset, source=Source(source.path, dataset.rendered))
