"""What the web needs of the rest of the lobby: one port each, so that a small stand-in serves a test."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from devices.reports import Clock
from lobby.core.airings import Airings
from lobby.core.playlists import Playlists
from lobby.core.projection import Entry, Fact
from lobby.core.site import Playlist, Site
from lobby.web.people import People

if TYPE_CHECKING:
    from devices.trace import Exchanged
    from lobby.core.arrivals import Arrivals
    from lobby.core.batches import Batches
    from lobby.core.hub import Event, ThingState
    from lobby.core.imports import Imports
    from lobby.core.ledger import Verified
    from lobby.core.problem import Refusal
    from lobby.core.records import Record, Records, Span
    from lobby.core.standing import Standing
    from lobby.day.choices import Decision
    from lobby.day.modes import Held, Mode
    from lobby.day.noticeboard import NoticeBoard
    from lobby.day.officialdays import OfficialDays
    from lobby.day.overrides import Override
    from lobby.day.plan import Plan
    from lobby.safety.incidents import Incident
    from lobby.web.morning.books import Books
    from media.assets import Asset
    from media.programme import Programme
    from schedules import HolidayCalendar, SpecialDay, Window

T = TypeVar("T")
Drawing = Callable[[str, str, Playlist, datetime], Awaitable[bytes | None]]


class Journal(Protocol):
    """Writing facts and reading lines."""

    async def record(self, *facts: Fact, within_s: float | None = None) -> tuple[Entry, ...]:
        """Durable when it returns."""

    async def transact(self, work: Callable[[sqlite3.Cursor], T], *facts: Fact) -> T:
        """Tables beside the journal, with facts."""

    async def read(self, sql: str, parameters: Sequence[object] | dict[str, object] = ()) -> list[sqlite3.Row]:
        """Rows of a query."""

    async def verify(self) -> Verified:
        """A walk along the chain, beside the loop."""

    def healthy(self) -> bool:
        """Whether it takes writes."""

    def trouble(self) -> str | None:
        """Why it does not, a word of `journal.<cause>`; None is well."""


class Subscription(Protocol):
    """Events as they come; see `lobby.core.hub`."""

    async def next(self) -> list[Event]:
        """What happened since the last call; waits for something."""

    def take(self) -> list[Event]:
        """The same without waiting."""

    def hand_on(self, told_to: Callable[[list[Event]], None]) -> None:
        """Give what is told to this one at once."""


class Hub(Protocol):
    """What is known now, and what changes."""

    @property
    def boot(self) -> str:
        """The id of this run."""

    def snapshot(self) -> tuple[int, Mapping[str, ThingState]]:
        """Number of the last event, and every thing."""

    def documents(self) -> Mapping[str, Any]:
        """Everything else that is live."""

    def since(self, seq: int) -> list[Event] | None:
        """What came after a number, or None where that is too long ago."""

    def subscribe(self) -> AbstractContextManager[Subscription]:
        """Follow until the end of the block."""

    def put(self, name: str, value: Any) -> None:
        """Replace a live document."""

    def tell(self, event: str, data: Mapping[str, Any]) -> None:
        """Something people must see now."""


class Overrides(Protocol):
    """What people have changed for a while."""

    def active(self, moment: datetime) -> tuple[Override, ...]:
        """Those in force."""

    async def set(self, *, thing: str, value: str, until: datetime, person: str, reason: str) -> Override:
        """One more; ends the one before."""

    async def end(self, override_id: str, *, person: str) -> None:
        """Back to the plan."""


class Modes(Protocol):
    """Automatic, watch only or hold."""

    async def set(self, thing: str, mode: Mode, *, person: str, reason: str, until: datetime | None = None) -> None:
        """Another mode."""

    def of(self, thing: str, moment: datetime) -> Mode:
        """The mode of a thing."""

    def held(self, moment: datetime) -> Mapping[str, Held]:
        """Who took what out, why and until when."""


class SpecialDays(Protocol):
    """Exceptions that staff have entered."""

    async def add(
        self,
        *,
        hours: str,
        first: date,
        last: date,
        windows: tuple[Window, ...],
        reason: str,
        notice: str | None,
        person: str,
        reason_en: str | None = None,
        notice_en: str | None = None,
        instead_of: str | None = None,
    ) -> SpecialDay:
        """One more, or one instead of another. Raises Refusal."""

    def as_if(self, *, put: tuple[str, SpecialDay] | None = None, without: str | None = None) -> Plan:
        """The plan as it would be with one more, or without one; in any thread. Raises Refusal."""

    def as_if_restored(self, name: str) -> Plan:
        """The plan as it would be with one of the site file counting again; in any thread. Raises Refusal."""

    async def restore(self, name: str, *, person: str) -> None:
        """One of the site file counts again. Raises Refusal."""

    def hidden(self) -> frozenset[str]:
        """Those of the site file that staff took back, as `hours/id`."""

    def as_if_holidays(self, holidays: HolidayCalendar) -> Plan:
        """The plan as it would be with other public holidays; in any thread."""

    async def withdraw(self, day_id: str, *, person: str) -> None:
        """Take it back."""

    def by_hours(self) -> Mapping[str, tuple[SpecialDay, ...]]:
        """All of them."""


class Choices(Protocol):
    """What the installer guessed and people decide."""

    def decided(self) -> Mapping[str, Decision]:
        """Who decided which, by the id of the choice."""

    async def decide(self, choice: str, *, person: str) -> None:
        """The value of now is right. Raises Refusal."""


class Incidents(Protocol):
    """The desk of incidents; it decides who may do what, and refuses with words."""

    def open(self) -> tuple[Incident, ...]:
        """All that are not closed."""

    async def raise_by_hand(self, bell: str, *, person: str, role: str) -> None:
        """Somebody raises it from a console."""

    async def acknowledge(self, incident_id: str, *, person: str, role: str, responder: str | None = None) -> Incident:
        """Somebody goes."""

    async def arrive(
        self, incident_id: str, *, person: str, role: str, way: str = "code", code: str = "", by: str | None = None
    ) -> Incident:
        """Somebody is there."""

    async def end(
        self, incident_id: str, *, person: str, role: str, way: str = "place", spoke_to: str = ""
    ) -> Incident:
        """It is over."""

    async def propose_false(self, incident_id: str, *, person: str, role: str) -> Incident:
        """Somebody thinks it was pressed by mistake."""

    async def make_real(self, incident_id: str, *, person: str, role: str) -> Incident:
        """The drill is none."""

    async def close(self, incident_id: str, *, person: str, role: str, classification: str, note: str = "") -> Incident:
        """What it was."""


class Library(Protocol):
    """Assets with their records, and what is pinned."""

    records: Records

    def pinned_by(self) -> Mapping[str, str]:
        """Panel → the person who pinned its picture."""

    def assets(self) -> tuple[Asset, ...]:
        """Every asset but stills of notices."""

    def pins(self) -> Mapping[str, str]:
        """Panel → asset."""

    def content(self, sha256: str) -> Path:
        """Where content lies."""

    def refuse_place(self, panel: str | None, surface: str | None) -> None:
        """Refuse a panel or surface that is not there."""

    def by_id(self) -> Mapping[str, Asset]:
        """Every asset by its id."""

    def ever(self) -> Mapping[str, Asset]:
        """The deleted ones too, as long as their files are here."""

    def usable(self) -> Mapping[str, Span]:
        """The assets that may be on a surface, and when."""

    async def take_in(
        self,
        path: Path,
        *,
        name: str,
        person: str,
        panel: str | None = None,
        surface: str | None = None,
        batch: str | None = None,
        replaces: str | None = None,
        asks: bool = False,
        progress: Callable[[float], None] = ...,
        here: Callable[[Record], object] = ...,
    ) -> Asset:
        """Check, convert and keep an upload; `here` hears of the record of what is here already."""

    async def approve(self, *assets: str, person: str) -> None:
        """Let all of them onto the glass or none. Raises Refusal."""

    def approvable(self, asset: str, person: str) -> Refusal | None:
        """Why this person cannot approve it, or None."""

    async def pin(self, panel: str, asset: str, *, person: str) -> None:
        """Show it on the panel."""

    async def unpin(self, panel: str, *, person: str) -> None:
        """Back to the playlist."""

    def find(self, reference: str) -> Asset | None:
        """The asset of an id or of a sample's name."""

    def can_show(self, surface: str, content: str) -> bool:
        """Whether a surface can show an asset, or some of a playlist."""


class Supervision(Protocol):
    """The watch over the bells; consoles tell it that somebody looks."""

    def console_heard(self, console: str, person: str) -> None:
        """A console with a person in front of it is alive."""


async def _undrawn(_surface: str, _name: str, _playlist: Playlist, _moment: datetime) -> bytes | None:
    """Nobody draws here."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything the web may ask or tell. `secure` says that browsers reach it by TLS, through a proxy on this machine.

    `player_reported` hears what a player says of the glass, `on_glass`: player → what it shows, where it is heard;
    `draft_picture` draws a surface with a playlist that is not in effect; `exchanges` tells what a thing and we last
    said to each other on its wire.
    """

    site: Site
    clock: Clock
    hub: Hub
    journal: Journal
    people: People
    plan: Callable[[], Plan]
    overrides: Overrides
    modes: Modes
    special_days: SpecialDays
    official_days: OfficialDays
    choices: Choices
    incidents: Incidents
    library: Library
    arrivals: Arrivals
    batches: Batches
    playlists: Playlists
    airings: Airings
    notices: NoticeBoard
    uploads: Path
    programme_for: Callable[[str], Programme | None]
    on_glass: Callable[[], Mapping[str, Standing]]
    books: Books
    started_at: datetime
    build: str
    draft_picture: Drawing = field(default=_undrawn)
    supervision: Supervision | None = None
    imports: Imports | None = None
    secure: bool = False
    player_reported: Callable[[str, Mapping[str, Any]], None] = field(default=lambda _player, _said: None)
    exchanges: Callable[[str], Sequence[Exchanged]] = field(default=lambda _thing: ())
