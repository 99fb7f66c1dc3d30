"""What a dataset holds, on a page: its balance and its labels, also before it is all drawn."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from asl_core import figures
from asl_core.data import SyntheticSpec
from asl_core.data.dataset import one_hot
from asl_core.settings import IMAGE_SIZE
from asl_core.synthetic.folder import part_counts
from asl_core.ui.shared.charts import chart, mode
from asl_core.ui.shared.images import data_url
from asl_core.ui.shared.rendering import preview

ENCODED = 6


def preview_data(recipe: SyntheticSpec) -> None:
    """The page Data while the set is still being drawn."""
    train, test = part_counts(recipe.letters, recipe.count)
    st.subheader(f"The first of {sum(train.values()):,} training pictures")
    images, letters = preview(recipe, 36)
    class_balance(train, test)
    classes = tuple(recipe.letters)
    labels = np.array([classes.index(letter) for letter in letters[:ENCODED]], np.int64)
    if len(images):
        one_hot_labels(images[:ENCODED], labels, classes)


def class_balance(
    train: Mapping[str, int], test: Mapping[str, int], noun: str = "pictures"
) -> None:
    """How many training and test pictures each class has, as a table and as bars.

    Args:
        train: training pictures per class.
        test: test pictures per class.
        noun: what to call them.
    """
    st.subheader("How many of each letter")
    table, balance = st.columns([2, 3])
    table.dataframe(
        pd.DataFrame({"Training": train, "Test": test}).rename_axis("Letter"),
        height="content" if len(train) <= 12 else 460,
    )
    table.caption(
        f"{sum(train.values()):,} training and {sum(test.values()):,} test {noun}, each "
        f"{IMAGE_SIZE}x{IMAGE_SIZE} pixels in 3 colours, as uint8 from 0 to 255."
    )
    words = ", ".join(f"{name}: {train[name]} training, {test[name]} test" for name in train)
    with balance:
        chart(
            figures.class_balance(train, test, mode()),
            f"Bars of the {noun} of each letter. {words}",
        )


def one_hot_labels(images: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> None:
    """What one-hot encoding makes of a few labels.

    Args:
        images: uint8 (n, 50, 50, 3).
        labels: int64 (n,), index into `classes`.
        classes: names of all classes.
    """
    st.subheader("One-hot labels")
    st.markdown(
        "The network has one output per letter. So each label becomes a row with a **1** in the "
        "column of its letter and **0** elsewhere; the loss (categorical cross-entropy) compares "
        "that row with the network's probabilities."
    )
    st.dataframe(
        pd.DataFrame(
            {
                "Picture": [data_url(image) for image in images],
                "Letter": [classes[label] for label in labels],
                "Label": labels,
            }
        ).join(
            pd.DataFrame(
                one_hot(labels, len(classes)).astype(np.uint8),
                columns=[f"is {name}" for name in classes],
            )
        ),
        hide_index=True,
        row_height=56,
        column_config={"Picture": st.column_config.ImageColumn(width="small")},
    )
