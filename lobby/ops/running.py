"""`lobby run`: the controller, from the lock on its data folder to the last closed line."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from random import Random

from lobby.core.clock import SystemClock
from lobby.core.datafolder import DataFolder
from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.core.sitefile import read
from lobby.core.words import say
from lobby.ops.alive import Supervisor, prove
from lobby.ops.building import Lobby, opened
from lobby.ops.children import keep_running
from lobby.ops.cli import language
from lobby.ops.entrance import Entrance, player_token
from lobby.ops.orders import Orders
from lobby.ops.samples import add_missing_samples
from lobby.ops.simulation import readdressed, wires_at
from lobby.ops.supervised import spared, supervised
from lobby.ops.trial import player_command, pretended
from lobby.web.app import build_app, serve

SWITCH_INTERVAL_S = 0.0001
PREPARED_AFTER_S = 120.0
"""So long after a start the stills of emergencies are made ready: first come the screens."""
BY_LOCAL_PLAYERS = "local-players"


def run(options: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT; 0 after a clean stop. Raises Refusal and SiteRefused before anything is open."""
    import uvloop

    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    os.umask(0o077)
    sys.setswitchinterval(SWITCH_INTERVAL_S)  # the journal's thread and the loop hand over to each other more quickly
    controller = Controller(read(options.site), options)
    with controller.folder.hold(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            runner.run(controller.run())
        except* Refusal as refusals:
            raise _first(refusals) from None
    return 0


class Controller:
    """One run. The web is one duty among others: its fall stops no bell."""

    def __init__(self, site: Site, options: argparse.Namespace) -> None:
        self.folder = DataFolder(options.data)
        self._site = site
        self._options = options
        self._clock = SystemClock()
        self._began = self._clock.mono()
        self._stop = asyncio.Event()
        self._listening = asyncio.Event()
        self._port: int = options.port
        self._url = ""

    async def run(self) -> None:
        """Open everything, run every duty, stop on a signal, close in reverse."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        async with AsyncExitStack() as stack:
            site = self._site
            if self._options.simulate:
                site = await stack.enter_async_context(
                    pretended(site, self._options.site, self._options.data, tell=tell)
                )
            elif self._options.wires_at:
                site = readdressed(site, links=wires_at(site, self._options.wires_at), broker=None)
            lobby = await stack.enter_async_context(
                opened(site, self.folder, clock=self._clock, chance=Random())  # noqa: S311 - jitter, no secret
            )
            await self._serve(lobby)

    async def _serve(self, lobby: Lobby) -> None:
        entrance = Entrance(self.folder, lobby.house.people, journal=lobby.journal, say=tell)
        orders = Orders(lobby)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(supervised(name, duty, clock=self._clock), name=name)
                for name, duty in lobby.duties.items()
            ]
            tasks.append(group.create_task(self.folder.serve(orders.perform), name="local line"))
            web = group.create_task(self._web(lobby), name="web")
            await self._until_listening(web)
            entrance.open(self._url)
            tasks.append(group.create_task(self._furnish(lobby), name="samples and players"))
            tell("cli.running.ready", seconds=f"{self._clock.mono() - self._began:.1f}")
            supervisor = Supervisor(os.environ, mono=self._clock.mono)
            if supervisor.watches:
                tasks.append(group.create_task(self._prove(lobby, supervisor), name="proof of life"))
            gc.collect()
            gc.freeze()
            await self._stop.wait()
            tell("cli.running.stopping")
            supervisor.stopping()
            await web
            for task in reversed(tasks):
                task.cancel()

    async def _prove(self, lobby: Lobby, supervisor: Supervisor) -> None:
        async def proving() -> None:
            await prove(lobby.journal, supervisor, self._clock)

        await supervised("proof of life", proving, clock=self._clock)

    async def _web(self, lobby: Lobby) -> None:
        """Serve until the stop; a fall is told and the web begins again on the same port."""
        house = replace(lobby.house, secure=self._options.behind_proxy)

        async def serving() -> None:
            await serve(build_app(house), self._options.host, self._port, self._stop, listening=self._listens)

        await supervised("web", serving, clock=self._clock, until=self._stop)

    def _listens(self, url: str) -> None:
        self._url, self._port = url, int(url.rpartition(":")[2])
        self._listening.set()

    async def _until_listening(self, web: asyncio.Task[None]) -> None:
        waiting = asyncio.ensure_future(self._listening.wait())
        try:
            await asyncio.wait({waiting, web}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()

    async def _furnish(self, lobby: Lobby) -> None:
        """For a trial the players; samples that playlists ask for, what changed walls need, stills of emergencies."""
        async with asyncio.TaskGroup() as group:
            for player in self._site.players:
                if self._options.simulate:
                    group.create_task(self._player(lobby, player), name=f"player {player}")
                elif self._options.local_players:
                    await player_token(lobby.house.people, self.folder, player, by=BY_LOCAL_PLAYERS)
            await spared("samples", partial(add_missing_samples, lobby.library, self.folder.path / "samples"))
            group.create_task(spared("pictures for changed walls", lobby.remaking.run), name="remaking")
            await self._clock.sleep(PREPARED_AFTER_S)
            await spared("stills of emergencies", lobby.house.notices.prepare)

    async def _player(self, lobby: Lobby, player: str) -> None:
        tell("cli.running.player")
        token_file = await player_token(lobby.house.people, self.folder, player)
        command = player_command(
            self._options.site, self._options.data, player, controller=self._url, token_file=token_file
        )
        await keep_running(player, command, clock=self._clock)


def tell(key: str, **params: object) -> None:
    """A line for whoever started it."""
    print(say(key, language(), **params), flush=True)


def _first(refusals: BaseExceptionGroup[Refusal]) -> Refusal:
    """One of them is enough to mend first."""
    found: BaseException = refusals
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, Refusal)
    return found
