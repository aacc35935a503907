"""The frame of a programme is a pure function of shared time, without seams."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from media.programme import Change, Live, PanelFrame, Programme, frame, is_stale, needed, next_change
from media.wire import from_json, to_json
from tests.media.builders import at, playlist, programme, row, sha

SECOND = timedelta(seconds=1)
LISTS = {"day": playlist("abc"), "dusk": playlist("xyzw", (7, 11, 5, 13))}
DAY = programme(row(3), [(0, None), (8, "day"), (17, "dusk"), (19, None), (32, "day")], LISTS)
WITHIN = st.integers(0, 45 * 3_600_000).map(lambda ms: at(0) + timedelta(milliseconds=ms))


def shows(found: Programme, moment: datetime, panel: str = "wall-1", **more: frozenset[str]) -> str | None:
    """What is wholly or mostly on a panel."""
    shown = frame(found, moment, **more)[panel]
    if shown is None:
        return None
    return shown.next if shown.next and shown.alpha > 0.5 else shown.shows


def light(found: Programme, moment: datetime, panel: str) -> dict[str | None, float]:
    """How much of each picture is on the glass; None is darkness."""
    shown = frame(found, moment)[panel]
    if shown is None:
        return {None: 1.0}
    shares = {shown.shows: 1 - shown.alpha} if shown.alpha else {shown.shows: 1.0}
    if shown.alpha:
        shares[shown.next] = shown.alpha
    return shares


def test_wall_off_is_no_frame() -> None:
    """Before eight the panels show nothing."""
    assert frame(DAY, at(7.99)) == {"wall-1": None, "wall-2": None, "wall-3": None}


def test_wall_rotates_panel_by_panel() -> None:
    """Panel i shows slide n + i: what one panel shows, its right neighbour showed one step before."""
    pictures = [shows(DAY, at(9) + SECOND, panel) for panel in ("wall-1", "wall-2", "wall-3")]
    later = [shows(DAY, at(9) + 11 * SECOND, panel) for panel in ("wall-1", "wall-2", "wall-3")]
    assert sorted(map(str, pictures)) == sorted(sha(name) for name in "abc")
    assert later == [*pictures[1:], pictures[0]]


def test_one_per_panel_stands_still() -> None:
    """Item i stays on panel i all day, and nothing has to be presented."""
    found = programme(row(2), [(0, "fixed")], {"fixed": playlist("ab", mode="one-per-panel")})
    assert [shows(found, at(3), panel) for panel in ("wall-1", "wall-2")] == [sha("a"), sha("b")]
    assert next_change(found, at(3)) >= at(3) + timedelta(days=7)


def test_change_of_slide_is_a_cross_fade_before_the_instant() -> None:
    """Half of the fade before the change both pictures are on the glass by half."""
    found = frame(DAY, at(9) + 9.25 * SECOND)["wall-1"]
    assert found is not None
    assert found.alpha == 0.5
    assert found.shows != found.next


def test_surface_lights_up_inside_its_own_hours() -> None:
    """At eight sharp there is no light yet, and none before; the picture grows from dark."""
    first = frame(DAY, at(8))["wall-1"]
    assert first is not None
    assert (first.shows, first.alpha) == (None, 0)
    assert first.next == shows(DAY, at(8) + 2 * SECOND)


def test_surface_goes_dark_before_its_end() -> None:
    """Just before 19:00 the last picture is nearly gone, at 19:00 the surface is off."""
    last = frame(DAY, at(19) - 0.015 * SECOND)["wall-1"]
    assert last is not None
    assert last.next is None
    assert last.alpha > 0.98
    assert frame(DAY, at(19))["wall-1"] is None


def test_pin_stands_while_the_surface_is_on() -> None:
    """A pinned panel shows its picture all day and is dark with the others at night."""
    found = programme(row(2), [(0, None), (8, "day"), (19, None)], LISTS, pins={"wall-2": sha("pinned")})
    assert shows(found, at(12), "wall-2") == sha("pinned")
    assert shows(found, at(12) + 9.2 * SECOND, "wall-2") == sha("pinned")
    assert shows(found, at(20), "wall-2") is None


def test_missing_picture_gives_way_to_the_next_item() -> None:
    """A corrupt file costs its turn, not the panel."""
    whole = shows(DAY, at(9) + SECOND, "wall-1")
    following = shows(DAY, at(9) + SECOND, "wall-2")
    assert whole is not None
    assert shows(DAY, at(9) + SECOND, "wall-1", missing=frozenset({whole})) == following


def test_nothing_known_is_a_frame_without_pictures() -> None:
    """A surface that is on without any picture asks for the standby card; it is not off."""
    found = programme(row(1), [(0, "day")], LISTS, pictures={})
    assert frame(found, at(9)) == {"wall-1": PanelFrame(shows=None)}


def test_past_the_end_the_last_week_is_played_again_by_weekday() -> None:
    """On the day after the last one the hours of seven days before hold, and it is said."""
    found = programme(row(1), [(0, None), (24 * 28 + 8, "day"), (24 * 28 + 19, None)], LISTS)
    assert not is_stale(found, at(24 * 28 + 9))
    assert shows(found, at(24 * 35 + 9)) is not None
    assert shows(found, at(24 * 42 + 20)) is None
    assert is_stale(found, at(24 * 35))


def test_before_the_start_the_first_week_holds() -> None:
    """A player whose clock is behind plays by weekday too."""
    found = programme(row(1), [(0, None), (8, "day"), (19, None)], LISTS)
    assert shows(found, at(9 - 24 * 7)) is not None
    assert shows(found, at(20 - 24 * 14)) is None


def test_pictures_of_the_next_change_are_needed_now() -> None:
    """Before eight the first pictures are decoded already."""
    ready = needed(DAY, at(7))
    assert all(shows(DAY, at(8) + 3 * SECOND, panel) in ready[panel] for panel in ("wall-1", "wall-2", "wall-3"))


@given(WITHIN)
def test_late_joiner_sees_what_everybody_sees(moment: datetime) -> None:
    """A player that read the programme from its bytes a moment ago shows the same frame."""
    assert frame(from_json(to_json(DAY)), moment) == frame(DAY, moment)


@given(WITHIN, st.sampled_from(("wall-1", "wall-2", "wall-3")))
@example(at(8), "wall-1")
@example(at(17), "wall-2")
@example(at(19) - timedelta(milliseconds=10), "wall-1")
def test_there_is_no_seam(moment: datetime, panel: str) -> None:
    """In a hundredth of a second no picture gains or loses more light than the fastest fade allows."""
    before, after = light(DAY, moment, panel), light(DAY, moment + timedelta(milliseconds=10), panel)
    steps = [abs(before.get(name, 0) - after.get(name, 0)) for name in before | after]
    assert max(steps) <= 0.01 / 1.5 + 1e-6


@given(WITHIN)
def test_nothing_changes_before_the_next_change(moment: datetime) -> None:
    """From a rest to the next change one frame holds, so nothing needs to be presented."""
    change = next_change(DAY, moment)
    for share in (0.3, 0.999):
        later = moment + (change - moment) * share
        assert later == moment or frame(DAY, later) == frame(DAY, moment)


@given(WITHIN, st.floats(0, 10), st.integers(2, 60))
def test_alpha_is_a_share_and_pictures_are_known(moment: datetime, fade_s: float, dwell_s: int) -> None:
    """However long the fade, alpha stays in [0, 1) and a lit panel has a picture."""
    lists = {"day": playlist("abc", dwell_s)}
    found = programme(row(2), [(0, None), (8, "day"), (8.001, None), (9, "day"), (19, None)], lists, fade_s=fade_s)
    shown = [each for each in frame(found, moment).values() if each]
    assert all(0 <= each.alpha < 1 and (each.shows or each.next) for each in shown)


@pytest.mark.parametrize(("change", "turn_ms"), [("fade", 0), ("fade", -250), ("wipe", 250)])
def test_live_scene_neither_jumps_nor_returns_in_a_change(change: Change, turn_ms: int) -> None:
    """The old one moves until it begins to fade, the new one once it is nearly there; in a wipe both always do."""
    listed = replace(playlist("ab", 4, "span"), change=change, change_ms=1600, turn_ms=turn_ms)
    lists, scenes = {"day": listed}, {sha("a"): "sea", sha("b"): "city"}
    plan = replace(programme(row(3), [(0, "day")], lists), pictures={}, scenes=scenes)
    for panel in ("wall-1", "wall-3"):
        seen: dict[str, list[tuple[datetime, datetime]]] = {}
        for number in range(600):
            moment = at(12) + number * SECOND / 60
            shown = frame(plan, moment)[panel]
            assert shown is not None
            sides = (shown.shows, shown.shot, shown.alpha), (shown.next, shown.next_shot, 1 - shown.alpha)
            for asset, shot, lost in sides:
                if asset is not None:
                    assert isinstance(shot, Live)
                    assert shot.at < shot.until
                    assert 0 <= (moment - shot.at) / SECOND < 0.1001 or (change == "fade" and lost > 0.24)
                    seen.setdefault(asset, []).append((moment, shot.at))
        for each in seen.values():
            pairs = [(one, other) for one, other in pairwise(each) if other[0] - one[0] < SECOND / 10]
            assert all(0 <= (other[1] - one[1]) / SECOND < 0.1001 for one, other in pairs)
