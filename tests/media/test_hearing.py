"""What is heard: a film of a surface that has sound now, at the second that its pictures show."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from media.hearing import heard
from media.programme import Film, Loud, PanelFrame, Programme, frame
from media.wire import from_json, to_json, version_of
from tests.media.builders import at, playlist, programme, row, sha

FILM = Film(frames=90, fps=30)


def loud(level: int = 30) -> Programme:
    """A film and a still in turn on one panel from eight to twelve, heard from nine to eleven."""
    made = programme(
        row(1), [(0, None), (8, "a"), (12, None)], {"a": playlist("fs", 10)}, films={sha("f"): FILM}, fade_s=0
    )
    plan = replace(made.surfaces["wall"], sound=(Loud(start=at(9), end=at(11), level=level),))
    draft = replace(made, surfaces={"wall": plan})
    return replace(draft, version=version_of(draft))


def film_time(made: Programme, after: datetime) -> datetime:
    """The first whole second from then on at which the film is seen."""
    moments = (after + timedelta(seconds=n) for n in range(60))
    return next(moment for moment in moments if heard_at(made, moment) is not None)


def heard_at(made: Programme, moment: datetime) -> object:
    """What is heard at a moment."""
    return heard(made, moment, frame(made, moment))


def test_a_film_is_heard_only_in_the_hours_of_its_sound() -> None:
    """Seen from eight, heard from nine to eleven."""
    made = loud()
    assert all(heard_at(made, at(8) + timedelta(seconds=n)) is None for n in range(40))
    assert film_time(made, at(9)) < at(9.01)
    assert all(heard_at(made, at(11) + timedelta(seconds=n)) is None for n in range(40))


def test_a_still_and_a_dark_wall_are_silent() -> None:
    """Half of every round."""
    made = loud()
    seconds = [heard_at(made, at(9.5) + timedelta(seconds=n)) is not None for n in range(20)]
    assert sorted(seconds) == [False] * 10 + [True] * 10
    assert heard(made, at(10), {"wall-1": None}) is None


@pytest.mark.parametrize("after_s", [0.0, 1.5, 2.9, 3.1])
def test_sound_and_picture_stand_at_the_same_second(after_s: float) -> None:
    """Over the film's end too."""
    made = loud()
    moment = film_time(made, at(9.5)) + timedelta(seconds=after_s)
    found = heard(made, moment, frame(made, moment))
    shot = frame(made, moment)["wall-1"]
    assert found is not None
    assert shot is not None
    assert found.level == 30
    assert found.at(moment) == pytest.approx(shot.shot.number / 30, abs=1 / 30)  # type: ignore[union-attr] # a film's


def test_in_a_change_what_turns_up_is_heard_from_its_middle_on() -> None:
    """Nobody hears two films."""
    made, moment = loud(), film_time(loud(), at(9.5))
    shot = frame(made, moment)["wall-1"]
    assert shot is not None
    turning = PanelFrame(shows=sha("s"), next=shot.shows, alpha=0.4, next_shot=shot.shot)
    assert heard(made, moment, {"wall-1": turning}) is None
    assert heard(made, moment, {"wall-1": replace(turning, alpha=0.6)}) is not None


def test_a_programme_keeps_its_sound_on_the_wire() -> None:
    """And one without is written as ever."""
    made = loud()
    assert from_json(to_json(made)) == made
    silent = programme(row(1), [(0, "a")], {"a": playlist("s")})
    assert b"sound" not in to_json(silent)
