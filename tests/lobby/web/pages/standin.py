"""A house of cardboard: real site, plan and hub, everything else as simple as the pages need."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from lobby.core.airings import Airing
from lobby.core.hub import Hub
from lobby.core.site import Site
from lobby.core.sitefile import read
from lobby.day.plan import Plan
from lobby.web import pages, problems
from lobby.web.console import routes as console
from lobby.web.console import specpages, timetable
from lobby.web.gate import HEADERS
from lobby.web.roles import Role
from lobby.web.undoing import Undoing

SEOUL = ZoneInfo("Asia/Seoul")
TUESDAY_EVENING = datetime(2026, 11, 24, 20, 41, tzinfo=SEOUL)


def sample(name: str) -> Site:
    """A site file that ships."""
    with as_file(files("lobby.sites").joinpath(f"{name}.toml")) as path:
        return read(path)


@dataclass
class StillClock:
    """Time that stands, or runs with the machine's from a start."""

    moment: datetime

    def now(self) -> datetime:
        """The moment."""
        return self.moment

    def mono(self) -> float:
        """Seconds."""
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        """No waiting."""


async def _unmeasured() -> None:
    """Nobody asks the disk."""


@dataclass
class StandIn:
    """What `request.app.state.house` is to the pages."""

    site: Site
    clock: StillClock
    hub: Hub
    the_plan: Plan
    changes: list[Any] = field(default_factory=list)
    aired: list[Airing] = field(default_factory=list)
    healthy: bool = True

    def __post_init__(self) -> None:
        self.journal = SimpleNamespace(
            healthy=lambda: self.healthy, trouble=lambda: None if self.healthy else "disk-full"
        )
        sessions = SimpleNamespace(living=dict)
        self.people = SimpleNamespace(
            names=lambda: {"p1": "김지현"}, all=tuple, setup_needed=lambda: False, sessions=sessions
        )
        self.books = SimpleNamespace(
            signatures=SimpleNamespace(of=lambda day: None),
            hand_overs=SimpleNamespace(unread=tuple),
            free=_unmeasured,
            path_proved_at=lambda: None,
        )
        self.programme_for = lambda player: None
        self.overrides = SimpleNamespace(active=lambda moment: tuple(self.changes))
        records = SimpleNamespace(of=lambda asset: None, all=dict, usable=dict)
        self.library = SimpleNamespace(
            pins=dict, pinned_by=dict, assets=tuple, by_id=dict, usable=dict, records=records
        )
        self.playlists = SimpleNamespace(all=lambda: self.site.playlists, names=tuple)
        self.airings = SimpleNamespace(all=lambda: tuple(self.aired), shows=lambda surface, content: True)
        self.choices = SimpleNamespace(decided=dict)
        self.special_days = SimpleNamespace(by_hours=dict, hidden=frozenset)
        self.notices = SimpleNamespace(told=lambda language: ())
        self.modes = SimpleNamespace(held=lambda moment: {})
        self.preview: Any = lambda player, surface: None
        self.exchanges: Any = lambda thing: ()
        self.secure = False

    def plan(self) -> Plan:
        """The hours."""
        return self.the_plan

    def all_well(self) -> None:
        """Every device answers as planned, every bell is watched, every picture proved."""
        now = self.clock.now()
        for thing, state in self.hub.snapshot()[1].items():
            desired = self._desired(thing, now)
            kind = "none" if state.kind in {"desk", "room"} else "ok"
            self.hub.update(
                thing, desired=desired[0], until=desired[1], reported=desired[0], availability=kind, since=now,
                reported_at=now - timedelta(seconds=2),
            )  # fmt: skip
        heard = (now - timedelta(seconds=7)).isoformat()
        self.hub.put(
            "bells", [{"bell": bell, "state": "ok", "flags": [], "heard_at": heard} for bell in self.site.bells()]
        )

    def _desired(self, thing: str, now: datetime) -> tuple[str | None, datetime | None]:
        if thing not in self.the_plan.things:
            return None, None
        row = self.the_plan.at(thing, now)
        return row.value, row.end


def stand_in(name: str = "seoul-city-hall", moment: datetime = TUESDAY_EVENING, site: Site | None = None) -> StandIn:
    """A house at a moment."""
    site = site or sample(name)
    clock = StillClock(moment.astimezone(UTC))
    kinds = {thing: row.kind for thing, row in site.things.items()} | dict.fromkeys(site.surfaces, "surface")
    return StandIn(site=site, clock=clock, hub=Hub(clock, kinds), the_plan=Plan.from_site(site))


def app_of(house: StandIn, *, roles: frozenset[Role] = frozenset({Role.SUPERVISOR, Role.FACILITY})) -> FastAPI:
    """The pages with the gate's headers, a person signed in, and the few routes that their scripts call."""
    app = FastAPI()
    app.state.house = house
    app.state.posted = []
    app.state.silent = False
    app.state.glass = SimpleNamespace(preview=house.preview)
    app.state.undoing = Undoing()
    problems.install(app)
    for router in (pages.router, console.router, specpages.router, timetable.router):
        app.router.routes.extend(router.routes)

    @app.middleware("http")
    async def signed_in(request: Request, go_on: Any) -> Response:
        person = SimpleNamespace(id="p1", name="김지현", roles=roles, language="ko")
        request.state.person = person if request.url.path != "/kiosk" else None
        request.state.csrf = "c5"
        request.state.language = request.cookies.get("lobby-language", "ko")
        answer: Response = await go_on(request)
        answer.headers.update({name.decode(): value.decode() for name, value in HEADERS})
        return answer

    @app.get("/api/v1/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(_events(app, house), media_type="text/event-stream")

    @app.post("/api/v1/{path:path}")
    async def post(request: Request, path: str) -> Response:
        app.state.posted.append((path, await request.body()))
        return JSONResponse({"id": "o1", "state": "called", "attended": True}, 201)

    return app


async def _events(app: FastAPI, house: StandIn) -> AsyncIterator[str]:
    seen = None
    while not app.state.silent:
        told = json.dumps({"things": {}, "documents": {"incidents": house.hub.documents().get("incidents", [])}})
        if (house.hub.seq, told) != seen:
            yield f"event: {'change' if seen else 'snapshot'}\ndata: {told}\n\n"
            seen = (house.hub.seq, told)
        yield f"event: heartbeat\ndata: {json.dumps({'seq': 1})}\n\n"
        await asyncio.sleep(0.2)
    while True:
        await asyncio.sleep(0.2)
        yield ": nothing\n\n"


@contextmanager
def served(app: FastAPI) -> Iterator[tuple[str, uvicorn.Server]]:
    """The app on a free port of the loopback, in a thread; `server.should_exit` ends it early."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", server
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
