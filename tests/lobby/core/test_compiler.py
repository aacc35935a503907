"""Hours become absolute intervals; the same state is the same programme."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lobby.core.airings import WEAKEST_FIRST, Airing
from lobby.core.compiler import EPOCH, compile_programme, programme_span
from lobby.core.site import Audio, PlaylistItem
from lobby.core.spans import holds
from media.art.titles import scene_id
from media.assets import Asset
from media.notices.layout import assigned
from media.programme import Film, Loud, Programme, frame
from media.wire import MAX_BYTES, MAX_INTERVALS, from_json, to_json
from tests.lobby.core.galleries import NOON, SITE
from tests.lobby.web.houses import sample
from tests.media.builders import sha

HOUR = timedelta(hours=1)
LISTS = {**SITE.playlists, "hello": SITE.playlists["welcome"]}


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


def test_a_surface_with_audio_is_heard_in_its_hours_at_its_level() -> None:
    """Any value but off; one without `audio` is silent whatever its hours."""
    led = SITE.surfaces["led"].model_copy(update={"audio": Audio(hours="day", level=30)})
    site = SITE.model_copy(update={"surfaces": {**SITE.surfaces, "led": led}})
    hours = [Span("off", NOON, NOON + HOUR), Span("8", NOON + HOUR, NOON + 2 * HOUR)]
    programme = compile_programme(
        site,
        "one",
        agendas={},
        playlists=SITE.playlists,
        pins={},
        assets=ASSETS,
        now=NOON,
        sound={"led": hours, "wall": hours},
    )
    heard = {name: plan.sound for name, plan in programme.surfaces.items()}
    assert heard == {"led": (Loud(start=NOON + HOUR, end=NOON + 2 * HOUR, level=30),), "wall": ()}


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


def laid(cls: str, content: str, hours: tuple[float, float] = (1, 2), **more: Any) -> Airing:
    """An approved airing on the wall from one hour after noon to another."""
    start, until = NOON + hours[0] * HOUR, NOON + hours[1] * HOUR
    usual: dict[str, Any] = {"id": f"{cls}-1", "cls": cls, "name": cls, "content": {"wall": content}, "person": "p1"}
    return Airing(**{**usual, "approved_by": "p2", "start": start, "until": until, **more})


DAY = (Span("on", NOON, NOON + 6 * HOUR),)


def with_airings(*airings: Airing, on: tuple[Span, ...] = DAY, **more: Any) -> Programme:
    """The wall on for six hours, and what lies above."""
    lists = {**LISTS, **more.pop("lists", {})}
    return compile_programme(
        SITE,
        "one",
        agendas={"wall": on},
        playlists=lists,
        now=NOON,
        airings=airings,
        **{"pins": {}, "assets": ASSETS, **more},
    )


def played(programme: Programme, moment: datetime) -> tuple[str | None, str | None]:
    """What the wall's interval is called at a moment, and what lies under it."""
    (found,) = [each for each in programme.surfaces["wall"].intervals if each.start <= moment < each.end]
    name = found.playlist and (programme.playlists[found.playlist].of or found.playlist)
    return name, found.under


def test_an_airing_lies_above_the_plan_for_its_time() -> None:
    """The base under it is named, and is back at its end."""
    programme = with_airings(laid("campaign", "guide"))
    assert played(programme, NOON + HOUR / 2) == ("cities", None)
    assert played(programme, NOON + 1.5 * HOUR) == ("guide", "cities")
    assert played(programme, NOON + 2 * HOUR) == ("cities", None)
    assert from_json(to_json(programme)) == programme


@pytest.mark.parametrize("weaker", range(4))
@pytest.mark.parametrize("stronger", range(4))
def test_of_two_classes_the_stronger_is_shown_and_nothing_else(weaker: int, stronger: int) -> None:
    """Every pair, at every moment of both: no foreign frame, whichever began first."""
    if weaker >= stronger:
        weaker, stronger = stronger, weaker
    names = WEAKEST_FIRST[weaker], WEAKEST_FIRST[stronger]
    turns = [{"every_s": 300, "for_s": 120} if name == "interrupt" else {} for name in names]
    under = laid(names[0], "guide", (1, 4), id="under", **turns[0])
    over = laid(names[1], "hello", (1.5, 3), id="over", **turns[1])
    paris, guide, hello = sha("paris54x96"), sha("guide-154x96"), sha("hello54x96")
    hello_asset = asset("hello", "54x96")
    assets = {**ASSETS, hello_asset.id: hello_asset}
    programme = with_airings(under, over, pins={"wall-1": sha("paris")}, assets=assets)
    for step in range(6 * 60 * 4):
        moment = NOON + timedelta(seconds=15 * step, milliseconds=1)
        shown = frame(programme, moment)["wall-2"]
        assert shown is not None
        on_glass = {each for each in (shown.shows, shown.next) if each}
        if holds(turns_of(over), moment):
            assert on_glass == {hello}
        elif holds(turns_of(under), moment):
            assert guide in on_glass
            assert paris not in on_glass
        else:
            assert paris in on_glass


def turns_of(airing: Airing) -> list[tuple[datetime, datetime]]:
    """When an airing plays, by a plain count."""
    if not airing.every_s:
        return [(airing.start, airing.until)]
    every = timedelta(seconds=airing.every_s)
    first = EPOCH + -(-(airing.start - EPOCH) // every) * every
    starts = (first + n * every for n in range(1000))
    return [
        (at, at + timedelta(seconds=airing.for_s))
        for at in starts
        if at + timedelta(seconds=airing.for_s) <= airing.until
    ]


def test_a_notice_needs_a_lit_surface_and_an_emergency_lights_it() -> None:
    """At night the notice is nowhere; the evacuation is."""
    night = (Span("on", NOON, NOON + HOUR),)
    assert played(with_airings(laid("notice", "guide", (0.5, 3)), on=night), NOON + 2 * HOUR) == (None, None)
    assert played(with_airings(laid("emergency", "guide", (0.5, 3)), on=night), NOON + 2 * HOUR) == ("guide", None)


def test_an_airing_without_anything_to_show_takes_nothing_away() -> None:
    """Its only picture is not approved: the base plays on."""
    usable = {sha("paris"): (NOON - HOUR, NOON + 100 * HOUR)}
    assert played(with_airings(laid("campaign", "guide"), usable=usable), NOON + 1.5 * HOUR) == ("cities", None)


def test_an_airing_of_a_single_picture_is_laid_across() -> None:
    """By the id of an asset, or a live scene by its name."""
    programme = with_airings(laid("notice", sha("guide-1")))
    shown = frame(programme, NOON + 1.5 * HOUR)["wall-1"]
    assert shown is not None
    assert shown.shows == sha("guide-154x96")
    live = with_airings(laid("campaign", "test-pattern"))
    assert live.scenes == {scene_id("test-pattern"): "test-pattern"}


def test_an_upright_work_hangs_whole_on_each_panel() -> None:
    """Laid across a row a portrait would lose most of itself; a notice is set for the row and stays across."""
    tall = replace(ASSETS[sha("paris")], height=16, renditions={"54x96": sha("whole"), "wall:2:1": sha("left")})
    modes = {
        cls: with_airings(airing, assets={tall.id: tall}).playlists[airing.list_of(tall.id)].mode
        for cls in ("campaign", "interrupt", "notice")
        for airing in [laid(cls, tall.id)]
    }
    assert modes == {"campaign": "rotate", "interrupt": "rotate", "notice": "span"}


def test_a_licence_that_ends_takes_a_picture_off_at_its_instant() -> None:
    """The programme knows it ahead; the pin of it goes too."""
    ends = NOON + 90 * HOUR / 60
    items = (PlaylistItem(asset="paris"), PlaylistItem(asset="guide-1"))
    lists = {"cities": SITE.playlists["cities"].model_copy(update={"items": items})}
    usable = {sha("paris"): (NOON - HOUR, NOON + 99 * HOUR), sha("guide-1"): (NOON - HOUR, ends)}
    programme = with_airings(lists=lists, usable=usable)
    before, after = (frame(programme, moment) for moment in (ends - timedelta(seconds=3), ends + timedelta(seconds=3)))
    assert {each.shows for each in before.values() if each} == {sha("paris54x96"), sha("guide-154x96")}
    assert {each.shows for each in after.values() if each} == {sha("paris54x96")}


def test_five_weeks_of_interrupts_compile_quickly_into_little() -> None:
    """Every ten minutes on a wall that is on all day: thousands of intervals, far below the wire's limits."""
    always = tuple(Span("on", NOON + day * 24 * HOUR, NOON + (day * 24 + 12) * HOUR) for day in range(-1, 37))
    turns = laid("interrupt", "guide", (-20, 35 * 24), every_s=600, for_s=20)
    programme = with_airings(turns, on=always)
    assert 5000 < len(programme.surfaces["wall"].intervals) < MAX_INTERVALS
    assert len(to_json(programme)) < MAX_BYTES / 4


def test_slices_travel_only_with_what_is_laid_across() -> None:
    """A player fetches the parts of a picture across the wall; of one that rotates they stay at home."""
    cut = replace(
        ASSETS[sha("paris")], renditions={"54x96": sha("whole"), "wall:2:1": sha("left"), "roof:2:1": sha("no")}
    )
    across = SITE.playlists["cities"].model_copy(update={"mode": "span"})
    rotating = with_airings(assets={cut.id: cut})
    laid_across = with_airings(assets={cut.id: cut}, lists={"cities": across})
    assert rotating.pictures[cut.id] == {"54x96": sha("whole")}
    assert laid_across.pictures[cut.id] == {"54x96": sha("whole"), "wall:2:1": sha("left")}


@pytest.mark.parametrize(("dark", "steps"), [((), 1), (("wall-1", "wall-2"), 1), (("wall-1", "wall-2", "wall-3"), 2)])
def test_a_notice_on_a_wall_says_which_texts_must_not_be_cut(dark: tuple[str, ...], steps: int) -> None:
    """Seven panels and five languages: each language once before any again, and steps where one would be left out."""
    site, content = sample(), sha("hello")
    texts = [{"language": language} for language in ("ko", "en", "zh-hans", "zh-hant", "ja")]
    notice = laid("notice", content, details={"texts": texts})
    plan = compile_programme(
        site,
        next(iter(site.players)),
        agendas={"wall": DAY},
        playlists=site.playlists,
        pins={},
        assets={content: ASSETS[content]},
        now=NOON,
        airings=(notice,),
        dark=frozenset(dark),
    )
    shown = plan.playlists[notice.list_of(content)]
    assert sorted(shown.keep) == list(range(7))
    assert (shown.least, len(shown.items)) == (5, steps)


def test_a_notice_in_pages_says_where_each_language_stands() -> None:
    """Two panels and five languages are three pages: a silent panel's languages come on the other one."""
    languages = ("ko", "en", "zh-hans", "zh-hant", "ja")
    pages = {sha(f"page {n}"): assigned(2, languages)[n] for n in range(3)}
    stills = {
        page: replace(
            ASSETS[sha("paris")],
            id=page,
            renditions={
                "54x96": page,
                **{f"wall:2:{place}": sha(f"{language}") for place, language in enumerate(row, start=1)},
            },
        )
        for page, row in pages.items()
    }
    items = [{"asset": page, "dwell_s": 8} for page in pages]
    listed = SITE.playlists["cities"].model_copy(
        update={"mode": "span", "change": "cut", "items": [PlaylistItem.model_validate(each) for each in items]}
    )
    notice = laid("notice", "notice-1", details={"texts": [{"language": language} for language in languages]})
    plan = with_airings(notice, assets={**ASSETS, **stills}, lists={"notice-1": listed}, silent=frozenset({"wall-1"}))
    said = {sha(language): language for language in languages}
    moments = [NOON + 1.2 * HOUR + timedelta(seconds=8 * step) for step in range(5)]
    shown = [frame(plan, each)["wall-2"] for each in moments]
    assert {said.get(each.shows or "") for each in shown if each is not None} == set(languages)


def test_a_campaign_is_cut_for_the_panels_that_work_as_before() -> None:
    """Only notices have texts that must stay whole."""
    plan = with_airings(laid("campaign", sha("paris")))
    assert all(not each.keep and len(each.items) == 1 for each in plan.playlists.values())
