"""Two runs on the same photos: tables counted by hand, and figures against SciPy's and papers'."""

import json
import shutil
from dataclasses import asdict, replace
from itertools import pairwise
from math import comb, log
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest

from asl_core import TrainConfig, figures
from asl_core.errors import PairingError, RunError, RunNotFoundError
from asl_core.evaluation.comparison import (
    Comparison,
    independent_interval,
    mcnemar,
    paired_interval,
)
from asl_core.runs.describe import images_of, run_json
from asl_core.runs.intervals import Z_95
from asl_core.runs.manifest import seal
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore, open_run
from asl_core.settings import MAX_TITLE

# Counted by hand: right are both on a1; only the first on a2, b1, c2; only the second on b2;
# none on c1.
HAND = Comparison(
    labels=np.array([0, 0, 1, 1, 2, 2]),
    first=np.array([0, 0, 1, 0, 0, 2]),
    second=np.array([0, 2, 2, 1, 1, 0]),
    classes=("A", "B", "C"),
    files=("a1", "a2", "b1", "b2", "c1", "c2"),
    indices=np.array([10, 11, 21, 20, 30, 31]),
)


def of_counts(only_first: int, only_second: int, n: int) -> Comparison:
    """A comparison with so many photos on which just one is right; both are right on the rest."""
    labels = np.zeros(n, dtype=np.int64)
    first, second = labels.copy(), labels.copy()
    second[:only_first] = 1
    first[only_first : only_first + only_second] = 1
    files = tuple(f"{i}" for i in range(n))
    return Comparison(labels, first, second, ("A", "B"), files, np.arange(n))


def changed(run: Run, folder: Path, **predictions: np.ndarray) -> Run:
    """A copy of a run with other answers."""
    shutil.copytree(run.folder, folder)
    with np.load(run.folder / "predictions.npz") as saved:
        arrays = {**saved, **predictions}
    np.savez_compressed(folder / "predictions.npz", **arrays)
    labels, answers = arrays["labels"], arrays["probabilities"].argmax(axis=1)
    counts = np.bincount(labels, minlength=len(run.results.classes)).tolist()
    results = replace(
        run.results,
        test=dict(zip(run.results.classes, counts, strict=True)),
        test_correct=int((answers == labels).sum()),
    )
    (folder / "results.json").write_text(json.dumps(asdict(results)))
    seal(folder)
    return open_run(folder)


def test_table_of_right_and_wrong() -> None:
    assert HAND.table.tolist() == [[1, 3], [1, 1]]
    assert (HAND.only_first, HAND.only_second) == (3, 1)
    assert HAND.difference == pytest.approx(2 / 6)


def test_photos_that_one_gets_right_come_in_the_order_of_the_dataset() -> None:
    told = [(d.file, d.index, d.true, d.first, d.second) for d in HAND.only_right(1)]
    assert told == [
        ("a2", 11, "A", "A", "C"),
        ("b1", 21, "B", "B", "C"),
        ("c2", 31, "C", "C", "A"),
    ]
    assert [(d.file, d.first, d.second) for d in HAND.only_right(2)] == [("b2", "A", "B")]


@pytest.mark.parametrize(
    ("only_first", "only_second", "expected"),
    [
        (0, 0, 1.0),  # the runs never disagree
        (1, 0, 1.0),  # 2 * 1/2
        (5, 0, 2 / 32),
        (6, 0, 2 / 64),
        (7, 1, 2 * (1 + 8) / 256),
        (3, 3, 1.0),  # 2 * 42/64 is above 1
    ],
)
def test_mcnemar_counted_by_hand(only_first: int, only_second: int, expected: float) -> None:
    assert mcnemar(only_first, only_second) == pytest.approx(expected, rel=1e-12)
    assert mcnemar(only_second, only_first) == mcnemar(only_first, only_second)


@pytest.mark.parametrize("counts", [(14, 5), (2, 9), (40, 20), (300, 301), (3000, 2800)])
def test_mcnemar_equals_scipys_binomial_test(counts: tuple[int, int]) -> None:
    expected = binomtest(counts[0], sum(counts)).pvalue
    assert mcnemar(*counts) == pytest.approx(expected, rel=1e-9)


def test_paired_interval_of_a_published_example() -> None:
    """Fagerland, Lydersen & Laake (2014), Statistics in Medicine 33: 1, 7 of 21; -0.517, -0.026."""
    interval = paired_interval(1, 7, 21)
    assert (interval.low, interval.high) == pytest.approx((-0.517, -0.026), abs=5e-4)


@pytest.mark.parametrize("n", [1, 21, 400])
def test_paired_interval_without_disagreement_has_a_width(n: int) -> None:
    width = Z_95**2 / (n + Z_95**2)
    interval = paired_interval(0, 0, n)
    assert (interval.low, interval.high) == pytest.approx((-width, width), abs=1e-12)


@pytest.mark.parametrize("counts", [(29, 3, 400), (0, 5, 400), (5, 5, 10), (12, 2, 50), (4, 0, 4)])
def test_paired_interval_inverts_the_score_test(counts: tuple[int, int, int]) -> None:
    """At each end that is inside (-1, 1) the score, with the likeliest shares, is the quantile."""
    only_first, only_second, n = counts
    interval = paired_interval(*counts)
    for end, score in ((interval.low, Z_95), (interval.high, -Z_95)):
        if abs(end) > 1 - 1e-9:
            assert abs(only_first - only_second) == n
            continue
        share = likeliest_share(only_first, only_second, n, end)
        variance = n * (2 * share + end - end**2)
        assert (only_first - only_second - n * end) / variance**0.5 == pytest.approx(score, 1e-4)


def likeliest_share(b: int, c: int, n: int, difference: float) -> float:
    """Share of photos that only the second gets right with the greatest likelihood, by search."""

    def unlikely(share: float) -> float:
        terms = ((b, share + difference), (c, share), (n - b - c, 1 - 2 * share - difference))
        return -sum(count * log(max(p, 1e-300)) for count, p in terms if count)

    bounds = max(0.0, -difference), (1 - difference) / 2
    found = minimize_scalar(unlikely, bounds=bounds, method="bounded", options={"xatol": 1e-12})
    return float(found.x)


def test_paired_interval_turns_with_the_runs() -> None:
    there, back = paired_interval(29, 3, 400), paired_interval(3, 29, 400)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-12)


def test_independent_interval_of_the_published_example() -> None:
    """Newcombe (1998), 56/70 and 48/80, method 10."""
    interval = independent_interval((56, 48), (70, 80))
    assert (interval.low, interval.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_words_for_noise_and_for_more() -> None:
    noise = of_counts(14, 5, 400).in_words()
    chance = 2 * sum(comb(19, k) for k in range(6)) / 2**19
    assert "Run 1 is right on 14 images that Run 2 gets wrong, Run 2 on 5 that" in noise
    assert f"{1000 * chance:.0f} of 1,000 such comparisons, so it may be noise" in noise
    assert "(a difference of up to 1.0 points" in of_counts(0, 0, 400).in_words()
    assert "their accuracy is the same" in of_counts(3, 3, 400).in_words()
    assert "fewer than 1 of 1,000 such comparisons, so it is more than noise" in (
        of_counts(29, 3, 400).in_words("Run 4", "Run 2")
    )
    assert "in 50 of 100 such comparisons, so it may be noise" in of_counts(2, 0, 9).in_words()


def test_words_say_so_where_test_and_interval_disagree() -> None:
    assert "the test is exact" in of_counts(0, 5, 400).in_words()
    assert "the test is exact" not in of_counts(0, 6, 400).in_words()


def test_a_run_is_paired_by_the_names_of_the_photos(drawn_run: Run, tmp_path: Path) -> None:
    saved = drawn_run.predictions()
    n = len(saved.labels)
    turned = slice(None, None, -1)
    wrong = np.eye(3, dtype=np.float32)[(saved.labels + 1) % 3]
    right = np.eye(3, dtype=np.float32)[saved.labels]
    always = changed(drawn_run, tmp_path / "20260101-000000-aaaaaa", probabilities=right)
    never = changed(
        drawn_run,
        tmp_path / "20260101-000000-bbbbbb",
        indices=saved.indices[turned],
        files=np.array(saved.files)[turned],
        labels=saved.labels[turned],
        probabilities=wrong[turned],
    )
    comparison = Comparison.of(always, never)
    assert comparison.table.tolist() == [[0, n], [0, 0]]
    for item in comparison.only_right(1):
        assert item.file.startswith(item.true)
        assert item.first == item.true
        assert item.second == {"A": "B", "B": "C", "C": "A"}[item.true]
    assert Comparison.of(never, always).difference == -1


def test_runs_with_other_test_photos_are_no_pair(drawn_run: Run, tmp_path: Path) -> None:
    saved = drawn_run.predictions()
    fewer = changed(
        drawn_run,
        tmp_path / "20260101-000000-aaaaaa",
        indices=saved.indices[2:],
        files=np.array(saved.files)[2:],
        labels=saved.labels[2:],
        probabilities=saved.probabilities[2:],
    )
    n = len(saved.labels)
    with pytest.raises(PairingError, match=f"same dataset: {n - 2} are in both"):
        Comparison.of(drawn_run, fewer)
    with pytest.raises(PairingError, match=f"same dataset: {n - 2} are in both"):
        Comparison.of(fewer, drawn_run)


def test_runs_on_other_photos_are_no_pair(drawn_run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "20260101-000000-aaaaaa"
    shutil.copytree(drawn_run.folder, folder)
    results = json.loads((folder / "results.json").read_text())
    (folder / "results.json").write_text(json.dumps({**results, "fingerprint": "0" * 64}))
    seal(folder)
    with pytest.raises(PairingError, match="different datasets"):
        Comparison.of(drawn_run, open_run(folder))


def test_all_figures_are_json(drawn_run: Run) -> None:
    report = json.loads(json.dumps(Comparison.of(drawn_run, drawn_run).to_json()))
    assert report["both_right"] + report["both_wrong"] == report["n"] == drawn_run.results.n_test
    assert report["p_value"] == 1
    assert not report["significant"]
    told = json.loads(json.dumps(run_json(drawn_run)))
    assert told["run"] == drawn_run.id
    assert told["filters"] == [5, 15]
    assert told["learning_rate"] == TrainConfig().rate
    assert told["interval"][0] < told["test_accuracy"] < told["interval"][1] + 1e-9


def test_photos_are_told_without_the_way_to_them(drawn_run: Run, drawn: Path) -> None:
    assert images_of(drawn_run) == drawn.name


@pytest.fixture
def named(drawn_run: Run, tmp_path: Path) -> Run:
    """A copy of a run, free to be named."""
    shutil.copytree(drawn_run.folder, tmp_path / drawn_run.id)
    return RunStore(tmp_path).load(drawn_run.id)


def test_a_title_is_kept_and_the_run_stays_whole(named: Run) -> None:
    store = RunStore(named.folder.parent)
    assert named.title == ""
    named.rename("  Größe\n 8 \x07 ")
    assert store.load(named.id).title == "Größe 8"
    assert store.list() == (named,)
    assert store.damaged() == ()
    named.rename("")
    assert named.title == ""
    assert not (named.folder / "title.txt").exists()


def test_a_title_that_is_too_long_changes_nothing(named: Run) -> None:
    named.rename("x" * MAX_TITLE)
    with pytest.raises(RunError, match="Received: 81"):
        named.rename("y" * (MAX_TITLE + 1))
    assert named.title == "x" * MAX_TITLE


def test_a_damaged_title_is_no_damaged_run(named: Run) -> None:
    (named.folder / "title.txt").write_bytes(b"\xff\xfe A\n" + b"b" * 500)
    assert len(named.title) == MAX_TITLE
    assert RunStore(named.folder.parent).list() == (named,)


def test_a_run_that_is_deleted_meanwhile_has_no_title(named: Run) -> None:
    RunStore(named.folder.parent).delete(named.id)
    assert named.title == ""
    with pytest.raises(RunNotFoundError, match=named.id):
        named.rename("late")
    for read in (named.history, named.predictions):
        with pytest.raises(RunNotFoundError, match="has been deleted"):
            read()
    assert not named.folder.exists()


@pytest.mark.parametrize("count", [1, 2, 8])
@pytest.mark.parametrize("metric", figures.METRICS)
def test_curves_of_runs_end_in_their_names(count: int, metric: figures.Metric) -> None:
    histories = {str(i): {"loss": [1.0, 0.2], "accuracy": [0.5, 0.9]} for i in range(count)}
    figure = figures.history_curves(histories, metric)
    assert len(figure.data) == count
    assert len({line.line.color for line in figure.data}) == count
    places = sorted(note.y for note in figure.layout.annotations)
    assert len(places) == count
    assert all(high - low > 0.01 for low, high in pairwise(places))
    assert places[0] >= 0
    assert metric == "loss" or places[-1] <= 0.9


def test_validation_is_dashed_and_a_diverged_run_has_no_name() -> None:
    history = {"loss": [1.0, float("nan")], "accuracy": [0.5, 0.4], "val_loss": [1.1, 1.2]}
    figure = figures.history_curves({"1": history}, "loss", "dark")
    assert [line.line.dash for line in figure.data] == ["solid", "dash"]
    assert not figure.layout.annotations
