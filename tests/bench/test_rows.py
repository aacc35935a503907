"""Rows of the bench: ratio, bar, table, file."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bench.packets import publish
from tests.bench.rows import Row, percentile, table, write

SIREN = Row(name="siren", value=3.0, unit="ms", limit=1.5, bar=3.0)
INGEST = Row(name="ingest", value=4.0, unit="msg/s", limit=10.0, bar=0.5, at_least=True)
MEMORY = Row(name="memory", value=120.0, unit="MiB", limit=None, bar=110.0)


def test_a_value_is_held_against_its_limit() -> None:
    """The ratio is value over limit and may not pass the bar."""
    assert SIREN.ratio == 2
    assert SIREN.holds


def test_some_values_are_to_be_large() -> None:
    """A throughput below its share of the limit does not hold."""
    assert not INGEST.holds


def test_without_a_limit_the_value_counts() -> None:
    """An absolute bar is held against the value itself."""
    assert MEMORY.ratio == 120
    assert not MEMORY.holds


def test_percentiles_are_values_that_were_measured() -> None:
    """The nearest rank, whatever the order of measuring."""
    assert percentile([4, 1, 3, 2], 0.5) == 3
    assert percentile([1], 0.99) == 1


def test_the_table_says_what_does_not_hold() -> None:
    """A line a row; a bar that is not kept cannot be overlooked."""
    lines = table([SIREN, INGEST]).splitlines()
    assert len(lines) == 3
    assert lines[1].endswith("yes")
    assert lines[2].endswith("NO")


def test_the_file_holds_the_same_rows(tmp_path: Path) -> None:
    """bench.json is a list with exactly the seven keys."""
    write([MEMORY], tmp_path / "bench.json")
    (row,) = json.loads((tmp_path / "bench.json").read_text())
    assert list(row) == ["name", "value", "unit", "limit", "bar", "ratio", "holds"]


def test_a_packet_made_beforehand_is_mqtt() -> None:
    """PUBLISH with QoS 0: length over two bytes, topic, payload."""
    packet = publish("a/b", b"x" * 200)
    assert packet[:8] == b"\x30\xcd\x01\x00\x03a/b"
    assert len(packet) == 3 + 205
