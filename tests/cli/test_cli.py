"""The command line in real processes: what scripts read, what people read, how it ends."""

import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from PIL import Image

from asl_core.__main__ import main
from asl_core.config import MANY_CLASSES, ONE_CYCLE
from asl_core.data import Dataset, open_dataset
from asl_core.data.label_corrections import decide, decision
from asl_core.runs.describe import run_json
from asl_core.runs.pending import list_pending
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT, settings
from tests.processes import wait_for

Here: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


def cli(
    *arguments: object, code: int = 0, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line; it must end with the given code, and never with a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "asl_core", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """The command line in this process, where TensorFlow is loaded once."""

    def run(
        *arguments: object, code: int = 0, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        for name, value in (env or {}).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["asl_core", *map(str, arguments)])
        settings.cache_clear()
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        settings.cache_clear()
        out, err = capsys.readouterr()
        assert (ended.value.code or 0) == code, err
        return subprocess.CompletedProcess(sys.argv, code, out, err)

    return run


def told(done: subprocess.CompletedProcess[str]) -> Any:
    """Standard output, which must be JSON and nothing else, without NaN."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(done.stdout, parse_constant=refuse)


def friendly_error(*arguments: object, env: dict[str, str] | None = None) -> str:
    """One line on standard error, code 2, nothing on standard output."""
    done = cli(*arguments, code=2, env=env)
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture(scope="module")
def wider(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drawn pictures with two more classes that a run on them does not know."""
    folder = tmp_path_factory.mktemp("wider") / "photos"
    shutil.copytree(drawn, folder)
    shutil.copytree(drawn / "A", folder / "D")
    shutil.copytree(drawn / "B", folder / "other")
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address at which it is served."""
    folder = tmp_path / "site"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_train_on_the_missions_photos_tells_all_as_json(mission: Dataset, tmp_path: Path) -> None:
    report = told(
        cli("train", "--data", mission.folder, "--runs", tmp_path, "--epochs", 1, "--json")
    )

    assert report == run_json(RunStore(tmp_path).load(report["run"]))
    assert set(told(cli("runs", "--runs", tmp_path, "--json"))["runs"][0]) == set(report)
    assert report["params"] == 2_678
    assert report["train"] == {"A": 540, "B": 528, "C": 532}
    assert report["test"] == {"A": 118, "B": 144, "C": 138}
    assert set(report["history"]) == {"loss", "accuracy", "test_loss", "test_accuracy"}
    assert [len(values) for values in report["history"].values()] == [1, 1, 1, 1]
    assert report["test_accuracy"] == pytest.approx(1 - report["mistakes"] / 400)
    assert 0 <= report["train_accuracy"] <= 1
    seconds = report["seconds"]
    assert list(seconds) == ["load", "fit", "evaluate", "total"]
    assert seconds["load"] + seconds["fit"] + seconds["evaluate"] <= seconds["total"]
    run = RunStore(tmp_path).load(report["run"])
    assert run.results.test_accuracy == report["test_accuracy"]
    assert run.spec.split == "original"
    assert [path.name for path in (tmp_path / ".staging").glob("*/status.json")] == []


def test_train_for_people_uses_the_options_and_saves_where_the_environment_says(
    in_process: Here, drawn: Path, tmp_path: Path
) -> None:
    options = ("--filters", "3,4", "--batch-size", 16, "--optimizer", "adam", "--seed", 9)
    rate = ("--learning-rate", 0.002, "--split", "frames", "--epochs", 2)
    env = {"ASL_DATA_DIR": str(drawn), "ASL_RUNS_DIR": str(tmp_path / "runs")}

    done = in_process("train", *options, *rate, env=env)

    (run,) = RunStore(tmp_path / "runs").list()
    config = run.spec.config
    assert (config.filters, config.batch_size, config.optimizer) == ((3, 4), 16, "adam")
    assert (config.learning_rate, config.seed, config.epochs) == (0.002, 9, 2)
    assert (run.spec.split, run.spec.data) == ("frames", str(drawn))
    lines = dict(line.split("  ", 1) for line in done.stdout.splitlines())
    lines = {name.strip(): value.strip() for name, value in lines.items()}
    assert lines["run"] == run.id
    assert lines["train"] == "A 16  B 16  C 16"
    assert lines["test accuracy"] == f"{run.results.test_accuracy:.4f}"
    assert "{" not in done.stdout


def test_train_starts_from_a_preset_and_takes_every_part_of_an_architecture(
    in_process: Here, drawn: Path, tmp_path: Path
) -> None:
    options = ("--data", drawn, "--runs", tmp_path / "runs", "--epochs", 1, "--json")
    network = ("--filters", "2,3,4", "--kernel-size", 5, "--no-batch-norm", "--image-size", 64)
    in_process("train", *options, "--preset", "many-classes", *network, "--dropout", 0.1)
    in_process("train", *options, "--schedule", "one-cycle", "--seed", 3)
    plain, many = (run.spec.config for run in RunStore(tmp_path / "runs").list())
    assert many == replace(
        MANY_CLASSES,
        epochs=1,
        filters=(2, 3, 4),
        kernel_size=5,
        batch_norm=False,
        image_size=64,
        dropout=0.1,
    )
    assert plain == replace(ONE_CYCLE, seed=3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--filters", "5"), "two or three"),
        (("--filters", "5,many"), "two or three whole numbers"),
        (("--kernel-size", 4), "kernel_size must be one of 3, 5"),
        (("--image-size", 51), "image_size must be one of 50, 64, 96"),
        (("--dropout", 0.9), "dropout must be from 0 to 0.8"),
    ],
)
def test_a_network_that_is_not_offered_is_refused(
    in_process: Here, drawn: Path, options: tuple[object, ...], message: str
) -> None:
    done = in_process("train", "--data", drawn, *options, code=2)
    assert message in done.stderr


def test_evaluate_tells_scores_that_agree_with_each_other(drawn: Path, drawn_run: Run) -> None:
    report = told(cli("evaluate", drawn_run.folder, "--data", drawn, "--json"))

    assert report["n"] == 60
    assert report["classes"] == ["A", "B", "C"]
    confusion = report["confusion"]
    assert [sum(row) for row in confusion] == [20, 20, 20]
    right = sum(confusion[i][i] for i in range(3))
    assert report["accuracy"] == right / 60
    low, high = report["interval"]
    assert low <= report["accuracy"] <= high
    for i, letter in enumerate("ABC"):
        assert report["per_class"][letter]["support"] == 20
        assert report["per_class"][letter]["recall"] == confusion[i][i] / 20


def test_evaluate_finds_a_run_by_its_id_and_speaks_to_people(drawn: Path, drawn_run: Run) -> None:
    done = cli("evaluate", drawn_run.id, "--runs", drawn_run.folder.parent, "--data", drawn)

    assert done.stdout.splitlines()[0].split() == ["n", "60"]
    assert "classes" in done.stdout


def test_evaluate_tells_which_photos_are_left_out(
    drawn: Path, drawn_run: Run, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    shutil.copytree(drawn, photos)
    (photos / "A" / "broken.jpg").write_text("no picture")

    done = cli("evaluate", drawn_run.folder, "--data", photos, "--json")

    assert told(done)["n"] == 60
    assert "left out: A/broken.jpg" in done.stderr


def test_evaluate_refuses_unknown_classes_by_name_unless_they_may_be_left_out(
    wider: Path, drawn_run: Run
) -> None:
    error = friendly_error("evaluate", drawn_run.folder, "--data", wider, "--json")
    assert "D, other" in error
    assert "A, B, C" in error
    assert "--known-only" in error

    report = told(cli("evaluate", drawn_run.folder, "--data", wider, "--known-only", "--json"))
    assert report["n"] == 60
    assert report["classes"] == ["A", "B", "C"]


def test_predict_answers_each_file_in_its_order(drawn: Path, drawn_run: Run) -> None:
    files = [drawn / "C" / "C3.png", drawn / "A" / "A1.png"]

    reports = told(cli("predict", drawn_run.folder, *files, "--json"))

    assert [report["file"] for report in reports] == [str(file) for file in files]
    for report in reports:
        assert list(report) == ["file", "label", "probabilities", "mirrored"]
        assert list(report["probabilities"]) == ["A", "B", "C"]
        assert sum(report["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert report["label"] == max(report["probabilities"], key=report["probabilities"].get)


def test_predict_answers_the_others_when_files_can_not_be_read(
    drawn: Path, drawn_run: Run, tmp_path: Path
) -> None:
    good, broken, missing = drawn / "B" / "B2.png", tmp_path / "text.jpg", tmp_path / "nowhere.jpg"
    broken.write_text("no picture")
    files = (broken, good, missing)

    reports = told(cli("predict", drawn_run.folder, *files, "--json", code=1))

    assert [list(report) for report in reports] == [
        ["file", "error"],
        ["file", "label", "probabilities", "mirrored"],
        ["file", "error"],
    ]
    assert "is not a JPEG" in reports[0]["error"]
    assert "No such file" in reports[2]["error"]

    done = cli("predict", drawn_run.folder, *files, code=1)
    assert done.stdout.count("label") == 1
    assert done.stdout.count("error") == 2


def test_render_draws_as_many_left_hands_as_it_tells(in_process: Here, tmp_path: Path) -> None:
    arguments = ("render", "--letters", "AB", "--count", 20, "--size", 8, "--json")
    for share, least, most in ((0, 0, 0), (0.5, 4, 16), (1, 20, 20)):
        told = json.loads(
            in_process(*arguments, "--out", tmp_path / str(share), "--left-hand", share).stdout
        )
        assert least <= told["left_hands"] <= most
    refused = in_process(*arguments, "--out", tmp_path / "none", "--left-hand", 2, code=2)
    assert "left_hand" in refused.stderr


def test_download_brings_the_missions_photos(
    mission: Dataset, site: tuple[Path, str], tmp_path: Path
) -> None:
    folder, url = site
    with zipfile.ZipFile(folder / "photos.zip", "w") as archive:
        for name in mission.files:
            archive.write(mission.folder / name, f"ASL-x/datasets/{name}")
    to = tmp_path / "photos"

    report = told(cli("download", "--to", to, "--url", f"{url}/photos.zip", "--json"))

    assert report == {"folder": str(to), "photos": 3_000}
    assert (to / "C" / "C1000.jpg").read_bytes() == (
        mission.folder / "C" / "C1000.jpg"
    ).read_bytes()
    again = friendly_error("download", "--to", to, "--url", f"{url}/photos.zip", "--json")
    assert "exists already" in again


def test_download_of_something_else_is_told_in_words(
    site: tuple[Path, str], tmp_path: Path
) -> None:
    folder, url = site
    (folder / "page.html").write_text("<html>")

    assert "404" in friendly_error("download", "--to", tmp_path / "x", "--url", f"{url}/none.zip")
    error = friendly_error("download", "--to", tmp_path / "x", "--url", f"{url}/page.html")
    assert "not a zip" in error
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("train", "--data", "/nowhere"), "There is no folder nowhere. [/nowhere]"),
        (("train", "--epochs", "0"), "epochs must be a whole number from 1 to 100. Received: 0"),
        (("train", "--filters", "5,999"), "filters must be a whole number"),
        (("train", "--learning-rate", "-1"), "learning_rate must be above 0"),
        (("evaluate", "20200101-000000-abcdef"), "There is no run 20200101-000000-abcdef"),
        (("predict", "../x", "a.jpg"), "There is no run ../x"),
    ],
)
def test_mistakes_of_the_user_are_told_in_one_line(
    arguments: tuple[str, ...], words: str, drawn: Path
) -> None:
    assert words in friendly_error(*arguments, env={"ASL_DATA_DIR": str(drawn)})


def test_images_that_are_too_few_to_split_are_told_in_one_line(
    in_process: Here, tmp_path: Path
) -> None:
    for letter in "AB":
        (tmp_path / "few" / letter).mkdir(parents=True)
        Image.new("RGB", (50, 50)).save(tmp_path / "few" / letter / "1.png")

    words = ("train", "--data", tmp_path / "few", "--runs", tmp_path / "runs")
    done = in_process(*words, code=2)

    assert done.stdout == ""
    last = done.stderr.splitlines()[-1]  # TensorFlow, which is loaded by then, has its own lines
    assert last.startswith("error: A, B have only one image each")
    assert list((tmp_path / "runs").rglob("*.json")) == []


def test_folder_of_the_environment_that_is_not_there_is_told(drawn_run: Run) -> None:
    error = friendly_error("evaluate", drawn_run.folder, env={"ASL_DATA_DIR": "/nowhere"})

    assert "ASL_DATA_DIR names nowhere" in error
    assert "[/nowhere]" in error


def test_damaged_run_is_told(drawn_run: Run, drawn: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(drawn_run.folder, tmp_path / drawn_run.id))
    (folder / "model.tflite").write_bytes(b"")

    error = friendly_error("predict", folder, drawn / "A" / "A1.png")

    assert "is damaged: model.tflite" in error


@pytest.mark.parametrize(
    "arguments", [("train", "--split", "odd"), ("predict",), ("dance",), ("train", "--nope")]
)
def test_wrong_usage_ends_with_two(arguments: tuple[str, ...]) -> None:
    done = cli(*arguments, code=2)

    assert "Usage" in done.stderr
    assert done.stdout == ""


def test_help_names_the_commands() -> None:
    help_text = cli("--help").stdout

    for command in ("train", "evaluate", "predict", "download"):
        assert command in help_text


def test_runs_are_listed_and_two_compared(drawn_run: Run) -> None:
    folder = drawn_run.folder.parent
    (listed,) = told(cli("runs", "--runs", folder, "--json"))["runs"]
    assert listed["run"] == drawn_run.id
    assert listed["test_accuracy"] == drawn_run.results.test_accuracy
    people = cli("runs", "--runs", folder).stdout
    assert people.startswith(drawn_run.id)
    assert f"{100 * drawn_run.results.test_accuracy:.1f} %" in people

    report = told(cli("compare", drawn_run.id, drawn_run.folder, "--runs", folder, "--json"))
    assert report["n"] == drawn_run.results.n_test
    assert (report["difference"], report["p_value"]) == (0, 1)
    assert "tell them apart" in cli("compare", drawn_run.folder, drawn_run.folder).stdout


def test_no_runs_are_an_empty_list(tmp_path: Path) -> None:
    assert told(cli("runs", "--runs", tmp_path / "none", "--json")) == {
        "unfinished": [],
        "runs": [],
    }
    assert cli("runs", "--runs", tmp_path / "none").stdout == ""


@pytest.mark.slow
def test_a_killed_training_is_listed_and_resumed(drawn: Path, tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    size = ("--epochs", 40, "--batch-size", 1, "--filters", "16,16")
    options = ("--data", drawn, "--runs", store.root, *size)
    words = [sys.executable, "-m", "asl_core", "train", *map(str, options)]
    with subprocess.Popen(words, cwd=ROOT) as training:

        def has_checkpoint() -> bool:
            assert training.poll() is None
            return any(pending.checkpoint() for pending in list_pending(store))

        wait_for(has_checkpoint)
        training.kill()
    (unfinished,) = told(cli("runs", "--runs", store.root, "--json"))["unfinished"]
    assert unfinished["state"] == "interrupted"
    assert unfinished["epochs_done"] >= 1
    watched = cli("watch", unfinished["run"], "--runs", store.root, code=2)
    assert "interrupted" in watched.stderr
    resumed = told(cli("resume", unfinished["run"], "--runs", store.root, "--json"))
    assert resumed["run"] == unfinished["run"]
    assert len(resumed["history"]["loss"]) == 40
    assert not list_pending(store)
    assert told(cli("watch", unfinished["run"], "--runs", store.root, "--json")) == resumed


@pytest.mark.parametrize("command", ["sweep", "search", "train"])
def test_images_that_corrections_make_one_class_are_refused_before_a_training_starts(
    command: str, drawn: Path, tmp_path: Path, in_process: Here
) -> None:
    dataset = open_dataset(drawn)
    others = [index for index, file in enumerate(dataset.files) if not file.startswith("A/")]
    decide(tmp_path, *(decision(dataset, index, "relabel", "A") for index in others))
    said = in_process(command, "--data", drawn, "--runs", tmp_path, code=2).stderr.splitlines()[-1]
    assert said.startswith("error: ")
    assert "training images of 1 class and" in said
    assert not list_pending(RunStore(tmp_path))


@pytest.mark.slow
def test_sweep_and_search_report_what_they_found(drawn: Path, tmp_path: Path) -> None:
    options = ("--data", drawn, "--runs", tmp_path, "--json")
    swept = told(cli("sweep", "--filters", "2,3", "--epochs", 1, "--seeds", 2, *options))
    (setting,) = swept["settings"]
    assert (setting["filters"], setting["epochs"], len(setting["runs"])) == ([2, 3], 1, 2)
    assert setting["lowest"] <= setting["median"] <= setting["highest"]
    assert swept["best"]["runs"] == setting["runs"]
    assert (swept["runs"], swept["chosen_by"]) == (2, "validation")
    found = told(cli("search", "--trials", 1, "--max-epochs", 1, *options))
    assert (found["runs"], found["trials"], found["given_up"]) == (1, 1, 0)
    assert "as 5,15. Received: 5x15" in friendly_error("sweep", "--filters", "5x15", *options)


def test_a_dataset_is_brought_listed_trained_on_renamed_exported_and_deleted(
    drawn: Path, tmp_path: Path, in_process: Here
) -> None:
    env = {"ASL_RUNS_DIR": str(tmp_path / "runs")}
    archive = shutil.make_archive(str(tmp_path / "hands"), "zip", drawn)
    brought = json.loads(
        in_process("import", archive, "--name", "My hands", "--json", env=env).stdout
    )
    data = brought["data"]
    assert brought == {
        "data": data, "name": "My hands", "images": 60, "classes": {"A": 20, "B": 20, "C": 20},
        "bytes": sum(file.stat().st_size for file in drawn.rglob("*.png")), "left_out": [],
    }  # fmt: skip
    assert json.loads(in_process("datasets", "--json").stdout) == {"datasets": [brought]}
    line = in_process("datasets").stdout
    assert line.startswith(data)
    assert line.rstrip().endswith("My hands")
    run = json.loads(in_process("train", "--data", data, "--json").stdout)
    assert run["data"] == "My hands"
    in_process("datasets", "rename", data, "Your hands")
    in_process("datasets", "export", data, tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as exported:
        assert len(exported.namelist()) == 60
    assert "Your hands" in in_process("datasets").stdout
    in_process("datasets", "delete", data.removeprefix("set:"))
    assert in_process("datasets").stdout == ""
    assert "has been deleted" in in_process("train", "--data", data, code=2).stderr
    assert "a deleted dataset" in in_process("runs").stdout


def test_a_hostile_archive_is_one_line(tmp_path: Path, in_process: Here) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("../canary.png", b"x")
    done = in_process("import", tmp_path / "evil.zip", code=2)
    assert "which leads out of it" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(tmp_path.rglob("canary*"))
