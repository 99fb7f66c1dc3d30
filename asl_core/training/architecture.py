"""The layers of a network as plain numbers, so that a page can show them without Keras."""

from dataclasses import dataclass

from asl_core.config import Architecture
from asl_core.landmarks.features import N_FEATURES
from asl_core.landmarks.finder import N_VIEWS

CHANNELS = 3

POOLS: dict[int, tuple[int, ...]] = {2: (4, 4), 3: (2, 2, 2)}
"""Side of the max-pooling of each block, in pixels, by the number of blocks. Of three blocks each
halves the side: with (2, 2, 4) and (4, 2, 2), ten epochs on 24 letters end two points lower."""


@dataclass(frozen=True)
class Layer:
    """One row of `model.summary()`.

    Attributes:
        name: type of layer, as Keras calls it, with what matters of its settings.
        output_shape: shape of one sample after it, without the batch axis.
        params: number of weights, as Keras counts them: with the means and variances that a batch
            normalization follows.
    """

    name: str
    output_shape: tuple[int, ...]
    params: int


@dataclass(frozen=True)
class Block:
    """One convolution with its pooling.

    Attributes:
        channels: that come in.
        filters: of the convolution.
        size: side of what comes in, in pixels.
        pool: side of the max-pooling, in pixels.
    """

    channels: int
    filters: int
    size: int
    pool: int


def blocks(architecture: Architecture) -> tuple[Block, ...]:
    """The blocks of a network, in order."""
    found, channels, size = [], CHANNELS, architecture.image_size
    pools = POOLS[len(architecture.filters)]
    for filters, pool in zip(architecture.filters, pools, strict=True):
        found.append(Block(channels, filters, size, pool))
        channels, size = filters, size // pool
    return tuple(found)


def n_features(architecture: Architecture) -> int:
    """Inputs of the last layer; 135 for the mission's network."""
    last = blocks(architecture)[-1]
    return (last.size // last.pool) ** 2 * last.filters


def weight_shapes(architecture: Architecture, n_classes: int) -> list[tuple[int, ...]]:
    """Of the weights of a network without normalization: kernels, each followed by its bias."""
    size, found = architecture.kernel_size, list[tuple[int, ...]]()
    for block in blocks(architecture):
        found += [(size, size, block.channels, block.filters), (block.filters,)]
    return [*found, (n_features(architecture), n_classes), (n_classes,)]


def _landmark_layers(architecture: Architecture, n_classes: int) -> tuple[Layer, ...]:
    """The network that `asl_core.landmarks.network.build` builds."""
    hidden, dropout = architecture.hidden, architecture.dropout
    drop = [Layer(f"Dropout ({dropout:g})", (hidden,), 0)] if dropout else []
    return (
        Layer("BatchNormalization (standardizes)", (N_FEATURES,), 2 * N_FEATURES),
        Layer("ReLU and Rescaling (cut off at 6 deviations)", (N_FEATURES,), 0),
        Layer(f"Dense ({hidden}, relu)", (hidden,), (N_FEATURES + 1) * hidden),
        *drop,
        Layer(f"Dense ({n_classes}, softmax)", (n_classes,), (hidden + 1) * n_classes),
    )


def layers(architecture: Architecture, n_classes: int) -> tuple[Layer, ...]:
    """The network that `asl_core.training.model.build_network` builds, layer by layer.

    Args:
        architecture: what it is made of.
        n_classes: outputs of the last layer.

    Returns:
        Rescaling, the blocks, flatten, dropout if there is any, and dense: seven layers for the
        mission's network. On landmarks four, or five with dropout.
    """
    if architecture.features == "landmarks":
        return _landmark_layers(architecture, n_classes)
    size, features = architecture.image_size, n_features(architecture)
    found = [Layer("Rescaling (1/255)", (size, size, CHANNELS), 0)]
    for block in blocks(architecture):
        found += _block_layers(block, architecture)
    found.append(Layer("Flatten", (features,), 0))
    if architecture.dropout:
        found.append(Layer(f"Dropout ({architecture.dropout:g})", (features,), 0))
    dense = Layer(f"Dense ({n_classes}, softmax)", (n_classes,), (features + 1) * n_classes)
    return (*found, dense)


def _block_layers(block: Block, architecture: Architecture) -> list[Layer]:
    kernel, filters = architecture.kernel_size, block.filters
    shape = (block.size, block.size, filters)
    name = f"Conv2D ({filters} filters, {kernel}x{kernel}, same"
    weights = kernel**2 * block.channels * filters
    after = block.size // block.pool
    pooling = Layer(f"MaxPooling2D ({block.pool}x{block.pool})", (after, after, filters), 0)
    if not architecture.batch_norm:
        return [Layer(f"{name}, relu)", shape, weights + filters), pooling]
    return [
        Layer(f"{name})", shape, weights),  # no bias: the normalization has one
        Layer("BatchNormalization", shape, 4 * filters),
        Layer("ReLU", shape, 0),
        pooling,
    ]


def count_params(architecture: Architecture, n_classes: int) -> int:
    """Number of weights; 2,678 for the mission's network and three classes."""
    return sum(layer.params for layer in layers(architecture, n_classes))


def multiply_adds(architecture: Architecture, n_classes: int) -> int:
    """Multiplications, each with an addition, of one image's way through the network.

    Args:
        architecture: what the network is made of.
        n_classes: outputs of the last layer.

    Returns:
        1,207,905 for the mission's network and three classes. On landmarks those of all views.
    """
    if architecture.features == "landmarks":
        return N_VIEWS * architecture.hidden * (N_FEATURES + n_classes)
    taps = architecture.kernel_size**2
    convolutions = sum(
        taps * block.size**2 * block.channels * block.filters for block in blocks(architecture)
    )
    return convolutions + n_features(architecture) * n_classes
