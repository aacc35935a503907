"""What one line of the opening checklist says, and the one reading of the lobby from which all lines are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from lobby.core.hub import OFF_VALUES, ThingState
from lobby.core.site import Site, Text
from lobby.core.words import LANGUAGES, say
from lobby.day.desired import Override
from lobby.day.plan import Plan
from lobby.day.resolve import forecast
from schedules.localtime import day_start, local_day

Words = Mapping[str, str]
"""One text in every language."""

NOTHING: Words = dict.fromkeys(LANGUAGES, "")
ONE_DAY = timedelta(days=1)


class State(Enum):
    """How far a line is from what opening needs. Only OK is proved; UNKNOWN is not OK."""

    OK = "ok"  # it is as it should be, and somebody or something has shown it
    NOT_OK = "not-ok"  # it is known to be otherwise
    UNKNOWN = "unknown"  # nothing has shown it yet
    TO_COME = "to-come"  # as planned now; what the day needs of it comes later
    NOTED = "noted"  # a person or the calendar decided so; whoever signs should know


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line: `proved_at` is when its proof was heard, `coming_at` when it is due, `help` the page that says more."""

    id: str
    group: str
    state: State
    words: Words
    proved_at: datetime | None = None
    coming_at: datetime | None = None
    help: str = "morning"

    @property
    def wanting(self) -> bool:
        """Whether somebody has to do something or to look."""
        return self.state in (State.NOT_OK, State.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything the checklist is made from, read at one moment.

    `right`: panel → whether it shows what the programme says at this moment, None or absent where nobody knows.
    `cafes`: café → its state in the glossary's words. `on_duty`: names of people signed in who may act.
    `path_works` is None until our own path to the bells' broker has been proved or has failed.
    """

    site: Site
    at: datetime
    plan: Plan
    things: Mapping[str, ThingState]
    overrides: tuple[Override, ...] = ()
    right: Mapping[str, bool | None] = field(default_factory=dict)
    cafes: Mapping[str, str] = field(default_factory=dict)
    bells: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    path_works: bool | None = None
    path_proved_at: datetime | None = None
    incidents: Sequence[Mapping[str, Any]] = ()
    records_trouble: str = ""
    free_bytes: int | None = None
    free_at: datetime | None = None
    clock_trusted: bool | None = None
    clock_trouble: str = ""
    on_duty: tuple[str, ...] = ()

    @property
    def day(self) -> date:
        """The local day."""
        return local_day(self.plan.zone, self.at)

    @property
    def midnight(self) -> datetime:
        """When the local day ends."""
        return day_start(self.plan.zone, self.day + ONE_DAY)

    def coming_on(self, thing: str) -> datetime | None:
        """When it is switched on or opened today; None where it is on now or stays off."""
        if thing not in self.plan.lines:
            return None
        pieces = list(forecast(self.plan, self.overrides, thing, self.at, self.midnight))
        if pieces[0].value not in OFF_VALUES:
            return None
        return next((piece.start for piece in pieces if piece.value not in OFF_VALUES), None)

    def clock(self, moment: datetime) -> str:
        """A local time; with seconds where it has some."""
        local = moment.astimezone(self.plan.zone)
        return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def said(key: str, /, **slots: object) -> Words:
    """The text `morning.<key>` in every language; a slot may be a text in every language itself."""
    return {
        language: say(f"morning.{key}", language, **{name: _in(value, language) for name, value in slots.items()})
        for language in LANGUAGES
    }


def both(text: Text) -> Words:
    """A text of the site file."""
    return {language: text.said(language) for language in LANGUAGES}


def listed(texts: Iterable[Words], sign: str = ", ") -> Words:
    """Several texts as one."""
    rows = tuple(texts)
    return {language: sign.join(row[language] for row in rows if row[language]) for language in LANGUAGES}


def worst(states: Iterable[State]) -> State:
    """The one of several that decides."""
    return min(states, key=WORST_FIRST.index)


WORST_FIRST = (State.NOT_OK, State.UNKNOWN, State.TO_COME, State.NOTED, State.OK)


def _in(value: object, language: str) -> object:
    return value[language] if isinstance(value, Mapping) else value
