"""Names of other packages that are not public, each used in one place: what they must do there.

When a version here changes, look whether there is a public way by now.
"""

from importlib.metadata import version
from pathlib import Path

import pytest

from asl_core.evaluation.layer_inspector import LayerInspector
from asl_core.runs.run import Run
from asl_core.settings import ROOT

PRIVATE = {
    "_trial_id": ("optuna", "5.0.0", "asl_core/sweeps/trials.py"),
    "_get_ops_details": ("ai-edge-litert", "2.3.0", "asl_core/evaluation/layer_inspector.py"),
}


@pytest.mark.parametrize("name", PRIVATE)
def test_a_private_name_is_used_in_one_place_with_a_known_version(name: str) -> None:
    package, known, place = PRIVATE[name]
    assert version(package) == known
    users = [
        str(path.relative_to(ROOT))
        for folder in ("asl_core", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if name in path.read_text()
    ]
    assert users == [place]


def test_optuna_gives_a_trial_back_by_its_id(tmp_path: Path) -> None:
    import optuna

    study = optuna.create_study()
    asked = study.ask()
    (known,) = study.get_trials(states=(optuna.trial.TrialState.RUNNING,))
    again = optuna.trial.Trial(study, known._trial_id)
    assert again.number == asked.number


def test_litert_tells_the_graph_of_a_model(drawn_run: Run) -> None:
    assert LayerInspector(drawn_run)
