"""Taking in a picture or film: checked, decoded and re-encoded in fresh limited processes, then kept by hash."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

from media import film_intake
from media.assets import Asset, AssetStore, hash_of, is_jpeg
from media.geometry import PanelPlace, Part, Size, joints, slices, whole
from media.limited import MIB, IntakeRefused, Limits, Pace, Progress, in_child
from media.making import marks
from media.mending import OTHER_FILMS, OTHER_PICTURES, line_for
from media.reported import checks_of

__all__ = ["IntakeRefused", "Limits", "Pace", "Progress", "is_film", "parts_of", "refuse_unseen", "take_in", "title_of"]

MAX_SIZES = 16
MAX_SLICES = 48
MAX_TITLE = 120
HEIF = frozenset({".heic", ".heif", ".hif"})
ENDINGS = frozenset({"", ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".gif"}) | HEIF
CHILD = Path(__file__).with_name("intake_child.py")
# Brands of ISO 23008-12 (HEIC pictures and sequences of them).
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")


async def take_in(
    source: Path,
    *,
    name: str,
    sizes: Collection[Size],
    store: AssetStore,
    walls: Mapping[str, Sequence[PanelPlace]] | None = None,
    across: bool = False,
    keep_sound: bool = False,
    limits: Limits | None = None,
    pace: Pace | None = None,
    progress: Progress = lambda _: None,
) -> Asset:
    """Make an asset of a picture file at exactly these sizes, or of a film at these shapes; `progress` hears 0 to 1.

    For each row of panels among `walls`, by the names of their surfaces, it gets the slices too; a film only with
    `across` or where it has about the row's shape. A film's sound is left out unless `keep_sound`. `pace` is the share
    of a core that the work may take, asked again and again.
    Raises IntakeRefused; then nothing is left behind. The file itself stays where it is and is never served.
    """
    parts = parts_of(sizes, walls or {})
    try:
        identity, kind = await asyncio.to_thread(_known, source, name, limits)
        with store.workplace() as place:
            source = source.resolve()  # noqa: ASYNC240 - looked up in memory, nothing is read
            work = _Work(source, place.resolve(), parts, walls or {}, limits, pace, progress)
            title = title_of(name)
            asset = await work.asset(kind, store, identity, title, across=across, keep_sound=keep_sound)
    except IntakeRefused as refused:
        raise _with_line(refused, name) from refused
    progress(1.0)
    return asset


def parts_of(sizes: Collection[Size], walls: Mapping[str, Sequence[PanelPlace]]) -> list[Part]:
    """Everything that a picture is made for: a panel of each size alone, and the panels of each wall together."""
    sliced = [part for surface, panels in walls.items() for part in slices(surface, panels)]
    return [*map(whole, sorted(set(sizes))[:MAX_SIZES]), *sliced[:MAX_SLICES]]


def refuse_unseen(name: str, length: int) -> None:
    """Refuse by name and length what would be refused once all of it has come. Raises IntakeRefused."""
    try:
        _refuse_by_name(name)
        ending = PurePosixPath(name).suffix.lower()
        if ending in ENDINGS - {""} and length > Limits().bytes:
            raise IntakeRefused("too-many-bytes", megabytes=str(Limits().bytes // MIB))
    except IntakeRefused as refused:
        raise _with_line(refused, name) from refused


def is_film(source: Path) -> bool:
    """Does the file begin like a film?"""
    with source.open("rb") as file:
        return _kind(file.read(32)) in film_intake.CONTAINERS


def title_of(name: str) -> str:
    """What people call the file: its last path piece without ending, composed, without invisible characters."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    stem = last.rsplit(".", 1)[0] if "." in last[1:] else last
    seen = "".join(each if unicodedata.category(each)[0] != "C" else " " for each in stem)
    return " ".join(seen.split())[:MAX_TITLE] or "–"


class _Work:
    """One file on its way, in a folder of its own."""

    def __init__(
        self,
        source: Path,
        folder: Path,
        parts: list[Part],
        walls: Mapping[str, Sequence[PanelPlace]],
        limits: Limits | None,
        pace: Pace | None,
        progress: Progress,
    ) -> None:
        self._source = source
        self._folder = folder
        self._parts = parts
        self._walls = walls
        self._limits = limits
        self._pace = pace
        self._progress = progress

    async def asset(
        self, kind: str, store: AssetStore, identity: str, title: str, *, across: bool, keep_sound: bool
    ) -> Asset:
        """The picture or film; a GIF that moves is a film."""
        if kind not in film_intake.CONTAINERS:
            try:
                return await self._picture(store, identity, title)
            except IntakeRefused as refused:
                if (kind, refused.code) != ("gif-picture", "moving-picture"):
                    raise
                kind = "gif"
        job = film_intake.Job(
            source=self._source,
            container=kind,
            parts=tuple(self._parts),
            seams=_seams(self._walls),
            across=across,
            keep_sound=keep_sound,
        )
        limits = self._limits or film_intake.LIMITS
        film = await film_intake.made(job, self._folder, limits, progress=self._progress, pace=self._pace)
        return await asyncio.to_thread(film_intake.kept, store, self._folder, identity, title, film)

    async def _picture(self, store: AssetStore, identity: str, title: str) -> Asset:
        files = _files(self._parts, self._folder)
        wanted = {file: part for part, file in zip(self._parts, files, strict=True)}
        job: dict[str, object] = {
            "source": str(self._source),
            "parts": [asked(part, file) for file, part in wanted.items()],
            "thumbnail": str(self._folder / "thumbnail.jpg"),
            "seams": _seams(self._walls),
            "heif": _heif_is_here(),
        }
        limits = self._limits or Limits()
        result = await in_child(CHILD, job, self._folder, limits, self._progress, pace=self._pace)
        return await asyncio.to_thread(self._kept, store, identity, title, files, result)

    def _kept(self, store: AssetStore, identity: str, title: str, files: list[Path], result: dict[str, Any]) -> Asset:
        """Move what the child wrote into the store; nothing of it is believed beyond its form."""
        once, thumbnail = list(dict.fromkeys(files)), self._folder / "thumbnail.jpg"
        told = result.get("parts")
        if not isinstance(told, list) or len(told) != len(once):
            raise IntakeRefused("broken")
        if not all(is_jpeg(file) for file in (*once, thumbnail)):
            raise IntakeRefused("broken")
        shas = {file: store.take(file) for file in once}
        fits = dict(zip(once, told, strict=True))
        made = list(zip(self._parts, files, strict=True))
        sizes = {part.name: fits[file] for part, file in made if part == whole(part.size)}
        return Asset(
            id=identity,
            title=title,
            width=int(result["width"]),
            height=int(result["height"]),
            renditions={part.name: shas[file] for part, file in made},
            thumbnail=store.take(thumbnail),
            cut_percent={name: int(each["cut"]) for name, each in sizes.items()},
            enlarged={name: float(each["enlarged"]) for name, each in sizes.items()},
            checks=checks_of(result),
            made=marks(self._parts, "image"),
        )


def _seams(walls: Mapping[str, Sequence[PanelPlace]]) -> list[dict[str, object]]:
    """The rows as the child needs them to look at their seams."""
    rows = {surface: parts for surface, panels in walls.items() if (parts := slices(surface, panels))}
    return [
        {"surface": name, "canvas": parts[0].canvas, "seams": [asdict(joint) for joint in joints(walls[name])]}
        for name, parts in rows.items()
    ]


def _files(parts: Sequence[Part], folder: Path) -> list[Path]:
    """Where each part is written; equal ones are made once."""
    numbers: dict[object, int] = {}
    return [folder / f"{numbers.setdefault((p.canvas, p.box, p.size), len(numbers))}.jpg" for p in parts]


def asked(part: Part, file: Path) -> dict[str, object]:
    """A part and its file as the child needs them."""
    box = part.box
    return {"canvas": part.canvas, "box": (box.x, box.y, box.width, box.height), "size": part.size, "file": str(file)}


def _with_line(refused: IntakeRefused, name: str) -> IntakeRefused:
    """The same with the command line that mends the file, where there is one."""
    line = line_for(refused.code, name, refused.params)
    return IntakeRefused(refused.code, **refused.params, **({"line": line} if line else {}))


def _known(source: Path, name: str, limits: Limits | None) -> tuple[str, str]:
    """The file's identity and its kind by its first bytes. Raises IntakeRefused."""
    _refuse_by_name(name)
    if not source.is_file():  # a pipe would never end
        raise IntakeRefused("not-a-picture")
    with source.open("rb") as file:
        kind = _kind(file.read(32))
    if kind == "heif-picture" and not _heif_is_here():
        raise IntakeRefused("heif-not-here")
    if kind == "":
        raise IntakeRefused("not-a-picture")
    film = kind in film_intake.CONTAINERS
    most = (limits or (film_intake.LIMITS if film else Limits())).bytes
    if source.stat().st_size > most:
        raise IntakeRefused("film-too-many-bytes" if film else "too-many-bytes", megabytes=str(most // MIB))
    return hash_of(source), kind


def _refuse_by_name(name: str) -> None:
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if ending in OTHER_FILMS:
        raise IntakeRefused("film-other-container", ending=ending)
    if ending in OTHER_PICTURES:
        raise IntakeRefused("picture-other-kind", ending=ending)
    if ending not in ENDINGS | film_intake.ENDINGS:
        raise IntakeRefused("kind-not-taken", ending=ending[:12])


def _kind(head: bytes) -> str:
    """`picture`, `gif-picture`, `heif-picture` or a film's container by the first bytes; nothing for others.

    JPEG (ITU T.81), PNG (RFC 2083), GIF (89a), WebP (RFC 9649), AVIF (ISO 23000-22) and HEIF (ISO 23008-12) by brands.
    """
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return "picture"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif-picture"
    if head[4:8] == b"ftyp":
        if any(brand in head[8:] for brand in HEIF_BRANDS):
            return "heif-picture"
        if any(brand in head[8:] for brand in (b"avif", b"avis", b"mif1")):
            return "picture"
    return film_intake.container_of(head) or ""


def _heif_is_here() -> bool:
    """Is the library installed? It is looked for, not loaded."""
    return find_spec("pillow_heif") is not None
