"""Every command and every line of Python in the documents does what it says."""

import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from distributed.cli.dask_worker import main as dask_worker

from asl_core.__main__ import main
from asl_core.runs.run import Run
from asl_core.runs.store import RunStore
from asl_core.settings import ROOT, Settings, settings
from tests.test_layering import ROOMS

MAX_README_LINES = 150

CARDS = sorted((ROOT / "models").glob("*/README.md"))
FILES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "benchmarks" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *CARDS,
)
TEXTS = {str(path.relative_to(ROOT)): path.read_text() for path in FILES}

BEFOREHAND = "python -m venv .venv && . .venv/bin/activate"
TRIED_ELSEWHERE = {
    "docker compose up --scale worker=4": "tests/test_compose.py",
    "docker compose run --rm web python -m asl_core download": "tests/test_compose.py",
    "git add -f models/RUN_ID": ".gitignore",
    "apt-get install nginx-light": "tests/browser/test_behind_nginx.py",
    "sed s/asl.example.org/YOUR.NAME/ deploy/nginx.conf > /etc/nginx/conf.d/asl.conf": (
        "tests/web/nginx.py"
    ),
    "nginx -t && systemctl reload nginx": "tests/web/nginx.py",
    "export ASL_ALLOWED_HOSTS=YOUR.NAME ASL_PUBLIC_URL=https://YOUR.NAME/asl": (
        "tests/browser/test_behind_nginx.py"
    ),
    ".ci/run": ".github/workflows/ci.yml",
}
"""Commands that need more than a test has, and the file that says that they hold."""


def blocks(text: str, language: str) -> list[str]:
    """Code blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def lines() -> list[str]:
    """Each command of a block, once."""
    found = [line for text in TEXTS.values() for block in blocks(text, "bash")
             for line in block.splitlines()]  # fmt: skip
    return list(dict.fromkeys(found))


def of_the_core() -> list[str]:
    """Uses of the project's own command line."""
    return [line for line in lines() if line.startswith("python -m asl_core ")]


def of_benchmarks() -> list[str]:
    """Uses of benchmarks, also those within a text."""
    inline = [use for text in TEXTS.values() for use in re.findall(r"`([^`\n]*)`", text)]
    found = (re.search(r"python -m benchmarks\.[^#]*$", line) for line in (*lines(), *inline))
    return sorted({match[0].strip() for match in found if match})


def test_ci_runs_the_readmes_test_command() -> None:
    (app, tests) = blocks(TEXTS["README.md"], "bash")[0].splitlines()
    assert app.endswith("streamlit run app.py")
    assert tests in (ROOT / ".ci/run").read_text()
    assert blocks(TEXTS["CONTRIBUTING.md"], "bash")[0].splitlines() == [app, tests]
    assert BEFOREHAND in TEXTS["README.md"]
    assert BEFOREHAND in TEXTS["CONTRIBUTING.md"]


def test_there_is_one_list_of_checks() -> None:
    """A developer's hooks and the hosted CI run what `.ci/run` runs."""
    run = (ROOT / ".ci/run").read_text().splitlines()
    assert ".ci/checks" in run
    checks = (ROOT / ".ci/checks").read_text()
    for check in ("ruff check .", "ruff format --check .", "mypy"):
        assert check in checks.splitlines()
        assert check not in run
    (hooks,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert {hook["language"] for hook in hooks["hooks"]} == {"system"}
    assert ".ci/checks" in [hook["entry"] for hook in hooks["hooks"]]
    hosted = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    steps = hosted["jobs"]["checks"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]
    assert {"push", "pull_request"} == set(hosted[True])  # YAML reads `on` as true
    for entry in (".ci/run", ".ci/checks"):
        assert (ROOT / entry).stat().st_mode & 0o111


def test_hosted_ci_has_the_pythons_that_are_promised() -> None:
    hosted = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    pythons = hosted["jobs"]["checks"]["strategy"]["matrix"]["python"]
    assert pythons == ["3.11", "3.12", "3.13"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "Python 3.11 to 3.13" in TEXTS["README.md"]


def test_there_are_commands() -> None:
    used = {command.split()[3] for command in of_the_core()}
    assert {"train", "evaluate", "predict", "download", "assess", "resume"} <= used
    assert len(of_benchmarks()) > 8
    for names in (("README.md", "python"), ("docs/data.md", "python")):
        assert blocks(TEXTS[names[0]], names[1])


@pytest.mark.parametrize("command", of_the_core())
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
        "report.html": str(tmp_path / "report.html"),
        "MODEL": str(tmp_path / "model"),
        "rendered:ABC:2000:0": "rendered:ABC:30:0",
        "2000": "6",
        "300": "6",
        "3": "1",
        "20": "2",
    }
    words = [replacements.get(word, word) for word in words]
    expected = 0
    if "hand-finder" in words:  # from a file that is not there: there is no index here
        words += ["--wheel", str(tmp_path / "nowhere.whl"), "--to", str(tmp_path / "finder")]
        expected = 2
    elif "download" in words:  # from an address that is refused at once: there is no network here
        words += ["--url", "ftp://nowhere"]
        expected = 2
    if "RUN_ID" in words:  # no training is under way here
        expected = 2
    # In this process, where TensorFlow is loaded once; `test_cli` has the real ones.
    monkeypatch.chdir(ROOT)
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


@pytest.mark.parametrize("name", sorted({use.split()[2] for use in of_benchmarks()}))
def test_a_benchmark_has_the_options_that_are_named(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # In this process, where TensorFlow is loaded once: some need it as they are imported.
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    help_text = capsys.readouterr().out
    assert not ended.value.code
    for use in of_benchmarks():
        if use.split()[2] == name:
            for word in use.split()[3:]:
                assert not word.startswith("--") or f"{word} " in help_text.replace("]", " "), use


def options_of(line: str) -> list[str]:
    return [word for word in line.split() if word.startswith("--")]


def test_every_other_command_is_one_that_is_tried() -> None:
    """Nothing else stands in a block: who adds a kind of command adds how it is tried."""
    known = subprocess.run(
        [sys.executable, "-m", "streamlit", "run", "--help"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    pytest_knows = subprocess.run(
        [sys.executable, "-m", "pytest", "--help"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    setup = blocks(TEXTS["README.md"], "bash")[0].splitlines()
    others = [line for line in lines()
              if line not in setup and not line.startswith("python -m ")]  # fmt: skip
    for line in others:
        program, *words = line.split()
        if program == "streamlit":
            assert words[:2] == ["run", "app.py"]
            assert all(option in known for option in options_of(line)), line
        elif program == "pytest":
            assert all(f"{word} " in pytest_knows for word in words if word[0] == "-"), line
            assert all((ROOT / word).exists() for word in words if "/" in word), line
        elif program == "dask":
            dask = {option for one in dask_worker.params for option in one.opts}
            assert words[0] == "worker"
            assert set(options_of(line)) <= dask
        elif program == ".ci/checks":
            assert set(words) <= {"--fix"}
        else:
            assert (ROOT / TRIED_ELSEWHERE[line]).is_file(), line


def python_blocks() -> Iterator[Any]:
    """Python of each document, with its name."""
    for name, text in TEXTS.items():
        for number, source in enumerate(blocks(text, "python")):
            yield pytest.param(source, id=f"{name}-{number}")


@pytest.mark.parametrize("source", list(python_blocks()))
def test_the_python_lines_run(
    source: str, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = source.replace("data/asl_abc", str(drawn)).replace('"models"', repr(str(tmp_path)))
    exec(compile(source, "document", "exec"), {})
    assert " to " in capsys.readouterr().out


def test_every_setting_is_explained() -> None:
    for name in Settings.model_fields:
        assert f"| `ASL_{name.upper()}` |" in TEXTS["docs/settings.md"]


def test_the_tree_names_every_module() -> None:
    tree = re.search(r"```\napp\.py.*?```", TEXTS["README.md"], re.DOTALL)
    assert tree
    for path in (ROOT / "asl_core").iterdir():
        if path.is_file() or path.name != "__pycache__":
            assert f"  {path.name}" in tree[0], path.name


def test_the_rooms_are_named_in_their_order() -> None:
    section = TEXTS["docs/design.md"].split("## Rooms and arrows")[1].split("above them")[0]
    assert tuple(re.findall(r"`(\w+)`", section)) == ROOMS


def test_the_readme_is_short_and_every_link_leads_somewhere() -> None:
    assert len(TEXTS["README.md"].splitlines()) <= MAX_README_LINES
    for name, text in TEXTS.items():
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            if "://" not in target:
                assert ((ROOT / name).parent / target).exists(), (name, target)


def test_every_file_that_contributors_are_sent_to_is_there() -> None:
    named = re.findall(r"`((?:\w+/|\.)[\w./-]*\.\w+)`", TEXTS["CONTRIBUTING.md"])
    assert len(named) > 12
    for name in named:
        if "NAME" not in name:
            assert (ROOT / name).is_file(), name


def test_each_run_that_comes_with_the_code_has_a_card_and_is_whole() -> None:
    store = RunStore(ROOT / "models")
    for card in CARDS:
        run = store.load(card.parent.name)
        text = card.read_text()
        assert "Model card" in text
        assert f"{run.results.params:,} parameters" in text
        assert re.search(rf"\b{run.spec.config.epochs}\s+epochs", text)
        assert ("GPL-2.0" in text) == (not run.spec.rendered)
        assert run.id in (ROOT / "NOTICE").read_text()
    listed = subprocess.run(
        ["git", "ls-files", "models/*/manifest.json"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    assert {Path(name).parent.name for name in listed} <= {card.parent.name for card in CARDS}
