"""The first training pictures of a rendered set as one small sheet, to be seen at once.

That of the default set comes with the package. After a change of the pictures, draw it again with
`python -c "from asl_core.data.first_images import remake; remake()"`.
"""

from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from asl_core.data.synthetic_spec import SyntheticSpec
from asl_core.settings import IMAGE_SIZE
from asl_core.synthetic.folder import draw_training

N_FIRST = 36
COLUMNS = 6
SHIPPED = Path(__file__).with_name("first_images.png")
_LETTERS = "letters"


def draw_first(recipe: SyntheticSpec) -> tuple[np.ndarray, np.ndarray]:
    """The first training pictures, as they will be in the whole set.

    Returns:
        uint8 (n, 50, 50, 3), and labels, int64 (n,), index into the recipe's letters.
    """
    return draw_training(
        recipe.letters,
        recipe.count,
        recipe.seed,
        first=N_FIRST,
        size=IMAGE_SIZE,
        ranges=recipe.ranges,
    )


def write_sheet(recipe: SyntheticSpec, path: Path) -> None:
    """Draw the first pictures into one PNG file, which appears whole."""
    images, labels = draw_first(recipe)
    sheet = np.zeros((-(-len(images) // COLUMNS), COLUMNS, *images.shape[1:]), np.uint8)
    sheet.reshape(-1, *images.shape[1:])[: len(images)] = images
    rows, columns, height, width, _ = sheet.shape
    pixels = sheet.swapaxes(1, 2).reshape(rows * height, columns * width, 3)
    info = PngInfo()
    info.add_text(_LETTERS, "".join(recipe.letters[label] for label in labels))
    fresh = path.with_name(f".{path.name}")
    Image.fromarray(pixels).save(fresh, "PNG", pnginfo=info, optimize=True)
    fresh.replace(path)


def read_sheet(path: Path) -> tuple[np.ndarray, str]:
    """The pictures of `write_sheet`.

    Returns:
        uint8 (n, 50, 50, 3), and the letter of each.

    Raises:
        OSError: there is no such file, or it is not whole.
    """
    with Image.open(path) as image:
        letters = image.info[_LETTERS]
        pixels = np.asarray(image.convert("RGB"))
    rows = pixels.reshape(-1, IMAGE_SIZE, COLUMNS, IMAGE_SIZE, 3).swapaxes(1, 2)
    return rows.reshape(-1, IMAGE_SIZE, IMAGE_SIZE, 3)[: len(letters)], letters


def remake() -> None:
    """Draw the sheet that comes with the package again."""
    write_sheet(SyntheticSpec(), SHIPPED)
