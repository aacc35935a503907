"""Changes as players tell them become skews of panels, and a wall that is out of step is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lobby.ops.skew import GATHER_S, Skew

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
PANELS = frozenset({"wall-1", "wall-2", "led-1"})


def said(number: int, late_ms: float, *panels: str) -> list[object]:
    """One change as a player says it."""
    due = NOON + timedelta(seconds=10 * number)
    return [due.isoformat(), (due + timedelta(milliseconds=late_ms)).isoformat(), list(panels)]


def settled(*changes: list[object]) -> Skew:
    """All of them told by players, and measured."""
    skew = Skew()
    for each in changes:
        skew.told([each], panels=PANELS, mono=0)
    assert not skew.settle(GATHER_S / 2)
    skew.settle(GATHER_S)
    return skew


def test_a_panel_is_late_by_what_it_is_behind_the_first() -> None:
    """Two players, one of them always ten milliseconds later; the third change was late by forty."""
    changes = [said(n, 2, "wall-1", "wall-2") for n in range(9)] + [
        said(n, 12 + 30 * (n == 3), "led-1") for n in range(9)
    ]
    panels = settled(*changes).panels()
    assert (panels["wall-1"].p50_ms, panels["wall-1"].p99_ms) == (0, 0)
    assert (panels["led-1"].p50_ms, panels["led-1"].p99_ms, panels["led-1"].changes) == (10, 40, 9)


def test_three_of_five_changes_more_than_two_frames_late_are_out_of_step() -> None:
    """One late change is an accident; three are a trouble, until the next three are right."""
    early = [said(n, 0, "wall-1") for n in range(9)]
    assert not settled(*early, said(8, 90, "led-1")).out_of_step()
    late = [said(n, 67, "led-1") for n in range(3)]
    assert settled(*early, *late).out_of_step() == {"led-1"}
    assert not settled(*early, *late, *(said(n, 1, "led-1") for n in range(3, 6))).out_of_step()


def test_two_frames_are_still_in_step() -> None:
    """66 ms later than the first is what two frames allow."""
    changes = [said(n, 66 * (n % 2), panel) for n, panel in enumerate(["wall-1", "led-1"] * 5)]
    assert not settled(*changes).out_of_step()


@pytest.mark.parametrize(
    "rubbish",
    [None, "text", [1, 2, 3], [["x", "y", ["wall-1"]]], [[NOON.isoformat(), "2026-11-25T12:00:00", ["wall-1"]]], [[]]],
)
def test_what_is_no_change_is_not_taken(rubbish: object) -> None:
    """A machine may say anything; nothing of it is measured, and no panel that is not its own."""
    skew = Skew()
    skew.told(rubbish, panels=PANELS, mono=0)
    skew.told([said(1, 0, "wall-9")], panels=PANELS, mono=0)
    skew.settle(GATHER_S)
    assert not skew.panels()
