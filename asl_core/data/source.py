"""Where a dataset comes from: a folder of photos, or the recipe of a rendered set."""

from dataclasses import replace
from pathlib import Path

from asl_core.data.dataset import Dataset
from asl_core.data.folder import read_folder
from asl_core.data.synthetic_cache import draw
from asl_core.data.synthetic_spec import PREFIX, SyntheticSpec
from asl_core.errors import DatasetError
from asl_core.settings import settings


def find_source() -> str:
    """The set to show: `ASL_DATA_DIR`, else the mission's photos, else the default drawn set.

    Returns:
        A folder's path or a recipe's text, for `open_dataset`.

    Raises:
        DatasetError: `ASL_DATA_DIR` names no folder, or is no recipe.
    """
    chosen = settings().data_dir
    if chosen is None:
        downloaded = settings().download_dir
        return str(downloaded) if downloaded.is_dir() else SyntheticSpec().text
    if is_rendered(str(chosen)):
        return SyntheticSpec.parse(str(chosen)).text
    if not chosen.is_dir():
        raise DatasetError(f"ASL_DATA_DIR names {chosen}, and there is no such folder.")
    return str(chosen.resolve())


def is_rendered(source: str) -> bool:
    """Whether a source is meant as the recipe of a rendered set."""
    return source.startswith(PREFIX)


def open_dataset(source: Path | str) -> Dataset:
    """Open a dataset, on any machine.

    Args:
        source: a folder with one sub-folder of photos per class (see `read_folder`), or the recipe
            of a rendered set, such as `rendered:ABC:2000:0` (see `SyntheticSpec`), which is
            drawn on first use, in this process, and kept under `ASL_CACHE_DIR`.

    Returns:
        The dataset; its `source` opens it again.

    Raises:
        DatasetError: no such folder, too few photos, or a text that is no recipe.
    """
    if not is_rendered(str(source)):
        return read_folder(source)
    recipe = SyntheticSpec.parse(str(source))
    return replace(read_folder(draw(recipe)), recipe=recipe.text)
