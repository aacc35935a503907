"""What plays above the base for a while: campaigns, interrupts, notices, emergencies; each has an end.

Of what holds at once the strongest class is shown, of one class the newest. All but an emergency need a lit surface.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any, Literal, NotRequired, TypedDict, Unpack, get_args

from lobby.core.journal import Entry, Fact, Journal
from lobby.core.problem import Refusal
from lobby.core.projection import stamp
from lobby.core.site import Site
from lobby.core.spans import Span, spans

Class = Literal["campaign", "interrupt", "notice", "emergency"]
WEAKEST_FIRST: tuple[Class, ...] = ("interrupt", "campaign", "notice", "emergency")
PUT, APPROVED, ENDED = "media.airing-put", "media.airing-approved", "media.airing-ended"
LONGEST: Mapping[Class, timedelta] = {
    "campaign": timedelta(days=400),
    "interrupt": timedelta(days=400),
    "notice": timedelta(days=31),
    "emergency": timedelta(hours=24),
}
SHORTEST_GAP_S = 60
FIRST_TURN = datetime(2024, 1, 1, tzinfo=UTC)
AROUND = timedelta(days=2)
TEST_DISPLAY = "test-display"
MOST_KEPT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Airing:
    """What is on air from `start` to `until`. `content`: surface → the id of a playlist or of an asset.

    `days` and `hours` (local, from and to) narrow a campaign or interrupt; an interrupt comes every `every_s` for
    `for_s`. It plays once `approved_by` somebody. `name` is what people call it, `source` the part that made it.
    """

    id: str
    cls: Class
    name: str
    content: Mapping[str, str]
    start: datetime
    until: datetime
    person: str
    days: tuple[str, ...] = ()
    hours: tuple[tuple[time, time], ...] = ()
    every_s: int = 0
    for_s: int = 0
    source: str = ""
    approved_by: str | None = None
    approved_at: datetime | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def holds(self, moment: datetime) -> bool:
        """Whether it is between its ends, whatever its hours say, and approved."""
        return self.approved_by is not None and self.start <= moment < self.until

    def spans(self, zone: tzinfo, within: Span) -> list[Span]:
        """When it plays, by its ends, days and hours; an interrupt's turns are its own matter."""
        start, end = max(self.start, within[0]), min(self.until, within[1])
        return spans(zone, (start, end), days=self.days, hours=self.hours) if start < end else []

    def turns(self, zone: tzinfo, within: Span) -> list[Span]:
        """When it is on air; an interrupt on whole multiples of its time since the first turn, as far as one fits."""
        found = self.spans(zone, within)
        return list(self._turns(found)) if self.every_s else found

    def on_air(self, moment: datetime, zone: tzinfo) -> bool:
        """Whether it is on air at a moment, if nothing stronger is."""
        around = self.spans(zone, (moment - AROUND, moment + AROUND)) if self.holds(moment) else ()
        span = next(((start, end) for start, end in around if start <= moment < end), None)
        if span is None or not self.every_s:
            return span is not None
        begins = moment - (moment - FIRST_TURN) % timedelta(seconds=self.every_s)
        ends = begins + timedelta(seconds=self.for_s)
        return span[0] <= begins and moment < ends <= span[1]

    def list_of(self, content: str) -> str:
        """The name under which a single asset of it stands in programmes; a playlist stands there under its own."""
        return f"air-{self.id[:12]}-{content[:8]}"

    def _turns(self, found: Iterable[Span]) -> Iterator[Span]:
        every, lasts = timedelta(seconds=self.every_s), timedelta(seconds=self.for_s)
        for start, end in found:
            at = FIRST_TURN + -(-(start - FIRST_TURN) // every) * every
            while at + lasts <= end:
                yield at, at + lasts
                at += every

    @property
    def test(self) -> bool:
        """Whether it shows a draft on the glass outside hours, which nobody has approved yet."""
        return self.source == TEST_DISPLAY

    @property
    def rank(self) -> int:
        """How strong its class is."""
        return WEAKEST_FIRST.index(self.cls)


class AiringProjection:
    """Airings that nobody has ended, one row each."""

    name = "airings"
    ddl = "CREATE TABLE airings (id TEXT PRIMARY KEY, seq INTEGER, document TEXT NOT NULL)"
    kinds = frozenset({PUT, APPROVED, ENDED})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """Fold one fact; an erased one changes nothing."""
        if entry.payload is None:
            return
        if entry.kind == PUT:
            row = entry.subject, entry.seq, json.dumps(dict(entry.payload))
            cursor.execute("INSERT OR REPLACE INTO airings VALUES (?, ?, ?)", row)
        elif entry.kind == ENDED:
            cursor.execute("DELETE FROM airings WHERE id = ?", (entry.subject,))
        else:
            change = "$.approved_by", entry.payload["person"], "$.approved_at", stamp(entry.at)
            cursor.execute(
                "UPDATE airings SET document = json_set(document, ?, ?, ?, ?) WHERE id = ?", (*change, entry.subject)
            )


AIRINGS = AiringProjection()


def new_id() -> str:
    """An id nobody else has."""
    return secrets.token_hex(6)


class Wanted(TypedDict):
    """What somebody wants on air, as an airing has it; `approved` by the same person."""

    cls: Class
    name: str
    content: Mapping[str, str]
    start: datetime
    until: datetime
    person: str
    days: NotRequired[tuple[str, ...]]
    hours: NotRequired[tuple[tuple[time, time], ...]]
    every_s: NotRequired[int]
    for_s: NotRequired[int]
    source: NotRequired[str]
    details: NotRequired[Mapping[str, Any]]
    approved: NotRequired[bool]


class Airings:
    """What is on air above the base; `on_change` callbacks hear that something is different now."""

    def __init__(self, journal: Journal, site: Site, *, ids: Callable[[], str] = new_id) -> None:
        self._journal = journal
        self._site = site
        self._ids = ids
        self._known: dict[str, Airing] = {}
        self._listeners: list[Callable[[], None]] = []
        self._writing = asyncio.Lock()
        self.shows: Callable[[str, str], bool] = lambda _surface, _content: True
        journal.follow(self._fold)

    async def load(self) -> None:
        """Take up what stands in the journal."""
        rows = await self._journal.read("SELECT id, document FROM airings ORDER BY seq")
        self._known = {row["id"]: airing_of(row["id"], json.loads(row["document"])) for row in rows}

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call it after each change, in the loop's thread."""
        self._listeners.append(listener)

    def all(self) -> tuple[Airing, ...]:
        """Everything that has not been ended, also what waits or is to come, the oldest first."""
        return tuple(self._known.values())

    def current(self, moment: datetime) -> tuple[Airing, ...]:
        """What is on air, the weakest first."""
        held = [each for each in self._known.values() if each.holds(moment)]
        return tuple(sorted(held, key=lambda each: each.rank))

    def of(self, airing_id: str) -> Airing | None:
        """One by its id."""
        return self._known.get(airing_id)

    async def put(self, **wanted: Unpack[Wanted]) -> Airing:
        """One more, waiting for another person's approval unless it is `approved` already (a phrase that is).

        Raises Refusal and NotDurable.
        """
        draft = self.judge(**wanted)
        async with self._writing:
            await self._journal.record(Fact(kind=PUT, subject=draft.id, payload=document_of(draft)))
        return self._known[draft.id]

    def judge(self, **wanted: Unpack[Wanted]) -> Airing:
        """What `put` would put, without putting it. Raises Refusal."""
        approved = wanted.get("approved", False) or self._site.site.one_person
        draft = Airing(
            id=self._ids(),
            cls=wanted["cls"],
            name=wanted["name"].strip(),
            content=dict(wanted["content"]),
            start=wanted["start"],
            until=wanted["until"],
            person=wanted["person"],
            days=wanted.get("days", ()),
            hours=wanted.get("hours", ()),
            every_s=wanted.get("every_s", 0),
            for_s=wanted.get("for_s", 0),
            source=wanted.get("source", ""),
            approved_by=wanted["person"] if approved else None,
            details=dict(wanted.get("details", {})),
        )
        self._check(draft)
        return draft

    async def approve(self, airing_id: str, *, person: str) -> Airing:
        """Let it go on air; by another person than whoever put it there. Raises Refusal and NotDurable."""
        async with self._writing:
            found = self._found(airing_id)
            if found.approved_by is not None:
                return found
            if found.person == person and not self._site.site.one_person:
                raise Refusal("airings.own", found.name, status=403)
            await self._journal.record(
                Fact(kind=APPROVED, subject=airing_id, payload={"person": person, "title": found.name})
            )
        return self._known[airing_id]

    async def end(self, airing_id: str, *, person: str, cause: str = "person") -> None:
        """Take it off air now. Raises Refusal and NotDurable."""
        async with self._writing:
            found = self._found(airing_id)
            payload = {"person": person, "cause": cause, "title": found.name, "cls": found.cls}
            await self._journal.record(Fact(kind=ENDED, subject=airing_id, payload=payload))

    async def restore(self, ended: Airing, *, person: str) -> Airing:
        """What was just ended is as it was, with its approval. Raises Refusal and NotDurable."""
        async with self._writing:
            if ended.id in self._known:
                raise Refusal("airings.not-ended", ended.name)
            payload = {**document_of(ended), "restored_by": person}
            await self._journal.record(Fact(kind=PUT, subject=ended.id, payload=payload))
        return self._known[ended.id]

    async def expire(self, now: datetime) -> None:
        """Write down those whose end has come; they are off air already. Raises NotDurable."""
        for each in [one for one in self._known.values() if one.until <= now]:
            with suppress(Refusal):  # somebody was quicker
                await self.end(each.id, person="clock", cause="expired")

    def _found(self, airing_id: str) -> Airing:
        found = self._known.get(airing_id)
        if found is None:
            raise Refusal("airings.unknown", airing_id, status=404)
        return found

    def _check(self, draft: Airing) -> None:
        if draft.cls not in get_args(Class) or not draft.name or len(draft.name) > 120 or len(self._known) >= MOST_KEPT:
            raise Refusal("airings.not-valid", draft.name, status=422, most=str(MOST_KEPT))
        if not draft.content or not set(draft.content) <= set(self._site.surfaces):
            raise Refusal("media.no-such-surface", ", ".join(set(draft.content) - set(self._site.surfaces)), status=404)
        longest = LONGEST[draft.cls]
        if draft.until <= draft.start or draft.until - draft.start > longest:
            raise Refusal("airings.wrong-end", draft.name, status=422, hours=f"{longest.total_seconds() / 3600:g}")
        turns = draft.every_s >= draft.for_s + SHORTEST_GAP_S and draft.for_s >= 2
        if (draft.cls == "interrupt") != bool(draft.every_s) or (draft.every_s and not turns):
            raise Refusal("airings.wrong-turns", draft.name, status=422)
        lacking = [content for surface, content in draft.content.items() if not self.shows(surface, content)]
        if lacking and not draft.test:
            raise Refusal("airings.nothing-to-show", draft.name, status=422)

    def _fold(self, entry: Entry) -> None:
        """Follow the journal: what is written counts, also when its writer has given up waiting."""
        if entry.kind not in AIRINGS.kinds or entry.payload is None:
            return
        known = self._known.get(entry.subject)
        if entry.kind == PUT:
            self._known[entry.subject] = airing_of(entry.subject, entry.payload)
        elif entry.kind == ENDED:
            self._known.pop(entry.subject, None)
        elif known is not None:
            approved = replace(known, approved_by=entry.payload["person"], approved_at=entry.at)
            self._known[entry.subject] = approved
        for listener in self._listeners:
            listener()


def document_of(airing: Airing) -> dict[str, Any]:
    """An airing as the journal carries it."""
    return {
        "cls": airing.cls,
        "title": airing.name,
        "content": dict(airing.content),
        "start": stamp(airing.start),
        "until": stamp(airing.until),
        "person": airing.person,
        "days": list(airing.days),
        "hours": [[begin.isoformat(), end.isoformat()] for begin, end in airing.hours],
        "every_s": airing.every_s,
        "for_s": airing.for_s,
        "source": airing.source,
        "approved_by": airing.approved_by,
        "approved_at": None if airing.approved_at is None else stamp(airing.approved_at),
        "details": dict(airing.details),
    }


def airing_of(name: str, document: Mapping[str, Any]) -> Airing:
    """An airing as it was kept."""
    approved_at = document.get("approved_at")
    return Airing(
        id=name,
        cls=document["cls"],
        name=document["title"],
        content=dict(document["content"]),
        start=datetime.fromisoformat(document["start"]),
        until=datetime.fromisoformat(document["until"]),
        person=document["person"],
        days=tuple(document["days"]),
        hours=tuple((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in document["hours"]),
        every_s=document["every_s"],
        for_s=document["for_s"],
        source=document["source"],
        approved_by=document["approved_by"],
        approved_at=None if approved_at is None else datetime.fromisoformat(approved_at),
        details=dict(document["details"]),
    )


def lying(airings: Iterable[Airing], surface: str, moment: datetime, zone: tzinfo) -> list[tuple[Airing, datetime]]:
    """What is meant to lie above a surface at a moment, the strongest first, each with its end; interrupts stay out.

    Whether it is seen depends on the surface being lit, but for an emergency.
    """
    instant = (moment, moment + timedelta(microseconds=1))
    found = [
        (each, each.spans(zone, (moment, moment + timedelta(days=8)))[0][1])
        for each in airings
        if surface in each.content and each.holds(moment) and not each.every_s and each.spans(zone, instant)
    ]
    return sorted(found, key=lambda one: (one[0].rank, one[0].start, one[0].id), reverse=True)
