"""The opening checklist as a pure fold: what is proved is ready, what is not known is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lobby.core.hub import ThingState
from lobby.core.site import Desk
from lobby.core.sitefile import read
from lobby.core.words import LANGUAGES
from lobby.day.checklist import checklist, opening_of
from lobby.day.overrides import Override
from lobby.day.plan import Plan
from lobby.day.readiness import Reading, State
from schedules import SpecialDay
from tests.lobby.day.place import seoul
from tests.lobby.day.readings import OPEN_TUESDAY, SITE, TABLE, but, line, reading, state_of

BEFORE = seoul("2026-11-24 07:55")
TEN = seoul("2026-11-24 10:00")
EVENING = Override(id="o1", thing="wall", value="off", start=OPEN_TUESDAY, until=TEN, person="p", reason="r")


def words(known: Reading, id_: str, language: str = "ko") -> str:
    """The words of one line."""
    return line(checklist(known), id_).words[language]


def opening(day: date, table: Plan = TABLE) -> datetime | None:
    """The day's opening."""
    return opening_of(table, SITE.surfaces, SITE.of(Desk), day)


def test_a_lobby_that_is_well_is_ready_line_by_line() -> None:
    """At five past nine everything is proved, and the list says so in one line."""
    found = checklist(reading())
    assert (found.wanting, [item.id for item in found.coming]) == ((), ["switch:evening-light"])
    assert found.summary["ko"] == "화면 3대 중 3대 켜짐 · 비상벨 1개 상시 감시 중 · 로봇카페: 영업 중"
    assert found.summary["en"] == "3 of 3 screens lit · bells under watch: 1 · Robot café: open"


def test_before_the_opening_it_says_what_is_still_to_come() -> None:
    """At five to eight the dark wall is as planned, and its time to light up is named."""
    found = checklist(reading(BEFORE))
    wall = line(found, "lit:wall")
    assert (wall.state, wall.coming_at) == (State.TO_COME, seoul("2026-11-24 08:00"))
    assert wall.words["ko"] == "병풍형: 화면 2대 중 0대 켜짐, 08:00 켜짐 예정"
    assert words(reading(BEFORE), "switch:desk-sign") == "표시등: 09:00 켜짐 예정"
    assert (found.phase, found.wanting) == ("filling", ())


def test_the_seconds_of_a_switching_on_are_told() -> None:
    """A display that comes on eight seconds ahead is announced to the second."""
    early = replace(EVENING, thing="wall", value="on", start=BEFORE + timedelta(seconds=292), until=OPEN_TUESDAY)
    known = reading(BEFORE, overrides=(early,))
    assert words(known, "shown:wall").endswith("07:59:52 표출 예정")


def test_a_dark_panel_is_named() -> None:
    """Panel 1 is off while it should be on: the line is not ready and says which."""
    known = but(reading(), "wall-display-1", reported="off", troubles=("not-obeying",))
    assert state_of(known, "lit:wall") is State.NOT_OK
    assert words(known, "lit:wall") == "병풍형: 화면 2대 중 1대 켜짐 · 안 켜짐: 1번 화면"
    assert words(known, "lit:wall", "en") == "Wall: 1 of 2 screens lit · not lit: panel 1"


def test_a_panel_that_shows_something_else_is_named() -> None:
    """The playlist is right, one panel's picture is not."""
    known = reading(right={"wall-1": True, "wall-2": False, "led-panel": True})
    assert state_of(known, "shown:wall") is State.NOT_OK
    assert words(known, "shown:wall") == "병풍형: 다른 화면이 나옴 — 2번 화면"


@pytest.mark.parametrize(
    ("id_", "name", "changes"),
    [
        ("lit:wall", "wall-display-1", {"availability": "unknown", "reported": None}),
        ("lit:desk-led", "desk-led", {"availability": "unknown", "reported": None}),
        ("shown:wall", "wall", {"availability": "unknown", "reported": None}),
        ("switch:desk-sign", "desk-sign", {"reported": None}),
        ("switch:desk-sign", "desk-sign", {"desired": None}),
    ],
)
def test_what_has_not_been_heard_is_unknown(id_: str, name: str, changes: dict[str, Any]) -> None:
    """Silence proves nothing."""
    assert state_of(but(reading(), name, **changes), id_) is State.UNKNOWN


@pytest.mark.parametrize(
    ("id_", "changes", "state"),
    [
        ("bell:bell-desk", {"bells": {}}, State.UNKNOWN),
        ("bell:bell-desk", {"bells": {"bell-desk": {"state": "lost", "cause": "silent"}}}, State.NOT_OK),
        ("bell:bell-desk", {"bells": {"bell-desk": {"state": "ok", "flags": ["low-battery"]}}}, State.NOT_OK),
        ("path", {"path_works": None}, State.UNKNOWN),
        ("path", {"path_works": False}, State.NOT_OK),
        ("cafe:robot-cafe", {"cafes": {}}, State.UNKNOWN),
        ("cafe:robot-cafe", {"cafes": {"robot-cafe": "sold-out"}}, State.NOT_OK),
        ("records", {"records_trouble": "journal.disk-full"}, State.NOT_OK),
        ("space", {"free_bytes": None}, State.UNKNOWN),
        ("space", {"free_bytes": 900_000_000}, State.NOT_OK),
        ("clock", {"clock_trusted": None}, State.UNKNOWN),
        ("clock", {"clock_trusted": False, "clock_trouble": "clock-before-build"}, State.NOT_OK),
        ("incidents", {"incidents": [{"bell": "bell-desk", "state": "ended"}]}, State.NOT_OK),
        ("duty", {"on_duty": ()}, State.NOT_OK),
        ("changes", {"overrides": (EVENING,)}, State.NOTED),
    ],
)
def test_each_line_follows_its_own_proof(id_: str, changes: dict[str, Any], state: State) -> None:
    """One thing otherwise makes its own line otherwise and leaves the rest."""
    found = checklist(reading(**changes))
    assert line(found, id_).state is state
    assert {item.id for item in found.wanting} <= {id_}


def test_what_a_person_holds_is_to_note_and_not_broken() -> None:
    """A display in maintenance is neither ready nor missing; the line of holds names it."""
    known = but(reading(), "wall-display-1", mode="hold", reported="off")
    assert state_of(known, "lit:wall") is State.NOTED
    assert "점검 중: 1번 화면" in words(known, "lit:wall")
    assert "병풍 1번" in words(known, "holds")


def test_a_tuesday_evening_is_told() -> None:
    """Whoever opens knows that the desk is open until nine."""
    assert words(reading(), "rules:civil-desk") == "열린민원실: 09:00–18:00, 18:00–21:00 · 야간민원실 여는 날"


def test_a_holiday_is_told_by_name_in_both_languages() -> None:
    """On Christmas the desk is closed and the wall keeps other hours."""
    known = reading(seoul("2026-12-25 09:05"))
    assert words(known, "rules:civil-desk") == "열린민원실: 오늘 쉼 · 공휴일: 기독탄신일"
    assert words(known, "rules:media-wall", "en") == "Media wall: 09:00–18:00 · public holiday: Christmas Day"


def test_a_year_nobody_has_confirmed_is_unknown() -> None:
    """A holiday of a year without official data is not taken for sure."""
    known = reading(seoul("2040-12-25 09:05"))
    assert state_of(known, "rules:civil-desk") is State.UNKNOWN


def test_a_special_day_is_told_with_its_reason() -> None:
    """The installer's exception stands in the list."""
    assert "특별일: 창구 이전" in words(reading(seoul("2026-12-03 09:05")), "rules:civil-desk")


def test_an_incident_left_open_names_place_and_time() -> None:
    """Yesterday's is told with its date."""
    left = {"state": "on-scene", "place": {"ko": "창구", "en": "Counter"}, "raised_at": seoul("2026-11-23 20:10")}
    assert words(reading(incidents=[left]), "incidents") == "끝나지 않은 비상상황: 창구 (11-23 20:10)"


def test_an_opening_is_the_first_of_the_day_by_the_plan() -> None:
    """Eight on a weekday, nine on a Sunday; a special day of staff moves it."""
    late = SpecialDay(id="s", first=date(2026, 11, 24), last=date(2026, 11, 24), reason="x")
    days = {"media-wall": (late,), "desk-led": (late,)}
    assert opening(date(2026, 11, 24)) == seoul("2026-11-24 08:00")
    assert opening(date(2026, 11, 22)) == seoul("2026-11-22 09:00")
    assert opening(date(2026, 11, 24), Plan.from_site(SITE, days)) == seoul("2026-11-24 09:00")


def test_a_change_by_night_moves_no_opening() -> None:
    """Somebody who lights the wall at three for cleaning does not open the lobby."""
    lit = replace(EVENING, value="on", start=seoul("2026-11-24 03:00"), until=seoul("2026-11-24 04:00"))
    assert checklist(reading(BEFORE, overrides=(lit,))).opening == seoul("2026-11-24 08:00")


@pytest.mark.parametrize(
    ("at", "phase"), [("07:49", "waiting"), ("07:50", "filling"), ("07:59", "filling"), ("08:00", "open")]
)
def test_it_fills_from_ten_minutes_before(at: str, phase: str) -> None:
    """Waiting, filling, open."""
    found = checklist(reading(seoul(f"2026-11-24 {at}")))
    assert found.phase == phase
    assert found.due == seoul("2026-11-24 08:15")


def test_where_nothing_opens_nothing_is_due() -> None:
    """A day on which every surface and desk stays shut has a list without an end."""
    shut = SpecialDay(id="s", first=date(2026, 11, 24), last=date(2026, 11, 24), reason="x")
    table = Plan.from_site(SITE, dict.fromkeys(("media-wall", "desk-led", "civil-desk"), (shut,)))
    found = checklist(reading(OPEN_TUESDAY, table))
    assert (found.opening, found.due, found.phase) == (None, None, "open")


HEALTH = st.sampled_from(["ok", "late", "lost", "unknown"])
VALUES = st.sampled_from([None, "on", "off", "cities", "led-day", "open", "closed"])


@settings(deadline=None)
@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 30)),
    told=st.dictionaries(
        st.sampled_from(sorted(reading().things)), st.tuples(HEALTH, VALUES, VALUES, st.booleans()), max_size=9
    ),
)
def test_nothing_is_ready_without_its_proof(at: datetime, told: dict[str, tuple[Any, ...]]) -> None:
    """Whatever things say: a ready line about a thing has a thing that answers and is as desired."""
    known = reading(seoul(f"{at:%Y-%m-%d %H:%M}"))
    for name, (availability, desired, reported, troubled) in told.items():
        troubles = ("dark",) if troubled else ()
        known = but(known, name, availability=availability, desired=desired, reported=reported, troubles=troubles)
    for item in checklist(known).items:
        source = _source(known, item.id)
        if item.state is State.OK and source is not None and item.group != "day":
            assert source.availability == "ok"
            assert not source.troubles
            assert source.reported == source.desired or item.id.startswith("cafe:")
        assert all(item.words[language] and "{" not in item.words[language] for language in LANGUAGES)


def _source(known: Reading, id_: str) -> ThingState | None:
    kind, _, name = id_.partition(":")
    return known.things.get("wall-display-1" if id_ == "lit:wall" else name) if kind != "bell" else None


def test_a_small_office_has_only_the_lines_of_what_it_has() -> None:
    """Two screens and a wired bell: no café, no sign, no broker's path, no siren."""
    site = read(Path(str(files("lobby").joinpath("sites/small-office.toml"))))
    found = checklist(Reading(site=site, at=OPEN_TUESDAY, plan=Plan.from_site(site), things={}))
    assert [item.id for item in found.items if item.group in {"bells", "desk"}] == ["bell:bell-counter"]
    assert found.summary["en"] == "0 of 2 screens lit · bells under watch: only 0 of 1"
    assert {item.state for item in found.items if item.group == "screens"} == {State.UNKNOWN}
