"""The training images that resemble an image most, as a sheet."""

from asl_core.data import Dataset
from asl_core.data.nearest import Neighbors
from asl_core.landmarks.found import Landmarks
from asl_core.ui.shared.images import Picture, columns_for, sheet
from asl_core.ui.shared.landmarks import image_with_hand

SIMILAR = 6
"""Training images that are shown."""


def show_neighbors(dataset: Dataset, found: Neighbors, landmarks: Landmarks | None = None) -> None:
    """The images of a dataset that are nearest to one, each with its class and distance.

    Args:
        dataset: the images.
        found: its first row is shown.
        landmarks: hands of the dataset, which are drawn; None: the images as they are.
    """
    sheet(
        [
            Picture(
                image_with_hand(dataset, landmarks, i),
                dataset.class_name(i),
                f"Training image of {dataset.class_name(i)}, {dataset.files[i]}",
                f"Distance {distance:.3f}",
                dataset.rendered,
            )
            for i, distance in zip(found.indices[0].tolist(), found.distances[0], strict=True)
        ],
        columns=min(SIMILAR, columns_for(dataset.classes)),
    )
