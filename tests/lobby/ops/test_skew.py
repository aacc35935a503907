"""Changes as players tell them become skews of panels, and a wall that is out of step is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lobby.ops.skew import FRAMES_MS, GATHER_S, LAST, Skew
from tests.media.player.nights import night

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
PANELS = frozenset({"wall-1", "wall-2", "led-1"})


def said(number: int, late_ms: float, *panels: str) -> list[object]:
    """One change as a player says it."""
    due = NOON + timedelta(seconds=10 * number)
    return [due.isoformat(), (due + timedelta(milliseconds=late_ms)).isoformat(), list(panels)]


def settled(*changes: list[object]) -> Skew:
    """All of them told by players of one panel or two, and measured."""
    skew = Skew()
    for each in changes:
        skew.told([each], player=f"of {each[2]}", panels=PANELS, mono=0)
    assert not skew.settle(GATHER_S / 2)
    skew.settle(GATHER_S)
    return skew


def of_players(changes: Sequence[Sequence[float]]) -> Skew:
    """Changes that players of one panel each showed so many ms after they were due."""
    skew = Skew()
    for number, change in enumerate(changes):
        for place, late_ms in enumerate(change):
            panel = f"panel-{place}"
            skew.told([said(number, late_ms, panel)], player=panel, panels={panel}, mono=0)
    skew.settle(GATHER_S)
    return skew


def test_a_panel_is_late_by_what_it_is_behind_the_others() -> None:
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
    assert not settled(*early, said(8, 90, "led-1")).behind()
    late = [said(n, 67, "led-1") for n in range(3)]
    assert settled(*early, *late).behind() == {"led-1"}
    assert not settled(*early, *late, *(said(n, 1, "led-1") for n in range(3, 6))).behind()


def test_two_frames_are_still_in_step() -> None:
    """66 ms after the others is what two frames allow."""
    changes = [said(n, 66 * (n % 2), panel) for n, panel in enumerate(["wall-1", "led-1"] * 5)]
    skew = settled(*changes)
    assert not skew.behind() | skew.ahead()


def test_of_two_players_the_one_that_keeps_the_plan_is_not_blamed() -> None:
    """A wall of two panels whose clock is half a second ahead: it is told ahead, the LED that is right is not late."""
    changes = [*(said(n, -500, "wall-1", "wall-2") for n in range(5)), *(said(n, 20, "led-1") for n in range(5))]
    skew = settled(*changes)
    assert skew.ahead() == {"wall-1", "wall-2"}
    assert not skew.behind()
    assert (skew.panels()["led-1"].p99_ms, skew.panels()["wall-1"].p50_ms) == (0, 520)


@given(
    panels=st.sampled_from([2, 3, 6, 7]),
    together_ms=st.floats(-3000, 3000),
    jitter=st.lists(st.lists(st.floats(0, 12), min_size=7, max_size=7), min_size=LAST, max_size=LAST),
    data=st.data(),
)
def test_whoever_is_apart_from_most_is_blamed_and_nobody_else(
    panels: int, together_ms: float, jitter: list[list[float]], data: st.DataObject
) -> None:
    """Fewer than half of the clocks are wrong, however the others are late together: exactly those are told."""
    together_ms = together_ms / 200 if panels == 2 else together_ms  # of two only the plan says which one is right
    wrong_ms = st.floats(FRAMES_MS + 45, 3000) | st.floats(-3000, -FRAMES_MS - 45)
    wrong = data.draw(st.dictionaries(st.integers(0, panels - 1), wrong_ms, max_size=max(1, (panels - 1) // 2)))
    skew = of_players([[together_ms + row[n] + wrong.get(n, 0) for n in range(panels)] for row in jitter])
    assert skew.behind() == {f"panel-{n}" for n, ms in wrong.items() if ms > 0}
    assert skew.ahead() == {f"panel-{n}" for n, ms in wrong.items() if ms < 0}


def test_where_no_clock_is_like_another_the_plan_is_right() -> None:
    """Two of three are behind by different times: the one that keeps the plan is not told to be ahead."""
    skew = of_players([[0, 300, 500]] * LAST)
    assert skew.behind() == {"panel-1", "panel-2"}
    assert not skew.ahead()


def test_a_panel_without_others_is_never_out_of_step() -> None:
    """One player alone is late by two seconds: there is nobody to be out of step with, and nothing is measured."""
    skew = of_players([[2000.0]] * LAST)
    assert not skew.behind() | skew.ahead()
    assert skew.panels() == {}


def test_a_night_of_drift_and_jitter_blames_only_who_is_ahead() -> None:
    """Seven clocks without a time server for two hours: nobody is told, until one of them is set 150 ms ahead."""
    early = night(1, hours=2).early_ms
    quiet = of_players([[-ms for ms in change] for change in early])
    assert not quiet.behind() | quiet.ahead()
    assert max(each.p99_ms for each in quiet.panels().values()) <= FRAMES_MS
    set_ahead = of_players([[-ms - 150 * (n == 3) for n, ms in enumerate(change)] for change in early])
    assert set_ahead.ahead() == {"panel-3"}
    assert not set_ahead.behind()


@pytest.mark.parametrize(
    "rubbish",
    [None, "text", [1, 2, 3], [["x", "y", ["wall-1"]]], [[NOON.isoformat(), "2026-11-25T12:00:00", ["wall-1"]]], [[]]],
)
def test_what_is_no_change_is_not_taken(rubbish: object) -> None:
    """A machine may say anything; nothing of it is measured, and no panel that is not its own."""
    skew = Skew()
    skew.told(rubbish, player="p", panels=PANELS, mono=0)
    skew.told([said(1, 0, "wall-9")], player="p", panels=PANELS, mono=0)
    skew.settle(GATHER_S)
    assert not skew.panels()
