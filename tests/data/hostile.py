"""A table of hostile archives: kinds of attack times their parameters, each with what must become
of it: `refused`, or `kept` with how many of its images."""

# mypy: disable-error-code="misc"
# It can't tell the type of a function whose default values hold a parameter of the table.

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.data.raw_archives import (
    Raw,
    good,
    header,
    lying,
    member,
    named,
    padded,
    picture,
    raw_zip,
    tar_with,
    zip_with,
)

CANARY = "canary.png"
OUTSIDE = "@OUTSIDE@"
"""In a name: the absolute path of a folder outside of the runs."""

GOOD = 4
MANY = 600
"""Entries that are too many in these tests."""

ANY = -1
"""Kept with any number of images, or refused: what is damaged at random."""


@dataclass(frozen=True)
class Attack:
    """A hostile archive.

    Attributes:
        name: of the attack.
        make: gives the bytes, told the folder outside.
        images: that may be kept; None: it must be refused.
        suffix: of the file.
    """

    name: str
    make: Callable[[str], bytes]
    images: int | None
    suffix: str = ".zip"


def attacks() -> list[Attack]:
    """All of them."""
    makers = (
        *(_escapes, _odd_names, _links, _devices, _bombs, _overlaps, _lies, _zip64_lies),
        *(_too_many, _collisions, _locked, _nested, _no_images, _tar_lies, _no_archives, _damage),
    )
    return [attack for maker in makers for attack in maker()]


KINDS = {"zip": ".zip", "": ".tar", "gz": ".tar.gz", "bz2": ".tar.bz2", "xz": ".tar.xz"}


def _with_name(name: str, kind: str) -> Callable[[str], bytes]:
    def make(outside: str) -> bytes:
        real = name.replace(OUTSIDE, outside)
        if kind == "zip":
            return zip_with(Raw(named(real), picture(9)))
        return tar_with((member(real), picture(9)), kind=kind)

    return make


ESCAPES = (
    f"../{CANARY}",
    f"A/../../{CANARY}",
    f"..\\{CANARY}",
    f"A\\..\\..\\{CANARY}",
    f"{OUTSIDE}/{CANARY}",
    f"//{OUTSIDE}/{CANARY}",
    f"\\{CANARY}",
    f"C:\\{CANARY}",
    f"C:{CANARY}",
    f"c:/{CANARY}",
    f"\\\\server\\share\\{CANARY}",
    f"./../{CANARY}",
    f"A/.. /../{CANARY}",
    "../" * 40 + f"tmp/{CANARY}",
    f"A/B/../../../{CANARY}",
    f"..//..//{CANARY}",
)


def _escapes() -> Iterator[Attack]:
    for kind, suffix in KINDS.items():
        for name in ESCAPES:
            yield Attack(f"escape {kind} {name}", _with_name(name, kind), None, suffix)


ODD = {
    "NUL": ("A/x\0../y.png", 5),
    "newline": ("A/x\ny.png", 5),
    "right to left": ("A/\u202egnp.png", 5),
    "device": ("A/CON.png", 5),
    "device folder": ("nul/x.png", 5),
    "stream": ("A/x.png:y.png", 5),
    "dots": ("A/....png", 4),
    "trailing dot": ("A./x.png", 5),
    "trailing blank": ("A /x.png", 5),
    "not UTF-8": ("A/\udcff\udcfe.png", 5),
    "long": ("A/" + "x" * 10_000 + ".png", 4),
    "deep": ("A/" * 1_000 + "x.png", 4),
    "long folder": ("y" * 10_000 + "/x.png", 4),
    "emoji": ("A/\U0001f44b.png", 5),
    "bell": ("\a/x.png", 5),
    "quotes": ("A/'\"`$(x)`.png", 5),
    "markup": ("<script>alert(1)<script>/x.png", 5),
    "percent": ("A/%2e%2e%2fx.png", 5),
}


def _odd_names() -> Iterator[Attack]:
    for kind in ("zip", ""):
        for what, (name, images) in ODD.items():
            if not (kind == "" and "\0" in name):  # ends a name in a tar
                make = _with_name(name, kind)
                yield Attack(f"name {kind} {what}", make, images, KINDS[kind])


def _links() -> Iterator[Attack]:
    for target in (f"../../{CANARY}", f"{OUTSIDE}/kept.png", "/etc/hostname", "A/1.png", "."):
        for what, name in (("file", "A/x.png"), ("folder", "C")):

            def zipped(outside: str, target: str = target, name: str = name) -> bytes:
                to = target.replace(OUTSIDE, outside).encode()
                return zip_with(
                    Raw(named(name), to, mode=0o120777),
                    Raw(named(name) + b"/through.png", picture(9)),
                )

            images = GOOD if what == "file" else 5
            yield Attack(f"link zip {what} {target}", zipped, images)
            for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):

                def tarred(
                    outside: str, target: str = target, name: str = name, kind: bytes = kind
                ) -> bytes:
                    to = target.replace(OUTSIDE, outside)
                    return tar_with(
                        member(name, kind, to), (member(f"{name}/through.png"), picture(9))
                    )

                yield Attack(f"link tar {kind!r} {what} {target}", tarred, images, ".tar")


def _devices() -> Iterator[Attack]:
    for kind in (tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, b"S", b"V", b"M", b"N"):
        yield Attack(
            f"device tar {kind!r}",
            lambda _, kind=kind: tar_with(member("A/x.png", kind)),
            ANY,
            ".tar",
        )
    for mode in (0o010644, 0o020644, 0o060644, 0o140644, 0o070644):
        yield Attack(
            f"device zip {mode:o}",
            lambda _, mode=mode: zip_with(Raw(b"A/x.png", picture(9), mode=mode)),
            GOOD,
        )


def _bombs() -> Iterator[Attack]:
    for size in (11, 60):
        zeros = size * 2**20
        yield Attack(
            f"bomb image {size}",
            lambda _, n=zeros: zip_with(Raw(b"A/x.png", bytes(n), 8)),
            None if size < 20 else GOOD,
        )
        yield Attack(
            f"bomb many {size}",
            lambda _, n=zeros: zip_with(
                *(Raw(b"A/x%d.png" % i, bytes(9 * 2**20), 8) for i in range(n // (4 * 2**20)))
            ),
            None,
        )
        yield Attack(
            f"bomb beside {size}", lambda _, n=zeros: zip_with(Raw(b"x.bin", bytes(n), 8)), GOOD
        )
        yield Attack(
            f"bomb table {size}",
            lambda _, n=zeros: zip_with(Raw(b"x.csv", bytes(n), 8)),
            ANY if size < 20 else None,
        )
        for kind in ("gz", "bz2", "xz"):
            for name in ("A/x.png", "x.bin"):
                yield Attack(
                    f"bomb tar {kind} {name} {size}",
                    lambda _, n=zeros, kind=kind, name=name: tar_with(
                        (member(name), bytes(n)), kind=kind
                    ),
                    ANY if size < 20 else None,
                    KINDS[kind],
                )
            for what in (b"x", b"g", b"L", b"K"):
                yield Attack(
                    f"bomb header {kind} {what!r} {size}",
                    lambda _, n=zeros, kind=kind, what=what: _packed(
                        header(b"x", b"%011o\0" % n, what) + bytes(n), kind
                    ),
                    None,
                    KINDS[kind],
                )
    yield Attack(
        "bomb in gzip", lambda _: gzip.compress(gzip.compress(bytes(2**24))), None, ".tar.gz"
    )
    yield Attack("xz memory", lambda _: _hungry_xz(), None, ".tar.xz")


def _packed(content: bytes, kind: str) -> bytes:
    if kind == "gz":
        return gzip.compress(content)
    return bz2.compress(content) if kind == "bz2" else lzma.compress(content)


def _hungry_xz() -> bytes:
    packer = lzma.LZMACompressor(filters=[{"id": lzma.FILTER_LZMA2, "preset": 0}])
    content = bytearray(packer.compress(tar_with()) + packer.flush())
    # The size of the dictionary is a byte in the header of the first block, which has a checksum.
    start = 12
    size = (content[start] + 1) * 4
    block = content[start : start + size - 4]
    block[block.index(0x21) + 2] = 40 - 2  # 2 GB
    content[start : start + size] = block + struct.pack("<L", zlib.crc32(block))
    return bytes(content)


def _overlaps() -> Iterator[Attack]:
    for n in (1, 5, 100):
        yield Attack(
            f"overlap same {n}",
            lambda _, n=n: zip_with(*(Raw(b"A/x%d.png" % i, at=0, packed=60) for i in range(n))),
            None,
        )
    for extra in (1, 100, 10_000, 2**31):
        yield Attack(
            f"overlap next {extra}",
            lambda _, n=extra: raw_zip(
                [lying(good()[0], packed=len(good()[0].content) + n), *good()[1:]]
            ),
            None,
        )
        yield Attack(
            f"overlap list {extra}",
            lambda _, n=extra: raw_zip(
                [*good()[:3], lying(good()[3], packed=len(good()[3].content) + n)]
            ),
            None,
        )
    inner = raw_zip(good())
    yield Attack(
        "overlap inside",
        lambda _: raw_zip(
            [Raw(b"A/q.png", inner), *(lying(e, local=False, offset=37) for e in good())]
        ),
        None,
    )


def _lies() -> Iterator[Attack]:
    first, *rest = good()
    for unpacked in (0, 1, 10, 2**31, 2**32 - 2):
        entry = Raw(b"A/1.png", bytes(2**20), 8, unpacked=unpacked)
        yield Attack(f"lie unpacked {unpacked}", lambda _, e=entry: raw_zip([e, *rest]), 3)
    for crc in (0, 1, 2**32 - 1):
        yield Attack(f"lie crc {crc}", lambda _, c=crc: raw_zip([lying(first, crc=c), *rest]), 3)
    for offset in (1, 7, 10**6, 2**31, 2**32 - 2):
        yield Attack(
            f"lie offset {offset}",
            lambda _, o=offset: raw_zip([lying(first, offset=o), *rest]),
            None,
        )
    for n in (0, 1, 3, 5, 60_000):
        yield Attack(f"lie count {n}", lambda _, n=n: raw_zip(good(), count=n), GOOD)
    for n in (0, 1, 45, 47, 10**6, 2**31):
        yield Attack(f"lie list bytes {n}", lambda _, n=n: raw_zip(good(), list_bytes=n), None)
    for at in (1, 10**6, 2**31):
        yield Attack(f"lie list at {at}", lambda _, at=at: raw_zip(good(), list_at=at), ANY)
    yield Attack("lie comment", lambda _: raw_zip(good(), comment=b"PK\5\6" + bytes(18)), ANY)
    yield Attack("lie before", lambda _: raw_zip(good(), before=b"PK\3\4" + bytes(100)), GOOD)


def _zip64_lies() -> Iterator[Attack]:
    first, *rest = good()
    big = 2**32 - 1
    for values in ((), (1,), (2**63,), (2**64 - 1,), (2**64 - 1, 2**64 - 1), (1, 2, 2**64 - 1)):
        extra = struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values)
        for field in ("unpacked", "packed", "offset"):
            entry = lying(first, extra=extra, **{field: big})
            images = None if field == "offset" else ANY
            yield Attack(f"zip64 {field} {values}", lambda _, e=entry: raw_zip([e, *rest]), images)
    for end in (
        (4, 2**63, 0),
        (2**63, 100, 2**63),
        (4, 0, 0),
        (0, 2**64 - 1, 2**64 - 1),
        (4, 50, 7),
    ):
        yield Attack(f"zip64 end {end}", lambda _, end=end: raw_zip(good(), end_64=end), None)


def _too_many() -> Iterator[Attack]:
    for n in (MANY, 3 * MANY):
        names = [f"A/{i}.txt" for i in range(n)]
        yield Attack(
            f"many zip {n}", lambda _, names=names: zip_with(*(Raw(named(x)) for x in names)), None
        )
        for kind in ("", "gz", "xz"):
            yield Attack(
                f"many tar {kind} {n}",
                lambda _, names=names, kind=kind: tar_with(*map(member, names), kind=kind),
                None,
                KINDS[kind],
            )
        yield Attack(
            f"many folders {n}",
            lambda _, n=n: zip_with(*(Raw(b"F%d/" % i, mode=0o040755) for i in range(n))),
            None,
        )


def _collisions() -> Iterator[Attack]:
    pairs = {
        "twice": (("A/x.png", "A/x.png"), 5),
        "many times": (("A/1.png",) * 50, 4),
        "case of a file": (("A/X.png", "A/x.png"), 6),
        "case of a class": (("a/x.png",), None),
        "normal forms": (("A/\u00e9.png", "A/e\u0301.png"), 5),
        "folder and file": (("C.png/x.png", "C.png"), ANY),
        "file and folder": (("C.png", "C.png/x.png"), ANY),
        "slashes": (("A//x.png", "A/./x.png"), 5),
        "separators": (("A\\x.png", "A/x.png"), 5),
    }
    for what, (names, images) in pairs.items():
        yield Attack(
            f"collision zip {what}",
            lambda _, names=names: zip_with(*(Raw(named(n), picture(9)) for n in names)),
            images,
        )
        yield Attack(
            f"collision tar {what}",
            lambda _, names=names: tar_with(*((member(n), picture(9)) for n in names)),
            images,
            ".tar",
        )


def _locked() -> Iterator[Attack]:
    for flags in (0x1, 0x41, 0x40, 0x2000, 0x2041):
        yield Attack(
            f"encrypted {flags:x}",
            lambda _, f=flags: zip_with(Raw(b"A/x.png", picture(9), flags=f)),
            None,
        )
    for method in (1, 6, 9, 12, 14, 20, 93, 95, 97, 98, 99, 0xFFFF):
        yield Attack(
            f"method {method}",
            lambda _, m=method: zip_with(Raw(b"A/x.png", picture(9), method=m)),
            None,
        )


def _nested() -> Iterator[Attack]:
    inner = {"zip": raw_zip(good()), "tar": tar_with(), "gz": gzip.compress(b"x"), "7z": b"7z"}
    for suffix, content in inner.items():
        name = f"A/inner.{suffix}".encode()
        entry, text = Raw(name, content), name.decode()
        yield Attack(f"nested zip {suffix}", lambda _, e=entry: zip_with(e), GOOD)
        yield Attack(
            f"nested tar {suffix}",
            lambda _, n=text, c=content: tar_with((member(n), c)),
            GOOD,
            ".tar",
        )
        disguised = Raw(b"A/x.png", content)
        yield Attack(f"nested as image {suffix}", lambda _, r=disguised: zip_with(r), GOOD)


def _no_images() -> Iterator[Attack]:
    ihdr = struct.pack(">2L5B", 60_000, 60_000, 8, 2, 0, 0, 0)
    huge = b"\x89PNG\r\n\x1a\n" + struct.pack(">L", 13) + b"IHDR" + ihdr
    huge += struct.pack(">L", zlib.crc32(b"IHDR" + ihdr))
    contents = {
        "too many pixels": huge + bytes(100),
        "17 megapixels": _large(4_200),
        "nothing": b"",
        "half": picture(9)[:40],
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "html": b"<script>alert(1)</script>",
        "program": b"MZ" + bytes(500),
        "elf": b"\x7fELF" + bytes(500),
        "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "text": b"x" * 999,
    }
    for what, content in contents.items():
        for suffix in ("png", "jpg"):
            entry = Raw(f"A/x.{suffix}".encode(), content)
            yield Attack(f"no image {what} {suffix}", lambda _, e=entry: zip_with(e), GOOD)
    polyglot = picture(9) + raw_zip([Raw(f"../{CANARY}".encode(), picture(9))])
    yield Attack("image and archive", lambda _: zip_with(Raw(b"A/x.png", polyglot)), 5)


def _large(side: int) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("1", (side, side)).save(buffer, "PNG")
    return buffer.getvalue()


def _tar_lies() -> Iterator[Attack]:
    sizes = {
        "negative": b"\xff" * 12,
        "most negative": b"\xff" + bytes(11),
        "huge": b"\x80" + b"\xff" * 11,
        "large": b"77777777777\0",
        "no number": b"x" * 12,
        "minus": b"-0000000512\0",
    }
    for what, size in sizes.items():
        for name in (b"A/x.png", b"x.bin"):
            for kind in (b"0", b"x", b"L", b"S", b"5"):
                yield Attack(
                    f"tar size {what} {kind!r} {name!r}",
                    lambda _, n=name, s=size, k=kind: (
                        tar_with()[:-10240] + header(n, s, k) + bytes(20_480)
                    ),
                    ANY,
                    ".tar",
                )
    paths = {
        "path": f"../{CANARY}",
        "size": "-1024",
        "GNU.sparse.size": "99999999999",
        "hdrcharset": "x",
    }
    for key, value in paths.items():
        yield Attack(
            f"tar pax {key}",
            lambda _, k=key, v=value: _pax(k, v),
            None if key == "path" else ANY,
            ".tar",
        )
    chain = header(b"x", b"00000000020\0", b"x") + padded(b"16 path=A/y.png\n")
    yield Attack("tar chain", lambda _: chain * 3_000 + tar_with(), None, ".tar")
    yield Attack("tar of headers", lambda _: gzip.compress(chain * 100_000), None, ".tar.gz")


def _pax(key: str, value: str) -> bytes:
    line = f" {key}={value}\n"
    size = len(line) + 2
    content = f"{size}{line}".encode()
    assert len(content) == size
    one = picture(9)
    return (
        header(b"p", b"%011o\0" % size, b"x")
        + padded(content)
        + header(b"A/x.png", b"%011o\0" % len(one))
        + padded(one)
        + tar_with()
    )


def _no_archives() -> Iterator[Attack]:
    starts = {
        "empty": b"",
        "7z": b"7z\xbc\xaf\x27\x1c",
        "rar": b"Rar!\x1a\x07",
        "text": b"hello",
        "png": picture(9),
        "html": b"<html>",
        "only end": b"PK\5\6" + bytes(18),
        "half end": b"PK\5\6",
        "gz": b"\x1f\x8b",
        "bz2": b"BZh9",
        "xz": b"\xfd7zXZ\0",
        "gz text": gzip.compress(b"hello" * 500),
    }
    for what, content in starts.items():
        yield Attack(f"no archive {what}", lambda _, c=content: c, None)


def _damage() -> Iterator[Attack]:
    whole = {
        "zip": zip_with(Raw(b"A/x.png", picture(9), 8)),
        **{
            kind: tar_with((member("A/x.png"), picture(9)), kind=kind)
            for kind in ("gz", "bz2", "xz")
        },
    }
    for kind, content in whole.items():
        for share in (0.1, 0.3, 0.5, 0.7, 0.9, 0.99):
            cut = content[: int(share * len(content))]
            yield Attack(f"cut {kind} {share}", lambda _, c=cut: c, ANY, KINDS[kind])
        for seed in range(10):
            yield Attack(
                f"flipped {kind} {seed}",
                lambda _, c=content, s=seed: _flipped(c, s),
                ANY,
                KINDS[kind],
            )


def _flipped(content: bytes, seed: int) -> bytes:
    rng, changed = random.Random(seed), bytearray(content)
    for _ in range(1 + seed % 5):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def everything_below(folder: Path) -> dict[str, bytes | str]:
    """Each file and link below a folder, with what it holds or leads to."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = path.read_bytes()
        else:
            found[name] = "folder" if path.is_dir() else "device"
    return found
