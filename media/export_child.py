"""The process that opens another signage's export: lists what is in it, then copies out what is asked for.

Started as a file (`python -I export_child.py`); of this program it imports its limits only. One JSON job on standard
input, one line `{"result": …}` or `{"refused": code, …}` on standard output; a listing is long and lies in a file.

Anthias (formerly Screenly OSE) writes its backup as a tar.gz of `.screenly` or `.anthias` (the SQLite database with the
table `assets`, moments in UTC without a zone) and `screenly_assets` or `anthias_assets`. M3U is lines of paths with
`#EXTINF:seconds,title` before them. Nothing is ever extracted by its own name, no link is followed, no address asked.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import sqlite3
import stat
import sys
import tarfile
import unicodedata
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote

from media.child import limit

NICE = 10
CHUNK = 1 << 20
MAX_MEMBERS = 20_000
MAX_UNPACKED = 64 * 1024 * 1024 * 1024
MAX_LISTS = 20
MAX_LIST = 1024 * 1024
MAX_DATABASE = 64 * 1024 * 1024
MAX_ITEMS = 2000
MAX_DEPTH = 12
MAX_TEXT = 400
STEPS_OF_SQLITE = 20_000_000
DATABASE = re.compile(r"(^|/)(\.anthias/anthias|\.screenly/screenly)\.db$")
ASSETS = ("anthias_assets", "screenly_assets")
LIST_ENDINGS = (".m3u8", ".m3u")
COLUMNS = (
    *("asset_id", "name", "uri", "start_date", "end_date", "duration", "mimetype", "is_enabled", "is_processing"),
    *("play_order", "play_days", "play_time_from", "play_time_to"),
)
NEEDED = frozenset({"asset_id", "uri", "mimetype"})
NOT_FILES = {"webpage": "webpage", "streaming": "stream", "youtube_asset": "stream"}
ADDRESS = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:(//|\\\\)")
ABSOLUTE = re.compile(r"^([/\\]|[a-zA-Z]:)")

Item = dict[str, Any]


class Refused(Exception):
    """Not read; the code is explained as `media.<code>`."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Members(ABC):
    """Plain files of an export by their plain paths: sizes, and one pass over the contents of those asked for."""

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}
        self.left: list[dict[str, str]] = []

    @abstractmethod
    def each(self, wanted: Callable[[str], bool]) -> Iterator[tuple[str, IO[bytes]]]:
        """The contents of the files that are wanted, in the export's order."""

    def note(self, name: str, size: int, *, plain: bool) -> None:
        """Remember a member; what is no plain file or leads elsewhere is left and told."""
        path = plain_path(name)
        if len(self.sizes) + len(self.left) >= MAX_MEMBERS:
            raise Refused("export-too-many", most=MAX_MEMBERS)
        if not plain or path is None:
            self.left.append({"name": shown(name), "why": "not-a-file" if path is not None else "leads-outside"})
        else:
            self.sizes.setdefault(path, size)


class TarMembers(Members):
    """A tar, packed with gzip or not."""

    def __init__(self, source: Path) -> None:
        super().__init__()
        self._source = source
        for member, _ in self._walk():
            if not member.isdir():
                self.note(member.name, member.size, plain=member.isreg())

    def each(self, wanted: Callable[[str], bool]) -> Iterator[tuple[str, IO[bytes]]]:
        """One pass over the archive."""
        seen: set[str] = set()
        for member, archive in self._walk():
            path = plain_path(member.name)
            if path is None or path in seen or not member.isreg() or not wanted(path):
                continue
            seen.add(path)
            content = archive.extractfile(member)
            assert content is not None
            yield path, content

    def _walk(self) -> Iterator[tuple[tarfile.TarInfo, tarfile.TarFile]]:
        with self._source.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            plain = Counted(gzip.GzipFile(fileobj=raw) if packed else raw)
            try:
                with tarfile.open(fileobj=plain, mode="r|") as archive:
                    for member in archive:
                        yield member, archive
            except (tarfile.TarError, EOFError, OSError, ValueError) as error:
                raise Refused("export-broken") from error


class ZipMembers(Members):
    """A zip; what is locked with a password is left."""

    def __init__(self, source: Path) -> None:
        super().__init__()
        self._source = source
        for member in self._archive().infolist():
            kind = stat.S_IFMT(member.external_attr >> 16)
            if not member.is_dir():
                self.note(
                    member.filename, member.file_size, plain=kind in (0, stat.S_IFREG) and not member.flag_bits & 1
                )

    def each(self, wanted: Callable[[str], bool]) -> Iterator[tuple[str, IO[bytes]]]:
        """By the archive's index."""
        archive, seen = self._archive(), set[str]()
        for member in archive.infolist():
            path = plain_path(member.filename)
            if path is None or path in seen or path not in self.sizes or not wanted(path):
                continue
            seen.add(path)
            try:
                with archive.open(member) as content:
                    yield path, content
            except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
                raise Refused("export-broken") from error

    def _archive(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self._source)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise Refused("export-broken") from error


class FolderMembers(Members):
    """A folder on this machine; links are not followed."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._there: dict[str, Path] = {}
        for path in self._walk(root, 0):
            status, name = path.lstat(), path.relative_to(root).as_posix()
            self._there.setdefault(unicodedata.normalize("NFC", name), path)
            self.note(name, status.st_size, plain=stat.S_ISREG(status.st_mode))

    def each(self, wanted: Callable[[str], bool]) -> Iterator[tuple[str, IO[bytes]]]:
        """Opened without following links, and only where it is still a plain file."""
        for path in self.sizes:
            if wanted(path):
                handle = os.open(self._there[path], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
                with os.fdopen(handle, "rb") as content:
                    if stat.S_ISREG(os.fstat(handle).st_mode):
                        yield path, content

    def _walk(self, folder: Path, depth: int) -> Iterator[Path]:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if not entry.is_dir(follow_symlinks=False):
                    yield Path(entry.path)
                elif depth < MAX_DEPTH:
                    yield from self._walk(Path(entry.path), depth + 1)


class Counted(io.RawIOBase):
    """A reader that ends a stream which unpacks to far more than anything real."""

    def __init__(self, plain: gzip.GzipFile | io.BufferedReader) -> None:
        self._plain = plain
        self._count = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """As asked. Raises Refused."""
        data = self._plain.read(size)
        self._count += len(data)
        if self._count > MAX_UNPACKED:
            raise Refused("export-too-large", gigabytes=MAX_UNPACKED >> 30)
        return data


def main() -> None:
    """Do the one job."""
    job = json.load(sys.stdin)
    limit(job["limits"])
    os.nice(NICE)
    try:
        said: dict[str, Any] = {"result": _copied(job) if job["step"] == "copy" else _listed(job)}
    except Refused as refused:
        said = {"refused": refused.code, "params": {key: str(value) for key, value in refused.params.items()}}
    except MemoryError:
        said = {"refused": "too-heavy", "params": {}}
    except OSError:
        said = {"refused": "export-broken", "params": {}}
    sys.stdout.write(json.dumps(said) + "\n")


def plain_path(name: str) -> str | None:
    """A member's path below its root; None for one that leads outside or is none."""
    name = name.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or ABSOLUTE.match(name) or "\x00" in name:
        return None
    return unicodedata.normalize("NFC", "/".join(parts))


def shown(text: object) -> str:
    """A text of the export as people may read it."""
    said = unicodedata.normalize("NFC", str(text or ""))
    clean = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in said[:MAX_TEXT])
    return " ".join(clean.split())


def _members(source: Path) -> Members:
    if source.is_dir():
        return FolderMembers(source)
    with source.open("rb") as file:
        head = file.read(264)
    if head.startswith(b"PK"):
        return ZipMembers(source)
    if head.startswith(b"\x1f\x8b") or head[257:262] == b"ustar":
        return TarMembers(source)
    raise Refused("export-unknown")


def _listed(job: dict[str, Any]) -> dict[str, Any]:
    source, folder = Path(job["source"]), Path(job["folder"])
    members = _members(source)
    lists = (sorted(path for path in members.sizes if path.lower().endswith(LIST_ENDINGS)))[:MAX_LISTS]
    if job["list"]:
        lists = [path for path in lists if path == unicodedata.normalize("NFC", job["list"])]
    databases = [] if job["list"] else sorted(path for path in members.sizes if DATABASE.search(path))
    if databases:
        kind, name, items = "anthias", "", _from_database(members, databases[0], folder)
    elif lists:
        kind, (name, items) = "m3u", _from_list(members, lists[0])
    else:
        raise Refused("export-unknown")
    listing = {"kind": kind, "name": name, "items": items[:MAX_ITEMS], "left": members.left[:MAX_ITEMS]}
    (folder / "listing.json").write_text(json.dumps(listing), encoding="utf-8")
    return {"items": len(items)}


def _from_database(members: Members, database: str, folder: Path) -> list[Item]:
    """The assets in their order, from a copy; a write-ahead log beside it belongs to it."""
    wanted = {database: "export.db", f"{database}-wal": "export.db-wal"}
    if members.sizes[database] > MAX_DATABASE:
        raise Refused("export-database")
    for path, content in members.each(lambda path: path in wanted):
        _copy(content, folder / wanted[path], MAX_DATABASE)
    files = {PurePosixPath(path).name: path for path in members.sizes if _holds_assets(path)}
    try:
        with closing(sqlite3.connect(f"file:{folder / 'export.db'}?mode=ro", uri=True)) as connection:
            rows = _rows(connection)
    except sqlite3.Error as error:
        raise Refused("export-database") from error
    return [_asset(row, files, members) for row in rows]


def _holds_assets(path: str) -> bool:
    return any(part in ASSETS for part in PurePosixPath(path).parts[:-1])


def _rows(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """The rows of the real table by explicit columns, with no code of the database's own and an end to its work."""
    steps = [STEPS_OF_SQLITE // 1000]

    def tired() -> int:
        steps[0] -= 1
        return int(steps[0] < 0)

    for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.set_progress_handler(tired, 1000)
    table = connection.execute("SELECT type FROM sqlite_master WHERE name = 'assets'").fetchone()
    if table is None or table[0] != "table":
        raise Refused("export-database")
    there = {str(row[1]) for row in connection.execute("PRAGMA table_info(assets)")}
    columns = [column for column in COLUMNS if column in there]
    if not there >= NEEDED:
        raise Refused("export-database")
    order = " ORDER BY play_order, rowid" if "play_order" in there else ""
    found = connection.execute(f"SELECT {', '.join(columns)} FROM assets{order} LIMIT {MAX_ITEMS}")  # noqa: S608 - ours
    return [dict(zip(columns, row, strict=True)) for row in found]


def _asset(row: dict[str, Any], files: dict[str, str], members: Members) -> Item:
    uri, mime = str(row["uri"] or ""), str(row["mimetype"] or "").lower()
    last = unicodedata.normalize("NFC", PurePosixPath(uri).name)
    file = files.get(last) or files.get(str(row["asset_id"])) or ""
    why = NOT_FILES.get(mime, "")
    if not why and ADDRESS.match(uri):
        why = "address"
    elif not why and row.get("is_processing"):
        why = "unfinished"
    elif not why and not file:
        why = "missing"
    hours = [str(row.get(key) or "")[:8] for key in ("play_time_from", "play_time_to")]
    return {
        "name": shown(row.get("name")) or shown(last),
        "file": "" if why else file,
        "size": 0 if why else members.sizes[file],
        "film": mime.startswith("video"),
        "seconds": _number(row.get("duration")),
        "start": shown(row.get("start_date"))[:32],
        "until": shown(row.get("end_date"))[:32],
        "days": _days(row.get("play_days")),
        "hours": hours if all(hours) else [],
        "enabled": bool(row.get("is_enabled", 1)),
        "why": why,
    }


def _days(said: object) -> list[int]:
    """Weekdays as Anthias keeps them, a JSON list from 1 for Monday; none for every day."""
    with suppress(ValueError, TypeError):
        days = json.loads(str(said))
        if isinstance(days, list) and all(isinstance(day, int) and 1 <= day <= 7 for day in days):
            found = sorted(set(days))
            return [] if len(found) == 7 else found
    return []


def _number(said: object) -> float:
    """Seconds; 0 for none."""
    with suppress(ValueError, TypeError):
        seconds = float(str(said))
        return seconds if 0 < seconds < 1e7 else 0.0
    return 0.0


def _from_list(members: Members, list_path: str) -> tuple[str, list[Item]]:
    text = ""
    for _, content in members.each(lambda path: path == list_path):
        text = _text(content.read(MAX_LIST + 1))
    if len(text) > MAX_LIST:
        raise Refused("export-list-too-long")
    name, items = PurePosixPath(list_path).stem, []
    seconds, title = 0.0, ""
    for line in (line.strip() for line in text.lstrip("\ufeff").splitlines()):
        if line.startswith("#EXT-X-"):
            raise Refused("export-stream")
        if line.startswith("#EXTINF:"):
            length, _, title = line.removeprefix("#EXTINF:").partition(",")
            seconds = _number(length.split()[0] if length.split() else "")
        elif line.startswith("#PLAYLIST:"):
            name = line.removeprefix("#PLAYLIST:")
        elif line and not line.startswith("#"):
            items.append(_listed_file(line, seconds, title, members, PurePosixPath(list_path).parent))
            seconds, title = 0.0, ""
    return shown(name), items


def _listed_file(line: str, seconds: float, title: str, members: Members, beside: PurePosixPath) -> Item:
    why, file = "", ""
    if ADDRESS.match(line):
        why = "address"
    elif ABSOLUTE.match(line):
        why = "absolute"
    else:
        tries = (plain_path(f"{beside}/{path}") for path in (line, unquote(line)))
        paths = [path for path in tries if path is not None]
        file = next((path for path in paths if path in members.sizes), "")
        why = "" if file else "missing" if paths else "leads-outside"
    last = PurePosixPath(line.replace("\\", "/")).name
    return {
        "name": shown(title) or shown(PurePosixPath(last).stem),
        "file": file,
        "size": members.sizes.get(file, 0),
        "film": False,
        "seconds": seconds,
        "start": "",
        "until": "",
        "days": [],
        "hours": [],
        "enabled": True,
        "why": why,
    }


def _text(data: bytes) -> str:
    """UTF-8, else what Korean Windows writes."""
    for encoding in ("utf-8", "cp949"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return data.decode("latin-1")


def _copied(job: dict[str, Any]) -> dict[str, Any]:
    """Copy the wanted files out, each under the name the job gives it."""
    wanted = {str(path): Path(place) for path, place in job["wanted"].items()}
    count = 0
    for path, content in _members(Path(job["source"])).each(wanted.__contains__):
        _copy(content, wanted[path], job["most"])
        count += 1
        sys.stdout.write(json.dumps({"done": count, "of": len(wanted)}) + "\n")
        sys.stdout.flush()
    return {"copied": count}


def _copy(content: IO[bytes], place: Path, most: int) -> None:
    """Whole, or not at all where it is larger than it may be."""
    written = 0
    try:
        with place.open("xb") as file:
            while chunk := content.read(CHUNK):
                written += len(chunk)
                if written > most:
                    raise Refused("export-too-large", gigabytes=most >> 30)
                file.write(chunk)
    except (Refused, zipfile.BadZipFile, tarfile.TarError, EOFError):
        place.unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    main()
