"""The web of a house, put together: gate, routes, problems. It begins no task; `lobby.web.server` runs it."""

from __future__ import annotations

from fastapi import FastAPI

from lobby.core.ended import Ended
from lobby.web import (
    accounts,
    acts,
    alarms,
    api,
    assets,
    assistance,
    metrics,
    officialdays,
    pages,
    players,
    problems,
    public,
    records,
    resumable,
    signin,
    specialdays,
    stream,
)
from lobby.web.assistance import Calls
from lobby.web.console import history, holidaypages, journal, specpages, timetable
from lobby.web.console import routes as console
from lobby.web.consoles import Consoles
from lobby.web.content import acts as content
from lobby.web.content import batching, importing
from lobby.web.content import pages as content_pages
from lobby.web.gate import Gate
from lobby.web.house import House
from lobby.web.lists import airingpage as airings_page
from lobby.web.lists import airings, playlists
from lobby.web.lists import pages as lists
from lobby.web.lists.workcopies import Works
from lobby.web.morning import routes as morning
from lobby.web.notices import routes as notices
from lobby.web.once import Answers
from lobby.web.players import Glass
from lobby.web.roles import Table
from lobby.web.server import serve
from lobby.web.signin import Doorman
from lobby.web.stream import Feed
from lobby.web.throttle import Rate
from lobby.web.undoing import Undoing

__all__ = ["build_app", "serve"]

ROUTERS = (
    public.router,
    signin.router,
    stream.router,
    api.router,
    acts.router,
    specialdays.router,
    officialdays.router,
    alarms.router,
    assistance.router,
    assets.reading,
    assets.router,
    content.router,
    importing.router,
    content_pages.router,
    batching.pages,
    batching.router,
    playlists.router,
    airings.router,
    lists.router,
    airings_page.router,
    resumable.router,
    players.router,
    records.router,
    metrics.router,
    accounts.router,
    pages.router,
    console.router,
    specpages.router,
    history.router,
    timetable.router,
    holidaypages.router,
    journal.router,
    morning.router,
    notices.router,
)


def build_app(house: House) -> FastAPI:
    """Every route behind the gate; no route for documentation or schema."""
    app = FastAPI(
        title="Smart lobby",
        version=house.build,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    _furnish(app, house)
    problems.install(app)
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # as they are: included, each would be built again at its first request
    app.add_middleware(Gate, house=house, table=Table())
    return app


def _furnish(app: FastAPI, house: House) -> None:
    """What routes share, each in one place for the life of the app."""
    app.state.house = house
    app.state.feed = Feed(house)
    app.state.doorman = Doorman(house)
    app.state.consoles = Consoles(house.clock)
    app.state.answers = Answers()
    app.state.undoing = Undoing()
    app.state.ended = Ended()
    app.state.works = Works()
    app.state.calls = Calls(house)
    app.state.glass = Glass(house)
    app.state.public_rate = Rate(house.clock, count=60, within_s=10)
    app.state.assistance_rate = Rate(house.clock, count=6, within_s=60)
    app.state.report_rate = Rate(house.clock, count=10, within_s=5)
    app.state.begin_rate = Rate(house.clock, count=300, within_s=60)
    app.state.upload_rate = Rate(house.clock, count=30, within_s=60)
