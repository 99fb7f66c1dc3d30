"""From an image file to the pixels that a network gets: the one way in for all images."""

import base64
import io
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from asl_core import jpeg
from asl_core.errors import ImageError
from asl_core.settings import (
    IMAGE_SIZE,
    MAX_JPEG_SCANS,
    MAX_UPLOAD_BYTES,
    MAX_UPLOAD_PIXELS,
)

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
"""As Pillow calls them; HEIC beside them (see `open_file`)."""

FORMAT_NAMES = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC"
SUFFIXES = (
    *(".jpg", ".jpeg", ".jfif", ".jpe"),
    *(".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif"),
)
"""What the names of images end with, in lower case: what a file holds decides how it is read."""

FINEST_SIDE = 100
"""Side of the mission's photos in pixels. Larger ones are averaged down by a whole factor to at
least this, so that nearest-neighbor sampling sees the same detail as it did in training."""

WHOLE = 0
"""In the place of a size: the whole image (see `open_image`)."""

WHOLE_SIDE = 1024
"""Longest side of a whole image, in pixels."""

EDGE = 0.04
"""Share of an image's side that the line along an edge of a rendered one may cover, blurred, from
each end."""

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

_LYING = (5, 6, 7, 8)
"""Orientations in which height and width change places."""

_TOO_MANY_PIXELS = (
    f"has {{}}; at most {MAX_UPLOAD_PIXELS / 1e6:.0f} megapixels are taken. "
    "Save it smaller and try again."
)


@dataclass(frozen=True, eq=False)
class ReadImage:
    """An image as training and prediction get it.

    Attributes:
        pixels: uint8 (size, size, 3), RGB.
        truncated: whether the file lacks its last bytes: what is missing is gray.
    """

    pixels: np.ndarray
    truncated: bool = False


def read_image(source: Path | bytes, name: str, size: int = IMAGE_SIZE) -> np.ndarray:
    """The pixels of an image, as `open_image` reads them: uint8 (size, size, 3), RGB.

    Raises:
        ImageError: as `open_image`.
    """
    return open_image(source, name, size).pixels


def open_image(source: Path | bytes, name: str, size: int = IMAGE_SIZE) -> ReadImage:
    """Read an image the way that training and prediction share.

    EXIF orientation is honored, transparency is laid on white, gray becomes RGB, an image that is
    not square is cropped to its center square, and the square is sampled with nearest-neighbor,
    which for the mission's photos equals Keras's `load_img` to the pixel. Of several frames or
    pages the first counts. A JPEG file without its last bytes is read as far as it goes, as
    browsers do.

    Args:
        source: path or content of a file in one of the formats of `FORMAT_NAMES`, whatever its
            name, at most 10 MiB and 16 megapixels.
        name: what to call the file in an error.
        size: side of the result, in pixels; `WHOLE`: the image is neither cropped nor sampled, but
            averaged down by a whole factor if it is larger than `WHOLE_SIDE`, for what looks for a
            hand in it: then the result is (height, width, 3).

    Raises:
        ImageError: the file is no such image, is broken or is too large.
    """
    content = _content(source, name)
    if size == WHOLE:
        image, truncated = _decode(content, name, square=False, side=WHOLE_SIDE)
        return ReadImage(np.asarray(image.reduce(_excess(image, WHOLE_SIDE))), truncated)
    image, truncated = _decode(content, name)
    return ReadImage(_resize(image, size), truncated)


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
    image, _ = _decode(_content(source, name), name, square=False)
    return np.asarray(image)


def upright_size(source: Path, name: str) -> tuple[int, int]:
    """Height and width of an image as `read_whole` gives it, from the head of its file alone.

    Raises:
        ImageError: it can't be read.
    """
    try:
        with open_file(source) as image:
            turn = image.getexif().get(ExifTags.Base.Orientation)
            lies = turn in _LYING and image.format != "TIFF"
            return (image.width, image.height) if lies else (image.height, image.width)
    except (OSError, SyntaxError, ValueError) as error:
        raise ImageError(name, "can't be read (any more).") from error


def open_file(content: bytes | Path) -> Image.Image:
    """Open an image by its content; its pixels are read when they are asked for.

    Raises:
        UnidentifiedImageError: it is in none of the formats.
        OSError: it can't be read.
    """
    formats: tuple[str, ...] = FORMATS
    if _may_be_heic(content):
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
        formats = (*FORMATS, "HEIF")
    return Image.open(io.BytesIO(content) if isinstance(content, bytes) else content, "r", formats)


def _may_be_heic(content: bytes | Path) -> bool:
    if isinstance(content, Path):
        with content.open("rb") as file:
            content = file.read(12)
    return content[4:8] == b"ftyp" and content[8:12] not in (b"avif", b"avis")


def _content(source: Path | bytes, name: str) -> bytes:
    try:
        n_bytes = len(source) if isinstance(source, bytes) else source.stat().st_size
        if n_bytes > MAX_UPLOAD_BYTES:
            raise ImageError(
                name,
                f"has {n_bytes / 2**20:.1f} MB; at most {MAX_UPLOAD_BYTES >> 20} MB are allowed. "
                "Save it smaller and try again.",
            )
        return source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise ImageError(name, f"can't be read: {error.strerror}.") from error


def _decode(
    content: bytes, name: str, square: bool = True, side: int = MAX_UPLOAD_PIXELS
) -> tuple[Image.Image, bool]:
    """The image, and whether it lacks its last bytes;
    a JPEG may come averaged down toward `side` already."""
    try:
        return _load(content, name, square, side), False
    except UnidentifiedImageError:
        raise ImageError(name, f"is not a {FORMAT_NAMES} image.") from None
    except Image.DecompressionBombError:
        raise ImageError(name, _TOO_MANY_PIXELS.format("far more")) from None
    except (OSError, SyntaxError, ValueError, EOFError, RuntimeError, struct.error) as error:
        if content.startswith(jpeg.START) and not content.endswith(jpeg.END):
            return _decode(content + jpeg.END, name, square, side)[0], True
        raise ImageError(
            name, f"is broken and can't be read ({error}). Save it again as JPEG or PNG."
        ) from error


def _load(content: bytes, name: str, square: bool, side: int) -> Image.Image:
    with open_file(content) as image:
        _check_pixels(image.width * image.height, name)
        if content.startswith(jpeg.START) and jpeg.n_scans(content) > MAX_JPEG_SCANS:
            raise ImageError(name, "is a JPEG with too many scans. Save it again as JPEG or PNG.")
        power = (excess := _excess(image, side)) & -excess  # of two: so far a JPEG decoder averages
        image.draft(None, (image.width // power, image.height // power))
        image.load()
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation))  # TIFF is turned by now
        wanted = _center_square(image) if square else image
        return _to_rgb(wanted if turn is None else wanted.transpose(turn), name)


def _excess(image: Image.Image, side: int) -> int:
    """The least whole factor by which an image must be averaged down to be within a side."""
    return -(-max(image.size) // side)


def _check_pixels(pixels: int, name: str) -> None:
    if pixels > MAX_UPLOAD_PIXELS:
        raise ImageError(name, _TOO_MANY_PIXELS.format(f"{pixels / 1e6:.1f} megapixels"))


def _to_rgb(image: Image.Image, name: str) -> Image.Image:
    if image.mode == "F":
        raise ImageError(name, "has pixels that are fractions. Save it as an 8-bit image.")
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


def resize_pixels(pixels: np.ndarray, size: int) -> np.ndarray:
    """A square image as `read_image` would give it.

    Args:
        pixels: uint8 (side, side), gray, or (side, side, 3), RGB.
        size: side of the result, in pixels.

    Returns:
        uint8 (size, size, 3), RGB.
    """
    return _resize(Image.fromarray(pixels).convert("RGB"), size)


def encode(pixels: np.ndarray, image_format: str = "PNG") -> bytes:
    """The file of an image.

    Args:
        pixels: uint8 (height, width, 3), or (height, width) for gray.
        image_format: `PNG` (lossless) or `JPEG` (smaller).
    """
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, image_format, quality=90)
    return buffer.getvalue()


def data_url(pixels: np.ndarray, image_format: str = "PNG") -> str:
    """An image, uint8 (height, width, 3), as an address that carries it."""
    content = base64.b64encode(encode(pixels, image_format)).decode()
    return f"data:image/{image_format.lower()};base64,{content}"


def without_edge(pixels: np.ndarray) -> np.ndarray:
    """An image, uint8 (height, width, 3), without its outermost pixels.

    Rendered images may have a colored line along their edges, as photos of such sets have. To a
    person that looks like a frame that chooses the image; the network gets it all.
    """
    edge = round(EDGE * len(pixels))
    return pixels[edge:-edge, edge:-edge]
