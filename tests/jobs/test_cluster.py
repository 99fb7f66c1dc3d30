"""Trainings on an own Dask cluster, over TLS, started with Dask's commands."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from asl_core.config import TrainConfig
from asl_core.errors import JobError
from asl_core.jobs.jobs import Jobs
from asl_core.runs.run import RunSpec
from asl_core.runs.store import RunStore
from asl_core.settings import settings
from tests.jobs.dask_cluster import Cluster, cluster, lose_a_worker

TRAININGS = 4
OPENSSL = shutil.which("openssl")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a certificate that signed itself, and its key."""
    if OPENSSL is None:
        pytest.skip("needs the command openssl")
    folder = tmp_path_factory.mktemp("tls")
    command = [OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command, "-days", "2", *files], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def over_tls(certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    options = ["--tls-ca-file", str(certificate / "cert.pem")]
    options += ["--tls-cert", str(certificate / "cert.pem")]
    options += ["--tls-key", str(certificate / "key.pem")]
    with cluster(tmp_path_factory.mktemp("cluster"), options, "tls") as running:
        yield running


@pytest.fixture
def certified(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings name the certificate."""
    for name, file in (("CA", "cert.pem"), ("CERT", "cert.pem"), ("KEY", "key.pem")):
        monkeypatch.setenv(f"ASL_SCHEDULER_TLS_{name}", str(certificate / file))
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_without_a_certificate_the_way_out_is_told(over_tls: Cluster) -> None:
    with pytest.raises(JobError, match="ASL_SCHEDULER_TLS_CA"):
        Jobs(over_tls.address)._connect()


def test_a_connection_without_tls_is_refused(
    over_tls: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asl_core.jobs.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(JobError, match="can't be reached"):
        Jobs(over_tls.address.replace("tls://", "tcp://"))._connect()


@pytest.mark.slow
@pytest.mark.usefixtures("certified")
def test_all_trainings_finish_although_a_worker_is_lost(
    over_tls: Cluster, drawn: Path, tmp_path: Path
) -> None:
    store = RunStore(tmp_path / "runs")
    jobs = Jobs(over_tls.address)
    assert over_tls.address.startswith("tls://127.0.0.1:")
    over_tls.add_worker()
    over_tls.add_worker()
    over_tls.wait_for_workers(jobs)

    # part of a sweep, so that all may be queued at once
    spec = RunSpec(TrainConfig(epochs=3, batch_size=8), "random", str(drawn), sweep="one")
    spread, killed_after = lose_a_worker(over_tls, jobs, store, spec, TRAININGS)

    jobs.close()
    assert len([store.load(run.id) for run in store.list()]) == TRAININGS
    assert killed_after > 0
    assert set(spread.values()) <= {"worker-0", "worker-1"}  # a short run may go by unseen
