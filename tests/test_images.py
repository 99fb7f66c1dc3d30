"""From picture files to pixels: known answers, and every kind of file that is none."""

import io
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image
from pillow_heif import register_heif_opener

from asl_core.errors import ImageError
from asl_core.images import WHOLE, WHOLE_SIDE, encode, open_image, read_image, read_whole
from asl_core.settings import MAX_UPLOAD_BYTES, ROOT

register_heif_opener()  # to write such files

ORIENTATION = 0x0112
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def file_of(image: Image.Image, image_format: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def assert_all(pixels: np.ndarray, colour: tuple[int, int, int], tolerance: int = 0) -> None:
    assert pixels.shape == (50, 50, 3)
    assert pixels.dtype == np.uint8
    np.testing.assert_allclose(
        pixels.astype(int), np.broadcast_to(colour, pixels.shape), 0, tolerance
    )


def refusal(source: bytes | Path, name: str = "hand.jpg") -> str:
    """The words with which a file is refused; they must name it and tell no inner names."""
    with pytest.raises(ImageError) as caught:
        read_image(source, name)
    assert caught.value.name == name
    assert str(caught.value).startswith(f"{name} ")
    return caught.value.reason


def test_mission_photos_equal_keras_to_the_pixel(photos: Path) -> None:
    from keras.utils import img_to_array, load_img

    files = [file for letter in "ABC" for file in sorted((photos / letter).iterdir())[::97]]
    assert len(files) == 33
    for file in files:
        expected = img_to_array(load_img(file, target_size=(50, 50)), dtype="uint8")
        np.testing.assert_array_equal(read_image(file, file.name), expected)


def test_content_and_path_give_the_same(photos: Path) -> None:
    file = photos / "A" / "A1.jpg"

    np.testing.assert_array_equal(read_image(file, "a"), read_image(file.read_bytes(), "a"))


def test_picture_of_the_right_size_is_not_changed() -> None:
    pixels = noise(50, 50)

    np.testing.assert_array_equal(read_image(encode(pixels), "x.png"), pixels)


def test_size_of_the_result_can_be_chosen() -> None:
    pixels = noise(30, 30)

    np.testing.assert_array_equal(read_image(encode(pixels), "x.png", size=30), pixels)


UPRIGHT = np.zeros((96, 96, 3), np.uint8)
UPRIGHT[:48, :48], UPRIGHT[:48, 48:], UPRIGHT[48:, :48] = RED, GREEN, BLUE

STORED = {  # by Exif 2.3: which visual sides the first row and the first column are
    1: UPRIGHT,  # top, left
    2: UPRIGHT[:, ::-1],  # top, right
    3: UPRIGHT[::-1, ::-1],  # bottom, right
    4: UPRIGHT[::-1],  # bottom, left
    5: UPRIGHT.swapaxes(0, 1),  # left, top
    6: np.rot90(UPRIGHT),  # right, top
    7: np.rot90(UPRIGHT, 2).swapaxes(0, 1),  # right, bottom
    8: np.rot90(UPRIGHT, -1),  # left, bottom
}


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", STORED)
def test_orientation_is_honoured(orientation: int, image_format: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation]))
    content = file_of(stored, image_format, exif=exif.tobytes(), quality=100)

    pixels = read_image(content, "turned")

    for row, column, colour in ((8, 8, RED), (8, 40, GREEN), (40, 8, BLUE), (40, 40, (0, 0, 0))):
        np.testing.assert_allclose(pixels[row, column].astype(int), colour, 0, 11)


def test_metadata_that_can_not_be_written_back_do_not_matter() -> None:
    """Cameras write odd types: here a resolution that claims to be raw bytes."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x011A] = 72.0
    content = file_of(Image.fromarray(np.ascontiguousarray(STORED[6])), "PNG", exif=exif)
    place = content.index(b"eXIf")
    entry = content.index(struct.pack(">HH", 0x011A, 5), place)
    length = struct.unpack(">L", content[place - 4 : place])[0]
    odd = bytearray(content)
    odd[entry + 2 : entry + 4] = struct.pack(">H", 7)
    data = bytes(odd[place : place + 4 + length])
    odd[place + 4 + length : place + 8 + length] = struct.pack(">L", zlib.crc32(data))

    np.testing.assert_array_equal(read_image(bytes(odd), "x"), read_image(encode(UPRIGHT), "x"))


@pytest.mark.parametrize("orientation", [0, 9, 65_535])
def test_orientation_that_does_not_exist_is_ignored(orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation

    pixels = read_image(file_of(Image.fromarray(UPRIGHT), exif=exif), "odd.png")

    np.testing.assert_array_equal(pixels, read_image(encode(UPRIGHT), "plain.png"))


def test_turned_photo_that_is_not_square_is_cropped_upright() -> None:
    """Stored lying (300 wide), shown standing: the middle of the standing picture is kept."""
    standing = np.zeros((300, 100, 3), np.uint8)
    standing[:100], standing[100:200], standing[200:] = RED, GREEN, BLUE
    exif = Image.Exif()
    exif[ORIENTATION] = 6

    stored = Image.fromarray(np.ascontiguousarray(np.rot90(standing)))

    assert stored.size == (300, 100)
    assert_all(read_image(file_of(stored, exif=exif), "standing.png"), GREEN)


def test_transparency_is_laid_on_white() -> None:
    assert_all(read_image(file_of(Image.new("RGBA", (60, 60), (255, 0, 0, 0))), "x"), WHITE)
    assert_all(read_image(file_of(Image.new("RGBA", (60, 60), (255, 0, 0, 255))), "x"), RED)
    half = read_image(file_of(Image.new("RGBA", (60, 60), (255, 0, 0, 128))), "x")
    assert_all(half, (255, 127, 127), 1)


def test_grey_with_transparency_is_laid_on_white() -> None:
    assert_all(read_image(file_of(Image.new("LA", (60, 60), (0, 0))), "x"), WHITE)
    assert_all(read_image(file_of(Image.new("LA", (60, 60), (100, 255))), "x"), (100, 100, 100))


def test_palette_with_transparency_is_laid_on_white() -> None:
    image = Image.new("P", (60, 60), 1)
    image.putpalette([*GREEN, *BLUE])

    assert_all(read_image(file_of(image), "x"), BLUE)
    assert_all(read_image(file_of(image, transparency=0), "x"), BLUE)
    assert_all(read_image(file_of(image, transparency=1), "x"), WHITE)


def test_colour_that_is_declared_transparent_is_laid_on_white() -> None:
    image = Image.new("RGB", (60, 60), RED)

    assert_all(read_image(file_of(image, transparency=RED), "x"), WHITE)


@pytest.mark.parametrize(("mode", "value", "level"), [("L", 77, 77), ("1", 1, 255)])
def test_grey_becomes_rgb(mode: str, value: int, level: int) -> None:
    assert_all(read_image(file_of(Image.new(mode, (60, 60), value)), "x"), (level,) * 3)


@pytest.mark.parametrize("level", [0, 1, 127, 128, 255])
def test_sixteen_bit_grey_keeps_its_brightness(level: int) -> None:
    image = Image.fromarray(np.full((60, 60), level * 257, np.uint16))
    assert image.mode == "I;16"

    assert_all(read_image(file_of(image), "x.png"), (level,) * 3)


def test_cmyk_jpeg_becomes_rgb() -> None:
    cyan = Image.new("CMYK", (64, 64), (255, 0, 0, 0))

    assert_all(read_image(file_of(cyan, "JPEG", quality=100), "x.jpg"), (0, 255, 255), 3)


def test_webp_is_read() -> None:
    pixels = noise(50, 50)

    np.testing.assert_array_equal(
        read_image(file_of(Image.fromarray(pixels), "WEBP", lossless=True), "x.webp"), pixels
    )


@pytest.mark.parametrize("turn", [False, True])
def test_photo_that_is_not_square_is_cropped_to_its_centre(turn: bool) -> None:
    wide = np.zeros((100, 300, 3), np.uint8)
    wide[:, :100], wide[:, 100:200], wide[:, 200:] = RED, GREEN, BLUE
    picture = wide.swapaxes(0, 1) if turn else wide

    assert_all(read_image(encode(np.ascontiguousarray(picture)), "x.png"), GREEN)


def test_crop_is_centred_to_the_pixel() -> None:
    pixels = noise(50, 57)

    np.testing.assert_array_equal(read_image(encode(pixels), "x.png"), pixels[:, 3:53])


def test_large_photo_is_averaged_before_it_is_sampled() -> None:
    """Fine stripes would come out black or white by chance if single pixels were picked."""
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255

    assert_all(read_image(encode(stripes), "x.png"), (128, 128, 128), 1)


@pytest.mark.parametrize("side", [1, 2, 49, 51, 101, 199, 201, 1_999])
def test_any_side_gives_the_size_of_the_network(side: int) -> None:
    content = file_of(Image.new("RGB", (side, side), (10, 20, 30)))

    assert_all(read_image(content, "x.png"), (10, 20, 30))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("image_format", ["PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"])
def test_truncated_file_is_refused(image_format: str, share: float) -> None:
    content = file_of(Image.fromarray(noise(100, 100)), image_format)

    reason = refusal(content[: int(len(content) * share)])
    assert "is broken" in reason or reason.startswith("is not a")


@pytest.mark.parametrize("lacks", [1, 2, 40, 400])
def test_a_jpeg_without_its_last_bytes_is_read_as_far_as_it_goes(lacks: int) -> None:
    content = file_of(Image.fromarray(noise(100, 100)), "JPEG")
    whole, cut = (open_image(c, "x.jpg") for c in (content, content[:-lacks]))
    assert (whole.truncated, cut.truncated) == (False, True)
    np.testing.assert_array_equal(cut.pixels[:40], whole.pixels[:40])


def test_bytes_after_the_end_of_a_jpeg_do_not_matter() -> None:
    content = file_of(Image.fromarray(noise(100, 100)), "JPEG")
    assert not open_image(content + b"from a phone", "x.jpg").truncated


def test_a_jpeg_of_which_only_the_head_is_left_is_refused() -> None:
    assert "is broken" in refusal(file_of(Image.fromarray(noise(100, 100)), "JPEG")[:150])


@pytest.mark.parametrize("content", [b"", b"just some words", b"\xff\xd8\xff", bytes(5_000)])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    assert refusal(content) == "is not a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC image."


@pytest.mark.parametrize("image_format", ["PPM", "ICO", "TGA", "PDF", "JPEG2000"])
def test_other_formats_are_refused_whatever_their_name(image_format: str) -> None:
    content = file_of(Image.new("RGB", (50, 50)), image_format)

    assert refusal(content, "hand.jpg").startswith("is not a JPEG, PNG, WebP")


@pytest.mark.parametrize("image_format", ["PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"])
def test_every_format_is_read_by_content_whatever_its_name(image_format: str) -> None:
    picture = Image.new("RGB", (64, 64), (200, 40, 90))
    content = file_of(picture, image_format, quality=100, lossless=True)
    assert_all(read_image(content, "hand.jpg"), (200, 40, 90), 6)


@pytest.mark.parametrize("image_format", ["GIF", "TIFF", "WEBP", "AVIF", "PNG"])
def test_of_several_frames_the_first_counts(image_format: str) -> None:
    first, second = (Image.new("RGB", (64, 64), color) for color in (RED, BLUE))
    content = file_of(first, image_format, save_all=True, append_images=[second], quality=100)
    assert_all(read_image(content, "moving"), RED, 6)


def test_pixels_that_are_fractions_are_refused() -> None:
    content = file_of(Image.fromarray(np.full((60, 60), 0.5, np.float32)), "TIFF")
    assert "pixels that are fractions" in refusal(content)


def test_heic_is_loaded_where_it_is_asked_for() -> None:
    told = "import sys, asl_core.images; print('pillow_heif' in sys.modules)"
    asked = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True)
    assert asked.stdout.strip() == "False"


def test_text_file_named_jpg_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hand.jpg").write_text("no picture")

    assert "is not a JPEG" in refusal(tmp_path / "hand.jpg")


def test_missing_file_is_told(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "nowhere.jpg")


def test_folder_is_no_picture(tmp_path: Path) -> None:
    assert "can't be read" in refusal(tmp_path)


def test_file_at_the_limit_is_read_and_one_over_it_is_refused(tmp_path: Path) -> None:
    picture = file_of(Image.new("RGB", (50, 50), RED))
    content = picture + bytes(MAX_UPLOAD_BYTES - len(picture))
    assert_all(read_image(content, "x.png"), RED)

    assert "10 MB are allowed" in refusal(content + b"\0")
    (tmp_path / "large.png").write_bytes(content + b"\0")
    assert "10 MB are allowed" in refusal(tmp_path / "large.png")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("width", "height", "told"),
    [
        (5_000, 4_000, "has 20.0 megapixels"),
        (16_001, 1_000, "has 16.0 megapixels"),
        (12_000, 10_000, "has 120.0 megapixels"),
        (100_000, 100_000, "has far more"),
        (2**31 - 1, 2**31 - 1, "has far more"),
    ],
)
def test_small_file_with_too_many_pixels_is_refused(width: int, height: int, told: str) -> None:
    reason = refusal(declared(width, height))

    assert reason.startswith(told)
    assert "at most 16 megapixels" in reason


def declared(width: int, height: int) -> bytes:
    """A PNG of a few bytes that declares a size."""
    parts = (
        (b"IHDR", struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"")),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_picture_of_sixteen_megapixels_is_read() -> None:
    assert_all(read_image(file_of(Image.new("RGB", (4_000, 4_000), BLUE)), "x.png"), BLUE)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "image_format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"]
)
def test_changed_bytes_never_end_in_another_error(image_format: str) -> None:
    """A picture with metadata, changed at random places, is read or refused, and nothing else."""
    rng = random.Random(0)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010E] = "a hand"
    exif[0x011A] = 72.0
    good = file_of(Image.fromarray(noise(40, 40)), image_format, exif=exif.tobytes())
    head = max(good.find(b"MM\0*"), good.find(b"II*\0"), 0)
    refused = 0
    for attempt in range(300):
        bad = bytearray(good)
        first, last = (head, min(head + 90, len(bad))) if attempt % 2 else (0, len(bad))
        for _ in range(rng.randint(1, 4)):
            bad[rng.randrange(first, last)] = rng.randrange(256)
        try:
            assert read_image(bytes(bad), "x").shape == (50, 50, 3)
        except ImageError:
            refused += 1
    assert refused > 0


@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_encoded_pixels_come_back(image_format: str) -> None:
    pixels = np.full((50, 50, 3), (200, 100, 50), np.uint8)

    assert_all(read_image(encode(pixels, image_format), "x"), (200, 100, 50), 3)


def test_a_whole_image_is_neither_cropped_nor_resized(tmp_path: Path) -> None:
    pixels = np.zeros((30, 70, 3), np.uint8)
    pixels[:, :10] = (255, 0, 0)
    path = tmp_path / "wide.png"
    Image.fromarray(pixels).save(path)
    assert np.array_equal(read_whole(path, "wide.png"), pixels)
    assert np.array_equal(read_whole(path.read_bytes(), "wide.png"), pixels)

    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # lies on its left side
    Image.fromarray(pixels).save(path, exif=exif)
    assert np.array_equal(read_whole(path, "wide.png"), np.rot90(pixels, -1))


@pytest.mark.parametrize(("width", "height"), [(4000, 3000), (2050, 64), (5200, 40), (9000, 30)])
@pytest.mark.parametrize("turn", [1, 6])
def test_a_large_whole_image_is_averaged_down_alike_in_every_format(
    width: int, height: int, turn: int
) -> None:
    line = np.linspace(0, 255, width, dtype=np.uint8)
    pixels = np.tile(line[None, :, None], (height, 1, 3))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    jpeg, png = (
        read_image(file_of(Image.fromarray(pixels), name, exif=exif), name, WHOLE).astype(int)
        for name in ("JPEG", "PNG")
    )
    assert jpeg.shape == png.shape
    assert max(png.shape) <= WHOLE_SIDE
    assert abs(jpeg - png).max() <= 3


def test_a_whole_image_that_is_none_is_told() -> None:
    with pytest.raises(ImageError, match=r"x\.png"):
        read_whole(b"no image", "x.png")
