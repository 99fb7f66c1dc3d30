"""What came of a training, on one screen: its accuracy, its first mistakes and its curve."""

import streamlit as st

from asl_core.data import Dataset
from asl_core.evaluation.evaluation import Evaluation
from asl_core.jobs.checks import Checks
from asl_core.runs.describe import describe_spec
from asl_core.runs.run import Run
from asl_core.ui.shared.accuracy import checks_of, draw_cards, draw_checks
from asl_core.ui.shared.charts import chart, in_numbers, run_curve, tell_curves
from asl_core.ui.shared.downloads import link_downloads
from asl_core.ui.shared.images import data_url, without_edge
from asl_core.ui.shared.next_step import offer_next_step
from asl_core.ui.shared.resources import dataset_of, evaluation_of
from asl_core.ui.shared.tasks import duration
from asl_core.ui.shared.url import to_mistakes
from asl_core.ui.shared.words import STOP_REASONS, count_of, describe, escape_markdown, percent

FIRST_MISTAKES = 3

CURVE_HEIGHT = 170  # pixels, about as of the mistakes beside it

EVALUATE = "pages/evaluate.py"


def draw_result(run: Run, before: Run | None, suggest: bool) -> None:
    """A run that finished while this visitor was here.

    Args:
        run: the run.
        before: the one before it; None: there is none.
        suggest: whether what to try next is offered.
    """
    results = run.results
    st.success(
        f"{STOP_REASONS[results.stop_reason]}. Total time {duration(results.seconds['total'])}.",
        icon=":material/check_circle:",
    )
    checks = checks_of(run)
    _draw_core(run, checks)
    with st.container(horizontal=True, key="after_training"):
        link_downloads(run)
        if before:
            st.page_link(
                "pages/compare.py",
                label="Compare with the previous run",
                icon=":material/compare_arrows:",
                query_params={"runs": f"{before.id},{run.id}"},
            )
    if suggest:
        offer_next_step(run)
    if checks:
        draw_checks(run, checks)
    st.caption(f"{describe_spec(run.spec)}. {tell_curves(run)}")


def draw_newest(run: Run) -> None:
    """The newest run of all, for a visitor who has trained none yet."""
    st.markdown(f"**Newest run:** {escape_markdown(describe(run))}")
    _draw_core(run, checks_of(run))


def draw_older(run: Run) -> None:
    """An older run of this visit, in a line."""
    st.page_link(
        EVALUATE,
        label=escape_markdown(describe(run)),
        icon=":material/history:",
        query_params={"run": run.id},
    )


def _draw_core(run: Run, checks: Checks | None) -> None:
    draw_cards(run, checks)
    evaluation = evaluation_of(run, run.id)
    with st.container(horizontal=True, gap="medium", key="mistakes_and_curve"):
        with st.container(width=FIRST_MISTAKES * 120, gap="xsmall"):
            _draw_mistakes(run, evaluation, dataset_of(run))
        with st.container(width="stretch"):
            history = run.history()
            chart(
                run_curve(run, "accuracy", CURVE_HEIGHT),
                in_numbers(history, "accuracy"),
                key=f"accuracy_{run.id}",
            )


def _draw_mistakes(run: Run, evaluation: Evaluation, dataset: Dataset | None) -> None:
    """The most confident mistakes, each of which opens, and the way to all."""
    rows = evaluation.ranked(evaluation.rows())
    if len(rows) and dataset:
        with st.container(horizontal=True, gap="small", key="first_mistakes"):
            for row in rows[:FIRST_MISTAKES]:
                _link_mistake(run, evaluation, dataset, int(row))
    elif not len(rows):
        st.markdown("No test image was misclassified.")
    st.page_link(
        EVALUATE,
        label=f"See its mistakes ({len(rows):,} of {count_of(len(evaluation), 'image')})",
        icon=":material/arrow_forward:",
        query_params=to_mistakes(run.id),
    )


def _link_mistake(run: Run, evaluation: Evaluation, dataset: Dataset, row: int) -> None:
    true = evaluation.classes[evaluation.labels[row]]
    predicted = evaluation.classes[evaluation.predicted[row]]
    file = evaluation.files[row]
    sure = percent(evaluation.confidence[row], 0)
    words = f"{escape_markdown(f'{true} (pred: {predicted})')}, {sure}"
    pixels = dataset.images[evaluation.indices[row]]
    picture = data_url(without_edge(pixels) if dataset.rendered else pixels, "JPEG")
    st.page_link(
        EVALUATE,
        label=f"![{escape_markdown(file)}]({picture}) {words}",
        query_params={**to_mistakes(run.id), "image": file},
    )
