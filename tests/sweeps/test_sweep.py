"""Sweeps: what is tried, what it costs, what comes of it, by hand and on real trainings."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from errno import ENOSPC
from os import strerror
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import asl_core as asl
from asl_core import TrainConfig
from asl_core.config import LANDMARKS, Architecture
from asl_core.data.dataset import Source
from asl_core.data.label_corrections import FILE as CORRECTIONS
from asl_core.errors import AslError, ConfigError, QueueFullError, RunError, RunNotFoundError
from asl_core.figures.sweep import axes_of, heat_map, parallel_coordinates
from asl_core.files import write_json
from asl_core.jobs.jobs import Jobs
from asl_core.jobs.sweeps import resume_sweep, submit_sweep
from asl_core.progress import Progress, StopReason
from asl_core.runs.pending import PendingRun, find_pending
from asl_core.runs.run import Run, RunSpec
from asl_core.runs.store import RunStore
from asl_core.runs.time_estimate import estimate, estimate_throughput, measure_throughput
from asl_core.settings import MAX_SWEEP_RUNS, MAX_SWEEPS, ROOT, settings
from asl_core.sweeps.search import Search, SearchFolder, SearchStatus, prepare
from asl_core.sweeps.sweep import (
    Grid,
    Sweep,
    find_sweep,
    new_sweep_id,
    read_sweeps,
    selection_score,
)
from asl_core.training.architecture import multiply_adds
from tests.background_tasks import asked
from tests.jobs.dask_cluster import cluster
from tests.processes import wait_for

BASE = TrainConfig(batch_size=8, validation_fraction=0.25)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture(scope="module")
def swept(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[RunStore, Sweep]:
    """A grid of 2 x 2 settings with one seed, trained in this process."""
    grid = Grid(filters=((2, 3), (3, 2)), epochs=(1, 2), seeds=(4,), base=BASE)
    store = RunStore(tmp_path_factory.mktemp("sweep"))
    seen: list[int] = []

    def watch(done: int, progress: Progress | None) -> None:
        seen.append(done)

    sweep = asl.train_grid(drawn, grid, "random", store.root, watch)
    assert sorted(set(seen)) == [0, 1, 2, 3]
    return store, sweep


def test_a_grid_on_landmarks_tries_hidden_units(
    landmark_run: Run, drawn: Path, tmp_path: Path
) -> None:
    base = replace(landmark_run.spec.config, epochs=1, validation_fraction=0.25)
    grid = Grid(hidden=(8, 16), epochs=(1, 2), seeds=(0,), base=base)
    assert len(grid) == 4
    assert [(c.hidden, c.epochs) for c in grid.configs] == [(8, 1), (8, 2), (16, 1), (16, 2)]
    sweep = asl.train_grid(drawn, grid, "random", tmp_path)
    assert [result.config.hidden for result in sweep.results] == [8, 8, 16, 16]
    table = heat_map(sweep.results, "hidden units", "epochs")
    assert list(table.data[0].x) == ["8", "16"]
    lines = parallel_coordinates(sweep).data[0].dimensions
    assert [line.label for line in lines] == ["Hidden units", "Epochs", "Validation accuracy"]
    assert axes_of(sweep.results[0].config)[0] == "hidden units"
    assert "hidden units" not in axes_of(BASE)


def test_a_grid_on_pixels_has_no_hidden_units() -> None:
    with pytest.raises(ConfigError, match="hidden on pixels"):
        Grid(hidden=(8, 16))
    with pytest.raises(ConfigError, match="filters on landmarks"):
        Grid(filters=((2, 3),), base=LANDMARKS)
    with pytest.raises(ConfigError, match="hidden holds a value twice"):
        Grid(hidden=(8, 8), base=LANDMARKS)


def a_run(
    run: Run, config: TrainConfig, test_correct: int, stop_reason: StopReason = "all epochs"
) -> Run:
    """A run with other settings and results, compared by its test images."""
    results = replace(
        run.results, test_correct=test_correct, n_validation=0, stop_reason=stop_reason
    )
    return replace(run, spec=replace(run.spec, config=config), results=results)


def test_a_grid_is_the_product_of_its_values() -> None:
    grid = Grid(((5, 15), (8, 24)), (1, 2, 3), (None, 0.01), (0, 1), TrainConfig(optimizer="adam"))
    assert len(grid) == len(grid.configs) == len(set(grid.configs)) == 24
    assert grid.configs[0] == TrainConfig(1, (5, 15), seed=0, optimizer="adam")
    assert grid.configs[-1] == TrainConfig(3, (8, 24), seed=1, optimizer="adam", learning_rate=0.01)
    kinds = [config.filters for config in grid.configs]
    assert kinds == [(5, 15)] * 12 + [(8, 24)] * 12  # an architecture is traced once


@pytest.mark.parametrize(
    ("grid", "word"),
    [
        ({"epochs": ()}, "epochs is empty"),
        ({"epochs": (2, 2)}, "epochs holds a value twice"),
        ({"filters": ((0, 3),)}, "filters"),
        ({"seeds": tuple(range(MAX_SWEEP_RUNS + 1))}, f"at most {MAX_SWEEP_RUNS}"),
    ],
)
def test_a_grid_that_cannot_be_tried_is_refused(grid: dict[str, object], word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        Grid(**grid)  # type: ignore[arg-type]


def test_a_sweep_puts_images_aside_unless_told_otherwise() -> None:
    assert Grid().base.validation_fraction == 0.2
    assert Search().base.validation_fraction == 0.2
    with pytest.raises(ConfigError, match="validation_fraction"):
        Search(validation_fraction=0)


def test_multiply_adds_counted_by_hand() -> None:
    first = 50 * 50 * 5 * (5 * 5 * 3)
    second = 12 * 12 * 15 * (5 * 5 * 5)
    assert multiply_adds(Architecture(), 3) == first + second + 3 * 3 * 15 * 3


def test_median_and_spread_by_hand(drawn_run: Run) -> None:
    one, two = TrainConfig(epochs=1), TrainConfig(epochs=2)
    correct = {0: 6, 1: 12, 2: 3}  # of 12
    runs = [a_run(drawn_run, replace(one, seed=seed), n) for seed, n in correct.items()]
    runs += [a_run(drawn_run, replace(two, seed=seed), n) for seed, n in ((0, 9), (1, 6))]
    runs.append(a_run(drawn_run, replace(two, seed=2), 12, stop_reason="stop"))
    sweep = Sweep("grid-x", tuple(runs))
    first, second = sweep.results
    assert (first.median, first.low, first.high, first.scores) == (0.5, 0.25, 1.0, (0.5, 1.0, 0.25))
    assert (second.median, second.low, second.high) == (0.625, 0.5, 0.75)  # nobody ended these
    assert sweep.best is second
    assert not sweep.by_validation
    assert first.median_run is runs[0]
    assert second.median_run is runs[4]
    assert len(sweep) == 6


def test_of_equal_settings_the_one_with_less_work_is_best(drawn_run: Run) -> None:
    runs = [
        a_run(drawn_run, TrainConfig(epochs=n, filters=f), 9)
        for n, f in ((2, (5, 15)), (1, (5, 16)), (1, (5, 15)))
    ]
    best = Sweep("grid-x", tuple(runs)).best
    assert best
    assert best.runs == (runs[2],)


def test_no_run_has_no_best() -> None:
    assert Sweep("grid-x").best is None


def test_pace_and_estimate_by_hand(drawn_run: Run) -> None:
    work = multiply_adds(Architecture(), 3)
    seconds = {"load": 1.0, "fit": 4.8 * work, "evaluate": 2.0, "total": 0.0}
    quick = replace(drawn_run.results, seconds=seconds, epochs=2)  # 48 images, twice
    slow = replace(quick, seconds={**seconds, "fit": 9.6 * work, "load": 3.0})
    config = drawn_run.spec.config
    pace = measure_throughput([(config, quick), (config, slow)])
    assert [pace.low, pace.high] == pytest.approx([0.05, 0.1])
    assert (pace.beside, pace.n) == (4.0, 2)
    wide = replace(config, filters=(10, 30), epochs=5, validation_fraction=0.25)
    needed = estimate([wide, config], 64, 3, pace)
    expected = 48 * 5 * multiply_adds(Architecture((10, 30)), 3) + 64 * 2 * work
    assert needed.low == pytest.approx(2 * 4 + 0.05 * expected)
    assert needed.high == pytest.approx(2 * 4 + 0.1 * expected)


def test_pace_prefers_runs_of_the_same_batch_size(drawn_run: Run) -> None:
    other = replace(drawn_run, spec=replace(drawn_run.spec, config=TrainConfig(batch_size=64)))
    alone = estimate_throughput([drawn_run], 8)
    assert estimate_throughput([other, drawn_run], 8) == alone
    assert estimate_throughput([other, drawn_run], 16) == estimate_throughput([other, drawn_run])
    assert estimate_throughput([]) is None


def test_every_setting_is_trained_and_compared_on_validation_images(
    swept: tuple[RunStore, Sweep],
) -> None:
    store, sweep = swept
    assert sweep == find_sweep(store, sweep.id)
    assert [(result.config.filters, result.config.epochs) for result in sweep.results] == [
        ((2, 3), 1),
        ((2, 3), 2),
        ((3, 2), 1),
        ((3, 2), 2),
    ]
    assert sweep.by_validation
    assert not sweep.active
    assert not sweep.unfinished
    for result in sweep.results:
        (run,) = result.runs
        assert run.results.n_validation == 12
        assert result.scores == (run.history()["val_accuracy"][-1],)
    assert sweep.made.year >= 2025


def test_figures_hold_every_run(swept: tuple[RunStore, Sweep]) -> None:
    _, sweep = swept
    figure = heat_map(sweep.results, "epochs", "filters in the first conv layer")
    (trace,) = figure.data
    assert list(trace.x) == ["1", "2"]
    assert list(trace.y) == ["2", "3"]
    assert trace.z[1][0] == sweep.results[2].median
    (lines,) = parallel_coordinates(sweep).data
    assert [dimension.label for dimension in lines.dimensions] == [
        "Filters, first",
        "Filters, second",
        "Epochs",
        "Validation accuracy",
    ]
    assert list(lines.dimensions[-1]["values"]) == [result.scores[0] for result in sweep.results]


def test_sweeps_are_listed_newest_first_whatever_their_kind(
    store: RunStore, drawn_run: Run
) -> None:
    ids = [
        "grid-20260101-000000-aaaaaa",
        "search-20260303-000000-aaaaaa",
        "grid-20260202-000000-aaaaaa",
    ]
    held = [asked(store, RunSpec(BASE, "random", "/p", sweep)) for sweep in (*ids, None, "../x")]
    assert [sweep.id for sweep in read_sweeps(store)] == [ids[1], ids[2], ids[0]]
    with pytest.raises(RunNotFoundError):
        find_sweep(store, "grid-20200101-000000-aaaaaa")
    for staged in held:
        staged.submitted.release()


def test_a_visitor_has_one_sweep_and_all_have_few(store: RunStore) -> None:
    def never() -> list[RunSpec]:
        raise AssertionError("a refused sweep must leave nothing behind")

    sweeps = [new_sweep_id() for _ in range(MAX_SWEEPS)]
    held = [asked(store, RunSpec(BASE, "random", "/p", sweep), sweep) for sweep in sweeps]
    with pytest.raises(QueueFullError, match="0 of 1 runs are done"):
        submit_sweep(Jobs(), store, never, sweeps[0])
    with pytest.raises(QueueFullError, match=f"{MAX_SWEEPS} sweeps are under way"):
        submit_sweep(Jobs(), store, never, "somebody else")
    held[0].submitted.release()  # its process has ended: it is interrupted
    assert len(find_sweep(store, sweeps[0]).in_phase("interrupted")) == 1
    with pytest.raises(AssertionError):
        submit_sweep(Jobs(), store, never, sweeps[0])
    find_sweep(store, sweeps[1]).cancel_rest()
    with pytest.raises(RunNotFoundError):
        find_sweep(store, sweeps[1])
    for staged in held:
        staged.submitted.release()


@pytest.fixture(scope="module")
def idle_jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    """A scheduler without workers: whatever is submitted waits."""
    with cluster(tmp_path_factory.mktemp("cluster")) as running:
        jobs = Jobs(running.address)
        yield jobs
        jobs.close()


def test_a_sweep_is_queued_as_a_whole_or_not_at_all(idle_jobs: Jobs, store: RunStore) -> None:
    store.root.mkdir()
    corrections = store.root / CORRECTIONS
    corrections.write_text("damaged")  # so that the last run can't be put down
    spec = RunSpec(BASE, "random", "/p", new_sweep_id(), use_corrections=False)
    specs = [spec, spec, replace(spec, use_corrections=True)]
    with pytest.raises(AslError, match="Repair the file"):
        submit_sweep(idle_jobs, store, lambda: specs, "me")
    assert not read_sweeps(store)
    corrections.unlink()
    sweep_id = submit_sweep(idle_jobs, store, lambda: specs, "me")
    assert len(find_sweep(store, sweep_id).in_phase("queued")) == 3
    find_sweep(store, sweep_id).cancel_rest()


def test_an_interrupted_sweep_goes_on_only_within_the_limits(
    idle_jobs: Jobs, store: RunStore
) -> None:
    sweep_id = new_sweep_id()
    for _ in range(2):
        asked(store, RunSpec(BASE, "random", "/p", sweep_id), "me").submitted.release()
    other = asked(store, RunSpec(BASE, "random", "/p", new_sweep_id()), "me")
    with pytest.raises(QueueFullError, match="0 of 1 runs are done"):
        resume_sweep(idle_jobs, find_sweep(store, sweep_id))
    assert len(find_sweep(store, sweep_id).in_phase("interrupted")) == 2
    other.discard()
    other.submitted.release()
    first = find_sweep(store, sweep_id).in_phase("interrupted")[0]
    idle_jobs.submit(first)  # by another visitor, in this moment: its own runs do not count
    resume_sweep(idle_jobs, find_sweep(store, sweep_id))
    assert len(find_sweep(store, sweep_id).in_phase("queued")) == 2
    find_sweep(store, sweep_id).cancel_rest()


def test_one_run_that_can_not_go_on_does_not_hold_up_the_others(
    idle_jobs: Jobs, store: RunStore
) -> None:
    sweep_id = new_sweep_id()
    for _ in range(2):
        asked(store, RunSpec(BASE, "random", "/p", sweep_id)).submitted.release()
    sweep = find_sweep(store, sweep_id)
    first, second = sweep.in_phase("interrupted")
    (first.folder / "state.json").unlink()
    (first.folder / "state.json").mkdir()  # it can't be written
    resume_sweep(idle_jobs, sweep)
    assert second.state().phase == "queued"
    second.cancel()


def test_a_run_that_ends_while_sweeps_are_counted_is_nobodys(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = asked(store, RunSpec(BASE, "random", "/p", new_sweep_id()), "me")

    def read_and_lose(of: RunStore) -> tuple[Sweep, ...]:
        found = read_sweeps(of)
        shutil.rmtree(held.folder)
        return found

    def reached() -> list[RunSpec]:
        raise InterruptedError

    monkeypatch.setattr("asl_core.jobs.sweeps.read_sweeps", read_and_lose)
    with pytest.raises(InterruptedError):  # there is room
        submit_sweep(Jobs(), store, reached, "me")
    held.submitted.release()


@pytest.mark.slow
def test_a_sweep_on_workers_is_finished_though_the_rest_is_cancelled(
    store: RunStore, drawn: Path
) -> None:
    jobs = Jobs()
    grid = Grid(epochs=(1, 100), seeds=tuple(range(4)), base=replace(BASE, batch_size=1))
    try:
        sweep_id = submit_sweep(jobs, store, lambda: grid.specs("random", Source(str(drawn))), "me")
        assert sweep_id.startswith("grid-")

        def has_run() -> bool:
            sweep = find_sweep(store, sweep_id)
            assert len(sweep) == 8
            assert sweep.runs or sweep.active
            return bool(sweep.runs)

        def has_ended() -> bool:
            find_sweep(store, sweep_id).cancel_rest()  # also one that began in this moment
            return not find_sweep(store, sweep_id).active

        wait_for(has_run)
        wait_for(has_ended)
        sweep = find_sweep(store, sweep_id)
        assert 1 <= len(sweep.runs) < 8
        assert {result.config.epochs for result in sweep.results} <= {1}
    finally:
        jobs.close()


def test_a_search_survives_a_crash_and_is_reopened(store: RunStore, drawn: Path) -> None:
    from optuna.trial import TrialState

    from asl_core.jobs.local import resume, run_sequentially
    from asl_core.sweeps.trials import _trial_of, open_study

    specs = prepare(store, Search(trials=3, minutes=5, max_epochs=2), "random", Source(str(drawn)))
    folder = SearchFolder(store, str(specs[0].sweep))
    assert folder.seconds_left() is None

    first = asked(store, specs[0])
    begun = _trial_of(open_study(folder), first, folder.search())
    first.submitted.release()  # here its process is killed
    assert find_pending(store, first.id).state().phase == "interrupted"

    run = resume(PendingRun(store, first.id))
    assert run
    assert run.spec.config == replace(
        TrainConfig(), epochs=2, seed=0, validation_fraction=0.2, learning_rate=1e-3
    )  # the mission's preset comes first
    study = open_study(folder)
    assert study.trials[begun.number].state == TrialState.COMPLETE
    assert study.trials[begun.number].value == selection_score(run)

    lost = asked(store, specs[1])
    number = _trial_of(open_study(folder), lost, folder.search()).number
    lost.discard()  # its process is killed, and the rest dismissed
    sweep = run_sequentially(store, specs[1:2])
    study = open_study(folder)
    assert study.trials[number].state == TrialState.FAIL
    drawn_by_chance = [trial.params["rate"] for trial in study.trials]
    assert len(set(drawn_by_chance)) == len(study.trials) == 3
    assert folder.status() == SearchStatus(complete=len(sweep.runs), given_up=2 - len(sweep.runs))
    assert study.best_value == max(map(selection_score, sweep.runs))


def test_a_search_ends_when_its_time_is_over(store: RunStore, drawn: Path) -> None:
    from asl_core.jobs.local import run_sequentially

    specs = prepare(
        store, Search(trials=2, minutes=0.01, max_epochs=2), "random", Source(str(drawn))
    )
    folder = SearchFolder(store, str(specs[0].sweep))
    assert folder.start_clock() == pytest.approx(0.6)
    time.sleep(0.7)
    sweep = run_sequentially(store, specs)
    assert len(sweep) == 0
    assert not folder.journal.exists()
    folder.restart_clock()
    assert folder.seconds_left() is None


ODD_CONTENTS = [b"", b"[" * 100_000, b"\xff\x00", b"{}", b"null", b'{"x": 1}', b"[1]\n[2]\n"]


@pytest.mark.parametrize("content", ODD_CONTENTS, ids=lambda content: content[:8])
def test_a_damaged_search_is_told_in_words(content: bytes, store: RunStore) -> None:
    from asl_core.sweeps.trials import open_study

    folder = SearchFolder(store, str(prepare(store, Search(), "random", Source("/p"))[0].sweep))
    whole = folder.search()
    for name in ("state.json", "deadline.json"):
        (folder.path / name).write_bytes(content)
    asked: tuple[Callable[[], object], ...] = (folder.status, folder.seconds_left)
    for ask in asked:
        with suppress(RunError):
            ask()
    (folder.path / "search.json").write_bytes(content)
    if content not in (b"{}", b'{"x": 1}'):
        with pytest.raises(RunError, match="search"):
            folder.search()
    write_json(folder.path / "search.json", asdict(whole))
    folder.journal.write_bytes(content + b"\n" + content)
    with suppress(RunError):
        open_study(folder)


def test_an_earlier_versions_search_is_read(store: RunStore) -> None:
    folder = SearchFolder(store, str(prepare(store, Search(), "random", Source("/p"))[0].sweep))
    old = {"trials": 3, "minutes": 5, "max_epochs": 2, "seed": 1, "validation_share": 0.3}
    write_json(folder.path / "search.json", old)
    assert folder.search() == Search(3, 5, 2, 1, 0.3)


def test_a_search_that_can_not_be_kept_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = RunStore(tmp_path / "file")
    with pytest.raises(RunError, match="The search can't be saved"):
        prepare(store, Search(), "random", Source("/p"))
    with pytest.raises(RunError, match="Runs can't be saved"):
        store.check_writable()


def test_a_trial_that_is_worse_than_others_is_given_up(store: RunStore, drawn: Path) -> None:
    from optuna import TrialPruned

    from asl_core.sweeps.trials import RANDOM_TRIALS, _report, open_study

    specs = prepare(store, Search(trials=9, max_epochs=3), "random", Source(str(drawn)))
    study = open_study(SearchFolder(store, str(specs[0].sweep)))

    def epochs_of(accuracy: float) -> None:
        trial = study.ask()
        progress = Progress(epochs=3, batches=1)
        for _ in range(3):
            progress = progress.after_epoch({"loss": 1.0, "val_accuracy": accuracy})
            _report(trial, progress)
        study.tell(trial, accuracy)

    for _ in range(RANDOM_TRIALS):
        epochs_of(0.8)
    epochs_of(0.9)
    with pytest.raises(TrialPruned):
        epochs_of(0.3)


def test_other_pages_tell_of_a_sweep_and_not_of_its_runs(
    environment: RunStore, swept: tuple[RunStore, Sweep]
) -> None:
    staged = asked(environment, RunSpec(BASE, "random", "/p", swept[1].id))
    (bar,) = opened("train").get("progress")
    assert "4 of 5 runs are done" in str(bar.proto)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not app.exception
    told = [str(bar.proto) for bar in app.get("progress")]
    assert any("4 of 5 runs are done" in words for words in told)
    staged.submitted.release()


@pytest.fixture
def environment(
    swept: tuple[RunStore, Sweep], drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunStore]:
    """A server with the sweep."""
    monkeypatch.setenv("ASL_DATA_DIR", str(drawn))
    monkeypatch.setenv("ASL_RUNS_DIR", str(tmp_path / "copy"))
    monkeypatch.setattr(Jobs, "warm_up", lambda self: None)  # no worker is needed here
    shutil.copytree(swept[0].root, tmp_path / "copy")
    settings.cache_clear()
    yield RunStore(tmp_path / "copy")
    settings.cache_clear()


def opened(page: str = "sweep", **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    app.switch_page(f"pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def text(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def test_the_page_shows_the_sweep_and_what_another_would_take(
    environment: RunStore, swept: tuple[RunStore, Sweep]
) -> None:
    sweep = swept[1]
    app = opened()
    assert app.query_params["sweep"] == sweep.id
    words = text(app)
    assert "**12 runs**" in words  # 2 x 1 filters, 2 epochs, 1 rate, 3 seeds
    assert "measured on the newest runs" in words
    assert "had no say" in words
    best = sweep.best
    assert best
    assert f"validation accuracy of **{100 * best.median:.1f} %** (one seed)" in words
    app.slider(key="sweep_seeds").set_value(1).run()
    assert "**4 runs**" in text(app)
    app.slider(key="sweep_seeds").set_value(10).run()
    app.multiselect[2].set_value(["1", "2", "3", "5"]).run()
    assert "at most 60" in text(app)
    assert next(button for button in app.button if button.label == "Start sweep").disabled


def test_the_page_shows_an_interrupted_sweep_and_names_a_missing_one(
    environment: RunStore, swept: tuple[RunStore, Sweep]
) -> None:
    staged = asked(environment, RunSpec(BASE, "random", "/p", swept[1].id))
    staged.submitted.release()
    app = opened(sweep="grid-20200101-000000-abcdef")
    words = text(app)
    assert "grid-20200101-000000-abcdef" in words
    assert "4 of 5 runs are done. 1 run was interrupted" in words
    next(button for button in app.button if button.label.startswith("Discard")).click().run()
    assert "4 of 5 runs are done" not in text(app)
    assert len(find_sweep(environment, swept[1].id)) == 4


def test_a_sweep_that_can_not_be_discarded_is_told(
    environment: RunStore, swept: tuple[RunStore, Sweep], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(environment, RunSpec(BASE, "random", "/p", swept[1].id)).submitted.release()

    def refuse(task: PendingRun) -> None:
        raise OSError(ENOSPC, strerror(ENOSPC))

    app = opened(sweep=swept[1].id)
    monkeypatch.setattr(PendingRun, "discard", refuse)
    next(button for button in app.button if button.label.startswith("Discard")).click().run()
    assert not app.exception
    assert "The remaining runs can't be canceled: No space left" in text(app).replace("\\", "")


def test_the_page_offers_a_search(environment: RunStore) -> None:
    app = opened()
    app.segmented_control(key="sweep_how").set_value("Optuna search").run()
    assert not app.exception
    assert "**20 trials** at most, within **5 minutes**" in text(app)
