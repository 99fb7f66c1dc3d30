"""Image files of every kind that a visitor may bring, made by the tests."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pillow_heif import register_heif_opener


def write_odd_images(folder: Path, seed: int = 0) -> list[Path]:
    """A file of each kind, none of them square."""
    folder.mkdir(parents=True, exist_ok=True)
    register_heif_opener()
    rng = np.random.default_rng(seed)
    smooth = Image.fromarray(rng.integers(0, 256, (9, 13, 3)).astype(np.uint8))
    color = smooth.resize((301, 211), Image.Resampling.BICUBIC)
    alpha = color.copy()
    alpha.putalpha(color.convert("L"))
    gray = np.asarray(color.convert("L"))
    turned = Image.Exif()
    turned[0x0112] = 6
    images: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "turned.jpg": (color, {"exif": turned}),
        "cmyk.jpg": (color.convert("CMYK"), {}),
        "alpha.png": (alpha, {}),
        "gray_alpha.png": (alpha.convert("LA"), {}),
        "gray.png": (color.convert("L"), {}),
        "sixteen_bit.png": (Image.fromarray(gray.astype(np.uint16) * 251 + 13), {}),
        "palette.png": (color.quantize(7), {"transparency": 2}),
        "palette.gif": (color.quantize(16), {}),
        "turned.tiff": (color, {"exif": turned}),
        "turned.webp": (color, {"exif": turned, "lossless": True}),
        "one.bmp": (color, {}),
        "one.avif": (color, {}),
        "turned.heic": (color, {"exif": turned.tobytes()}),
        "large.jpg": (color.resize((1601, 1203)), {}),
        "small.png": (color.resize((31, 27)), {}),
        "bilevel.png": (color.convert("1"), {}),
    }
    for name, (image, options) in images.items():
        image.save(folder / name, **options)
    whole = (folder / "large.jpg").read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    return sorted(folder.iterdir())
