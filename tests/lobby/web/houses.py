"""A small house for the tests of the web: real hours, journal and incidents in memory, a library of nothing."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from devices.reports import Clock
from lobby.core.airings import AIRINGS, Airings
from lobby.core.arrivals import Arrivals
from lobby.core.batches import Batches
from lobby.core.clock import VirtualClock
from lobby.core.holdings import LIBRARY
from lobby.core.hub import Hub
from lobby.core.imports import Imports
from lobby.core.journal import Journal, Projection
from lobby.core.ledger import MEMORY
from lobby.core.library import Library
from lobby.core.played import PLAYED, PLAYING
from lobby.core.playlists import PLAYLISTS, Playlists
from lobby.core.site import Site
from lobby.core.sitefile import read
from lobby.day.choices import CHOICES, Choices
from lobby.day.handover import HANDOVERS, HandOvers
from lobby.day.modes import MODES, Modes
from lobby.day.noticeboard import NoticeBoard
from lobby.day.officialdays import OFFICIAL_YEARS, OfficialDays
from lobby.day.overrides import OVERRIDES, Overrides
from lobby.day.signatures import OPENINGS, Signatures
from lobby.day.specialdays import SPECIAL_DAYS, SpecialDays
from lobby.safety.watchroom import PROJECTIONS, WatchRoom
from lobby.web.app import build_app
from lobby.web.gate import cookie_name
from lobby.web.house import House
from lobby.web.morning.books import Books
from lobby.web.passwords import Hashing
from lobby.web.people import People, Person
from lobby.web.roles import Role
from lobby.web.server import serve
from media.assets import Asset, AssetStore, NoSuchContent
from media.geometry import Size, size_name
from media.intake import Progress, title_of
from tests.running import run

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Tuesday, ten in the morning in Seoul
PASSWORD = "horses eat seven apples"
# No test speaks https, and a client that knows every authority takes longer to make than most tests need.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
DAYS: tuple[Projection, ...] = (OVERRIDES, MODES, SPECIAL_DAYS, OFFICIAL_YEARS, CHOICES, OPENINGS, HANDOVERS)
TABLES: tuple[Projection, ...] = (*DAYS, LIBRARY, PLAYLISTS, AIRINGS, PLAYED, PLAYING, *PROJECTIONS)

__all__ = ["PASSWORD", "PLAIN", "START", "Shelf", "Visit", "a_house", "a_visit", "approved", "run"]


class Shelf(Library):
    """A library that decodes nothing: whatever comes is an asset of every size of the site."""

    def __init__(self, journal: Journal, site: Site, folder: Path) -> None:
        self.playlists = Playlists(journal, site)
        super().__init__(journal, AssetStore(folder / "assets"), site, self.playlists)
        self.folder = folder
        self.sizes: list[int] = []

    def content(self, sha256: str) -> Path:
        """The file of that name."""
        path = self.folder / sha256
        if not path.is_file():
            raise NoSuchContent(sha256)
        return path

    async def _made(self, path: Path, name: str, sizes: frozenset[Size], progress: Progress, **_: object) -> Asset:
        self.sizes.append(path.stat().st_size)  # noqa: ASYNC240 - a test may block
        progress(1.0)
        renditions = {size_name(size): f"{number:064x}" for number, size in enumerate(sorted(sizes))}
        title = title_of(name)
        return Asset(
            id=f"{len(self.sizes):064x}", title=title, width=1, height=1, renditions=renditions, thumbnail="f" * 64
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A served house: `go(role)` is a browser of a signed-in person, `go()` of a stranger."""

    house: House
    app: FastAPI
    url: str
    stop: asyncio.Event
    served: asyncio.Task[None]
    watch: WatchRoom
    shelf: Shelf
    hub: Hub

    def go(self, *, secret: str = "") -> httpx.AsyncClient:
        """A browser; cookies of `secret`, headers as a page of ours sends them."""
        cookies = {cookie_name(secure=False): secret} if secret else {}
        headers = {"Origin": self.url}
        return httpx.AsyncClient(base_url=self.url, cookies=cookies, headers=headers, timeout=10, verify=PLAIN)

    async def enter(self, *roles: Role) -> httpx.AsyncClient:
        """A browser of a new person with these roles."""
        _, secret = await self.secret(*roles)
        return self.go(secret=secret)

    async def secret(self, *roles: Role) -> tuple[Person, str]:
        """A new person with these roles and the secret of a session."""
        person = await self.hire(*roles)
        _, secret = await self.house.people.sign_in(person.account, PASSWORD, address="test")
        return person, secret

    async def hire(self, *roles: Role) -> Person:
        """A new person with these roles."""
        people = self.house.people
        account = f"kim{len(people.all())}"
        return await people.add(account=account, name="Kim", password=PASSWORD, roles=roles, by="test")

    async def kinds(self) -> list[str]:
        """The kinds of facts in the journal, in order."""
        return [row["kind"] for row in await self.house.journal.read("SELECT kind FROM journal ORDER BY seq")]


async def approved(visit: Visit, *assets: str) -> None:
    """Labelled by one person and approved by another."""
    records = visit.shelf.records
    for asset in assets:
        label = replace(records.all()[asset].label, descriptions={"ko": "가을", "en": "Autumn"})
        await records.label(asset, label, person="somebody")
    await records.ask(*assets, person="somebody")
    await visit.shelf.approve(*assets, person="somebody-else")


@cache
def sample() -> Site:
    """The sample of the city hall."""
    return read(Path(str(files("lobby").joinpath("sites/seoul-city-hall.toml"))))


@asynccontextmanager
async def a_house(
    folder: Path, *, clock: Clock | None = None, site: Site | None = None, **changes: Any
) -> AsyncIterator[tuple[House, WatchRoom]]:
    """A house with nobody in it."""
    place = site or sample()
    time = clock or VirtualClock(START)
    (folder / "emergency").mkdir()
    async with Journal.open(MEMORY, clock=time, projections=TABLES) as journal:
        async with WatchRoom.open(place, clock=time, journal=journal, emergency_dir=folder / "emergency") as watch:
            official = OfficialDays(journal, place, changed=lambda: days.calendar_changed())
            days = SpecialDays(journal, place, holidays=lambda: official.calendar)
            people = People(
                journal, time, context=("Seoul",), hashing=Hashing(memory_kib=64), incident_since=_since(watch)
            )
            await people.load()
            shelf = Shelf(journal, place, folder)
            await shelf.load()
            arrivals = Arrivals(folder / "uploads", shelf, clock=time)
            batches = Batches(journal, shelf, arrivals)
            airings = Airings(journal, place)
            overrides = Overrides(journal, clock=time, plan=lambda: days.plan)
            notices = NoticeBoard(
                place,
                clock=time,
                library=shelf,
                playlists=shelf.playlists,
                airings=airings,
                overrides=overrides,
                workplace=folder / "notices",
            )
            things = {**dict.fromkeys(place.surfaces, "surface"), **{k: v.kind for k, v in place.things.items()}}
            house = House(
                site=place,
                clock=time,
                hub=Hub(time, things),
                journal=journal,
                people=people,
                plan=lambda: days.plan,
                overrides=overrides,
                modes=Modes(journal, clock=time),
                special_days=days,
                official_days=official,
                choices=Choices(journal, place),
                incidents=watch.incidents,
                library=shelf,
                arrivals=arrivals,
                batches=batches,
                playlists=shelf.playlists,
                airings=airings,
                notices=notices,
                on_glass=dict,
                uploads=folder / "uploads",
                programme_for=lambda _: None,
                books=Books(signatures=Signatures(journal), hand_overs=HandOvers(journal)),
                started_at=time.now(),
                build="test",
                supervision=watch.supervision,
            )
            uploads = folder / "uploads"
            imports = Imports(
                shelf,
                shelf.playlists,
                batches=batches,
                journal=journal,
                folder=uploads,
                zone=days.plan.zone,
                told=lambda: None,
            )
            yield replace(house, **{"imports": imports, **changes}), watch


@asynccontextmanager
async def a_visit(folder: Path, *, clock: Clock | None = None, **changes: Any) -> AsyncIterator[Visit]:
    """A house served on a free port."""
    stop, told = asyncio.Event(), asyncio.get_running_loop().create_future()
    async with a_house(folder, clock=clock, **changes) as (house, watch):
        app = build_app(house)
        async with asyncio.TaskGroup() as group:
            served = group.create_task(serve(app, "127.0.0.1", 0, stop, listening=told.set_result))
            taking_in = group.create_task(house.arrivals.run())
            assert house.imports is not None
            bringing = group.create_task(house.imports.run())
            shelf = house.library
            hub = house.hub
            assert isinstance(shelf, Shelf)
            assert isinstance(hub, Hub)
            url = await told
            yield Visit(house=house, app=app, url=url, stop=stop, served=served, watch=watch, shelf=shelf, hub=hub)
            stop.set()
            taking_in.cancel()
            bringing.cancel()


def _since(watch: WatchRoom) -> Any:
    return lambda: min((incident.raised_at for incident in watch.incidents.open() if incident.open), default=None)
