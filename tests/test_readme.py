"""Every command and every line of Python in the README does what it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from asl_core.runs import Run
from asl_core.settings import ROOT, Settings

README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """Code blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands() -> list[str]:
    """Uses of the project's own command line."""
    lines = "\n".join(blocks("bash")).splitlines()
    return [line for line in lines if line.startswith("python -m ")]


def test_ci_runs_the_readmes_test_command() -> None:
    (app, tests) = blocks("bash")[0].splitlines()
    assert app.endswith("streamlit run app.py")
    assert tests in (ROOT / ".ci/run").read_text()


def test_there_are_commands() -> None:
    used = {command.split()[3] for command in commands() if "asl_core" in command}
    assert {"train", "evaluate", "predict", "download"} <= used


@pytest.mark.parametrize("command", [c for c in commands() if "asl_core" in c])
def test_a_command_runs(command: str, drawn: Path, drawn_run: Run, tmp_path: Path) -> None:
    words = shlex.split(command)[1:]
    replacements = {
        "RUN": str(drawn_run.folder),
        "FOLDER": str(drawn),
        "photo.jpg": str(drawn / "A" / "A1.png"),
        "DRAWN": str(tmp_path / "drawn"),
        "rendered:ABC:2000:0": "rendered:ABC:30:0",
        "2000": "6",
        "300": "6",
        "3": "1",
        "20": "2",
    }
    words = [replacements.get(word, word) for word in words]
    expected = 0
    if "download" in words:  # from an address that is refused at once: there is no network here
        words += ["--url", "ftp://nowhere"]
        expected = 2
    if "RUN_ID" in words:  # no training is under way here
        expected = 2
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, "ASL_DATA_DIR": str(drawn), "ASL_RUNS_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == expected, done.stderr
    assert "Traceback" not in done.stderr


def test_the_python_lines_run(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (source,) = blocks("python")
    source = source.replace("data/asl_abc", str(drawn)).replace('"models"', repr(str(tmp_path)))
    exec(compile(source, "README", "exec"), {})
    assert " to " in capsys.readouterr().out


def test_every_setting_is_explained() -> None:
    for name in Settings.model_fields:
        assert f"`ASL_{name.upper()}`" in README


def test_the_tree_names_every_module() -> None:
    tree = re.search(r"```\napp\.py.*?```", README, re.DOTALL)
    assert tree
    for path in (ROOT / "asl_core").iterdir():
        if path.suffix == ".py" or (path.is_dir() and path.name != "__pycache__"):
            assert f"  {path.name}" in tree[0], path.name
