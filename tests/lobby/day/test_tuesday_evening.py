"""City Hall's LED wall guides to the evening desk: what the sample site file makes of a Tuesday, and of other days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

from lobby.core.compiler import compile_programme, programme_span
from lobby.core.site import Site
from lobby.core.sitefile import read
from lobby.day.plan import Plan
from lobby.day.printed import why_text
from media.assets import Asset
from media.programme import frame
from tests.lobby.day.place import SEOUL
from tests.media.builders import sha

SITE: Site = read(Path(__file__).parents[3] / "lobby" / "sites" / "seoul-city-hall.toml")
PLAN = Plan.from_site(SITE)
TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)


def at(day: date, clock: str) -> datetime:
    """A local moment."""
    return datetime.combine(day, time.fromisoformat(clock), SEOUL)


def evening(day: date, thing: str) -> list[tuple[str, str]]:
    """What a thing is from six to midnight, with the local time at which it begins."""
    rows = PLAN.agenda(thing, at(day, "18:00"), at(day, "23:59"))
    return [(row.start.astimezone(SEOUL).strftime("%H:%M"), row.value) for row in rows]


def test_on_tuesdays_the_led_guides_to_the_evening_desk_until_it_closes() -> None:
    """From seven the guidance, at nine the desk closes and the LED goes dark with it."""
    assert evening(TUESDAY, "desk-led") == [("18:00", "led-day"), ("19:00", "evening-guide"), ("21:00", "off")]
    assert evening(TUESDAY, "civil-desk") == [("18:00", "evening"), ("21:00", "closed")]


def test_its_picture_stays_on_until_nine_while_the_wall_is_dark() -> None:
    """One stretch of power over the change of what is shown."""
    assert evening(TUESDAY, "display-led") == [("18:00", "on"), ("21:00", "off")]
    assert evening(TUESDAY, "display-wall-1") == [("18:00", "on"), ("19:00", "off")]


def test_on_other_days_it_goes_dark_with_the_wall() -> None:
    """No evening desk, no guidance."""
    assert evening(WEDNESDAY, "display-led") == [("18:00", "on"), ("19:00", "off")]


def test_on_a_holiday_that_is_a_tuesday_nobody_is_guided_to_a_closed_desk() -> None:
    """Chuseok's Tuesday of 2028: holiday hours for the LED, no evening desk."""
    holiday = date(2028, 10, 3)
    assert "evening-guide" not in [value for _, value in evening(holiday, "desk-led")]
    assert evening(holiday, "civil-desk") == [("18:00", "closed")]


def test_why_names_the_evening_and_its_end() -> None:
    """In both languages: the value, the rule, until nine."""
    for language in ("ko", "en"):
        said = why_text(PLAN, "desk-led", at(TUESDAY, "20:00"), language=language, overrides=())
        assert "evening-guide" in said
        assert "21:00" in said


def test_the_players_programme_shows_the_guidance() -> None:
    """Its picture on the glass at eight, the day's at six, nothing after nine."""
    start, end = programme_span(at(TUESDAY, "12:00"))
    by_day, guidance = (_first(SITE.surfaces["desk-led"].playlist), _first("evening-guide"))
    programme = compile_programme(
        SITE,
        "lobby-player",
        agendas={name: PLAN.agenda(name, start, end) for name in SITE.surfaces},
        overrides={},
        playlists=SITE.playlists,
        pins={},
        assets={each.id: each for each in (by_day, guidance)},
        now=at(TUESDAY, "12:00"),
    )

    def shown(clock: str) -> str | None:
        drawn = frame(programme, at(TUESDAY, clock) + timedelta(seconds=5))["led-1"]
        return drawn.shows if drawn is not None else None

    assert (shown("20:00"), shown("18:00"), shown("21:30")) == (guidance.id, by_day.id, None)


def _first(playlist: str) -> Asset:
    """A picture for the first item of a playlist of the sample site."""
    name = SITE.playlists[playlist].items[0].asset
    renditions = {"1920x960": sha(name)}
    return Asset(id=sha(name), title=name, width=9, height=9, renditions=renditions, thumbnail=sha("t"), name=name)
