"""A programme as JSON: read back equal, refused when it is anything else."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.wire import MAX_BYTES, ProgrammeRefused, from_json, to_json, version_of
from tests.media.builders import at, playlist, programme, row, sha

GOOD = programme(row(2), [(0, None), (8, "day"), (19, None)], {"day": playlist("abc")}, pins={"wall-1": sha("p")})


def changed(*path: str | int, to: object) -> bytes:
    """The good programme's bytes with one value replaced."""
    document: Any = json.loads(to_json(GOOD))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return json.dumps(document).encode()


def test_programme_reads_back_equal() -> None:
    """Written and read it is the same programme."""
    assert from_json(to_json(GOOD)) == GOOD


def test_version_changes_with_any_value() -> None:
    """Another pin is another version."""
    assert version_of(replace(GOOD, pins={})) != GOOD.version


@pytest.mark.parametrize(
    ("path", "to", "where"),
    [
        (("version",), sha("other"), "version"),
        (("format",), 2, "format"),
        (("player",), "../etc", "player"),
        (("epoch",), "2024-01-01T00:00:00", "epoch"),
        (("surfaces", "wall", "fade_ms"), 1e300, "surfaces.wall.fade_ms"),
        (("surfaces", "wall", "intervals", 0, 1), "2026-11-23T07:00:00Z", "surfaces.wall.intervals"),
        (("surfaces", "wall", "intervals", 1, 2), "night", "surfaces.wall.intervals"),
        (("surfaces", "wall", "panels"), [], "surfaces.wall.intervals"),
        (("playlists", "day", "mode"), ["rotate"], "playlists.day.mode"),
        (("playlists", "day", "items", 0, "dwell_ms"), 0, "playlists.day.items"),
        (("playlists", "day", "keep"), [0, 0], "playlists.day.keep"),
        (("playlists", "day", "least"), 2, "playlists.day.keep"),
        (("pins", "wall-1"), "/etc/passwd", "pins"),
        (("order",), [], "order"),
        (("films",), {sha("a"): {"frames": 0, "fps": 30}}, "films"),
        (("films",), {sha("a"): {"frames": 360, "fps": 30}}, "version"),
    ],
)
def test_malformed_programme_is_refused_with_its_place(path: tuple[str | int, ...], to: object, where: str) -> None:
    """One wrong value, and the player keeps its last good programme."""
    with pytest.raises(ProgrammeRefused) as refused:
        from_json(changed(*path, to=to))
    assert refused.value.where.startswith(where)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b" " * (MAX_BYTES + 1)])
def test_rubbish_is_refused(data: bytes) -> None:
    """Not JSON, not an object, nested without end, too long."""
    with pytest.raises(ProgrammeRefused):
        from_json(data)


@given(st.integers(0, len(to_json(GOOD)) - 1), st.integers(0, 255))
def test_flipped_byte_never_passes_as_another_programme(place: int, byte: int) -> None:
    """Whatever byte is hit on the way, what is read is the good programme or nothing."""
    data = bytearray(to_json(GOOD))
    data[place] = byte
    with suppress(ProgrammeRefused):
        assert from_json(bytes(data)) == GOOD


def test_times_are_written_in_utc() -> None:
    """The start is a moment with Z, whatever zone it was given in."""
    assert json.loads(to_json(GOOD))["start"] == at(0).isoformat().replace("+00:00", "Z")
