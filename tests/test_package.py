"""The project installs by `pip install .`, and works from any folder then."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from asl_core.settings import ROOT, project_folder

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "requirements.txt",
              "requirements-tools.txt")  # fmt: skip


def test_requirements_are_named_once() -> None:
    project, dynamic = PROJECT["project"], PROJECT["tool"]["setuptools"]["dynamic"]
    assert set(project["dynamic"]) == {"dependencies", "optional-dependencies"}
    files = [dynamic["dependencies"]["file"], dynamic["optional-dependencies"]["dev"]["file"]]
    everything = (ROOT / "requirements-dev.txt").read_text().split("\n")
    assert everything == [*(f"-r {file}" for file in files), ""]
    for file in files:
        lines = (ROOT / file).read_text().splitlines()
        assert all(line.startswith("#") or "==" in line for line in lines), file


def test_the_package_has_every_file_of_its_folder() -> None:
    listed = {
        f"asl_core/{name}" for name in PROJECT["tool"]["setuptools"]["package-data"]["asl_core"]
    }
    others = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "asl_core").rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert others == listed


def test_every_folder_of_the_package_is_found() -> None:
    for folder in {path.parent for path in (ROOT / "asl_core").rglob("*.py")}:
        assert (folder / "__init__.py").is_file(), folder


def test_the_project_is_where_its_pages_are(tmp_path: Path) -> None:
    """A process that the app starts in that folder finds the same."""
    assert project_folder(ROOT / "asl_core", tmp_path) == ROOT
    installed = tmp_path / "site-packages" / "asl_core"
    installed.mkdir(parents=True)
    assert project_folder(installed, tmp_path) == tmp_path


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the project, and nothing else."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("installed")
    for name in BUILT_FROM:
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "asl_core", source / "asl_core")
    pip = [sys.executable, "-m", "pip", "install", "--no-deps"]
    command = [*pip, "--target", str(target), str(source)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return target


def run(installed: Path, home: Path, *words: str) -> str:
    """What the console command prints in an empty folder."""
    theirs = {k: v for k, v in os.environ.items() if not k.startswith("ASL_")}
    done = subprocess.run(
        [installed / "bin" / "asl-explorer", *words],
        cwd=home,
        env={**theirs, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


ASK = """
import os
from asl_core.jobs.cluster import Connection
from asl_core.settings import settings
connection = Connection(None)
print(connection.open().submit(lambda: (os.getcwd(), str(settings().runs_dir))).result(60))
connection.close()
"""


@pytest.mark.slow  # pip fetches what builds the package
def test_it_installs_and_keeps_runs_where_it_is_started(
    installed: Path, drawn: Path, tmp_path: Path
) -> None:
    assert "train" in run(installed, tmp_path, "--help")
    trained = run(installed, tmp_path, "train", "--data", str(drawn), "--epochs", "1", "--json")
    (found,) = [path for path in (tmp_path / "models").iterdir() if path.name != ".staging"]
    assert f'"run": "{found.name}"' in trained
    assert (tmp_path / ".cache").is_dir()
    assert found.name in run(installed, tmp_path, "runs")
    files = {path.name for path in installed.rglob("asl_core/**/*.png")}
    assert files == {"first_images.png", "letters.png"}
    assert {path.name for path in installed.iterdir()} - {"bin"} == {
        "asl_core",
        f"asl_explorer-{PROJECT['project']['version']}.dist-info",
    }


@pytest.mark.slow
def test_workers_of_an_installed_package_find_the_same_runs(
    installed: Path, tmp_path: Path
) -> None:
    theirs = {k: v for k, v in os.environ.items() if not k.startswith("ASL_")}
    (tmp_path / "ask.py").write_text(
        f"if __name__ == '__main__':\n{ASK.replace(chr(10), chr(10) + '    ')}\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "ask.py"],
        cwd=tmp_path,
        env={**theirs, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == str((str(tmp_path), str(tmp_path / "models"))), done.stderr
