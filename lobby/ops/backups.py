"""`lobby backup` and `lobby restore`: all that a lobby may not lose, in one file, whole or refused.

A backup is an uncompressed tar: the journal as one moment saw it, its key, pictures and films, the emergency files, the
players' tokens, the site file, and last `manifest.json` with the size and SHA-256 of each. It holds secrets: mode 0600.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from lobby.core.clock import SystemClock
from lobby.core.datafolder import DataFolder
from lobby.core.ledger import connect, key_beside, verify
from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.core.sitefile import read
from lobby.core.words import say
from lobby.ops.cli import language
from lobby.ops.progress import progress

FORMAT = 1
MANIFEST = "manifest.json"
JOURNAL = "journal.db"
LARGEST_MANIFEST = 64 * 1024 * 1024
PAGES_AT_ONCE = 1000
CHUNK = 1 << 20
STEPS = 20
NAMES = re.compile(
    r"journal\.(?:db|key)|site\.toml|assets/[0-9a-f]{2}/[0-9a-f]{64}|(?:emergency|players)/[\w.-]+(?:/token)?"
)
"""Whatever else stands in a tar is no backup of ours; none of these leads out of the folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One file of a backup."""

    size: int
    sha256: str


def backup(options: argparse.Namespace) -> int:
    """Write a backup beside a lobby that runs or rests; nothing of it is stopped or delayed."""
    site, folder = read(options.site), DataFolder(options.data)
    if not folder.journal.exists():
        raise Refusal("cli.no-file", str(folder.journal))
    output = options.output or Path(f"{site.site.id}-{SystemClock().now():%Y%m%dT%H%M%SZ}.lobby-backup.tar")
    if output.exists():
        raise Refusal("cli.exists", str(output))
    with _appearing(output) as file, TemporaryDirectory(prefix=".backup-", dir=output.absolute().parent) as aside:
        _write(file, _sources(site, options.site, folder, _copied(folder.journal, Path(aside) / JOURNAL)))
    print(say("backup.made", language(), path=output, size=_megabytes(output)))
    return 0


def restore(options: argparse.Namespace) -> int:
    """Put a backup into an empty data folder, after every sum and the journal's chain were checked."""
    folder = DataFolder(options.data)
    with folder.hold():
        if folder.journal.exists():
            raise Refusal("backup.occupied", str(folder.path))
        with TemporaryDirectory(prefix=".restoring-", dir=folder.path) as aside:
            manifest = _unpacked(options.file, Path(aside))
            _hold_together(Path(aside))
            for part in sorted(Path(aside).iterdir()):
                _into_place(part, folder.path / part.name)
    print(say("backup.restored", language(), site=manifest["site"], at=manifest["at"], path=folder.path / "site.toml"))
    return 0


def _sources(site: Site, site_file: Path, folder: DataFolder, journal: Path) -> dict[str, Path]:
    """Name in the backup → file. The journal comes first, so that what it names is there when it is looked for."""
    emergency = Path(site.emergency_dir) if site.emergency_dir else folder.emergency
    found = {JOURNAL: journal, "journal.key": folder.journal.with_suffix(".key"), "site.toml": site_file}
    found |= {f"assets/{path.parent.name}/{path.name}": path for path in sorted(folder.assets.glob("??/*"))}
    found |= {f"emergency/{path.name}": path for path in sorted(emergency.glob("*"))}
    found |= {f"players/{path.parent.name}/token": path for path in sorted(folder.path.glob("players/*/token"))}
    return {name: path for name, path in found.items() if path.is_file() and NAMES.fullmatch(name)}


def _copied(journal: Path, into: Path) -> Path:
    """The journal as it was at one moment, by SQLite's own way, while its writer goes on."""
    with closing(connect(journal)) as source, closing(sqlite3.connect(into)) as copy:
        source.execute("PRAGMA query_only = ON")
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM journal_pulse").fetchone()  # from here on this moment is what is seen
        source.backup(copy, pages=PAGES_AT_ONCE)
        source.execute("ROLLBACK")
    return into


def _write(file: IO[bytes], sources: Mapping[str, Path]) -> None:
    kept: dict[str, dict[str, Any]] = {}
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar, _steps(len(sources)) as step:
        for name, path in sources.items():
            with path.open("rb") as content:
                measured = _Measured(content)
                tar.addfile(_member(name, os.fstat(content.fileno()).st_size), measured)
            kept[name] = {"size": measured.size, "sha256": measured.sha.hexdigest()}
            step()
        text = json.dumps(_manifest(sources["site.toml"], kept), ensure_ascii=False, indent=1).encode()
        tar.addfile(_member(MANIFEST, len(text)), io.BytesIO(text))


def _manifest(site_file: Path, kept: Mapping[str, Any]) -> dict[str, Any]:
    site = read(site_file).site.id
    at = SystemClock().now().isoformat(timespec="seconds")
    return {"format": FORMAT, "version": version("smart-lobby"), "site": site, "at": at, "files": kept}


def _unpacked(file: Path, into: Path) -> Mapping[str, Any]:
    """Everything of the backup in a folder, as its manifest says it is. Raises Refusal."""
    found: dict[str, Kept] = {}
    text = b"{}"
    try:
        with tarfile.open(file) as tar:
            members = [member for member in tar if member.name != MANIFEST]
            with _steps(len(members)) as step:
                for member in members:
                    found[member.name] = _extracted(tar, member, into)
                    step()
            if MANIFEST in tar.getnames():
                text = _content(tar, tar.getmember(MANIFEST)).read(LARGEST_MANIFEST)
    except FileNotFoundError as error:
        raise Refusal("cli.no-file", str(file)) from error
    except (tarfile.TarError, EOFError, FileExistsError) as error:
        raise Refusal("backup.broken", str(file), name=str(error)) from error
    manifest = _understood(text, file)
    wanted = {name: Kept(**kept) for name, kept in manifest["files"].items()}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            raise Refusal("backup.broken", str(file), name=name)
    return manifest


def _understood(text: bytes, file: Path) -> Mapping[str, Any]:
    """A manifest that this program can read; a newer one is for a newer program."""
    try:
        manifest: Mapping[str, Any] = json.loads(text)
    except ValueError as error:
        raise Refusal("backup.broken", str(file), name=MANIFEST) from error
    if "format" not in manifest:
        raise Refusal("backup.broken", str(file), name=MANIFEST)
    made, ours = str(manifest.get("version", "")), version("smart-lobby")
    if manifest["format"] != FORMAT or _numbers(made) > _numbers(ours):
        raise Refusal("backup.version", str(file), made=made, ours=ours)
    return manifest


def _extracted(tar: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> Kept:
    if not member.isreg() or not NAMES.fullmatch(member.name) or ".." in member.name:
        raise tarfile.TarError(member.name[:80])
    place = into / member.name
    for parent in reversed(Path(member.name).parents):
        (into / parent).mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        measured = _Measured(_content(tar, member))
        shutil.copyfileobj(measured, file, CHUNK)
        file.flush()
        os.fsync(file.fileno())
    return Kept(size=measured.size, sha256=measured.sha.hexdigest())


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(member)
    if content is None:
        raise tarfile.TarError(member.name)
    return content


def _hold_together(folder: Path) -> None:
    """The journal's chain and signatures, walked before anything is put in place."""
    with closing(connect(folder / JOURNAL)) as db:
        verified = verify(db, key_beside(folder / JOURNAL))
    if not verified.ok:
        raise Refusal("backup.journal", JOURNAL, seq=str(verified.first_bad))


def _into_place(part: Path, place: Path) -> None:
    """A file or folder of the backup; folders that a start made already are filled."""
    if part.is_dir() and place.is_dir():
        for each in sorted(part.iterdir()):
            _into_place(each, place / each.name)
    else:
        part.replace(place)


@contextmanager
def _appearing(path: Path) -> Iterator[IO[bytes]]:
    """A file that is there whole or not at all, its owner's alone."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _steps(count: int) -> Iterator[Callable[[], None]]:
    """Progress in a few steps, however many files there are."""
    done, total = 0, min(count, STEPS)
    with progress("backup.progress", total) as advance:

        def step() -> None:
            nonlocal done
            done += 1
            if done * total // count > (done - 1) * total // count:
                advance()

        yield step


class _Measured(io.RawIOBase):
    """A file that is counted and summed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.size = 0
        self.sha = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.size += len(data)
        self.sha.update(data)
        return data


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _megabytes(file: Path) -> str:
    return f"{file.stat().st_size / 1e6:.1f} MB"
