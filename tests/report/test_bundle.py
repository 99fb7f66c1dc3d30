"""What is taken along of a run: which files, what they say, and when they are refused."""

import io
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from asl_core.config import LANDMARKS
from asl_core.data import read_folder
from asl_core.errors import DamagedRunError, FileError, RunError
from asl_core.evaluation.classify import open_classifier
from asl_core.evaluation.export_check import (
    KERAS_FILE,
    LITERT_FILE,
    N_CHECKED,
    TOLERANCE,
    ExportCheck,
    check_export,
    load_export_check,
    save_export_check,
)
from asl_core.files import sha256
from asl_core.report.bundle import RESCALES, Bundle, labels, takes_images
from asl_core.runs.intervals import percent
from asl_core.runs.manifest import seal
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore, open_run
from asl_core.settings import ROOT
from tests.odd_images import write_odd_images

PREDICT_TOLERANCE = 1e-5
"""How far a probability that `predict.py` prints may be from that of the page."""

MODEL_FILES = {KERAS_FILE, LITERT_FILE, "labels.txt", "README.md", "model-card.md"}


def found(run: Run, keras: float = 2e-7, litert: float = 3e-7) -> ExportCheck:
    """A check of the files as they are."""
    files = {name: sha256(run.folder / name) for name in (KERAS_FILE, LITERT_FILE)}
    return ExportCheck(N_CHECKED, keras, litert, files)


def copied(run: Run, tmp_path: Path) -> Run:
    return open_run(Path(shutil.copytree(run.folder, tmp_path / run.id)))


def answers(script: Path, files: list[Path], python: str = sys.executable) -> list[list[float]]:
    """The probabilities that `predict.py` prints for each file."""
    done = subprocess.run(
        [python, script, *files], capture_output=True, text=True, check=True, cwd=script.parent
    )
    lines = done.stdout.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [str(file) for file in files]
    each = [re.findall(r"(?:\(|, )(\S+) (\d\.\d{6})", line.partition(": ")[2]) for line in lines]
    names = [max(told, key=lambda one: float(one[1]))[0] for told in each]
    assert [line.partition(": ")[2].split(" ")[0] for line in lines] == names
    return [[float(p) for _, p in told] for told in each]


def assert_answers_as_the_page(
    run: Run, script: Path, files: list[Path], python: str = sys.executable
) -> None:
    classifier = open_classifier(run)
    of_page = [list(classifier.predict(f, f.name).probabilities.values()) for f in files]
    printed = answers(script, files, python)
    np.testing.assert_allclose(printed, of_page, rtol=0, atol=PREDICT_TOLERANCE)


def test_it_has_all_that_a_stranger_needs(drawn_run: Run) -> None:
    bundle = Bundle.of(drawn_run, found(drawn_run))
    assert bundle.files.keys() == MODEL_FILES | {"predict.py", "requirements.txt"}
    with zipfile.ZipFile(io.BytesIO(bundle.as_zip())) as archive:
        content = {Path(name).name: archive.read(name) for name in archive.namelist()}
        assert {Path(name).parent.as_posix() for name in archive.namelist()} == {bundle.name}
    assert content == bundle.files
    assert content["labels.txt"].decode().splitlines() == ["A", "B", "C"]
    for name in (KERAS_FILE, LITERT_FILE):
        assert content[name] == (drawn_run.folder / name).read_bytes()
    readme, results = content["README.md"].decode(), drawn_run.results
    for fact in (
        drawn_run.id,
        RESCALES,
        results.fingerprint,
        f"{results.params:,}",
        percent(results.test_accuracy),
        "95 % interval",
        "uint8 (n, 50, 50, 3)",
        "On 32 test images model.keras and model.tflite answer as the run did",
    ):
        assert fact in readme, fact
    assert "DON'T DIVIDE BY 255" in content["predict.py"].decode()


def test_requirements_admit_what_it_is_tested_with() -> None:
    wanted = (ROOT / "asl_core/report/templates/export_requirements.txt").read_text().split()
    pinned = dict(
        line.split("==") for line in (ROOT / "requirements.txt").read_text().split() if "==" in line
    )
    for line in wanted:
        name, low, high = re.fullmatch(r"(\S+?)>=([\d.]+),<(\d+)", line).groups()  # type: ignore[union-attr]
        tested = pinned[name].split(".")
        assert ".".join(tested[: len(low.split("."))]) == low
        assert int(tested[0]) + 1 == int(high)


def test_predict_py_answers_as_the_page_on_odd_files(
    drawn_run: Run, drawn: Path, tmp_path: Path
) -> None:
    Bundle.of(drawn_run, None).write(tmp_path / "model")
    files = [*write_odd_images(tmp_path / "odd"), *sorted(drawn.glob("?/?1*.png"))]
    assert_answers_as_the_page(drawn_run, tmp_path / "model" / "predict.py", files)


def test_predict_py_refuses_what_the_page_refuses(drawn_run: Run, tmp_path: Path) -> None:
    Bundle.of(drawn_run, None).write(tmp_path / "model")
    fractions = tmp_path / "fractions.tiff"
    Image.fromarray(np.full((60, 60), 0.5, np.float32)).save(fractions)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        answers(tmp_path / "model" / "predict.py", [fractions])
    assert "has pixels that are fractions" in refused.value.stderr


@pytest.mark.parametrize("name", [KERAS_FILE, LITERT_FILE])
def test_a_file_that_is_not_the_checked_one_is_refused(
    drawn_run: Run, tmp_path: Path, name: str
) -> None:
    run = copied(drawn_run, tmp_path)
    check = found(run)
    content = bytearray((run.folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (run.folder / name).write_bytes(content)
    with pytest.raises(DamagedRunError, match=f"{name} of run {run.id} is not the file"):
        Bundle.of(run, check)


@pytest.mark.parametrize("wrong", ["keras", "litert"])
def test_a_file_that_answers_otherwise_is_refused(drawn_run: Run, wrong: str) -> None:
    just, off = (found(drawn_run, **{wrong: difference}) for difference in (TOLERANCE, 0.3))
    assert Bundle.of(drawn_run, just).files
    with pytest.raises(
        RunError, match=r"not offered: on 32 test images .* differs by 0\.3; 0\.0001"
    ):
        Bundle.of(drawn_run, off)


def test_what_can_not_be_checked_says_so(drawn_run: Run) -> None:
    readme = Bundle.of(drawn_run, None).files["README.md"].decode()
    assert "Not checked against the run: its images are not here" in readme


def test_a_model_on_landmarks_goes_without_a_script(drawn_run: Run) -> None:
    run = replace(drawn_run, spec=replace(drawn_run.spec, config=LANDMARKS))
    files = Bundle.of(run, found(run)).files
    assert files.keys() == MODEL_FILES
    readme = files["README.md"].decode()
    assert "It takes 295 numbers" in readme
    assert "divide by" not in readme


def test_labels_are_a_line_each_whatever_a_class_is_called(drawn_run: Run) -> None:
    classes = ("thank you", "two\r\nlines", "é")
    run = replace(drawn_run, results=replace(drawn_run.results, classes=classes))
    assert labels(run).decode().split("\n") == ["thank you", "two lines", "é", ""]


def test_a_folder_with_something_in_it_is_left_alone(drawn_run: Run, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(FileError, match="is not empty"):
        Bundle.of(drawn_run, None).write(tmp_path)
    assert [file.read_text() for file in tmp_path.iterdir()] == ["mine"]


def test_a_run_that_comes_with_the_code_has_been_checked() -> None:
    """Whoever can't write its folder, or has not its images, gets it all the same. The one on
    landmarks was trained on more than one dataset, which nobody can open."""
    for run in RunStore(ROOT / "models").list():
        if (run.folder / "README.md").is_file() and takes_images(run):
            check = load_export_check(run)
            assert check
            assert check.n_images == N_CHECKED
            assert KERAS_FILE in Bundle.of(run, check).files


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["drawn_run", "deep_run", "landmark_run"])
def test_both_files_of_every_kind_of_network_answer_as_the_run(
    kind: str, drawn: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    run = copied(request.getfixturevalue(kind), tmp_path)
    check = check_export(run, read_folder(drawn))
    assert 0 < check.n_images <= N_CHECKED
    assert check.largest < TOLERANCE / 10
    save_export_check(run, check)
    assert load_export_check(run) == check


@pytest.mark.slow
@pytest.mark.parametrize("name", [KERAS_FILE, LITERT_FILE])
def test_a_file_of_another_network_is_found_out(
    drawn_run: Run, drawn: Path, tmp_path: Path, name: str
) -> None:
    """Also where the manifest lists it, as if the training had written it."""
    from asl_core import TrainConfig, train

    other = train(drawn, TrainConfig(seed=5, epochs=1), "random", tmp_path / "runs")
    run = copied(drawn_run, tmp_path)
    shutil.copy(other.folder / name, run.folder / name)
    seal(run.folder)
    check = check_export(open_run(run.folder), read_folder(drawn))
    assert not check.passed
    with pytest.raises(RunError, match="not offered"):
        Bundle.of(run, check)
    (run.folder / name).write_bytes(b"no model at all")
    with pytest.raises(RunError, match=f"{name} of run {run.id} can't be used"):
        check_export(run, read_folder(drawn))


@pytest.mark.slow
def test_predict_py_needs_nothing_but_its_requirements(
    mission_run: Run, photos: Path, tmp_path: Path
) -> None:
    """In a virtual environment of its own, on 32 photos and on odd files."""
    folder = tmp_path / "model"
    Bundle.of(mission_run, check_export(mission_run, read_folder(photos))).write(folder)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    needs = str(folder / "requirements.txt")
    installed = [python, "-m", "pip", "install", "--quiet", "-r", needs]
    done = subprocess.run(installed, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    predictions = mission_run.predictions()
    rows = np.linspace(0, len(predictions.files) - 1, N_CHECKED).astype(int)
    files = [photos / predictions.files[row] for row in rows]
    files += write_odd_images(tmp_path / "odd")
    assert_answers_as_the_page(mission_run, folder / "predict.py", files, python)
