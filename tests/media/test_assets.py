"""The store: whole files under their hash, private, nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from media.assets import Asset, AssetStore, Check, NoSuchContent, asset_of
from tests.media.builders import sha


def test_bytes_are_found_by_their_hash(tmp_path: Path) -> None:
    """What was put is there, sound, and counted once however often it comes."""
    store = AssetStore(tmp_path / "store")
    assert store.put(b"picture") == store.put(b"picture") == sha("picture")
    assert store.path(sha("picture")).read_bytes() == b"picture"
    assert list(store.kept()) == [sha("picture")]


def test_everything_is_private(tmp_path: Path) -> None:
    """Folders are 0700 and files 0600."""
    store = AssetStore(tmp_path / "store")
    path = store.path(store.put(b"picture"))
    assert [each.stat().st_mode & 0o777 for each in (tmp_path / "store", path.parent, path)] == [0o700, 0o700, 0o600]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", "0" * 64])
def test_what_is_no_hash_or_not_here_is_not_found(tmp_path: Path, name: str) -> None:
    """Names never become paths; an unknown hash has no file."""
    with pytest.raises(NoSuchContent):
        AssetStore(tmp_path).path(name)


def test_rotten_file_is_not_sound(tmp_path: Path) -> None:
    """Bytes that changed on the disk are noticed, and can be dropped."""
    store = AssetStore(tmp_path)
    name = store.put(b"picture")
    store.path(name).write_bytes(b"rot")
    assert not store.sound(name)
    store.drop(name)
    assert not store.has(name)


def test_workplace_is_gone_after_a_failure(tmp_path: Path) -> None:
    """Whatever happens inside, nothing half done stays."""
    seen: list[Path] = []

    def fail() -> None:
        with AssetStore(tmp_path).workplace() as folder:
            seen.append(folder)
            (folder / "half").write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not seen[0].exists()


def test_leftovers_of_a_power_cut_are_tidied(tmp_path: Path) -> None:
    """At start what was being made is removed; what was kept stays."""
    store = AssetStore(tmp_path)
    name = store.put(b"picture")
    left = tmp_path / "incoming" / "half"
    left.mkdir()
    store.tidy()
    assert (left.exists(), store.has(name)) == (False, True)


def test_asset_is_read_back_as_it_was_written() -> None:
    """Through JSON and with others' keys beside it, checks included."""
    flash = Check(code="flash-general", severity="stop", params={"second": "2.5"})
    asset = Asset(id=sha("a"), title="a", width=1, height=2, renditions={"1x2": sha("b")}, thumbnail=sha("c"))
    asset = replace(asset, kind="video", frames=30, fps=30, seconds=1.0, sound_removed=True, checks=(flash,))
    assert asset_of(json.loads(json.dumps({**asdict(asset), "person": "p1"}))) == asset


def test_asset_of_an_older_journal_is_read() -> None:
    """What it does not say has its quiet value."""
    old = {
        "id": sha("a"),
        "title": "a",
        "width": 1,
        "height": 2,
        "renditions": {"1x2": sha("b")},
        "thumbnail": sha("c"),
    }
    found = asset_of({**old, "kind": "video", "frames": 30, "fps": 30, "person": "p1"})
    assert (found.checks, found.sound_removed, found.seconds, found.frames) == ((), False, None, 30)


def test_assets_that_were_made_alike_share_their_marks() -> None:
    """Read back from their documents, a thousand of them keep one table of a wall's marks."""
    document = {"id": "a", "title": "a", "width": 1, "height": 1, "renditions": {}, "thumbnail": "t"}
    one, other = (asset_of(json.loads(json.dumps({**document, "made": {"wall:2:1": "0123"}}))) for _ in range(2))
    assert one.made == {"wall:2:1": "0123"}
    assert one.made is other.made
    assert asset_of(document).made == {}


@pytest.mark.parametrize("beside", [True, False])
def test_a_file_is_kept_where_it_lies_only_while_room_is_left(tmp_path: Path, beside: bool) -> None:
    """A link to what lies in the same folder, a copy of anything else; nothing where the disk would be too full."""
    folder = tmp_path / "data" if beside else tmp_path / "elsewhere"
    folder.mkdir(parents=True)
    source, store = folder / "upload", AssetStore(tmp_path / "data" / "originals")
    source.write_bytes(b"picture")
    assert not store.keep(source, free=1 << 60)
    assert not list(store.kept())
    assert store.keep(source, free=0)
    assert store.sound(sha("picture"))
    assert source.read_bytes() == b"picture"
    assert (source.stat().st_nlink == 2) is beside
