"""The structure holds: which module may import which, without circles, and how large a part is.

The rules speak of modules by their dotted path. They are functions of a graph (what
each imports), so that each is also tried on a graph that breaks it, and must say so.
"""

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TypeAlias

import pytest

from asl_core.settings import ROOT

Graph: TypeAlias = Mapping[str, set[str]]
"""What each module imports, by dotted path."""

ROOMS = (
    "errors",
    "permissions",
    "settings",
    "private",
    "files",
    "disk_cache",
    "config",
    "progress",
    "jpeg",
    "images",
    "task_state",
    "task_locks",
    "background_task",
    "synthetic",
    "data",
    "landmarks",
    "training",
    "runs",
    "evaluation",
    "sweeps",
    "jobs",
    "figures",
    "report",
    "cli",
    "web",
    "ui",
)
"""Parts of `asl_core`, from what knows nothing of the others to what may know all."""

TENSORFLOW = {"tensorflow", "keras"}
WORKER_ONLY = {
    "asl_core.landmarks.network",
    "asl_core.training.model",
    "asl_core.training.engine",
    "asl_core.training.keras_engine",
    "asl_core.training.landmark_engine",
    "asl_core.training.fused",
    "asl_core.training.resample",
    "asl_core.training.compiled",
    "asl_core.training.fitted",
    "asl_core.training.fit",
    "asl_core.training.watched",
    "asl_core.training.export",
    "asl_core.training.keras_answers",
    "asl_core.training.plain_export",
    "asl_core.runs.train",
    "asl_core.sweeps.trials",
    "asl_core.jobs.local",
}
"""Modules that train: they load TensorFlow or Numba, at once or when they are used."""

HEAVY = {"sklearn", "scipy", "cleanlab", "optuna", "distributed", "dask"}
"""Loaded where they are asked for: each takes a second or so."""

MAX_PAGE_LINES = 150
MAX_LINES = 300
MAX_FUNCTION_LINES = 45


def module_of(path: Path) -> str:
    """Dotted path of a file, such as `asl_core.data.splits` or `pages.home`."""
    dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return dotted.removesuffix(".__init__")


CORE = {module_of(path): path for path in sorted((ROOT / "asl_core").rglob("*.py"))}
PAGES = {module_of(path): path for path in sorted((ROOT / "pages").glob("*.py"))}
APP = {"app": ROOT / "app.py"}
ALL = {**CORE, **PAGES, **APP}
ENTRIES = {"asl_core", "asl_core.__main__"}
"""What a user starts from: they may know all, and nothing but them stands beside the rooms."""


def imports(path: Path, lazy: bool = True) -> set[str]:
    """Modules that a file imports; without `lazy`, only those that it imports as it is loaded.

    `from a import b` is `a.b` where that is one of ours, and `a` anyway.
    """
    found: set[str] = set()
    for node in _nodes(ast.parse(path.read_text()), lazy):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            ours = names & ALL.keys()
            found |= ours if len(ours) == len(names) else ours | {node.module}
    return found


def _nodes(tree: ast.AST, lazy: bool) -> list[ast.AST]:
    if lazy:
        return list(ast.walk(tree))
    nodes = []
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or _is_type_checking(child):
            continue
        nodes += [child, *_nodes(child, lazy)]
    return nodes


def _is_type_checking(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


ANY_TIME: Graph = {module: imports(path) for module, path in ALL.items()}
AT_ONCE: Graph = {module: imports(path, lazy=False) for module, path in ALL.items()}


def room(module: str) -> str:
    """The room of a module of the core; empty for an entry and for what is not ours."""
    parts = module.split(".")
    return parts[1] if parts[0] == "asl_core" and module not in ENTRIES and len(parts) > 1 else ""


def top_level(modules: set[str]) -> set[str]:
    return {module.split(".")[0] for module in modules}


# The rules. Each gives what breaks it, in words; nothing if it holds.


def up_the_stairs(graph: Graph) -> list[str]:
    """Imports of a room from one above it, and of an entry from within."""
    wrong = []
    for module, used in graph.items():
        if here := room(module):
            wrong += [f"{module} -> {m}" for m in used if m in ENTRIES]
            above = set(ROOMS[ROOMS.index(here) + 1 :])
            wrong += [f"{module} -> {m}" for m in used if room(m) in above]
    return wrong


def circles(graph: Graph) -> list[str]:
    """A circle of imports among the modules, the packages' own `__init__` left out."""
    packages = {module for module in graph if any(m.startswith(f"{module}.") for m in graph)}
    ours = {m: (used & graph.keys()) - packages for m, used in graph.items() if m not in packages}
    try:
        TopologicalSorter(ours).prepare()
    except CycleError as error:
        return [" -> ".join(error.args[1])]
    return []


def tensorflow_outside_of_workers(at_once: Graph, any_time: Graph) -> list[str]:
    """TensorFlow in a module that is not a worker's, or one of those loaded where a page is."""
    wrong = []
    for module in at_once.keys() - WORKER_ONLY:
        wrong += [f"{module} -> {m}" for m in any_time[module] if m.split(".")[0] in TENSORFLOW]
        wrong += [f"{module} -> {m}" for m in at_once[module] & WORKER_ONLY]
    return wrong


def streamlit_outside_of_ui(graph: Graph) -> list[str]:
    """Streamlit in the core; its server is before the web's door, its pages are the UI's."""
    return [
        module
        for module, used in graph.items()
        if module.startswith("asl_core")
        and room(module) not in ("web", "ui")
        and "streamlit" in top_level(used)
    ]


def heavy_at_once(at_once: Graph) -> list[str]:
    """Heavy packages that are loaded before they are needed."""
    return [f"{module} -> {top_level(used) & HEAVY}" for module, used in at_once.items()
            if top_level(used) & HEAVY]  # fmt: skip


def evaluation_that_trains(graph: Graph) -> list[str]:
    """Evaluation with the part of training that needs TensorFlow."""
    return [
        f"{module} -> {m}"
        for module, used in graph.items()
        if room(module) == "evaluation"
        for m in used & WORKER_ONLY
    ]


def pages_that_know_pages(graph: Graph) -> list[str]:
    """A page, or a part of one, that imports another page or its parts."""
    wrong = []
    for module, used in graph.items():
        parts = module.split(".")
        page = parts[1] if parts[0] == "pages" else parts[2] if room(module) == "ui" and len(
            parts
        ) > 3 else ""  # fmt: skip
        if page and page != "shared":
            own = {f"asl_core.ui.{page}", "asl_core.ui.shared"}
            wrong += [
                f"{module} -> {m}"
                for m in used
                if m.startswith("pages")
                or (room(m) == "ui" and not any(m == o or m.startswith(f"{o}.") for o in own))
            ]
    return wrong


def outside_of_rooms(modules: set[str]) -> list[str]:
    """Modules that stand in no room."""
    core = {module for module in modules if module.startswith("asl_core")}
    return sorted(m for m in core - ENTRIES if room(m) not in ROOMS)


@pytest.mark.parametrize("rule", [up_the_stairs, circles, streamlit_outside_of_ui,
                                  evaluation_that_trains, pages_that_know_pages])  # fmt: skip
def test_imports_keep_the_rules(rule: object) -> None:
    assert callable(rule)
    assert rule(ANY_TIME) == []


def test_tensorflow_and_heavy_packages_stay_where_they_are_needed() -> None:
    assert tensorflow_outside_of_workers(AT_ONCE, ANY_TIME) == []
    assert heavy_at_once(AT_ONCE) == []
    assert ALL.keys() >= WORKER_ONLY, "a worker's module was renamed: rename it here, too"


def test_tests_do_not_need_the_benchmarks() -> None:
    """What both need is in `tests`, from which benchmarks import it."""
    files = [path for path in (ROOT / "tests").rglob("*.py") if path.name != "__init__.py"]
    assert len(files) > 30
    assert [path for path in files if "benchmarks" in top_level(imports(path))] == []


def test_every_module_is_in_a_room() -> None:
    assert outside_of_rooms(set(ALL)) == []
    assert {room(module) for module in CORE} - {""} == set(ROOMS)


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        (up_the_stairs, {"asl_core.data.x": {"asl_core.runs.y"}}),
        (up_the_stairs, {"asl_core.errors": {"asl_core.settings"}}),
        (up_the_stairs, {"asl_core.data.x": {"asl_core"}}),
        (circles, {"asl_core.a": {"asl_core.b"}, "asl_core.b": {"asl_core.a"}}),
        (streamlit_outside_of_ui, {"asl_core.data.x": {"streamlit.runtime"}}),
        (heavy_at_once, {"asl_core.data.x": {"optuna.samplers"}}),
        (evaluation_that_trains, {"asl_core.evaluation.x": {"asl_core.training.fit"}}),
        (pages_that_know_pages, {"pages.home": {"pages.train"}}),
        (pages_that_know_pages, {"pages.home": {"asl_core.ui.train.x"}}),
        (pages_that_know_pages, {"asl_core.ui.home.x": {"asl_core.ui.train.x"}}),
    ],
)
def test_a_rule_says_what_breaks_it(rule: object, broken: Graph) -> None:
    assert callable(rule)
    assert rule(broken)


def test_a_worker_s_module_in_a_page_s_part_is_seen() -> None:
    for module in sorted(WORKER_ONLY):
        broken = {"asl_core.ui.train.x": {module}}
        assert tensorflow_outside_of_workers(broken, broken), module
    assert tensorflow_outside_of_workers({"app": set()}, {"app": {"keras"}})
    assert outside_of_rooms({"asl_core.helpers"})


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_pages_modules_and_functions_are_short() -> None:
    too_long = [m for m, path in PAGES.items() if lines_of(path) > MAX_PAGE_LINES]
    too_long += [m for m, path in CORE.items() if lines_of(path) > MAX_LINES]
    for module, path in ALL.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                too_long += [f"{module}.{node.name}"] * (_n_lines(node) > MAX_FUNCTION_LINES)
    assert too_long == []


def _n_lines(node: ast.stmt) -> int:
    """Lines of a statement; of a function without those of its docstring."""
    n = (node.end_lineno or node.lineno) - node.lineno + 1
    if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
        n -= _n_lines(node.body[0])
    return n


def public_names(node: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Functions and classes of a module, and the methods of its classes, without a leading _."""
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.ClassDef) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from public_names(child)


def test_every_module_and_public_name_says_what_it_is_for() -> None:
    for path in ALL.values():
        assert ast.get_docstring(ast.parse(path.read_text())), path
    for path in CORE.values():
        for node in public_names(ast.parse(path.read_text())):
            assert ast.get_docstring(node), f"{path}: {node.name}"


def test_what_the_package_exports_is_there() -> None:
    import asl_core

    for name in asl_core.__all__:
        assert getattr(asl_core, name)
