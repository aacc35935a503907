"""`lobby calendar`: which years' public holidays are confirmed; `lobby calendar put FILE` confirms those of a file.

The lobby that runs does it, or, where none runs, this command in the folder's journal.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lobby.core.calendarfile import table_in, years_of
from lobby.core.clock import SystemClock
from lobby.core.datafolder import DataFolder, NotRunning
from lobby.core.journal import Journal
from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.core.sitefile import read
from lobby.core.words import say
from lobby.day.officialdays import FARTHEST_AHEAD, OFFICIAL_YEARS, OfficialDays
from lobby.ops.cli import language
from schedules import HolidayCalendar, calendar_of

BY = "command-line"
Json = Mapping[str, Any]


def calendar(options: argparse.Namespace) -> int:
    """What is confirmed and through when, or a file put in; 1 where a year is missing that should be there."""
    if options.act == "put":
        return _put(options)
    known = _asked(options, {"order": "calendar"})
    _tell(known)
    return 1 if known["missing"] else 0


async def put_file(days: OfficialDays, path: Path, today: date, *, spoken: str) -> Json:
    """Confirm the years of a file; answers with the act, the years and what changed, in words. Raises Refusal."""
    from lobby.web.console.officialyears import turns

    if not path.is_file():  # noqa: ASYNC240 - a stat of a file that somebody has just named
        raise Refusal("cli.no-file", str(path))
    years = years_of(await table_in(path), days.shipped)
    if not years:
        raise Refusal("calendar.same", years=say("calendar.known", spoken))
    before, numbers = days.calendar, [one.year for one in years]
    act = await days.put(years, today=today, person=BY, source=path.name)
    return {"act": act, "years": numbers, "turns": list(turns(spoken, before, days.calendar, numbers))}


def told(known: HolidayCalendar, today: date) -> Json:
    """Country, this year and those that can be put in, through when without a gap, and the year that is missing."""
    years = [
        {"year": year, "confirmed": known.confirmed(year), "count": len(known.year(year).days)}
        for year in range(today.year, today.year + FARTHEST_AHEAD + 1)
    ]
    through, missing = known.confirmed_through(today), known.year_to_confirm(today)
    return {"country": known.country, "years": years, "through": through, "missing": missing}


def _put(options: argparse.Namespace) -> int:
    if options.file is None:
        raise Refusal("calendar.no-file")
    path = options.file.absolute()
    done = _asked(options, {"order": "calendar-put", "file": str(path), "language": language()})
    print(say("calendar.cli.put", language(), years=", ".join(str(year) for year in done["years"])))
    for line in done["turns"]:
        print(f"  {line}")
    print(say("calendar.cli.back", language()))
    return 0


def _asked(options: argparse.Namespace, order: Json) -> Json:
    """What the lobby that runs answers; where none runs, the same from the folder's journal."""
    folder = DataFolder(options.data)
    try:
        return folder.ask(order)
    except NotRunning:
        pass
    site = read(options.site)
    if not folder.journal.exists():
        if order["order"] == "calendar-put":
            raise Refusal("cli.no-file", str(folder.journal))
        return told(calendar_of(site.site.country), _today(site))
    with folder.hold():
        return asyncio.run(_at_rest(site, folder, order))


async def _at_rest(site: Site, folder: DataFolder, order: Json) -> Json:
    async with Journal.open(folder.journal, clock=SystemClock(), projections=(OFFICIAL_YEARS,)) as journal:
        days = OfficialDays(journal, site)
        await days.load()
        if order["order"] == "calendar":
            return told(days.calendar, _today(site))
        return await put_file(days, Path(order["file"]), _today(site), spoken=order["language"])


def _today(site: Site) -> date:
    return SystemClock().now().astimezone(ZoneInfo(site.site.time_zone)).date()


def _tell(known: Json) -> None:
    for year in known["years"]:
        word = say("calendar.confirmed" if year["confirmed"] else "calendar.unconfirmed", language())
        print(f"{year['year']}  {word}  {say('calendar.count', language(), count=year['count'])}")
    key = "calendar.cli.through" if known["through"] else "calendar.cli.none"
    print(say(key, language(), country=known["country"], year=known["through"]))
    if known["missing"]:
        print(say("calendar.cli.missing", language(), year=known["missing"]))
