"""What a dataset holds, on a page: its balance and its labels, also before it is all rendered."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from asl_core import figures
from asl_core.data import SyntheticSpec
from asl_core.data.dataset import one_hot
from asl_core.figures.labels import cut
from asl_core.settings import IMAGE_SIZE
from asl_core.synthetic.folder import part_counts
from asl_core.ui.shared.charts import chart, drawn_once, mode
from asl_core.ui.shared.images import data_url
from asl_core.ui.shared.rendering import preview

ENCODED = 6

LONGEST_NAME = 24
"""Characters of a class name in a narrow column; the charts and images beside show it whole."""


def preview_data(spec: SyntheticSpec) -> None:
    """The page Data while the dataset is still being rendered."""
    train, test = part_counts(spec.letters, spec.count)
    st.header(f"The first of {sum(train.values()):,} training images")
    images, letters = preview(spec, 36)
    class_balance(train, test)
    classes = tuple(spec.letters)
    labels = np.array([classes.index(letter) for letter in letters[:ENCODED]], np.int64)
    if len(images):
        one_hot_labels(images[:ENCODED], labels, classes)


def class_balance(train: Mapping[str, int], test: Mapping[str, int]) -> None:
    """How many training and test images each class has, as a table and as bars.

    Args:
        train: training images per class.
        test: test images per class.
    """
    st.header("Class balance")
    table, balance = st.columns([2, 3])
    table.dataframe(
        pd.DataFrame(
            {
                "Class": cut(list(train), LONGEST_NAME),
                "Training": train.values(),
                "Test": test.values(),
            }
        ),
        hide_index=True,
        height="content",
    )
    table.caption(
        f"{sum(train.values()):,} training and {sum(test.values()):,} test images, each "
        f"{IMAGE_SIZE}x{IMAGE_SIZE} pixels in 3 color channels, as uint8 from 0 to 255."
    )
    words = ", ".join(f"{name}: {train[name]} training, {test[name]} test" for name in train)
    drawn_in = mode()
    with balance:
        chart(
            drawn_once(lambda: figures.class_balance(train, test, drawn_in), words, drawn_in),
            f"Bars of the images of each class. {words}",
        )


def one_hot_labels(images: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> None:
    """What one-hot encoding makes of a few labels.

    Args:
        images: uint8 (n, 50, 50, 3).
        labels: int64 (n,), index into `classes`.
        classes: names of all classes.
    """
    st.header("One-hot labels")
    st.markdown(
        "The network has one output per class. So each label becomes a row with a **1** in the "
        "column of its class and **0** elsewhere; the loss (categorical cross-entropy) compares "
        "that row with the network's probabilities."
    )
    names = cut(classes, LONGEST_NAME)
    encoded = one_hot(labels, len(classes)).astype(np.uint8)
    columns = {f"is {name}": encoded[:, label] for label, name in enumerate(classes)}
    st.dataframe(
        pd.DataFrame(
            {
                "Image": [data_url(image) for image in images],
                "Class": [names[label] for label in labels],
                "Label": labels,
                **columns,
            }
        ),
        hide_index=True,
        row_height=56,
        column_config={
            "Image": st.column_config.ImageColumn(width="small"),
            **{name: st.column_config.NumberColumn(width="small", help=name) for name in columns},
        },
    )
