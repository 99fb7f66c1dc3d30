"""What can be taken along of a run: its model, the tables of its answers, and its report."""

from collections.abc import Callable

import streamlit as st

from asl_core.data.synthetic_cache import CacheEntry
from asl_core.errors import AslError
from asl_core.evaluation.evaluation import Evaluation
from asl_core.evaluation.export_check import (
    KERAS_FILE,
    LITERT_FILE,
    N_CHECKED,
    ExportCheck,
    check_files,
    load_export_check,
)
from asl_core.jobs.tasks import export_check_task
from asl_core.report.bundle import LABELS, RESCALES, Bundle, labels, takes_images, tell_check
from asl_core.report.csv_tables import confusion_csv, predictions_csv, scores_csv
from asl_core.runs.run import Run
from asl_core.ui.evaluate.gallery import warn_no_images
from asl_core.ui.evaluate.offer_report import offer_report
from asl_core.ui.shared.downloads import download
from asl_core.ui.shared.errors import show_error
from asl_core.ui.shared.resources import dataset_of
from asl_core.ui.shared.tasks import offer_task
from asl_core.web.visitor import visitor

_ON_LANDMARKS = (
    "This model takes no image but 295 numbers, which are made of the key points of a hand: "
    "whoever uses it elsewhere must find the hand first. So there is no predict.py for it."
)


def show_downloads(run: Run, evaluation: Evaluation) -> None:
    """All that leaves the page as a file; each is made when it is asked for."""
    with st.container(key="downloads"):
        _offer_model(run)
        _offer_tables(run, evaluation)
        offer_report(run)


def _offer_model(run: Run) -> None:
    st.header("Use this model elsewhere")
    if takes_images(run):
        st.warning(f"**{RESCALES}**", icon=":material/warning:")
    else:
        st.info(_ON_LANDMARKS, icon=":material/back_hand:")
    check = load_export_check(run)
    if check is None and not _may_go_unchecked(run):
        return
    try:
        check_files(run, check)
    except AslError as error:
        show_error(error)
        return
    _model_buttons(run, check)


def _may_go_unchecked(run: Run) -> bool:
    """Offer to check the model files, if that can be done. Returns whether it never can be."""
    dataset = dataset_of(run)
    if dataset is None:
        spec = run.spec.source.spec
        if spec is None or CacheEntry(spec).is_ready:
            return True
        warn_no_images(run)  # and offer to render them
        return False
    if offer_task(
        export_check_task(run, dataset, visitor()),
        "Checking the model files",
        "Check and offer the files",
        ":material/verified:",
        primary=True,
    ):
        st.rerun()
    st.caption(
        f"Before they are offered, both model files are tried on {N_CHECKED} test images, once for "
        "all visitors: they must answer as the run did. That takes some seconds."
    )
    return False


def _model_buttons(run: Run, check: ExportCheck | None) -> None:
    st.caption(tell_check(check))

    def model_file(name: str) -> Callable[[], bytes]:
        return lambda: check_files(run, check)[name]

    script = ", and predict.py, which answers as Predict does" if takes_images(run) else ""
    with st.container(horizontal=True):
        download(
            "Everything (zip)",
            lambda: Bundle.of(run, check).as_zip(),
            f"asl-model-{run.id}.zip",
            "application/zip",
            primary=True,
        )
        download("Keras", model_file(KERAS_FILE), f"{run.id}.keras")
        download("LiteRT", model_file(LITERT_FILE), f"{run.id}.tflite")
        download("Labels", lambda: labels(run), LABELS, "text/plain")
    st.caption(
        f"The zip has {KERAS_FILE}, {LITERT_FILE} (LiteRT is the new name of TensorFlow Lite), "
        f"{LABELS} (a class a line, in the order of the outputs), a README, the model card{script}."
    )


def _offer_tables(run: Run, evaluation: Evaluation) -> None:
    st.header("Tables and figures")
    with st.container(horizontal=True):
        for label, name, write in (
            ("Confusion matrix (CSV)", "confusion", confusion_csv),
            ("Scores of each class (CSV)", "scores", scores_csv),
            ("Prediction of each test image (CSV)", "predictions", predictions_csv),
        ):
            download(label, _written(write, evaluation), f"{name}-{run.id}.csv", "text/csv")
    st.caption(
        "The camera at the upper right of each figure saves it as PNG or SVG; the report below has "
        "all of them in one HTML file."
    )


def _written(write: Callable[[Evaluation], bytes], evaluation: Evaluation) -> Callable[[], bytes]:
    return lambda: write(evaluation)
