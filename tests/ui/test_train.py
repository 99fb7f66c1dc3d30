"""The page Train by Streamlit's own test runner."""

import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from asl_core import TrainConfig, layers, open_dataset
from asl_core.config import MANY_CLASSES, ONE_CYCLE, Augmentation
from asl_core.files import write_json
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import settings
from asl_core.sweeps.sweep import new_sweep_id
from asl_core.task_state import TaskState
from asl_core.ui.shared.settings_link import from_text, to_text
from tests.background_tasks import asked
from tests.ui.pages import opened, text

LINK = (
    "one-cycle:epochs=7:filters=8,16:batch_size=16:optimizer=adam:learning_rate=0.02:seed=3"
    ":validation_fraction=0.125:patience=3:shift=0.1:brightness=0.3:mirror=1"
)

CONFIGS = (
    MANY_CLASSES,
    replace(MANY_CLASSES, filters=(4, 5), dropout=0.123, batch_norm=False, image_size=96),
    TrainConfig(filters=(1, 2, 3), kernel_size=3, image_size=64, batch_norm=True),
    replace(ONE_CYCLE, dropout=0.8),
    TrainConfig(epochs=5),
    TrainConfig(),
    TrainConfig(epochs=100, filters=(64, 1), optimizer="sgd", learning_rate=1e-6),
    replace(ONE_CYCLE, learning_rate=None, seed=2**32 - 1),
    TrainConfig(validation_fraction=0.1 + 0.2, patience=100),
    TrainConfig(augmentation=Augmentation(shift=0.3, rotation=45, zoom=0.01, mirror=True)),
)


def test_the_layer_table_follows_the_controls(environment: Path) -> None:
    app = opened("train", settings="constant")
    assert app.dataframe[0].value["Parameters"].tolist() == [0, 380, 0, 1890, 0, 0, 408]
    app.slider(key="first_constant").set_value(8).run()
    assert app.dataframe[0].value["Parameters"].tolist() == [0, 608, 0, 3015, 0, 0, 408]
    assert "4,031 parameters" in text(app)


def test_the_settings_are_in_the_address(environment: Path) -> None:
    app = opened("train")
    assert "settings" not in app.query_params
    assert app.slider(key="epochs_one-cycle").value == 40
    app.slider(key="first_one-cycle").set_value(5).run()
    app.toggle(key="use_rotation_one-cycle").set_value(True).run()
    link = value(app, "settings")
    assert link == "one-cycle:epochs=40:filters=5,24:rotation=10.0"
    linked = opened("train", settings=link)
    assert linked.slider(key="first_one-cycle").value == 5
    assert any("rotation=10.0" in code.value for code in linked.code)
    assert linked.dataframe[0].value["Parameters"].tolist()[:2] == [0, 380]


@pytest.mark.parametrize(
    ("link", "config"),
    [
        ("constant", TrainConfig(epochs=5)),
        ("one-cycle", replace(ONE_CYCLE, epochs=1)),
        ("constant:epochs=20:filters=8,15", TrainConfig(epochs=20, filters=(8, 15))),
        ("one-cycle:epochs=3", replace(ONE_CYCLE, epochs=3)),
    ],
)
def test_links_of_earlier_versions_mean_the_same_on_every_dataset(
    environment: Path, link: str, config: TrainConfig
) -> None:
    assert from_text(link) == config
    app = opened("train", settings=link)
    assert not app.warning
    assert value(app, "settings") == link
    assert app.slider(key=f"epochs_{config.schedule}").value == config.epochs
    assert app.slider(key=f"first_{config.schedule}").value == config.filters[0]


def test_what_is_shown_first_follows_the_dataset_until_it_is_changed(environment: Path) -> None:
    many, few = "rendered:ABCDEF:60:0", "rendered:AB:40:1"
    for source in (many, few):
        open_dataset(source)
    app = opened("train", data=many)
    assert app.slider(key="first_one-cycle").value == 16
    assert "settings" not in app.query_params
    app.query_params["data"] = few
    app.run()
    assert app.slider(key="first_one-cycle").value == 8
    assert "settings" not in app.query_params
    app.slider(key="first_one-cycle").set_value(3).run()
    app.query_params["data"] = many
    app.run()
    assert app.slider(key="first_one-cycle").value == 3
    assert value(app, "settings") == "one-cycle:epochs=40:filters=3,24"


def test_another_preset_is_itself_whatever_is_shown_first(environment: Path) -> None:
    app = opened("train")
    app.button_group(key="preset").set_value("constant").run()
    assert value(app, "settings") == "constant"
    assert app.slider(key="first_constant").value == 5
    app.button_group(key="preset").set_value("one-cycle").run()
    assert "settings" not in app.query_params


def test_a_link_sets_every_control(environment: Path) -> None:
    app = opened("train", settings=LINK)
    assert value(app, "settings") == LINK
    assert not app.warning
    config = from_text(LINK)
    assert app.button_group(key="preset").value == "one-cycle"
    assert app.slider(key="epochs_one-cycle").value == config.epochs == 7
    assert app.number_input(key="rate_one-cycle").value == config.learning_rate == 0.02
    assert app.slider(key="validation").value == 12.5
    assert app.number_input(key="patience").value == 3
    app.slider(key="epochs_one-cycle").set_value(8).run()
    assert value(app, "settings") == LINK.replace("epochs=7", "epochs=8")
    app.switch_page("pages/data.py").run()
    app.query_params.clear()  # as a browser does on the way to another page
    app.switch_page("pages/train.py").run()
    assert app.slider(key="epochs_one-cycle").value == 8
    assert value(app, "settings") == LINK.replace("epochs=7", "epochs=8")


def test_every_part_of_the_architecture_is_a_control_and_in_the_address(environment: Path) -> None:
    link = (
        "one-cycle:filters=4,6,8:kernel_size=3:dropout=0.25:batch_norm=1:image_size=64"
        ":rotation=12.0"
    )
    app = opened("train", settings=link)
    assert not app.warning
    assert value(app, "settings") == link
    assert app.slider(key="third_one-cycle").value == 8
    assert app.slider(key="dropout_one-cycle").value == 0.25
    assert app.toggle(key="norm_one-cycle").value
    config = from_text(link)
    table = app.dataframe[0].value
    told = layers(config.architecture, 3)
    assert table["Parameters"].tolist() == [layer.params for layer in told]
    assert table["Layer"].tolist()[-2:] == ["Dropout (0.25)", "Dense (3, softmax)"]
    assert table["Output shape"][0] == "(None, 64, 64, 3)"
    app.toggle(key="deep_one-cycle").set_value(False).run()
    app.button_group(key="size_one-cycle").set_value(96).run()
    changed = from_text(value(app, "settings"))
    assert changed == replace(config, filters=(4, 6), image_size=96)
    assert "(None, 96, 96, 3)" in app.dataframe[0].value["Output shape"].tolist()


def test_many_classes_have_a_preset_of_their_own(
    environment: Path, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = opened("train")
    assert few.button_group(key="preset").options == ["Baseline", "One-cycle"]
    linked = opened("train", settings="many-classes")
    assert linked.button_group(key="preset").value == "many-classes"
    assert from_text(value(linked, "settings")) == MANY_CLASSES

    for letter in "ABCDEFGHIJ":
        shutil.copytree(drawn / "A", tmp_path / "many" / letter)
    monkeypatch.setenv("ASL_DATA_DIR", str(tmp_path / "many"))
    settings.cache_clear()
    app = opened("train")
    assert (
        app.button_group(key="preset").value == "many-classes"
    )  # shown first where there are many
    assert app.toggle(key="use_brightness_many-classes").value
    assert app.slider(key="first_many-classes").value == MANY_CLASSES.filters[0]
    app.slider(key="third_many-classes").set_value(48).run()
    shown = from_text(value(app, "settings"))
    assert shown == replace(MANY_CLASSES, filters=(16, 48, 48), epochs=shown.epochs)
    app.button_group(key="preset").set_value("constant").run()
    assert not app.toggle(key="use_brightness_constant").value  # each preset has its own


@pytest.mark.parametrize(
    "link",
    [
        "another",
        "constant:filters=5,15,25,35",
        "constant:kernel_size=4",
        "constant:dropout=0.9",
        "constant:batch_norm=perhaps",
        "constant:image_size=51",
        "constant:epochs=0",
        "constant:epochs=many",
        "constant:filters=5",
        "constant:learning_rate=nan",
        "constant:learning_rate=1e-300",
        "constant:mirror=perhaps",
        "constant:nothing=1",
        f"constant:seed={'9' * 5_000}",
        "constant:<b>*a*</b>",
    ],
)
def test_a_wrong_link_is_a_warning(environment: Path, link: str) -> None:
    app = opened("train", settings=link)
    assert len(app.warning) == 1
    assert "Settings: " in app.warning[0].value
    assert len(app.warning[0].value) < 400
    assert app.slider(key="epochs_one-cycle").value == 40
    assert not app.run().warning


@pytest.mark.parametrize("config", CONFIGS)
def test_settings_are_a_text_and_back(config: TrainConfig) -> None:
    assert from_text(to_text(config)) == config


def test_the_texts_of_the_presets_are_their_names() -> None:
    assert to_text(TrainConfig(epochs=5)) == "constant"
    assert to_text(replace(ONE_CYCLE, epochs=1)) == "one-cycle"


def value(app: AppTest, name: str) -> str:
    """A parameter of the address."""
    given = app.query_params[name]
    return given if isinstance(given, str) else given[-1]


def test_controls_survive_a_change_of_page(environment: Path) -> None:
    app = opened("train")
    app.slider(key="epochs_one-cycle").set_value(42).run()
    app.switch_page("pages/data.py").run()
    app.switch_page("pages/train.py").run()
    assert app.slider(key="epochs_one-cycle").value == 42


def test_an_unreadable_status_is_an_interrupted_run(environment: Path) -> None:
    store = RunStore(environment)
    staged = asked(store, RunSpec(TrainConfig(), "random", "nowhere"))
    (staged.folder / "state.json").write_text("")
    assert "interrupted" in text(opened("train"))
    assert not opened("home").error
    staged.submitted.release()


@pytest.mark.parametrize("page", ["train", "sweep"])
def test_a_failure_is_told_without_the_path_in_it(environment: Path, page: str) -> None:
    sweep = new_sweep_id() if page == "sweep" else None
    staged = asked(RunStore(environment), RunSpec(TrainConfig(), "random", "nowhere", sweep))
    failed = TaskState("failed", error="It can't be read: /srv/private/cache/drawn is gone.")
    write_json(staged.folder / "state.json", asdict(failed))
    staged.submitted.release()
    app = opened(page)
    assert "drawn is gone" in text(app)
    assert "private" not in text(app)
