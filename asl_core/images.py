"""From an image file to the pixels that a network gets: the one way in for all images."""

import io
import struct
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from asl_core.errors import ImageError
from asl_core.settings import IMAGE_SIZE, MAX_UPLOAD_BYTES, MAX_UPLOAD_PIXELS

FORMATS = ("JPEG", "PNG", "WEBP")
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")

FINEST_SIDE = 100
"""Side of the mission's photos in pixels. Larger ones are averaged down by a whole factor to at
least this, so that nearest-neighbor sampling sees the same detail as it did in training."""

_TURNS: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings an image upright, by its EXIF orientation."""

_TOO_MANY_PIXELS = (
    f"has {{}}; at most {MAX_UPLOAD_PIXELS / 1e6:.0f} megapixels are taken. "
    "Save it smaller and try again."
)


def read_image(source: Path | bytes, name: str, size: int = IMAGE_SIZE) -> np.ndarray:
    """Read an image the way that training and prediction share.

    EXIF orientation is honored, transparency is laid on white, gray becomes RGB, an image that is
    not square is cropped to its center square, and the square is sampled with nearest-neighbor,
    which for the mission's photos equals Keras's `load_img` to the pixel.

    Args:
        source: path or content of a JPEG, PNG or WebP file, at most 10 MiB and 16 megapixels.
        name: what to call the file in an error.
        size: side of the result, in pixels.

    Returns:
        uint8 (size, size, 3), RGB.

    Raises:
        ImageError: the file is no such image, is broken or is too large.
    """
    _check_bytes(source, name)
    return _resize(_decode(_opened(source), name), size)


def read_whole(source: Path | bytes, name: str) -> np.ndarray:
    """An image as `read_image` takes it in, but neither cropped nor resized.

    Args:
        source: as there.
        name: as there.

    Returns:
        uint8 (height, width, 3), RGB, upright.

    Raises:
        ImageError: as there.
    """
    _check_bytes(source, name)
    return np.asarray(_decode(_opened(source), name, square=False))


def _opened(source: Path | bytes) -> io.BytesIO | Path:
    return io.BytesIO(source) if isinstance(source, bytes) else source


def _check_bytes(source: Path | bytes, name: str) -> None:
    n_bytes = len(source) if isinstance(source, bytes) else _file_size(source, name)
    if n_bytes > MAX_UPLOAD_BYTES:
        raise ImageError(
            name,
            f"has {n_bytes / 2**20:.1f} MB; at most {MAX_UPLOAD_BYTES >> 20} MB are allowed. "
            "Save it smaller and try again.",
        )


def _file_size(path: Path, name: str) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise ImageError(name, f"can't be read: {error.strerror}.") from error


def _decode(file: io.BytesIO | Path, name: str, square: bool = True) -> Image.Image:
    try:
        with Image.open(file, formats=FORMATS) as image:
            _check_pixels(image.width * image.height, name)
            image.load()
            return _to_rgb(_upright(_center_square(image) if square else image))
    except UnidentifiedImageError:
        raise ImageError(name, "is not a JPEG, PNG or WebP image.") from None
    except Image.DecompressionBombError:
        raise ImageError(name, _TOO_MANY_PIXELS.format("far more")) from None
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise ImageError(
            name, f"is broken and can't be read ({error}). Save it again as JPEG or PNG."
        ) from error


def _check_pixels(pixels: int, name: str) -> None:
    if pixels > MAX_UPLOAD_PIXELS:
        raise ImageError(name, _TOO_MANY_PIXELS.format(f"{pixels / 1e6:.1f} megapixels"))


def _upright(image: Image.Image) -> Image.Image:
    """As `ImageOps.exif_transpose`, which fails on metadata that can't be written back."""
    turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    return image if turn is None else image.transpose(turn)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16-bit gray: Pillow would clip it to white
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def _center_square(image: Image.Image) -> Image.Image:
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))


def _resize(image: Image.Image, size: int) -> np.ndarray:
    factor = image.width // max(FINEST_SIDE, 2 * size)
    if factor > 1:
        image = image.reduce(factor)
    return np.asarray(image.resize((size, size), Image.Resampling.NEAREST))


def encode(pixels: np.ndarray, image_format: str = "PNG") -> bytes:
    """The file of an image.

    Args:
        pixels: uint8 (height, width, 3).
        image_format: `PNG` (lossless) or `JPEG` (smaller).
    """
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, image_format, quality=90)
    return buffer.getvalue()
