"""Downloads from a real server on loopback: what breaks, what lies, what must not be left."""

import hashlib
import io
import random
import struct
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from asl_core.data import download as download_module
from asl_core.data import download_images, read_folder
from asl_core.data.dataset import fingerprint
from asl_core.errors import DownloadError
from asl_core.settings import MISSION_FINGERPRINT, settings


@dataclass
class Answer:
    """How the server treats one request."""

    status: int = 200
    cut: int | None = None
    """Close the connection after so many bytes of the body."""
    stall: float = 0.0
    """Seconds of silence before it is closed."""
    ranges: bool = True
    length: bool = True


@dataclass
class Site:
    """A server with one file, and what it was asked for."""

    url: str = ""
    content: bytes = b""
    answers: list[Answer] = field(default_factory=list)
    """For the requests to come, in order; once used up, all goes well."""
    asked: list[str | None] = field(default_factory=list)
    """The `Range` of each request."""
    sent: int = 0


@pytest.fixture
def site() -> Iterator[Site]:
    state = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = state.answers.pop(0) if state.answers else Answer()
            wanted = self.headers["Range"]
            state.asked.append(wanted)
            if answer.status != 200:
                self.send_error(answer.status)
                return
            start = int(wanted[len("bytes=") : -1]) if wanted and answer.ranges else 0
            if start and start >= len(state.content):
                self.send_error(416)
                return
            body = state.content[start:]
            self.send_response(206 if start else 200)
            if start:
                end = len(state.content)
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
            if answer.length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            body = body[: answer.cut]
            state.sent += len(body)
            self.wfile.write(body)
            self.wfile.flush()
            time.sleep(answer.stall)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/archive.zip"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An own cache folder (where parts of archives are kept), and no long waits."""
    monkeypatch.setenv("ASL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(download_module, "WAIT_SECONDS", 0.01)
    settings.cache_clear()
    yield tmp_path / "cache"
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def target(tmp_path: Path, cache: Path) -> Path:
    """Where the photos shall be; the only thing in its folder."""
    (tmp_path / "place").mkdir()
    return tmp_path / "place" / "asl_abc"


@pytest.fixture(scope="module")
def mission_zip(photos: Path) -> bytes:
    """The mission's photos as its public mirror packs them, with what else is there."""
    return packed(
        photo_members(photos), extra=[("ASL-x/README.md", b"hello"), ("ASL-x/a.jpg", b"")]
    )


def photo_members(photos: Path) -> list[tuple[str, bytes]]:
    files = sorted(photos.glob("[ABC]/*.jpg"))
    return [(f"ASL-x/datasets/{file.parent.name}/{file.name}", file.read_bytes()) for file in files]


def packed(
    members: list[tuple[str, bytes]],
    compression: int = zipfile.ZIP_STORED,
    extra: list[tuple[str, bytes]] | None = None,
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in [*(extra or []), *members]:
            archive.writestr(name, content)
    return buffer.getvalue()


def assert_mission(folder: Path) -> None:
    """The folder holds the mission's photos to the byte."""
    digests = {
        f"{file.parent.name}/{file.name}": hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*.jpg"))
    }
    assert fingerprint(list(digests), list(digests.values())) == MISSION_FINGERPRINT


def parts(cache: Path) -> list[Path]:
    """Archives that a later call would take up."""
    return list((cache / "downloads").glob("*.part"))


def assert_nothing_left(target: Path, cache: Path) -> None:
    """Nothing in the target's place, beside it, or to be resumed; nothing escaped either."""
    assert list(target.parent.iterdir()) == []
    assert parts(cache) == []
    assert sorted(path.name for path in target.parent.parent.iterdir()) == ["cache", "place"]


def refused(site: Site, target: Path, cache: Path) -> str:
    """The words with which an archive is refused; nothing of it may be left."""
    with pytest.raises(DownloadError) as caught:
        download_images(target, site.url)
    assert_nothing_left(target, cache)
    return str(caught.value)


def test_photos_arrive_whole_and_progress_is_told(
    site: Site, target: Path, cache: Path, mission_zip: bytes
) -> None:
    site.content = mission_zip
    told: list[tuple[int, int | None]] = []

    folder = download_images(target, site.url, lambda here, total: told.append((here, total)))

    assert folder == target
    dataset = read_folder(folder)
    assert dataset.fingerprint == MISSION_FINGERPRINT
    assert dataset.counts() == {"A": 1000, "B": 1000, "C": 1000}
    assert sorted(path.name for path in folder.iterdir()) == ["A", "B", "C"]
    assert {total for _, total in told} == {len(mission_zip)}
    here = [count for count, _ in told]
    assert here == sorted(set(here))
    assert here[-1] == len(mission_zip)
    assert parts(cache) == []
    assert [path.name for path in target.parent.iterdir()] == ["asl_abc"]


def test_existing_target_is_refused_untouched_before_any_request(site: Site, target: Path) -> None:
    target.mkdir()
    (target / "mine.txt").write_text("mine")

    with pytest.raises(DownloadError, match="exists already") as raised:
        download_images(target, site.url)
    assert str(target.parent) not in str(raised.value)
    assert str(target) in raised.value.in_full  # for the operator alone

    assert (target / "mine.txt").read_text() == "mine"
    assert site.asked == []


def test_broken_connection_is_taken_up_where_it_broke(
    site: Site, target: Path, mission_zip: bytes
) -> None:
    site.content = mission_zip
    site.answers = [Answer(cut=100_000), Answer(cut=200_000)]
    told: list[int] = []

    folder = download_images(target, site.url, lambda here, total: told.append(here))

    assert site.asked == [None, "bytes=100000-", "bytes=300000-"]
    assert site.sent == len(mission_zip)
    assert told == sorted(told)
    assert_mission(folder)


def test_later_call_takes_up_what_all_tries_of_the_first_have_got(
    site: Site, target: Path, mission_zip: bytes
) -> None:
    site.content = mission_zip
    site.answers = [Answer(cut=50_000)] * download_module.TRIES

    with pytest.raises(DownloadError, match="is kept"):
        download_images(target, site.url)
    assert not target.exists()
    folder = download_images(target, site.url)

    assert site.asked[-1] == f"bytes={50_000 * download_module.TRIES}-"
    assert site.sent == len(mission_zip)
    assert_mission(folder)


def test_whole_archive_whose_unpacking_was_cut_off_is_not_fetched_again(
    site: Site, target: Path, cache: Path, mission_zip: bytes
) -> None:
    """A process that ends between fetching and unpacking leaves all bytes: the server says 416."""
    site.content = mission_zip
    site.answers = [Answer(cut=10)] * download_module.TRIES
    with pytest.raises(DownloadError):
        download_images(target, site.url)
    (part,) = parts(cache)
    part.write_bytes(mission_zip)
    site.sent = 0

    folder = download_images(target, site.url)

    assert site.sent == 0
    assert_mission(folder)


def test_server_without_ranges_sends_all_again_and_it_is_not_appended(
    site: Site, target: Path, mission_zip: bytes
) -> None:
    site.content = mission_zip
    site.answers = [Answer(cut=100_000), Answer(ranges=False)]

    folder = download_images(target, site.url)

    assert site.asked == [None, "bytes=100000-"]
    assert site.sent == 100_000 + len(mission_zip)
    assert_mission(folder)


def test_silent_server_is_given_up_and_asked_again(
    site: Site, target: Path, mission_zip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_module, "TIMEOUT_SECONDS", 0.5)
    site.content = mission_zip
    site.answers = [Answer(cut=70_000, stall=3)]

    folder = download_images(target, site.url)

    assert len(site.asked) == 2
    assert_mission(folder)


def test_length_that_is_not_told_is_unknown_in_progress(
    site: Site, target: Path, mission_zip: bytes
) -> None:
    site.content = mission_zip
    site.answers = [Answer(length=False)]
    told: list[tuple[int, int | None]] = []

    download_images(target, site.url, lambda here, total: told.append((here, total)))

    assert told[-1] == (len(mission_zip), None)


def test_missing_archive_is_told_at_once(site: Site, target: Path, cache: Path) -> None:
    site.answers = [Answer(status=404)]

    assert "404" in refused(site, target, cache)
    assert len(site.asked) == 1


def test_server_in_trouble_is_asked_again(site: Site, target: Path, mission_zip: bytes) -> None:
    site.content = mission_zip
    site.answers = [Answer(status=503), Answer(status=500)]

    folder = download_images(target, site.url)

    assert len(site.asked) == 3
    assert_mission(folder)


def test_server_that_stays_in_trouble_is_given_up(site: Site, target: Path, cache: Path) -> None:
    site.answers = [Answer(status=502)] * 10

    assert "502" in refused(site, target, cache)
    assert len(site.asked) == download_module.TRIES


def test_nobody_listening_is_told_with_the_address(target: Path, site: Site) -> None:
    dead = "http://127.0.0.1:9/archive.zip"

    with pytest.raises(DownloadError, match="could not be fetched") as caught:
        download_images(target, dead)

    assert dead in str(caught.value)
    assert not target.exists()


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/x.zip", "file:///etc/passwd", "x.zip", "", "http://[x/", "http://"]
)
def test_address_that_is_none_is_refused(url: str, target: Path) -> None:
    with pytest.raises(DownloadError):
        download_images(target, url)
    assert not target.exists()


def test_place_that_cannot_be_made_is_told_before_any_request(
    site: Site, target: Path, mission_zip: bytes
) -> None:
    site.content = mission_zip
    (target.parent / "file").write_text("in the way")

    with pytest.raises(DownloadError, match="asl_abc can't be created") as raised:
        download_images(target.parent / "file" / "asl_abc", site.url)
    assert str(target.parent) not in str(raised.value)
    assert str(target.parent / "file") in raised.value.in_full  # for the operator alone

    assert site.asked == []


@pytest.mark.parametrize("change", ["one byte", "one missing", "one renamed"])
def test_photos_that_are_not_the_missions_are_refused_and_not_resumed(
    change: str, site: Site, target: Path, cache: Path, photos: Path, mission_zip: bytes
) -> None:
    members = photo_members(photos)
    name, content = members[1234]
    if change == "one byte":
        members[1234] = name, content[:-1] + bytes([content[-1] ^ 1])
    elif change == "one missing":
        del members[1234]
    else:
        members[1234] = name.replace(".jpg", "x.jpg"), content
    site.content = packed(members)

    assert "not the mission's" in refused(site, target, cache)

    site.content = mission_zip
    folder = download_images(target, site.url)
    assert site.asked[-1] is None
    assert_mission(folder)


def test_names_that_point_elsewhere_are_not_followed(
    site: Site, target: Path, cache: Path, photos: Path, tmp_path: Path
) -> None:
    """Right photos with hostile company: the photos arrive, the rest is written nowhere."""
    hostile = [
        "../evil.jpg",
        "ASL-x/datasets/A/../../../evil.jpg",
        "ASL-x/datasets/../evil.jpg",
        "../datasets/A/../evil.jpg",
        "/datasets/A/evil.jpg",
        f"{tmp_path}/evil.jpg",
        "ASL-x/datasets/A/..\\..\\evil.jpg",
        "C:/datasets/A/../evil.jpg",
        "ASL-x/datasets/A/evil.jpg/",
        "ASL-x/datasets/D/evil.jpg",
        "ASL-x/datasets/A/evil.jpg\n",
        "ASL-x/datasets/A/evil.sh",
    ]
    site.content = packed(photo_members(photos), extra=[(name, b"evil") for name in hostile])

    folder = download_images(target, site.url)

    assert list(tmp_path.rglob("*evil*")) == []
    assert len(list(folder.rglob("*"))) == 3_003
    assert_mission(folder)


@pytest.mark.parametrize("prefix", ["../", "/", ".."])
def test_top_folder_that_points_elsewhere_writes_nothing_elsewhere(
    prefix: str, site: Site, target: Path, cache: Path
) -> None:
    site.content = packed([(f"{prefix}/datasets/A/evil.jpg", b"evil")])

    refused(site, target, cache)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_member_that_comes_twice_is_refused(site: Site, target: Path, cache: Path) -> None:
    site.content = packed([("datasets/A/A1.jpg", b"one"), ("datasets/A/A1.jpg", b"two")])
    assert "duplicate" in refused(site, target, cache)

    site.content = packed([("a/datasets/A/A1.jpg", b"one"), ("b/datasets/A/A1.jpg", b"two")])
    assert "duplicate" in refused(site, target, cache)


def test_member_that_swells_is_refused(site: Site, target: Path, cache: Path) -> None:
    site.content = packed([("datasets/A/A1.jpg", bytes(64 * 2**20))], zipfile.ZIP_DEFLATED)
    assert len(site.content) < 2**20

    assert "too large" in refused(site, target, cache)


def test_member_that_declares_a_small_size_and_swells_is_refused(
    site: Site, target: Path, cache: Path
) -> None:
    """The size in the directory is the sender's claim."""
    content = bytearray(packed([("datasets/A/A1.jpg", bytes(8 * 2**20))], zipfile.ZIP_DEFLATED))
    claimed = struct.pack("<L", 8 * 2**20)
    assert content.count(claimed) == 2
    site.content = bytes(content.replace(claimed, struct.pack("<L", 100)))

    refused(site, target, cache)


def test_entries_that_overlap_are_refused(site: Site, target: Path, cache: Path) -> None:
    """Each member's content holds the members after it, as bombs do that unpack to petabytes."""
    names = [f"datasets/A/A{index}.jpg".encode() for index in range(50)]
    body, directory, content = b"end", b"", b"end"
    headers: list[tuple[bytes, bytes]] = []
    for name in reversed(names):
        fixed = struct.pack("<LLLHH", zlib.crc32(content), len(content), len(content), len(name), 0)
        body = b"PK\3\4" + struct.pack("<HHHHH", 20, 0, 0, 0, 33) + fixed + name + content
        content = body
        headers.append((name, fixed))
    offset = 0
    for name, fixed in reversed(headers):
        directory += b"PK\1\2" + struct.pack("<HHHHHH", 20, 20, 0, 0, 0, 33) + fixed
        directory += struct.pack("<HHHLL", 0, 0, 0, 0, offset) + name
        offset += 30 + len(name)
    tail = struct.pack("<HHHHLLH", 0, 0, 50, 50, len(directory), len(body), 0)
    site.content = body + directory + b"PK\5\6" + tail
    with zipfile.ZipFile(io.BytesIO(site.content)) as archive:
        assert len(archive.infolist()) == 50

    refused(site, target, cache)


def test_too_many_photos_are_refused(site: Site, target: Path, cache: Path) -> None:
    site.content = packed([(f"datasets/A/A{index}.jpg", b"") for index in range(3_001)])

    assert "one too many" in refused(site, target, cache)


@pytest.mark.parametrize(
    "content", [b"", b"<html>Please log in</html>", b"PK\x03\x04 and no more", bytes(100_000)]
)
def test_what_is_no_zip_is_refused(content: bytes, site: Site, target: Path, cache: Path) -> None:
    site.content = content

    refused(site, target, cache)


def test_archive_without_photos_is_refused(site: Site, target: Path, cache: Path) -> None:
    site.content = packed([("README.md", b"nothing here")])

    assert "0 photos" in refused(site, target, cache)


def test_archive_over_the_limit_is_refused_and_not_resumed(
    site: Site, target: Path, cache: Path, mission_zip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.content = bytes(2**20)
    with monkeypatch.context() as patch:
        patch.setattr(download_module, "MAX_ARCHIVE_BYTES", 500_000)
        with pytest.raises(DownloadError, match="refused"):
            download_images(target, site.url)
    assert sum(path.stat().st_size for path in parts(cache)) == 0

    site.content = mission_zip
    assert_mission(download_images(target, site.url))


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_damaged_archive_never_ends_in_another_error(
    compression: int, site: Site, target: Path, cache: Path
) -> None:
    """Bytes changed at random places: all of it is told as a refused archive."""
    rng = random.Random(0)
    members = [(f"é/datasets/A/A{index}.jpg", rng.randbytes(60) * 3) for index in range(3)]
    good = packed(members, compression)
    for _ in range(30):
        bad = bytearray(good)
        for position in rng.sample(range(len(bad)), rng.randint(1, 3)):
            bad[position] = rng.randrange(256)
        site.content = bytes(bad)
        refused(site, target, cache)


def test_two_callers_at_once_leave_one_whole_folder(
    site: Site, target: Path, cache: Path, mission_zip: bytes
) -> None:
    site.content = mission_zip
    ends: list[Exception | Path] = []

    def call() -> None:
        try:
            ends.append(download_images(target, site.url))
        except Exception as error:  # noqa: BLE001 - its type is what is looked at
            ends.append(error)

    run_together(call, call)

    assert_mission(target)
    assert [path.name for path in target.parent.iterdir()] == ["asl_abc"]
    assert all(isinstance(end, Path | DownloadError) for end in ends)


def run_together(*calls: Callable[[], None]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
