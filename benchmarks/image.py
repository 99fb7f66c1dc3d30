"""`Dockerfile` and `compose.yaml` on a machine without Docker: the image's steps in a root of its
own, the services as its user, every page in Chromium.

Usage, as root on Debian with debootstrap, chromium and a network:

    python -m benchmarks.image --root FOLDER

The root is Debian bookworm's smallest, with its Python in `/usr/local` (3.11), in the place of
`python:3.12-slim`; `FOLDER/base` is kept for the next time. `RUN`, `COPY`, `ENV` and `WORKDIR` are
carried out as they stand. Then web server, scheduler and worker run with their commands and
variables as the image's user in a chroot with process numbers of its own, and as `compose.yaml` has
it: the root read-only but for the volumes and /tmp, no capabilities, no new privileges. First
strangers may look alone, then (`ASL_PUBLIC=0`) everybody trains. Networks are the machine's own;
limits of memory, layers and the daemon are Docker's.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import yaml  # type: ignore[import-untyped]
from playwright.sync_api import Locator, Page, expect, sync_playwright

from asl_core.settings import ROOT
from benchmarks.web import chromium, show
from tests.dockerfile import copy_files, steps
from tests.processes import answers, children, wait_for

DEBIAN = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
PATH = "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin"
VOLUMES = ("/srv/runs", "/srv/cache", "/app/data")
PAGES = ("", "data", "train", "sweep", "evaluate", "compare", "predict")
INSIDE = "ASL_INSIDE_NAMESPACES"
INDEX = ("PIP_", "http", "HTTP", "no_proxy", "NO_PROXY", "SSL_")
"""Beginnings of the variables by which this machine reaches a package index."""
SECOND = 1_000


def main() -> None:
    """Build, start, look; print what was seen."""
    parser = argparse.ArgumentParser(prog="benchmarks.image", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="empty, or an earlier one")
    parser.add_argument("--built", action="store_true", help="start what an earlier call has built")
    options = parser.parse_args()
    if INSIDE not in os.environ:  # mounts and processes of our own, which end with us
        own = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        own += [sys.executable, "-m", "benchmarks.image", *sys.argv[1:]]
        sys.exit(subprocess.run(own, env={**os.environ, INSIDE: "1"}, cwd=ROOT).returncode)
    image = Image(options.root.resolve() / "image")
    if not options.built:
        image.build(options.root.resolve() / "base")
    print(f"image: {image.size_mb()} MB")
    print(f"writable by its user: {' '.join(image.writable())}")
    with image.started() as url:
        print(f"health check: {image.is_healthy()}")
        look(url)
    with image.started(ASL_PUBLIC="0") as url:
        train(url)
    print("ended by SIGTERM")


class Image:
    """A root folder that `Dockerfile` fills.

    Args:
        root: of its files.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder, self.user, self.command, self.health = "/", "root", "", ""
        self.variables = {"PATH": PATH}
        for name, rest in steps():
            self._learn(name, rest)

    def _learn(self, name: str, rest: str) -> None:
        """What an instruction says of how the image is started."""
        match name:
            case "WORKDIR":
                self.folder = rest
            case "ENV":
                self.variables |= dict(word.split("=", 1) for word in rest.split())
            case "USER":
                self.user = rest
            case "CMD":
                self.command = " ".join(eval(rest))  # a list of words
            case "HEALTHCHECK":
                self.health = rest.partition(" CMD ")[2]

    def build(self, base: Path) -> None:
        """Carry out all steps. They see the variables of the whole file, not of the lines above."""
        if not base.exists():
            run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", DEBIAN, str(base))
        shutil.rmtree(self.root, ignore_errors=True)
        run("cp", "-a", str(base), str(self.root))
        for file in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt"):  # of this network
            shutil.copy(f"/{file}", self.root / file)
        with self._mounted():
            self._in_it("root", "python3 -m venv /usr/local", folder="/")
            for name, rest in steps():
                print(f"{name} {rest[:90]}", flush=True)
                if name == "RUN":
                    self._in_it("root", rest)
                elif name == "COPY":
                    copy_files(self.root, self.folder, rest)
                elif name == "WORKDIR":
                    (self.root / rest[1:]).mkdir()

    def size_mb(self) -> int:
        """What its files take on disk."""
        told = subprocess.run(["du", "-sxm", str(self.root)], stdout=subprocess.PIPE, check=True)
        return int(told.stdout.split()[0])

    def writable(self) -> list[str]:
        """Files and folders that its user can write, none below another."""
        find = (
            "find / -xdev -writable ! -type l ! -path '/proc*' ! -path '/dev*' 2>/dev/null || true"
        )
        with self._mounted():
            found = sorted(self._in_it(self.user, find, folder="/").splitlines())
        top: list[str] = []
        for path in found:
            if not top or not path.startswith(f"{top[-1]}/"):
                top.append(path)
        return top

    @contextmanager
    def _mounted(self, read_only: bool = False) -> Iterator[None]:
        """The root as a mount, with /proc and /dev; read-only but for the volumes and /tmp."""
        root = str(self.root)
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost scheduler\n")
        run("mount", "--bind", root, root)
        run("mount", "-t", "proc", "proc", f"{root}/proc")
        run("mount", "--rbind", "/dev", f"{root}/dev")
        if read_only:
            shutil.rmtree(f"{root}.volumes", ignore_errors=True)
            for inner in VOLUMES:  # each begins as a copy of what the image has there
                volume = Path(f"{root}.volumes{inner}")
                volume.parent.mkdir(parents=True, exist_ok=True)
                run("cp", "-a", root + inner, str(volume))
                run("mount", "--bind", str(volume), root + inner)
            run("mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", f"{root}/tmp")
            run("mount", "-o", "remount,bind,ro", root)
        try:
            yield
        finally:
            run("umount", "--recursive", "--lazy", root)

    def _words(
        self,
        user: str,
        line: str,
        folder: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> list[str]:
        """A command line that does a line of shell in the root, as one of its users."""
        home = "/root" if user == "root" else "/tmp"
        reach = {name: value for name, value in os.environ.items() if name.startswith(INDEX)}
        theirs = {**self.variables, **(variables or {}), "HOME": home}
        told = {**(reach if user == "root" else {}), **theirs}
        less = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
        who = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *less]
        return [
            *("chroot", str(self.root), "env", "-i"),
            *(f"{name}={value}" for name, value in told.items()),
            *(who if user != "root" else []),
            *("sh", "-c", f"cd {folder or self.folder} && {line}"),
        ]

    def _in_it(self, user: str, line: str, folder: str | None = None) -> str:
        words = self._words(user, line, folder)
        return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout

    def is_healthy(self) -> bool:
        """Whether the image's own check passes, as its user."""
        return subprocess.run(self._words(self.user, self.health)).returncode == 0

    @contextmanager
    def started(self, **told: str) -> Iterator[str]:
        """All services as its user, with variables for `compose.yaml`. Yields the address."""
        services = yaml.safe_load(composed(told))["services"]
        with self._mounted(read_only=True):
            started = [
                subprocess.Popen(self._words(self.user, line, variables=service["environment"]))
                for service in services.values()
                for line in [f"exec {service.get('command', self.command)}"]
            ]
            url = "http://127.0.0.1:8501"
            try:
                wait_for(lambda: answers(f"{url}/_stcore/health"))
                yield url
            finally:
                running = children()
                for process in started:
                    process.terminate()
                _, left = psutil.wait_procs(running, timeout=60)
                assert not left, left


def run(*words: str) -> None:
    """A command that must succeed."""
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def composed(told: Mapping[str, str]) -> str:
    """`compose.yaml` with what it asks of its environment, or the default that it names."""
    return re.sub(
        r"\$\{(\w+):-([^}]*)\}",
        lambda asked: told.get(asked[1], asked[2]) or "''",
        (ROOT / "compose.yaml").read_text(),
    )


def look(url: str) -> None:
    """Open every page as a stranger, and show a photo to a network."""
    with sync_playwright() as playwright:
        page = chromium(playwright).new_page()
        for name in PAGES:
            show(page, f"{url}/{name}")
            expect(page.get_by_test_id("stException")).to_have_count(0)
            print(f"opened: {name or 'home'}", flush=True)
        example = ROOT / "asl_core" / "ui" / "predict" / "examples" / "A.jpg"
        page.locator("input[type=file]").first.set_input_files(str(example))
        expect(page.get_by_role("table", name="Probabilities")).to_be_visible(timeout=60 * SECOND)
        print("predicted", flush=True)
        button = to_train(page, url)
        expect(button).to_be_disabled()
        print("a stranger can't train", flush=True)


def train(url: str) -> None:
    """Train the network that *Train* suggests, on the worker."""
    with sync_playwright() as playwright:
        page = chromium(playwright).new_page()
        to_train(page, url).click()
        done = page.get_by_text("Finished. Total time")
        expect(done).to_be_visible(timeout=600 * SECOND)
        print("trained on the worker", flush=True)


def to_train(page: Page, url: str) -> Locator:
    """The button, once the hands are rendered that there is to learn from."""
    show(page, f"{url}/train")
    button = page.get_by_role("button", name="Train", exact=True)
    expect(button).to_be_visible(timeout=600 * SECOND)
    return button


if __name__ == "__main__":
    main()
