"""Which changes a player tells of, and that every frame on the glass is one its moment allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from media.player.changes import Changes
from media.programme import PanelFrame, Programme, frame
from tests.media.builders import at, playlist, programme, row
from tests.media.player.captures import played
from tests.media.player.nights import night

TEN = at(10)
MS = timedelta(milliseconds=1)


def turning(turn_ms: int = 0) -> Programme:
    """Two panels that fade within half a second every ten seconds."""
    lists = {"day": replace(playlist("ab", 10), change_ms=500, turn_ms=turn_ms)}
    return programme(row(2), [(0, "day")], lists)


def test_a_change_is_told_when_it_is_first_seen() -> None:
    """Due at the start of the fade, seen one beat later; at its end it is due and told again."""
    plan, changes = turning(), Changes()
    begin = TEN - 500 * MS
    changes.look(frame(plan, begin - MS), begin - MS)
    assert not changes.presented(["wall-1"], begin)
    changes.look(frame(plan, begin), begin)
    changes.look(frame(plan, begin + 17 * MS), begin + 17 * MS)
    (told,) = changes.presented(["wall-1", "wall-2"], begin + 18 * MS)
    assert (told.due, told.at, told.panels) == (begin, begin + 18 * MS, ("wall-1", "wall-2"))
    changes.look(frame(plan, TEN), TEN)
    assert [each.due for each in changes.presented(["wall-1"], TEN)] == [TEN]


def test_panels_that_turn_one_after_another_are_due_one_after_another() -> None:
    """The second panel's change is due its own delay later."""
    plan, changes = turning(200), Changes()
    changes.look(frame(plan, TEN - 600 * MS), TEN - 600 * MS)
    changes.look(frame(plan, TEN - 100 * MS), TEN - 100 * MS)
    dues = [each.due for each in changes.presented(["wall-1", "wall-2"], TEN)]
    assert dues == [TEN - 500 * MS, TEN - 300 * MS]


def test_what_appears_late_or_anew_is_no_change_of_the_plan() -> None:
    """Content that came meanwhile, and the first frame of another programme, were due at no common instant."""
    changes, moment = Changes(), TEN - 3000 * MS
    changes.look(frame(turning(), moment), moment)
    changes.look({"wall-1": PanelFrame(shows="f" * 64, since=moment - 5000 * MS)}, moment + 20 * MS)
    assert not changes.presented(["wall-1"], moment + 21 * MS)


@pytest.mark.slow
def test_every_frame_on_the_glass_is_one_its_moment_allows(tmp_path: Path) -> None:
    """Cuts, fades, wipes, notices, late content, new programmes, read back from the X server: none black or foreign."""
    verdict = played(tmp_path, seed=1, changes=25)
    assert verdict.changes >= 25
    assert (verdict.black, verdict.foreign) == ((), ())


@pytest.mark.parametrize("seed", range(3))
def test_a_night_without_a_time_server_keeps_players_together(seed: int) -> None:
    """Seven clocks that drift by up to 100 ppm, round trips that vary by 50 ms each way: two frames, not growing."""
    told = night(seed)
    assert told.worst_ms <= 2000 / 30
    assert told.last_hour_ms <= told.first_hour_ms + 500 / 30
