"""`compose.yaml` says what README promises. Docker itself is not started here."""

from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from distributed.cli.dask_scheduler import main as scheduler
from distributed.cli.dask_worker import main as worker

from asl_core.settings import ROOT, Settings
from tests.dockerfile import steps

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PASSED_ON = {"STREAMLIT_SERVER_BASE_URL_PATH", "FORWARDED_ALLOW_IPS"}
"""Variables of Streamlit and of uvicorn."""


def test_only_the_web_server_is_published_and_to_this_machine() -> None:
    assert set(SERVICES) == {"web", "scheduler", "worker"}
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    assert SERVICES["web"]["ports"] == ["${ASL_PUBLISH:-127.0.0.1:8501}:8501"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("scheduler", "worker"):
        assert SERVICES[name]["networks"] == ["inside"]


def test_all_see_the_same_folders() -> None:
    for service in SERVICES.values():
        assert service["volumes"] == SERVICES["web"]["volumes"]
    targets = {volume.split(":")[1] for volume in SERVICES["web"]["volumes"]}
    assert targets == {"/srv/runs", "/srv/cache", "/app/data"}
    for name in ("ASL_RUNS_DIR=/srv/runs", "ASL_CACHE_DIR=/srv/cache", "WORKDIR /app\n"):
        assert name in DOCKERFILE


def test_every_variable_is_one_that_the_app_reads() -> None:
    known = {f"ASL_{name.upper()}" for name in Settings.model_fields}
    for service in SERVICES.values():
        assert set(service["environment"]) <= known | PASSED_ON
        assert service["environment"]["ASL_SCHEDULER"] == "tcp://scheduler:8786"


def test_a_container_may_do_little() -> None:
    for service in SERVICES.values():
        assert service["read_only"] is True
        assert service["tmpfs"] == "/tmp"
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"] == "3g"


def test_strangers_may_look_unless_it_is_told_otherwise() -> None:
    assert SERVICES["web"]["environment"]["ASL_PUBLIC"] == "${ASL_PUBLIC:-1}"
    assert SERVICES["web"]["environment"]["FORWARDED_ALLOW_IPS"] == "${FORWARDED_ALLOW_IPS:-}"


def test_only_the_web_server_is_asked_whether_it_is_well() -> None:
    assert "HEALTHCHECK" in dict(steps())
    off = {name for name in SERVICES if SERVICES[name].get("healthcheck") == {"disable": True}}
    assert off == {"scheduler", "worker"}


def test_a_space_of_hugging_face_gets_the_port_and_the_user_that_it_wants() -> None:
    text = (ROOT / "deploy" / "huggingface" / "README.md").read_text()
    header = yaml.safe_load(text.split("---\n")[1])
    said = dict(steps())
    assert header["sdk"] == "docker"
    assert str(header["app_port"]) == said["EXPOSE"] == "8501"
    assert len(header["short_description"]) <= 60
    assert {"blue", "gray"} == {header["colorFrom"], header["colorTo"]}
    assert any(name == "RUN" and "useradd --uid 1000 " in rest for name, rest in steps())


@pytest.mark.parametrize(("name", "command"), [("scheduler", scheduler), ("worker", worker)])
def test_dask_knows_the_options(name: str, command: Any) -> None:
    words = SERVICES[name]["command"].split()
    known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
    assert words[:2] == ["dask", name]
    assert {word for word in words if word.startswith("--")} <= known


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    kept = (ROOT / ".dockerignore").read_text().splitlines()
    for line in DOCKERFILE.splitlines():
        if line.startswith("COPY "):
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists()
                assert f"!{source}" in kept
