"""`lobby check`, `lobby plan` and `lobby why`: what the site file says, and what staff have changed above it."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lobby.core.clock import SystemClock
from lobby.core.datafolder import DataFolder, NotRunning
from lobby.core.journal import Journal
from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.core.sitefile import examine, read
from lobby.core.words import say
from lobby.day.officialdays import OFFICIAL_YEARS, OfficialDays, with_told
from lobby.day.overrides import OVERRIDES, Override, Overrides, override_of
from lobby.day.plan import Plan
from lobby.day.printed import Row, plan_lines, plan_rows, why_text
from lobby.day.specialdays import SPECIAL_DAYS, SpecialDays, day_of, grouped, standing
from lobby.day.warmups import WARM_UPS, WarmUps
from lobby.ops.cli import language
from lobby.ops.telling import tell
from schedules import calendar_of

DAYS_SHOWN = 7


def check(options: argparse.Namespace) -> int:
    """Every mistake and every warning with its cure; 1 when the lobby would not start."""
    _, findings = examine(options.site, data=options.data)
    mistakes = [finding for finding in findings if finding.level == "mistake"]
    for finding in findings:
        tell(finding.problem, level=finding.level)
    if mistakes:
        print(say("cli.check.mistakes", language(), count=len(mistakes)))
        return 1
    print(say("cli.check.well", language(), path=options.site))
    if findings:
        print(say("cli.check.warnings", language(), count=len(findings)))
    return 0


def plan(options: argparse.Namespace) -> int:
    """What will be, from a local date to another; a line a stretch, or JSON."""
    known = _changed(options)
    zone = known.plan.zone
    first = local_date(options.first) if options.first else SystemClock().now().astimezone(zone).date()
    last = local_date(options.last) if options.last else first + timedelta(days=DAYS_SHOWN)
    rows = plan_rows(known.plan, first, last, overrides=known.overrides)
    _print(plan_lines(rows) if options.json else _table(rows))
    return 0


def why(options: argparse.Namespace) -> int:
    """Which rule makes a thing what it is, which lose, until when, and where each stands."""
    known = _changed(options)
    if options.thing not in known.plan.things:
        raise Refusal("cli.no-thing", name=options.thing, things=", ".join(known.plan.things))
    moment = moment_of(options.at, known.plan.zone) if options.at else SystemClock().now()
    print(why_text(known.plan, options.thing, moment, language=language(), overrides=known.overrides))
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The plan with the special days of staff, and the overrides in force."""

    plan: Plan
    overrides: tuple[Override, ...]


def _changed(options: argparse.Namespace) -> Known:
    """What staff have changed comes from the lobby that runs, else from its journal, else nothing has been."""
    site, folder = read(options.site), DataFolder(options.data)
    if not folder.journal.exists():
        return Known(plan=Plan.from_site(site), overrides=())
    try:
        changes = folder.ask({"order": "changes"})
    except NotRunning:
        with folder.hold():
            return asyncio.run(_from_journal(site, folder))
    days = grouped(day_of(payload) for payload in changes["special_days"])
    overrides = tuple(override_of(each) for each in changes["overrides"])
    left = standing(site, changes.get("hidden", ()))
    holidays = with_told(calendar_of(site.site.country), changes.get("official_years", ()))
    plan = Plan.from_site(left, days, holidays=holidays, warm_ups=changes.get("warm_ups"))
    return Known(plan=plan, overrides=overrides)


async def _from_journal(site: Site, folder: DataFolder) -> Known:
    clock = SystemClock()
    tables = (OVERRIDES, SPECIAL_DAYS, OFFICIAL_YEARS, WARM_UPS)
    async with Journal.open(folder.journal, clock=clock, projections=tables) as journal:
        warm_ups = WarmUps(journal, clock=clock, zone=ZoneInfo(site.site.time_zone))
        await warm_ups.load()
        official = OfficialDays(journal, site)
        await official.load()
        days = SpecialDays(
            journal, site, warm_ups=lambda: warm_ups.longest(clock.now()), holidays=lambda: official.calendar
        )
        await days.load()
        overrides = Overrides(journal, clock=clock, plan=lambda: days.plan)
        await overrides.load()
        return Known(plan=days.plan, overrides=overrides.active(clock.now()))


def _table(rows: Iterable[Row]) -> Iterable[str]:
    for row in rows:
        yield f"{row['from'][:16]}  {row['until'][:16]}  {row['thing']:18} {row['value']:14} {row['rule']}"


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def local_date(text: str) -> date:
    """Raises Refusal for what is no date."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refusal("cli.bad-date", value=text) from error


def moment_of(text: str, zone: object) -> datetime:
    """A time as it is typed; without an offset it is the site's own. Raises Refusal."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refusal("cli.bad-time", value=text) from error
    assert isinstance(zone, ZoneInfo)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
