"""Data quality on a page: how many images have each problem, and the images."""

from math import ceil
from pathlib import Path

import numpy as np
import streamlit as st

from asl_core.data import Dataset, Split
from asl_core.data.near_duplicates import NEAR_DUPLICATE, Leakage, find_leakage
from asl_core.data.quality import (
    BLURRED,
    LONGEST,
    OFF_MEDIAN,
    PROBLEMS,
    TOO_BRIGHT,
    TOO_DARK,
    Problem,
    Quality,
)
from asl_core.jobs.tasks import leakage_task, quality_task
from asl_core.settings import IMAGE_SIZE
from asl_core.ui.shared.images import Picture, sheet
from asl_core.ui.shared.near_duplicates import FEW_IMAGES, offer_leakage
from asl_core.ui.shared.resources import run_store
from asl_core.ui.shared.tasks import offer_task
from asl_core.ui.shared.words import percent
from asl_core.web.visitor import visitor

PER_PAGE = 48  # even, so that no pair is torn apart
WORDS: dict[Problem, str] = {
    "exact duplicate": "Pixel-identical to another image at the network's input size. Each group "
    "is shown together, the original with its duplicates.",
    "near-duplicate": f"Differs from another image by at most {100 * NEAR_DUPLICATE:.0f} % of the "
    "range from black to white, on average over all pixels, as neighboring frames of a video do. "
    "Shown in pairs, the closest first; an image may be in several.",
    "too dark": f"99 % of the pixels are below {100 * TOO_DARK:.0f} % of full brightness.",
    "too bright": f"95 % of the pixels are above {100 * TOO_BRIGHT:.0f} % of full brightness.",
    "blurred": f"Has no sharp edge: the variance of its Laplacian is below {BLURRED:.0f} squared "
    "gray levels. An empty wall has about 10, the mission's images have 940 or more.",
    "odd size": f"The file has a side shorter than the {IMAGE_SIZE} pixels of the network's input, "
    f"one side more than {LONGEST:.0f} times the other (only the center square is used), or "
    f"{OFF_MEDIAN:.0f} times more or fewer pixels than the median file.",
}


def show_quality(dataset: Dataset, split: Split) -> None:
    """The images that have a problem, once they are checked."""
    task = quality_task(run_store(), dataset, visitor())
    if not offer_task(
        task,
        "Checking the images",
        "Check the images",
        ":material/image_search:",
        primary=True,
    ):
        return
    quality = _load(task.result, dataset.fingerprint)
    _tell_leakage(dataset, split)
    found = quality.problems
    problem: Problem = st.pills(
        "Problem",
        PROBLEMS,
        default=next((name for name in PROBLEMS if len(found[name])), PROBLEMS[0]),
        required=True,
        format_func=lambda name: f"{name}: {len(found[name]):,}",
        key="problem",
    )
    st.caption(WORDS[problem])
    shown = _in_order(problem, quality, found[problem])
    if not len(shown):
        st.success(
            "No images with this problem.",
            icon=":material/check_circle:",
        )
        return
    slot = st.container()
    n_pages = ceil(len(shown) / PER_PAGE)
    page = st.pagination(n_pages, key=f"problem_{problem}") if n_pages > 1 else 1
    with slot:
        sheet(
            [
                Picture(
                    dataset.images[i],
                    dataset.class_name(i),
                    f"{dataset.files[i]}: {problem}",
                    _note(problem, quality, dataset, i, place),
                    dataset.rendered,
                )
                for place, i in enumerate(shown[(page - 1) * PER_PAGE :][:PER_PAGE])
            ]
        )


def _in_order(problem: Problem, quality: Quality, indices: np.ndarray) -> np.ndarray:
    """The images to show: copies beside what they duplicate, else the worst first."""
    if problem == "exact duplicate":
        grouped = np.flatnonzero(np.isin(quality.original, quality.original[indices]))
        order: np.ndarray = grouped[np.argsort(quality.original[grouped], kind="stable")]
        return order
    if problem == "near-duplicate":
        return quality.near_pairs.reshape(-1)
    badness = {
        "too dark": quality.light,
        "too bright": -quality.dark,
        "blurred": quality.sharpness,
        "odd size": quality.sizes.prod(axis=1),
    }[problem]
    return indices[np.argsort(badness[indices], kind="stable")]


def _note(problem: Problem, quality: Quality, dataset: Dataset, index: int, place: int) -> str:
    """What was measured of one image; of a pair, the first one says how far apart they are."""
    if problem == "near-duplicate" and place % 2:
        return dataset.files[index].split("/")[-1]
    width, height = quality.sizes[index]
    return {
        "exact duplicate": dataset.files[quality.original[index]]
        if quality.original[index] != index
        else "original",
        "near-duplicate": f"{100 * quality.distances[index]:.1f} % from "
        f"{dataset.files[quality.nearest[index]].split('/')[-1]}",
        "too dark": f"up to {100 * quality.light[index]:.0f} %",
        "too bright": f"from {100 * quality.dark[index]:.0f} %",
        "blurred": f"{quality.sharpness[index]:.0f}",
        "odd size": f"{width} x {height}",
    }[problem]


def _tell_leakage(dataset: Dataset, split: Split) -> None:
    leakage = _leakage_of(dataset, split)
    if leakage is None:
        return
    near, exact = int(leakage.near.sum()), int(leakage.exact.sum())
    st.markdown(
        f"**{near:,} of the {len(split.test):,} test images ({percent(leakage.share)}) have a "
        f"near-duplicate among the training images** in split '{split.name}', of which {exact:,} "
        f"{'is an exact duplicate' if exact == 1 else 'are exact duplicates'}."
    )
    if near:
        st.caption(
            "To get those right, a network need only memorize. For accuracy on new images, look at "
            f"the other {len(split.test) - near:,}"
            + ("." if dataset.rendered else ", or use split 'frames'.")
        )


def _leakage_of(dataset: Dataset, split: Split) -> Leakage | None:
    """Of many images, a task for a worker: None until it is done."""
    if len(split.train) + len(split.test) <= FEW_IMAGES:
        return _leakage(dataset, split, dataset.fingerprint, split.name)
    task = leakage_task(run_store(), dataset, split.name, visitor())
    return offer_leakage(task)


@st.cache_resource(max_entries=8, show_spinner=False)
def _leakage(_dataset: Dataset, _split: Split, fingerprint: str, split_name: str) -> Leakage:
    """`fingerprint` and `split_name` are those of the arguments before, and the cache's key."""
    return find_leakage(_dataset, _split)


@st.cache_resource(max_entries=4, show_spinner=False)
def _load(_result: Path, fingerprint: str) -> Quality:
    """What was measured; `fingerprint` is the dataset's, and the key of the cache."""
    return Quality.load(_result)
