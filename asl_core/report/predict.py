"""The class of images, by the model beside this file: python predict.py photo.jpg ...

The model takes pixels of 0 to 255 and rescales them itself: DON'T DIVIDE BY 255.
"""

import io
import sys
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image
from pillow_heif import register_heif_opener

HERE = Path(__file__).parent
TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # EXIF orientation -> Image.Transpose
BOTH_HANDS = False  # whether an image is tried mirrored too, as a left hand
register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


def read(path: str, size: int) -> np.ndarray:
    """The center square of an image, upright, on white, in RGB: uint8 (size, size, 3)."""
    content = Path(path).read_bytes()
    if content.startswith(b"\xff\xd8\xff"):
        content += b"\xff\xd9"  # a JPEG that lacks its end is read as far as it goes
    image = Image.open(io.BytesIO(content))
    image.load()
    turn = TURNS.get(image.getexif().get(274, 1))
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    if turn is not None:
        square = square.transpose(Image.Transpose(turn))
    if square.mode == "F":
        sys.exit(f"{path} has pixels that are fractions. Save it as an 8-bit image.")
    if square.mode.startswith("I"):  # 16-bit gray
        square = Image.fromarray((np.asarray(square).astype(np.uint32) >> 8).astype(np.uint8))
    if square.has_transparency_data:
        square = square.convert("RGBA")
        square = Image.alpha_composite(Image.new("RGBA", square.size, "white"), square)
    square = square.convert("RGB")
    factor = side // max(100, 2 * size)
    square = square.reduce(factor) if factor > 1 else square
    return np.asarray(square.resize((size, size), Image.Resampling.NEAREST))


if __name__ == "__main__":
    labels = (HERE / "labels.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
    model = Interpreter(str(HERE / "model.tflite"))
    model.allocate_tensors()
    taken, given = model.get_input_details()[0], model.get_output_details()[0]
    for path in sys.argv[1:]:
        image = read(path, int(taken["shape"][1]))
        answers = []
        for tried in (image, image[:, ::-1])[: 1 + BOTH_HANDS]:
            model.set_tensor(taken["index"], np.ascontiguousarray(tried)[None])
            model.invoke()
            answers.append(model.get_tensor(given["index"])[0])
        odds = [p / (1 - p) for p in (min(float(a.max()), 0.9999) for a in answers)]
        probabilities = answers[odds[-1] > 10 * odds[0]]  # mirrored only if that is far clearer
        each = ", ".join(f"{label} {p:.6f}" for label, p in zip(labels, probabilities, strict=True))
        print(f"{path}: {labels[probabilities.argmax()]} ({each})")
