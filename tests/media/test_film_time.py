"""Films in a programme: which picture of which film stands on a panel is a pure function of shared time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from media.programme import Film, PanelFrame, Programme, Shot, ahead, frame
from media.wire import from_json, to_json, version_of
from tests.media.builders import at, playlist, programme, row, sha

FILM = Film(frames=300, fps=30)
SHORT = Film(frames=7, fps=25)


def evening(names: str, films: dict[str, Film], dwell_s: float = 10) -> Programme:
    """One panel that plays all day."""
    day = {"day": playlist(names, dwell_s)}
    return programme(row(1), [(0, "day")], day, films={sha(name): film for name, film in films.items()})


def shot_of(shown: PanelFrame | None) -> Shot:
    """Where the film on a panel stands."""
    assert shown is not None
    assert isinstance(shown.shot, Shot)
    return shown.shot


def test_film_begins_at_its_first_picture_and_moves_by_its_rate() -> None:
    """On 10:00:00 its turn begins; a second later it stands at picture 30."""
    plan = evening("fs", {"f": FILM})
    begun, later = (frame(plan, at(10) + timedelta(seconds=s))["wall-1"] for s in (0, 1.001))
    assert begun is not None
    assert (begun.shows, shot_of(begun).number) == (sha("f"), 0)
    assert (shot_of(later).number, shot_of(later).until) == (30, at(10) + timedelta(microseconds=1_033_334))


def test_film_stands_still_while_it_appears() -> None:
    """During the fade before its turn it shows its first picture; the still beside it has no shot."""
    plan = evening("fs", {"f": FILM})
    fading = frame(plan, at(10) - timedelta(seconds=0.5))["wall-1"]
    assert fading is not None
    assert (fading.next, fading.shot) == (sha("f"), None)
    assert isinstance(fading.next_shot, Shot)
    assert fading.next_shot.number == 0


def test_film_loops_within_its_turn_and_alone() -> None:
    """A film shorter than its turn begins again; the only film of a playlist counts from the epoch."""
    plan = evening("s", {"s": SHORT})
    found = frame(plan, plan.epoch + timedelta(days=1050, seconds=1))["wall-1"]
    assert shot_of(found).number == (1050 * 86_400 + 1) * 25 % 7


@given(st.integers(0, 3 * 86_400 * 1_000_000))
def test_a_shot_holds_until_its_end_and_not_longer(microseconds: int) -> None:
    """Whatever the moment: the same picture just before `until`, the next one at it, unless the film's turn ends."""
    plan = evening("f", {"f": SHORT})
    moment = at(0) + timedelta(microseconds=microseconds)
    now = frame(plan, moment)["wall-1"]
    until = shot_of(now).until
    assert frame(plan, until - timedelta(microseconds=1))["wall-1"] == now
    assert shot_of(frame(plan, until)["wall-1"]).number == (shot_of(now).number + 1) % SHORT.frames


def test_a_missing_film_gives_way_to_the_next_item() -> None:
    """The still behind it takes its place; what is ahead names it too."""
    plan = evening("fs", {"f": FILM})
    shown = frame(plan, at(10) + timedelta(seconds=1), missing=frozenset({sha("f")}))["wall-1"]
    assert shown is not None
    assert (shown.shows, shown.shot) == (sha("s"), None)
    assert any(each["wall-1"] and each["wall-1"].next == sha("s") for each in ahead(plan, at(10)))


def test_films_travel_in_the_programme() -> None:
    """Written and read it is the same; without films nothing of them is written, and the version says which it is."""
    plan = evening("fs", {"f": FILM})
    assert from_json(to_json(plan)) == plan
    assert b"films" not in to_json(evening("fs", {}))
    assert version_of(plan) != version_of(replace(plan, films={sha("f"): SHORT}))
