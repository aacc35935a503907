"""Programmes are compiled when somebody asks, when something changes and at the site's midnight."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from lobby.core.airings import AIRINGS, TEST_DISPLAY, Airings
from lobby.core.clock import VirtualClock
from lobby.core.holdings import LIBRARY
from lobby.core.journal import MEMORY, Journal
from lobby.core.library import Library
from lobby.core.playlists import PLAYLISTS, Playlists
from lobby.core.site import PlaylistItem
from lobby.day.overrides import OVERRIDES, Overrides
from lobby.day.specialdays import SPECIAL_DAYS, SpecialDays
from lobby.ops.programming import Programmes
from media.assets import AssetStore
from media.programme import Programme, frame
from tests.eventually import eventually
from tests.lobby.core.galleries import NOON, SITE, approve, upload
from tests.running import run

ONE = SITE.model_copy(update={"surfaces": {"wall": SITE.surfaces["wall"]}})
SITE_ONE = ONE.model_copy(update={"players": {"one": SITE.players["one"].model_copy(update={"surfaces": ("wall",)})}})


class House:
    """Programmes of one wall, at work."""

    def __init__(
        self,
        programmes: Programmes,
        library: Library,
        playlists: Playlists,
        airings: Airings,
        overrides: Overrides,
        clock: VirtualClock,
    ) -> None:
        self.programmes = programmes
        self.library = library
        self.playlists = playlists
        self.airings = airings
        self.overrides = overrides
        self.clock = clock

    async def next(self, condition: Callable[[Programme], bool] = lambda _: True) -> Programme:
        """The programme, as soon as there is one of which that holds."""
        await eventually(lambda: (found := self.programmes.of("one")) is not None and condition(found))
        found = self.programmes.of("one")
        assert found is not None
        return found


@asynccontextmanager
async def a_house(folder: Path, at: datetime = NOON) -> AsyncIterator[House]:
    """Until the block ends."""
    clock = VirtualClock(at)
    tables = (LIBRARY, PLAYLISTS, AIRINGS, OVERRIDES, SPECIAL_DAYS)
    async with Journal.open(MEMORY, clock=clock, projections=tables) as journal:
        days = SpecialDays(journal, SITE_ONE)
        playlists, airings = Playlists(journal, SITE_ONE), Airings(journal, SITE_ONE)
        library = Library(journal, AssetStore(folder / "store"), SITE_ONE, playlists)
        overrides = Overrides(journal, clock=clock, plan=lambda: days.plan)
        programmes = Programmes(
            SITE_ONE,
            clock=clock,
            library=library,
            playlists=playlists,
            airings=airings,
            overrides=overrides,
            special_days=days,
        )
        work = asyncio.create_task(programmes.run(), name="programmes")
        try:
            yield House(programmes, library, playlists, airings, overrides, clock)
        finally:
            work.cancel()


def test_nothing_is_compiled_before_a_player_asks(tmp_path: Path) -> None:
    """A start is not burdened; the first question makes it, a stranger gets none."""

    async def play() -> None:
        async with a_house(tmp_path) as house:
            await house.clock.settle()
            assert house.programmes.of("one") is None
            programme = await house.next()
            assert programme.surfaces.keys() == {"wall"}
            assert house.programmes.of("two") is None

    run(play())


def test_override_and_playlist_are_new_versions(tmp_path: Path) -> None:
    """What staff change is compiled at once; the programmes before are remembered by version."""

    async def play() -> None:
        async with a_house(tmp_path) as house:
            first = await house.next()
            until = NOON + timedelta(hours=1)
            await house.overrides.set(thing="wall", value="off", until=until, person="p1", reason="공사")
            house.programmes.forget()
            second = await house.next(lambda found: found.version != first.version)
            assert frame(second, NOON + timedelta(minutes=1))["wall-1"] is None
            asset = await house.library.take_in(upload(tmp_path), name="a.png", person="p1")
            await approve(house.library, asset.id)
            guide = SITE.playlists["guide"].model_copy(update={"items": (PlaylistItem(asset=asset.id, dwell_s=12),)})
            draft = await house.playlists.save("guide", guide, person="p1")
            await house.playlists.approve("guide", draft.revision, person="p2")
            third = await house.next(lambda found: bool(found.content()))
            assert house.programmes.version("one", first.version) == first
            assert third.end == first.end

    run(play())


def test_new_day_begins_at_the_sites_midnight(tmp_path: Path) -> None:
    """Compiled anew on the first look after local midnight, one day further ahead, and not at midnight UTC."""

    async def play() -> None:
        before = datetime.fromisoformat("2026-11-23T23:59:50+09:00")
        async with a_house(tmp_path, before) as house:
            first = await house.next()
            house.clock.step(20)
            assert house.programmes.due()
            await house.programmes.compile()
            second = await house.next()
            assert second.start - first.start == timedelta(days=1)
            assert second.end.isoformat() == "2026-12-29T15:00:00+00:00"
            house.clock.step(9 * 3600)
            assert not house.programmes.due()

    run(play())


def test_what_cannot_be_shown_is_named(tmp_path: Path) -> None:
    """Of the wall's playlist nobody has brought the guide; taken in at the LED's size it would not fit either."""

    async def play() -> None:
        async with a_house(tmp_path) as house:
            await house.next()
            assert house.programmes.passed_over("wall") == ("guide-1",)
            assert house.programmes.passed_over("led") == ()

    run(play())


def test_a_test_display_shows_an_unapproved_draft_for_its_minutes_only(tmp_path: Path) -> None:
    """On its surface, from its beginning to its end; the programme knows it nowhere else."""

    async def play() -> None:
        async with a_house(tmp_path) as house:
            await house.next()
            asset = await house.library.take_in(upload(tmp_path), name="a.png", person="p1", surface="wall")
            until = NOON + timedelta(minutes=10)
            await house.airings.put(
                cls="notice", name="a", content={"wall": asset.id}, start=NOON, until=until, person="p1",
                source=TEST_DISPLAY, approved=True,
            )  # fmt: skip
            found = await house.next(lambda programme: asset.id in programme.pictures)
            for moment, shown in ((NOON + timedelta(minutes=5), True), (until + timedelta(minutes=1), False)):
                panel = frame(found, moment)["wall-1"]
                assert (panel is not None and panel.shows in asset.renditions.values()) is shown

    run(play())


def test_an_asset_leaves_the_surface_at_the_end_of_its_licence(tmp_path: Path) -> None:
    """On its last day it plays, on the day after it does not, though nothing else has changed."""
    last = NOON.astimezone(ZoneInfo(SITE_ONE.site.time_zone)).date()

    async def play() -> None:
        async with a_house(tmp_path) as house:
            await house.next()
            asset = await house.library.take_in(upload(tmp_path), name="a.png", person="p1", panel="wall-1")
            label = house.library.records.all()[asset.id].label
            limited = replace(label, rights=replace(label.rights, last=last))
            await house.library.records.label(asset.id, limited, person="p1")
            await approve(house.library, asset.id)
            guide = SITE.playlists["guide"].model_copy(update={"items": (PlaylistItem(asset=asset.id, dwell_s=12),)})
            draft = await house.playlists.save("guide", guide, person="p1")
            await house.playlists.approve("guide", draft.revision, person="p2")
            await house.library.unpin("wall-1", person="p1")
            found = await house.next(lambda programme: asset.id in programme.pictures and not programme.pins)
            for moment, shown in ((NOON, True), (NOON + timedelta(days=1), False)):
                panel = frame(found, moment)["wall-1"]
                assert (panel is not None and panel.shows in asset.renditions.values()) is shown

    run(play())
