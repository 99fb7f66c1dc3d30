"""The layers of the mission's CNN as plain numbers, so that a page can show them without Keras."""

from dataclasses import dataclass

from asl_core.settings import IMAGE_SIZE

KERNEL = 5
"""Side of both convolutions, in pixels."""

POOL = 4
"""Side of both max-poolings, in pixels."""

CHANNELS = 3


@dataclass(frozen=True)
class Layer:
    """One row of `model.summary()`.

    Attributes:
        name: type of layer, as Keras calls it, with what matters of its settings.
        output_shape: shape of one sample after it, without the batch axis.
        params: number of trained weights.
    """

    name: str
    output_shape: tuple[int, ...]
    params: int


def layers(filters: tuple[int, int], n_classes: int, size: int = IMAGE_SIZE) -> tuple[Layer, ...]:
    """The network that `asl_core.training.model.build_cnn` builds, layer by layer.

    Args:
        filters: filters of the first and second convolution.
        n_classes: outputs of the last layer.
        size: side of the input images, in pixels.

    Returns:
        Seven layers: rescaling, two convolutions each followed by pooling, flatten and dense.
    """
    first, second = filters
    half, quarter = size // POOL, size // POOL // POOL
    flat = quarter * quarter * second
    return (
        Layer("Rescaling (1/255)", (size, size, CHANNELS), 0),
        Layer(_conv_name(first), (size, size, first), _conv_params(CHANNELS, first)),
        Layer(_pool_name(), (half, half, first), 0),
        Layer(_conv_name(second), (half, half, second), _conv_params(first, second)),
        Layer(_pool_name(), (quarter, quarter, second), 0),
        Layer("Flatten", (flat,), 0),
        Layer(f"Dense ({n_classes}, softmax)", (n_classes,), (flat + 1) * n_classes),
    )


def count_params(filters: tuple[int, int], n_classes: int) -> int:
    """Number of trained weights; 2,678 for the mission's (5, 15) filters and three classes."""
    return sum(layer.params for layer in layers(filters, n_classes))


def multiply_adds(filters: tuple[int, int], n_classes: int) -> int:
    """Multiplications, each with an addition, of one image's way through the network.

    Args:
        filters: of the first and second convolution.
        n_classes: outputs of the last layer.

    Returns:
        1,207,905 for the mission's filters (5, 15) and three classes.
    """
    first, second = filters
    half, quarter = IMAGE_SIZE // POOL, IMAGE_SIZE // POOL // POOL
    convolutions = IMAGE_SIZE**2 * CHANNELS * first + half**2 * first * second
    return KERNEL**2 * convolutions + quarter**2 * second * n_classes


def _conv_params(channels: int, filters: int) -> int:
    return (KERNEL * KERNEL * channels + 1) * filters


def _conv_name(filters: int) -> str:
    return f"Conv2D ({filters} filters, {KERNEL}x{KERNEL}, same, relu)"


def _pool_name() -> str:
    return f"MaxPooling2D ({POOL}x{POOL})"
