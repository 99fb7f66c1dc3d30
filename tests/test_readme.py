"""Every command and every line of Python in the README does what it says."""

import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from asl_core.__main__ import main
from asl_core.runs.run import Run
from asl_core.settings import ROOT, Settings, settings

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
def test_a_command_runs(
    command: str,
    drawn: Path,
    drawn_run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = shlex.split(command)[1:]
    replacements = {
        "RUN": str(shutil.copytree(drawn_run.folder, tmp_path / drawn_run.id)),
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
    # In this process, where TensorFlow is loaded once; `test_cli` has the real ones.
    monkeypatch.setenv("ASL_DATA_DIR", str(drawn))
    monkeypatch.setenv("ASL_RUNS_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", words[1:])
    settings.cache_clear()
    try:
        with pytest.raises(SystemExit) as ended:
            main()
    finally:
        settings.cache_clear()
    assert (ended.value.code or 0) == expected, capsys.readouterr().err


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
