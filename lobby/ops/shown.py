"""`lobby media played`: what was shown, a row for each day, screen and content, from the lobby that runs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from lobby.core.clock import SystemClock
from lobby.core.problem import Refusal
from lobby.core.sitefile import read
from lobby.core.words import say
from lobby.ops.cli import language
from lobby.ops.keeping import ask, write_out, write_whole

AT_ONCE = timedelta(days=3)


def media_played(options: argparse.Namespace) -> int:
    """The table on stdout or in a file; where nothing is said this month until today. The last day is not included."""
    zone = ZoneInfo(read(options.site).site.time_zone)
    today = SystemClock().now().astimezone(zone).date()
    first = _day(options.first, today.replace(day=1))
    last = _day(options.last, today + timedelta(days=1))
    if not first < last:
        raise Refusal("cli.bad-date", value=f"{first} – {last}")
    text = "".join(_parts(options, first, last))
    if options.output is None:
        write_out(text.removeprefix("\ufeff"), None)
        return 0
    try:
        write_whole(options.output, text.encode())
    except OSError as error:
        raise Refusal("cli.cannot-write", str(options.output)) from error
    print(say("proof.history.written", language(), path=options.output, days=(last - first).days))
    return 0


def _parts(options: argparse.Namespace, first: date, last: date) -> Iterator[str]:
    """A few days at a time, as the line takes no more."""
    day = first
    while day < last:
        until = min(day + AT_ONCE, last)
        order = {"order": "media-played", "first": day.isoformat(), "last": (until - timedelta(days=1)).isoformat()}
        yield str(ask(options, {**order, "language": language(), "head": day == first})["csv"])
        day = until


def _day(said: str | None, otherwise: date) -> date:
    try:
        return otherwise if said is None else date.fromisoformat(said)
    except ValueError as error:
        raise Refusal("cli.bad-date", value=str(said)) from error
