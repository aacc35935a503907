"""Hours become absolute intervals; the same state is the same programme."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lobby.core.compiler import compile_programme, programme_span
from lobby.core.site import PlaylistItem
from media.assets import Asset
from media.programme import Film, Programme, frame
from media.wire import from_json, to_json
from tests.lobby.core.galleries import NOON, SITE
from tests.media.builders import sha

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Span:
    """A stretch or an override, as far as the compiler looks at it."""

    value: str
    start: datetime
    end: datetime

    @property
    def until(self) -> datetime:
        """The end, in the words of overrides."""
        return self.end


def asset(name: str, *sizes: str) -> Asset:
    """A sample in the library."""
    renditions = {size: sha(name + size) for size in sizes}
    return Asset(id=sha(name), title=name, width=9, height=9, renditions=renditions, thumbnail=sha("small"), name=name)


ASSETS = {each.id: each for each in (asset("paris", "54x96"), asset("guide-1", "54x96"), asset("hello", "96x48"))}


def compiled(
    *wall: Span, over: tuple[Span, ...] = (), now: datetime = NOON, pins: dict[str, str] | None = None
) -> Programme:
    """The programme of the one player with these hours of the wall."""
    return compile_programme(
        SITE,
        "one",
        agendas={"wall": wall},
        overrides={"wall": over},
        playlists=SITE.playlists,
        pins=pins or {},
        assets=ASSETS,
        now=now,
    )


def test_on_means_the_surfaces_own_playlist() -> None:
    """`on` plays `cities` on the wall; before and after it the wall is off."""
    programme = compiled(Span("on", NOON, NOON + HOUR))
    assert [each.playlist for each in programme.surfaces["wall"].intervals] == [None, "cities", None]
    assert frame(programme, NOON + HOUR / 2)["wall-1"] is not None


def test_surface_without_hours_is_off() -> None:
    """The LED has no agenda: one interval, off, over all days."""
    (interval,) = compiled().surfaces["led"].intervals
    assert interval.playlist is None
    assert interval.end - interval.start == timedelta(days=37)


def test_programme_reaches_five_weeks_ahead() -> None:
    """From any moment 35 whole days are compiled."""
    start, end = programme_span(NOON)
    assert start < NOON - timedelta(hours=24)
    assert end >= NOON + timedelta(days=35)


def test_override_lies_over_the_plan() -> None:
    """What a person set holds for its time, then the plan is back."""
    programme = compiled(Span("on", NOON, NOON + 4 * HOUR), over=(Span("guide", NOON + HOUR, NOON + 2 * HOUR),))
    playlists = [each.playlist for each in programme.surfaces["wall"].intervals]
    assert playlists == [None, "cities", "guide", "cities", None]


def test_items_without_asset_are_left_out() -> None:
    """`tokyo` has not been taken in: `paris` plays alone."""
    programme = compiled(Span("on", NOON, NOON + HOUR))
    assert [item.asset for item in programme.playlists["cities"].items] == [sha("paris")]


def test_still_plays_until_the_sample_film_is_there() -> None:
    """`aquarium` is played by its still first; then by itself, with what makes it a film."""
    items = (PlaylistItem(asset="aquarium", dwell_s=60),)
    playlists = {**SITE.playlists, "cities": SITE.playlists["cities"].model_copy(update={"items": items})}
    still = asset("aquarium-still", "54x96")
    film = replace(asset("aquarium", "54x96"), kind="video", frames=360, fps=30)
    day = {"wall": (Span("on", NOON, NOON + HOUR),)}
    first, second = (
        compile_programme(SITE, "one", agendas=day, playlists=playlists, pins={}, assets=assets, now=NOON)
        for assets in ({still.id: still}, {still.id: still, film.id: film})
    )
    assert [item.asset for item in first.playlists["cities"].items] == [still.id]
    assert [item.asset for item in second.playlists["cities"].items] == [film.id]
    assert (first.films, second.films) == ({}, {film.id: Film(frames=360, fps=30)})


def test_pin_of_the_players_panels_is_in() -> None:
    """Pins of panels that hang elsewhere or of assets that are gone are not."""
    programme = compiled(pins={"wall-1": sha("paris"), "roof-1": sha("paris"), "wall-2": sha("gone")})
    assert programme.pins == {"wall-1": sha("paris")}
    assert programme.pictures == {sha("paris"): {"54x96": sha("paris54x96")}}


def test_same_state_is_the_same_version_all_day() -> None:
    """Compiled again an hour later nothing differs, so players fetch nothing."""
    span = Span("on", NOON, NOON + HOUR)
    assert compiled(span, now=NOON + HOUR).version == compiled(span).version


def test_fade_and_places_come_from_the_site_file() -> None:
    """Geometry travels in millimetres and pixels, surfaces in the player's order."""
    programme = compiled()
    assert list(programme.surfaces) == ["led", "wall"]
    assert programme.surfaces["wall"].fade_ms == 1500
    assert programme.surfaces["wall"].panels[1].at_mm == (620, 0)


SPANS = st.builds(
    lambda value, start, length: Span(
        value,
        datetime(2026, 11, 20, tzinfo=UTC) + start * HOUR,
        datetime(2026, 11, 20, tzinfo=UTC) + (start + length) * HOUR,
    ),
    st.sampled_from(("on", "off", "guide", "welcome")),
    st.integers(0, 1000),
    st.integers(0, 100),
)


@given(st.lists(SPANS, max_size=12), st.lists(SPANS, max_size=4))
def test_whatever_overlaps_the_programme_is_sound(plan: list[Span], over: list[Span]) -> None:
    """Any heap of stretches compiles to adjoining intervals that a player accepts."""
    programme = compiled(*plan, over=tuple(over))
    assert from_json(to_json(programme)) == programme
