"""Exports of other signage: what comes, what does not and why; nothing leads out, nothing is started."""

from __future__ import annotations

import gzip
import io
import os
import sqlite3
import tarfile
import zipfile
from datetime import UTC, datetime, time
from pathlib import Path
from random import Random

import pytest

from lobby.core.words import say
from media.exports import Export, copied_out, ending_of, look_through
from media.limited import IntakeRefused
from tests.media.exported import anthias, database, days, packed, picture, row, special
from tests.running import run

pytestmark = pytest.mark.slow

JPEG = picture()


def looked(source: Path) -> Export:
    """What is in it."""
    return run(look_through(source))


def refused(source: Path) -> str:
    """The code of the refusal."""
    with pytest.raises(IntakeRefused) as found:
        looked(source)
    return found.value.code


def contents(source: Path, export: Export, tmp_path: Path) -> dict[str, bytes]:
    """The files that come, copied out."""

    async def copy() -> dict[str, bytes]:
        async with copied_out(source, export.coming, tmp_path) as files:
            return {name: path.read_bytes() for name, path in files.items()}

    return run(copy())


@pytest.mark.parametrize("old", [True, False])
def test_an_anthias_backup_is_read_in_its_order(tmp_path: Path, old: bool) -> None:
    """Names, seconds, dates in UTC; files by the last part of their path, whatever machine wrote it."""
    rows = [
        row("b2", "두 번째.jpg", "/data/anthias_assets/b2.jpg", play_order=2, duration="7"),
        row("a1", "봄 2.0", "/home/pi/screenly_assets/a1", play_order=1),
    ]
    source = anthias(tmp_path / "backup.tar.gz", rows, {"a1": JPEG, "b2.jpg": JPEG + b"2"}, old=old)
    export = looked(source)
    assert (export.kind, [(each.title, each.seconds) for each in export.items]) == (
        "anthias",
        [("봄 2.0", 10.0), ("두 번째", 7.0)],
    )
    assert export.items[0].until == datetime(2027, 12, 31, 15, tzinfo=UTC)
    assert list(contents(source, export, tmp_path).values()) == [JPEG, JPEG + b"2"]
    assert list(tmp_path.iterdir()) == [source]


def test_weekdays_hours_and_what_is_switched_off_come_too(tmp_path: Path) -> None:
    """As the newer Anthias keeps them; all seven days are no rule."""
    hours = {"play_time_from": "09:00:00", "play_time_to": "18:30:00"}
    rows = [
        row("a", "a", "x/a", play_days=days(1, 2, 3), **hours),
        row("b", "b", "x/b", play_days=days(1, 2, 3, 4, 5, 6, 7), is_enabled=0),
        row("c", "c", "x/c", play_days="rubbish", start_date="someday", play_time_from="9 am", play_time_to="late"),
    ]
    first, second, third = looked(anthias(tmp_path / "a.tar.gz", rows, dict.fromkeys("abc", JPEG))).items
    assert (first.days, first.hours, first.enabled) == ((1, 2, 3), (time(9), time(18, 30)), True)
    assert (second.days, second.hours, second.enabled) == ((), None, False)
    assert (third.days, third.start, third.hours) == ((), None, None)


def test_what_lies_in_the_write_ahead_log_is_read(tmp_path: Path) -> None:
    """Newer Anthias backs up a database that is in use."""
    source = anthias(tmp_path / "a.tar.gz", [row("a", "a", "x/a")], {"a": JPEG}, wal=True)
    assert [each.title for each in looked(source).coming] == ["a"]


def test_web_pages_streams_and_addresses_are_told_and_never_asked(tmp_path: Path) -> None:
    """Each with its reason."""
    rows = [
        row("w", "w", "https://example.org/", mimetype="webpage"),
        row("s", "s", "rtsp://example.org/x", mimetype="streaming"),
        row("y", "y", "/data/anthias_assets/y", mimetype="youtube_asset"),
        row("u", "u", "http://example.org/u.jpg"),
        row("m", "m", "/data/anthias_assets/m.jpg"),
        row("p", "p", "/data/anthias_assets/p.mp4", mimetype="video", is_processing=1),
    ]
    export = looked(anthias(tmp_path / "a.tar.gz", rows, {"p.mp4": b"x", "y": b"x"}))
    assert [each.why for each in export.items] == ["webpage", "stream", "stream", "address", "missing", "unfinished"]
    assert export.coming == ()


def test_an_asset_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    """Only the last part counts, and only among the export's own assets."""
    rows = [row("a", "a", "../../../../etc/passwd"), row("b", "b", "/etc/hostname")]
    source = anthias(tmp_path / "a.tar.gz", rows, {"hostname": JPEG})
    export = looked(source)
    assert [each.why for each in export.items] == ["missing", ""]
    assert contents(source, export, tmp_path) == {"anthias_assets/hostname": JPEG}


def test_a_restored_home_is_read_like_its_backup(tmp_path: Path) -> None:
    """A folder instead of an archive; links in it are told and not followed."""
    (tmp_path / "home/.anthias").mkdir(parents=True)
    (tmp_path / "home/anthias_assets").mkdir()
    (tmp_path / "home/.anthias/anthias.db").write_bytes(database([row("a", "a", "x/a"), row("b", "b", "x/b")])[""])
    (tmp_path / "home/anthias_assets/a").write_bytes(JPEG)
    (tmp_path / "home/anthias_assets/b").symlink_to("/etc/hostname")
    export = looked(tmp_path / "home")
    assert [each.why for each in export.items] == ["", "missing"]
    assert export.left == ("anthias_assets/b",)


def test_an_m3u_list_gives_titles_seconds_and_order(tmp_path: Path) -> None:
    """Paths beside it, with backslashes, blanks written as %20 and decomposed Hangul too."""
    (tmp_path / "그림").mkdir()
    for name in ("a b.jpg", "c.jpg"):
        (tmp_path / "그림" / name).write_bytes(JPEG)
    (tmp_path / "\u1100\u1161.jpg").write_bytes(JPEG)
    lines = ("#EXTM3U", "#PLAYLIST:로비", "#EXTINF:8,봄", "그림\\a%20b.jpg", "#EXTINF:-1,", "./그림/c.jpg", "가.jpg")
    (tmp_path / "list.m3u8").write_text("\n".join(lines), encoding="utf-8")
    export = looked(tmp_path / "list.m3u8")
    assert (export.kind, export.name) == ("m3u", "로비")
    assert [(each.title, each.seconds, each.why) for each in export.items] == [
        ("봄", 8.0, ""),
        ("c", None, ""),
        ("가", None, ""),
    ]
    assert len(contents(tmp_path / "list.m3u8", export, tmp_path)) == 3


def test_an_m3u_list_of_korean_windows_is_read(tmp_path: Path) -> None:
    """Not UTF-8."""
    (tmp_path / "a.jpg").write_bytes(JPEG)
    (tmp_path / "list.m3u").write_bytes("#EXTM3U\r\n#EXTINF:5,서울의 봄\r\na.jpg\r\n".encode("cp949"))
    assert looked(tmp_path / "list.m3u").items[0].title == "서울의 봄"


def test_an_m3u_list_never_leads_out(tmp_path: Path) -> None:
    """Addresses, absolute paths, parents and links are refused, each with its reason."""
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "out.jpg").write_bytes(JPEG)
    (inside / "link.jpg").symlink_to(tmp_path / "out.jpg")
    lines = ("http://example.org/a.jpg", "file:///etc/hostname", "/etc/hostname", "C:\\a.jpg", "../out.jpg", "link.jpg")
    (inside / "a.m3u").write_text("\n".join(lines))
    whys = [each.why for each in looked(inside / "a.m3u").items]
    assert whys == ["address", "address", "absolute", "absolute", "leads-outside", "missing"]


def test_a_streams_list_is_refused(tmp_path: Path) -> None:
    """HLS looks like M3U and is none."""
    (tmp_path / "a.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\na.ts\n")
    assert refused(tmp_path / "a.m3u8") == "export-stream"


def test_a_zip_with_a_list_is_read(tmp_path: Path) -> None:
    """As a curator packs it on Windows."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("list.m3u8", "#EXTM3U\n#EXTINF:5,봄\npictures/a.jpg\n")
        archive.writestr("pictures/a.jpg", JPEG)
        archive.writestr("../evil.jpg", JPEG)
    export = looked(tmp_path / "a.zip")
    assert (export.items[0].title, export.left) == ("봄", ("../evil.jpg",))
    assert contents(tmp_path / "a.zip", export, tmp_path) == {"pictures/a.jpg": JPEG}


def test_links_devices_and_traversal_in_an_archive_are_left_and_told(tmp_path: Path) -> None:
    """None of them is opened; what is sound comes all the same."""
    members = {f".anthias/anthias.db{end}": data for end, data in database([row("a", "a", "x/a")]).items()}
    members |= {"anthias_assets/a": JPEG, "../../escaped": b"x", "/absolute": b"x"}
    harm = (
        special("anthias_assets/l", tarfile.SYMTYPE, "/etc/passwd"),
        special("anthias_assets/h", tarfile.LNKTYPE, "/etc/passwd"),
        special("anthias_assets/d", tarfile.CHRTYPE),
        special("anthias_assets/f", tarfile.FIFOTYPE),
    )
    source = packed(tmp_path / "a.tar.gz", members, *harm)
    export = looked(source)
    assert len(export.left) == 6
    assert [each.why for each in export.items] == [""]
    assert contents(source, export, tmp_path) == {"anthias_assets/a": JPEG}
    assert list(tmp_path.iterdir()) == [source]


def test_a_pipe_in_a_folder_holds_nobody_up(tmp_path: Path) -> None:
    """It is no file."""
    os.mkfifo(tmp_path / "a.jpg")
    (tmp_path / "list.m3u").write_text("a.jpg\n")
    assert looked(tmp_path / "list.m3u").items[0].why == "missing"


def test_a_view_in_place_of_the_table_is_refused(tmp_path: Path) -> None:
    """It could compute for ever."""
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT x FROM n"
        connection.execute(f"CREATE VIEW assets AS SELECT x AS asset_id, x AS uri, x AS mimetype FROM ({endless})")
    connection.close()
    source = packed(tmp_path / "a.tar.gz", {".anthias/anthias.db": path.read_bytes()})
    assert refused(source) == "export-database"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "export-unknown"),
        (b"not an archive at all" * 50, "export-unknown"),
        (b"\x1f\x8b" + b"\x00" * 300, "export-broken"),
        (b"PK\x03\x04" + b"\xff" * 300, "export-broken"),
    ],
)
def test_rubbish_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    """By its first bytes, or because it cannot be read on."""
    (tmp_path / "a.tar.gz").write_bytes(data)
    assert refused(tmp_path / "a.tar.gz") == code


def test_an_archive_cut_short_is_refused(tmp_path: Path) -> None:
    """It says that it is broken, not that it is empty."""
    whole = anthias(tmp_path / "a.tar.gz", [row("a", "a", "x/a")], {"a": os.urandom(100_000)})
    whole.write_bytes(whole.read_bytes()[:50_000])
    assert refused(whole) == "export-broken"


def test_a_database_that_is_none_is_refused(tmp_path: Path) -> None:
    """Whatever its name."""
    assert refused(packed(tmp_path / "a.tar.gz", {".anthias/anthias.db": b"x" * 5000})) == "export-database"


@pytest.mark.parametrize("seed", range(12))
def test_bytes_turned_anywhere_never_lead_out_or_astray(tmp_path: Path, seed: int) -> None:
    """Read or refused, quickly and with a word; nothing lies beside the backup afterwards."""
    rows = [row(name, name, f"x/{name}") for name in "abc"]
    source = anthias(tmp_path / "a.tar", rows, dict.fromkeys("abc", JPEG))
    data, chance = bytearray(gzip.decompress(source.read_bytes())), Random(seed)
    for _ in range(40):
        data[chance.randrange(len(data))] = chance.randrange(256)
    source.write_bytes(data)
    files, code = set[str](), ""
    try:
        files = {item.file for item in looked(source).items}
    except IntakeRefused as refused:
        code = refused.code
    assert files <= {"", *(f"anthias_assets/{name}" for name in "abc")}
    assert not code or say(f"media.{code}.cure", "ko") != f"media.{code}.cure"
    assert list(tmp_path.iterdir()) == [source]


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    """Before anything is made of them."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for n in range(20_001):
            archive.writestr(str(n), b"")
    assert refused(tmp_path / "a.zip") == "export-too-many"


def test_an_archive_without_anything_known_is_refused(tmp_path: Path) -> None:
    """Pictures alone are uploaded, not imported."""
    assert refused(packed(tmp_path / "a.tar.gz", {"a.jpg": JPEG})) == "export-unknown"


def test_a_file_without_an_ending_gets_one_by_its_kind(tmp_path: Path) -> None:
    """Anthias keeps files under their ids."""
    rows = [row("a", "a", "x/a"), row("b", "b", "x/b", mimetype="video"), row("c", "c", "x/c.webp")]
    items = looked(anthias(tmp_path / "a.tar.gz", rows, {"a": JPEG, "b": JPEG, "c.webp": JPEG})).items
    assert [ending_of(item) for item in items] == [".jpg", ".mp4", ".webp"]


def test_a_bomb_ends_at_its_limit(tmp_path: Path) -> None:
    """A header that claims to be enormous takes no memory."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        member = tarfile.TarInfo("x")
        member.type, member.size = tarfile.XHDTYPE, 8 * 1024**3
        archive.fileobj.write(member.tobuf())
    (tmp_path / "a.tar").write_bytes(raw.getvalue())
    assert refused(tmp_path / "a.tar") in ("export-broken", "too-heavy", "export-unknown")
