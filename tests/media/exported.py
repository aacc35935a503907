"""Exports of other signage for tests: an Anthias backup as it writes one, M3U lists, and archives that mean harm."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

# The table as Anthias creates it; older ones end before `play_days`.
TABLE = """CREATE TABLE assets (asset_id text primary key, name text, uri text, md5 text, start_date timestamp,
end_date timestamp, duration text, mimetype text, is_enabled integer default 0, is_processing integer default 0,
nocache integer default 0, play_order integer default 0, skip_asset_check integer default 0, play_days text,
play_time_from time, play_time_to time)"""
OLD_TABLE = TABLE[: TABLE.index(", play_days")] + ")"


def picture(colour: str = "teal", size: tuple[int, int] = (108, 192)) -> bytes:
    """A small JPEG."""
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, "JPEG")
    return content.getvalue()


def row(asset: str, name: str, uri: str, **more: Any) -> dict[str, Any]:
    """An asset's row: an enabled picture of ten seconds through 2026 and 2027."""
    usual = {"start_date": "2026-01-01 00:00:00", "end_date": "2027-12-31 15:00:00", "duration": "10"}
    return {"asset_id": asset, "name": name, "uri": uri, "mimetype": "image", "is_enabled": 1, **usual, **more}


def database(rows: Sequence[Mapping[str, Any]], *, table: str = TABLE, wal: bool = False) -> dict[str, bytes]:
    """The database's files by their endings; with `wal` everything still lies in the write-ahead log."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.db")
        connection = sqlite3.connect(path)
        if wal:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(table)
        for each in rows:
            columns = ", ".join(each)
            connection.execute(
                f"INSERT INTO assets ({columns}) VALUES ({', '.join('?' * len(each))})", [*each.values()]
            )
        connection.commit()
        log = Path(folder, "x.db-wal")
        files = {"": path.read_bytes(), **({"-wal": log.read_bytes()} if wal else {})}
        connection.close()
    return files


def anthias(
    place: Path, rows: Sequence[Mapping[str, Any]], files: Mapping[str, bytes], *, old: bool = False, wal: bool = False
) -> Path:
    """A backup as Anthias packs it, or as Screenly OSE did."""
    home, assets, name = (
        (".screenly", "screenly_assets", "screenly.db") if old else (".anthias", "anthias_assets", "anthias.db")
    )
    members = {f"{assets}/{file}": content for file, content in files.items()}
    for ending, content in database(rows, table=OLD_TABLE if old else TABLE, wal=wal).items():
        members[f"{home}/{name}{ending}"] = content
    return packed(place, members)


def packed(place: Path, members: Mapping[str, bytes], *others: tarfile.TarInfo) -> Path:
    """A tar.gz of these files and of members that are no files."""
    with tarfile.open(place, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for member in others:
            archive.addfile(member)
    return place


def special(name: str, kind: bytes, to: str = "") -> tarfile.TarInfo:
    """A link, device or pipe."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, to
    return member


def days(*numbers: int) -> str:
    """Weekdays as Anthias keeps them."""
    return json.dumps(numbers)
