"""What is known now: the state of every thing and the live documents, and how readers follow their changes.

A reader holds nothing but a number: how far it has seen. What it missed is worked out from the numbers at which
things and documents last changed, so a slow reader gets each thing once, in its latest state, and nothing grows.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile
from types import MappingProxyType
from typing import Any

from devices.reports import Clock

AGE_EVERY_S = 0.25
CHANGES_EVERY_S = 0.05
CHANGES_AT_ONCE = 16
TOLD_KEPT = 100
INCIDENT = "incident"

UNWIRED_KINDS = frozenset({"desk", "room"})
SWITCHED_KINDS = frozenset({"display", "sound", "switch"})
OFF_VALUES = frozenset({"off", "closed"})
QUIET_FIELDS = frozenset({"reported_at", "detail"})
TURNING_FIELDS = frozenset({"desired", "reported", "availability", "mode", "troubles"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingState:
    """What should be, what is, and how well we know; `availability` is "none" for things without a wire.

    Causes are words of `device.<cause>`: why it cannot be reached, and why the last command failed.
    """

    thing: str
    kind: str
    desired: str | None = None
    rule: str = ""
    until: datetime | None = None
    reported: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    reported_at: datetime | None = None
    availability: str = "unknown"
    mode: str = "automatic"
    troubles: tuple[str, ...] = ()
    outcome: str | None = None
    lost_cause: str = ""
    failed_cause: str = ""
    since: datetime

    @property
    def causes(self) -> tuple[str, ...]:
        """Everything that is wrong, the reason that hides the others first."""
        lost = self.lost_cause if self.availability in {"late", "lost"} else ""
        failed = self.failed_cause if self.outcome == "failed" else ""
        return tuple(dict.fromkeys(cause for cause in (lost, *self.troubles, failed) if cause))

    @property
    def health(self) -> str:
        """One of ok, trouble, unknown, off-on-purpose; ok only with proof."""
        if self.troubles or self.outcome == "failed" or self.availability in {"late", "lost"}:
            return "trouble"
        if self.availability == "unknown" or not self._as_desired():
            return "unknown"
        return "off-on-purpose" if self.desired in OFF_VALUES else "ok"

    def _as_desired(self) -> bool:
        if self.kind in SWITCHED_KINDS and self.mode == "automatic":
            return self.reported is not None and self.reported == self.desired
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something for a reader. Whoever has received it has everything up to `seq` (the number to resume from).

    `change` and `snapshot` carry {"things": {id: ThingState}, "documents": {name: value}}, others what was told.
    """

    seq: int
    name: str
    data: Mapping[str, Any]


class Hub:
    """The live state, in the loop's thread; `boot` tells one run from another."""

    def __init__(self, clock: Clock, things: Mapping[str, str]) -> None:
        self.boot = secrets.token_hex(8)
        self._clock = clock
        self._things = {thing: _unknown(thing, kind, clock.now()) for thing, kind in things.items()}
        self._documents: dict[str, Any] = {}
        self._seq = 0
        self._thing_seq: dict[str, int] = {}
        self._document_seq: dict[str, int] = {}
        self._told: deque[Event] = deque()
        self._told_floor = 0
        self._told_at: dict[str, float] = {}
        self._aging: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._readers: set[Subscription] = set()

    @property
    def seq(self) -> int:
        """The number of the last change."""
        return self._seq

    def update(self, thing: str, **changes: Any) -> None:
        """Replace fields of a thing's state; a mere change of age or detail is told every 0.25 s at most."""
        old = self._things[thing]
        if "reported" in changes and "reported_at" not in changes:
            changes["reported_at"] = self._clock.now()
        changed = {name for name, value in changes.items() if getattr(old, name) != value}
        if not changed:
            return
        if changed & TURNING_FIELDS and "since" not in changes:
            changes["since"] = self._clock.now()
        self._things[thing] = replace(old, **changes)
        if changed <= QUIET_FIELDS and self._clock.mono() - self._told_at.get(thing, -AGE_EVERY_S) < AGE_EVERY_S:
            self._later(thing)
        else:
            self._publish((thing,))

    def put(self, name: str, value: Any) -> None:
        """Replace a live document (incidents, lines, players); the same value again is no change."""
        if name not in self._documents or self._documents[name] != value:
            self._documents[name] = value
            self._seq += 1
            self._document_seq[name] = self._seq
            self._wake()

    def tell(self, event: str, data: Mapping[str, Any]) -> None:
        """Say something to people now; readers get it before all waiting changes, incidents first of all."""
        self._seq += 1
        self._told.append(Event(seq=self._seq, name=event, data=data))
        if len(self._told) > TOLD_KEPT:
            self._told_floor = self._told.popleft().seq
        self._wake(urgent=True)

    def snapshot(self) -> tuple[int, Mapping[str, ThingState]]:
        """The number of the last change and every thing's state."""
        return self._seq, MappingProxyType(dict(self._things))

    def things(self) -> Mapping[str, ThingState]:
        """Every thing's state, live."""
        return MappingProxyType(self._things)

    def documents(self) -> Mapping[str, Any]:
        """The live documents by name."""
        return MappingProxyType(self._documents)

    def since(self, seq: int) -> list[Event] | None:
        """What a reader that has seen everything up to `seq` has missed; None = too old or from another run."""
        if seq > self._seq or self.forgot(seq):
            return None
        events = self.told_since(seq, seen=seq)
        if change := self.changed_since(seq):
            events.append(change)
        elif events:
            events[-1] = replace(events[-1], seq=self._seq)
        return events

    def forgot(self, seq: int) -> bool:
        """Whether something told after `seq` is no longer known."""
        return seq < self._told_floor

    def told_since(self, seq: int, *, seen: int) -> list[Event]:
        """What was told after `seq`, incidents first, for a reader that has `seen` the changes so far."""
        told = sorted((event for event in self._told if event.seq > seq), key=_incidents_first)
        return [replace(event, seq=seen) for event in told]

    def changed_since(self, seq: int, *, most: int | None = None) -> Event | None:
        """What has changed after `seq`; no more than so many things, those that changed first."""
        numbers = list(takewhile(lambda item: item[1] > seq, reversed(self._thing_seq.items())))
        changed = numbers[-most:] if most else numbers
        upto = changed[0][1] if len(changed) < len(numbers) else self._seq
        things = {thing: self._things[thing] for thing, _ in reversed(changed)}
        documents = {name: self._documents[name] for name, number in self._document_seq.items() if seq < number <= upto}
        if not things and not documents:
            return None
        return Event(seq=upto, name="change", data={"things": things, "documents": documents})

    @contextmanager
    def subscribe(self, *, after: int | None = None) -> Iterator[Subscription]:
        """A reader from now on, or from the number after which it resumes."""
        reader = Subscription(self, self._clock, self._seq if after is None else after)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)

    def _publish(self, things: tuple[str, ...]) -> None:
        for thing in things:
            self._seq += 1
            self._thing_seq.pop(thing, None)  # the latest change stands last
            self._thing_seq[thing] = self._seq
            self._told_at[thing] = self._clock.mono()
            self._aging.discard(thing)
        self._wake()

    def _later(self, thing: str) -> None:
        self._aging.add(thing)
        if self._timer is not None:
            return
        try:
            self._timer = asyncio.get_running_loop().call_later(AGE_EVERY_S, self._flush)
        except RuntimeError:  # no loop, so no readers that could be flooded
            self._flush()

    def _flush(self) -> None:
        self._timer = None
        self._publish(tuple(sorted(self._aging)))

    def _wake(self, *, urgent: bool = False) -> None:
        for reader in self._readers:
            reader.wake(urgent=urgent)


class Subscription:
    """One reader of the hub: it has `heard` what was told so far and `seen` the changes so far."""

    def __init__(self, hub: Hub, clock: Clock, seen: int) -> None:
        self._hub = hub
        self._clock = clock
        self._heard = seen
        self._seen = seen
        self._more = False
        self._told_to: Callable[[list[Event]], None] | None = None
        self._last = float("-inf")
        self._anything = asyncio.Event()
        self._urgent = asyncio.Event()
        if seen != hub.seq:
            self._anything.set()

    def wake(self, *, urgent: bool) -> None:
        """There is something new."""
        self._anything.set()
        if urgent and self._told_to is not None:
            self._told_to(self._told(last=self._hub.changed_since(self._seen, most=1) is None))
        elif urgent:
            self._urgent.set()

    def hand_on(self, told_to: Callable[[list[Event]], None]) -> None:
        """Give what is told to this one within the telling, so that nothing comes between; `next` has the changes."""
        self._told_to = told_to

    async def next(self) -> list[Event]:
        """Wait for news: what was told at once and alone, changes every 50 ms and a few at a time.

        A `snapshot` for who fell too far behind.
        """
        while True:
            await self._anything.wait()
            await self._pause()
            if news := self._few():
                return news

    def take(self) -> list[Event]:
        """All the news there is, without waiting."""
        self._anything.clear()
        self._urgent.clear()
        if self._hub.forgot(self._heard):
            return self._whole()
        change = self._hub.changed_since(self._seen)
        told = self._told(last=change is None)
        self._done()
        return [*told, change] if change else told

    def _few(self) -> list[Event]:
        """What was told, alone: it must not wait until changes are written down. Else the oldest changes."""
        self._urgent.clear()
        if self._hub.forgot(self._heard):
            return self._whole()
        change = self._hub.changed_since(self._seen, most=CHANGES_AT_ONCE)
        if told := self._told(last=change is None):
            return told
        self._seen = self._hub.seq if change is None else change.seq
        self._more = self._seen != self._hub.seq
        if not self._more:
            self._done()
        return [change] if change else []

    def _told(self, *, last: bool) -> list[Event]:
        told = self._hub.told_since(self._heard, seen=self._seen)
        self._heard = self._hub.seq
        if told and last:
            self._seen = self._hub.seq
            told[-1] = replace(told[-1], seq=self._seen)
        return told

    def _whole(self) -> list[Event]:
        seq, things = self._hub.snapshot()
        self._done()
        return [Event(seq=seq, name="snapshot", data={"things": things, "documents": dict(self._hub.documents())})]

    def _done(self) -> None:
        self._anything.clear()
        self._heard = self._seen = self._hub.seq
        self._more = False
        self._last = self._clock.mono()

    async def _pause(self) -> None:
        left = self._last + CHANGES_EVERY_S - self._clock.mono()
        if self._urgent.is_set():
            return
        if self._more:
            await asyncio.sleep(0)  # bells come first
        if left <= 0 or self._more:
            return
        try:
            async with asyncio.timeout(left):
                await self._urgent.wait()
        except TimeoutError:
            return


def _unknown(thing: str, kind: str, now: datetime) -> ThingState:
    return ThingState(thing=thing, kind=kind, availability="none" if kind in UNWIRED_KINDS else "unknown", since=now)


def _incidents_first(event: Event) -> tuple[bool, int]:
    return event.name != INCIDENT, event.seq
