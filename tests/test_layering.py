"""The structure holds: which module may import which, and how large a page may be."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from asl_core.settings import ROOT

TENSORFLOW = {"tensorflow", "keras"}
TENSORFLOW_ALLOWED = {
    "model.py",
    "engine.py",
    "training.py",
    "experiment.py",
    "trials.py",
    "in_turn.py",
    "export.py",
}
BELOW_ALL = {"errors.py": set[str](), "settings.py": {"asl_core.errors"}}
NEVER_TRAINS = {
    *("evaluation.py", "prediction.py", "calibration.py", "robustness.py", "corruptions.py"),
    *("activations.py", "explain.py", "embedding.py", "near_copies.py", "quality.py"),
}
HEAVY = {"sklearn", "scipy", "cleanlab", "optuna"}
WORKER_SIDE = {
    "asl_core.model",
    "asl_core.training",
    "asl_core.experiment",
    "asl_core.trials",
    "asl_core.in_turn",
    "asl_core.export",
}
MAX_PAGE_LINES = 150

CORE = sorted((ROOT / "asl_core").rglob("*.py"))
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in CORE
}
PAGES = sorted((ROOT / "pages").glob("*.py"))


def imports(path: Path, lazy: bool = True) -> set[str]:
    """Modules that a file imports; without `lazy`, only those that it imports as it is loaded."""
    tree = ast.parse(path.read_text())
    found: set[str] = set()
    for node in _nodes(tree, lazy):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _nodes(tree: ast.AST, lazy: bool) -> list[ast.AST]:
    if lazy:
        return list(ast.walk(tree))
    nodes = []
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef) or _is_type_checking(child):
            continue
        nodes += [child, *_nodes(child, lazy)]
    return nodes


def _is_type_checking(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def public_names(node: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Functions and classes of a module, and the methods of its classes, without a leading _."""
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.ClassDef) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from public_names(child)


def top_level(modules: set[str]) -> set[str]:
    return {module.split(".")[0] for module in modules}


def is_ui(path: Path) -> bool:
    return "ui" in path.relative_to(ROOT).parts


@pytest.mark.parametrize("path", CORE, ids=str)
def test_streamlit_stays_in_ui(path: Path) -> None:
    if not is_ui(path):
        assert "streamlit" not in top_level(imports(path))
        assert not {module for module in imports(path) if module.startswith("asl_core.ui")}


@pytest.mark.parametrize("path", [*CORE, *PAGES, ROOT / "app.py"], ids=str)
def test_tensorflow_stays_where_a_worker_runs(path: Path) -> None:
    if path.name not in TENSORFLOW_ALLOWED or path.parent.name != "asl_core":
        assert not top_level(imports(path)) & TENSORFLOW
        assert not imports(path, lazy=False) & WORKER_SIDE


@pytest.mark.parametrize("path", [*CORE, *PAGES, ROOT / "app.py"], ids=str)
def test_heavy_packages_are_loaded_where_they_are_asked_for(path: Path) -> None:
    assert not top_level(imports(path, lazy=False)) & HEAVY


@pytest.mark.parametrize("path", CORE, ids=str)
def test_arrows_go_one_way(path: Path) -> None:
    ours = {module for module in imports(path) if module.startswith("asl_core")}
    if path.name in BELOW_ALL and path.parent.name == "asl_core":
        assert {module for module in ours if module in MODULES} <= BELOW_ALL[path.name]
    if path.name in NEVER_TRAINS:
        assert not ours & WORKER_SIDE
    if path.name in ("engine.py", "training.py"):
        assert not ours & {"asl_core.jobs", "asl_core.runs", "asl_core.staging"}


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_a_page_is_short_and_imports_no_page(path: Path) -> None:
    assert not {module for module in imports(path) if module.startswith("pages")}
    assert len(path.read_text().splitlines()) <= MAX_PAGE_LINES


def test_every_module_says_what_it_is_for() -> None:
    for path in [*CORE, *PAGES, ROOT / "app.py"]:
        assert ast.get_docstring(ast.parse(path.read_text())), path


def test_public_names_have_docstrings() -> None:
    for path in CORE:
        for node in public_names(ast.parse(path.read_text())):
            assert ast.get_docstring(node), f"{path}: {node.name}"


def test_what_the_package_exports_is_there() -> None:
    import asl_core

    for name in asl_core.__all__:
        assert getattr(asl_core, name)
