"""`lobby preview`: what a surface will show at a moment, drawn as its player draws it."""

from __future__ import annotations

import argparse
import asyncio
import json
from datetime import datetime
from zoneinfo import ZoneInfo

from lobby.core.airings import AIRINGS, Airings
from lobby.core.clock import SystemClock
from lobby.core.datafolder import DataFolder, NotRunning
from lobby.core.holdings import LIBRARY
from lobby.core.journal import Journal
from lobby.core.library import Library
from lobby.core.playlists import PLAYLISTS, Playlists
from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.core.sitefile import read
from lobby.core.words import say
from lobby.day.officialdays import OFFICIAL_YEARS, OfficialDays
from lobby.day.overrides import OVERRIDES, Overrides
from lobby.day.specialdays import SPECIAL_DAYS, SpecialDays
from lobby.ops.cli import language
from lobby.ops.looking import moment_of
from lobby.ops.playing import card_words
from lobby.ops.programming import Programmes
from media.assets import AssetStore
from media.programme import Programme
from media.wire import from_json

TABLES = (LIBRARY, PLAYLISTS, AIRINGS, OVERRIDES, SPECIAL_DAYS, OFFICIAL_YEARS)


def preview(options: argparse.Namespace) -> int:
    """Draw it from what the running lobby would play then, else from its journal, else from the site file."""
    from media.player.still import KINDS, NotDrawn, draw

    site, folder = read(options.site), DataFolder(options.data)
    zone = ZoneInfo(site.site.time_zone)
    moment = moment_of(options.at, zone) if options.at else SystemClock().now()
    player = _player(site, options.surface)
    if options.output.suffix not in KINDS:
        raise Refusal("cli.cannot-write", str(options.output))
    programme = _programme(site, folder, player, moment)
    try:
        draw(
            programme,
            options.surface,
            moment,
            store=AssetStore(folder.assets),
            into=options.output,
            scale=options.scale,
            words=card_words(site),
        )
    except OSError as error:
        raise Refusal("cli.cannot-write", str(options.output)) from error
    except NotDrawn as error:
        raise Refusal("cli.preview-slow", options.surface) from error
    _tell(site, programme, options, moment.astimezone(zone))
    return 0


def _tell(site: Site, programme: Programme, options: argparse.Namespace, moment: datetime) -> None:
    intervals = programme.surfaces[options.surface].intervals
    playing = next((each.playlist for each in intervals if each.start <= moment < each.end), None)
    value = site.playlists[playing].name.said(language()) if playing else "off"
    name = site.surfaces[options.surface].name.said(language())
    told = {"surface": name, "time": f"{moment:%Y-%m-%d %H:%M:%S}", "value": value, "path": options.output}
    print(say("cli.preview.drawn", language(), **told))


def _player(site: Site, surface: str) -> str:
    if surface not in site.surfaces:
        raise Refusal("cli.no-surface", name=surface, surfaces=", ".join(site.surfaces) or "–")
    player = next((name for name, entry in site.players.items() if surface in entry.surfaces), None)
    if player is None:
        raise Refusal("cli.not-drawn", name=surface)
    return player


def _programme(site: Site, folder: DataFolder, player: str, moment: datetime) -> Programme:
    order = {"order": "programme", "player": player, "at": moment.isoformat()}
    try:
        answer = folder.ask(order)
    except NotRunning:
        with folder.hold():
            return asyncio.run(_from_journal(site, folder, player, moment))
    return from_json(json.dumps(answer["programme"]).encode())


async def _from_journal(site: Site, folder: DataFolder, player: str, moment: datetime) -> Programme:
    clock = SystemClock()
    async with Journal.open(folder.journal, clock=clock, projections=TABLES) as journal:
        official = OfficialDays(journal, site)
        await official.load()
        days = SpecialDays(journal, site, holidays=lambda: official.calendar)
        await days.load()
        overrides = Overrides(journal, clock=clock, plan=lambda: days.plan)
        await overrides.load()
        playlists, airings = Playlists(journal, site), Airings(journal, site)
        await playlists.load()
        await airings.load()
        library = Library(journal, AssetStore(folder.assets), site, playlists)
        await library.load()
        programmes = Programmes(
            site,
            clock=clock,
            library=library,
            playlists=playlists,
            airings=airings,
            overrides=overrides,
            special_days=days,
        )
        return await programmes.at(player, moment)
