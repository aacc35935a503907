"""What another signage exported: looked through in a limited process, files copied out by another one.

Nothing of an export is believed beyond its form, nothing in it is started, and no address in it is ever asked.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path, PurePosixPath
from typing import Any, Literal, cast

from media import film_intake
from media.intake import ENDINGS, title_of
from media.limited import MIB, IntakeRefused, Limits, Progress, in_child

CHILD = Path(__file__).with_name("export_child.py")
LISTS = (".m3u", ".m3u8")
MAX_LISTING = 8 * MIB
MAX_NAME = 120
MOMENT = timedelta(seconds=1)
LOOKING = Limits(
    longest_s=900.0,
    process={"AS": 1024 * MIB, "CPU": 600, "FSIZE": 80 * MIB, "NOFILE": 64, "NPROC": 0, "CORE": 0},
)
COPYING_S = 3600.0

Kind = Literal["anthias", "m3u"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One entry of an export in its order. `why` is `` or why it cannot come, explained as `export.why.<why>`.

    `seconds` is how long it stood there, None where the export does not say; `start` and `until` are moments, `days`
    ISO weekdays (none = every day), `hours` local times from and to.
    """

    title: str
    file: str
    bytes: int = 0
    film: bool = False
    seconds: float | None = None
    start: datetime | None = None
    until: datetime | None = None
    days: tuple[int, ...] = ()
    hours: tuple[time, time] | None = None
    enabled: bool = True
    why: str = ""

    def last(self, zone: tzinfo) -> date | None:
        """The last day on which it stands, where that was said."""
        return None if self.until is None else (self.until - MOMENT).astimezone(zone).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """An export, looked through. `left` are members that are no plain files or lead elsewhere; nobody opens them."""

    kind: Kind
    name: str
    items: tuple[Exported, ...]
    left: tuple[str, ...]

    @property
    def coming(self) -> tuple[Exported, ...]:
        """What can be brought, in its order."""
        return tuple(item for item in self.items if not item.why)


async def look_through(source: Path, *, called: str = "") -> Export:
    """What an archive, a folder or an M3U file (`called` so by whoever brought it) brings. Raises IntakeRefused."""
    root, name = _root(source)
    with tempfile.TemporaryDirectory(prefix="lobby-export-") as folder:
        job = {"step": "list", "source": str(root), "list": name, "folder": folder}
        await in_child(CHILD, job, Path(folder), LOOKING)
        document = await asyncio.to_thread(_listing, Path(folder, "listing.json"))
    return _export(document, called or source.name)


@asynccontextmanager
async def copied_out(
    source: Path, items: Sequence[Exported], folder: Path, progress: Progress = lambda _: None
) -> AsyncIterator[Mapping[str, Path]]:
    """The items' files in a private folder below `folder` until the end of the block, by their names in the export.

    A file that vanished meanwhile is missing in the answer. Raises IntakeRefused.
    """
    root, _ = _root(source)
    most = film_intake.LIMITS.bytes
    limits = Limits(
        longest_s=COPYING_S,
        process={"AS": 1024 * MIB, "CPU": 1800, "FSIZE": most, "NOFILE": 64, "NPROC": 0, "CORE": 0},
    )
    with tempfile.TemporaryDirectory(prefix="import-", dir=folder) as place:
        wanted = {file: Path(place, str(n)) for n, file in enumerate(dict.fromkeys(item.file for item in items))}
        job = {"step": "copy", "source": str(root), "wanted": {file: str(path) for file, path in wanted.items()}}
        await in_child(CHILD, {**job, "most": most}, Path(place), limits, progress)
        yield {file: path for file, path in wanted.items() if path.is_file() and not path.is_symlink()}


def ending_of(item: Exported) -> str:
    """An ending for the file's name; what it is its bytes say later."""
    ending = PurePosixPath(item.file).suffix.lower()
    return ending if ending[1:].isalnum() else ".mp4" if item.film else ".jpg"


def _root(source: Path) -> tuple[Path, str]:
    """Where the export's paths begin, and the list's name where an M3U file was named itself."""
    if source.suffix.lower() in LISTS and source.is_file():
        return source.resolve().parent, source.name
    if not source.exists():
        raise IntakeRefused("export-unknown")
    return source.resolve(), ""


def _listing(file: Path) -> Mapping[str, Any]:
    if not file.is_file() or file.is_symlink() or file.stat().st_size > MAX_LISTING:
        raise IntakeRefused("export-broken")
    document = json.loads(file.read_bytes())
    if not isinstance(document, dict):
        raise IntakeRefused("export-broken")
    return document


def _export(document: Mapping[str, Any], called: str) -> Export:
    try:
        kind = document["kind"]
        if kind not in ("anthias", "m3u"):
            raise IntakeRefused("export-broken")
        name = str(document["name"])[:MAX_NAME] or title_of(called.removesuffix(".gz"))
        left = tuple(str(each["name"])[:MAX_NAME] for each in document["left"])
        return Export(kind=cast(Kind, kind), name=name, items=tuple(_items(document["items"])), left=left)
    except (KeyError, TypeError, ValueError) as error:
        raise IntakeRefused("export-broken") from error


def _items(entries: Sequence[Mapping[str, Any]]) -> Iterator[Exported]:
    for entry in entries:
        seconds = float(entry["seconds"])
        yield Exported(
            title=_title(str(entry["name"])),
            file=str(entry["file"]),
            bytes=int(entry["size"]),
            film=bool(entry["film"]),
            seconds=seconds or None,
            start=_moment(str(entry["start"])),
            until=_moment(str(entry["until"])),
            days=tuple(int(day) for day in entry["days"]),
            hours=_hours(entry["hours"]),
            enabled=bool(entry["enabled"]),
            why=str(entry["why"])[:MAX_NAME],
        )


def _title(name: str) -> str:
    """A name without a media file's ending; `Spring 2.0` keeps its own dot."""
    ending = PurePosixPath(name).suffix.lower()
    return title_of(name if ending and ending in ENDINGS | film_intake.ENDINGS else f"{name}.x")


def _hours(texts: Sequence[object]) -> tuple[time, time] | None:
    """From and to; what is no time of day is no rule."""
    try:
        first, last = (time.fromisoformat(str(text)).replace(tzinfo=None) for text in texts)
    except ValueError:
        return None
    return first, last


def _moment(text: str) -> datetime | None:
    """Anthias writes moments without a zone and means UTC; what is no moment is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
