"""Making moves of incidents durable: in the journal, else in the emergency file, else said aloud that they are not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from lobby.core.journal import NotDurable
from lobby.core.projection import Entry, Fact
from lobby.safety.chronicle import Key, key_of

LIMIT_S = 0.5
RETRY_S = 5.0
MOST_NOTES = 1_000


class Record(Protocol):
    """What is needed of the journal."""

    async def record(self, *facts: Fact, within_s: float | None = None) -> tuple[Entry, ...]:
        """Durable when it returns. Raises NotDurable."""

    def follow(self, callback: Callable[[Entry], None]) -> None:
        """Hand each entry on after its commit."""


class SecondPath(Protocol):
    """What is needed of the emergency file."""

    async def append(self, facts: list[Fact]) -> None:
        """Durable when it returns. Raises OSError."""


def _unheard(cause: str | None) -> None:
    """Nobody is told."""


class Assurance:
    """Knows of every move whether it is on its way, durable, owed to the journal, or nowhere but in memory.

    `told(cause)` hears `not-in-journal` or `not-durable` when it breaks, None when the journal has everything again.
    """

    def __init__(
        self,
        journal: Record,
        second: SecondPath,
        *,
        told: Callable[[str | None], None] = _unheard,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._journal = journal
        self._second = second
        self._told = told
        self._limit_s = limit_s
        self._flying: dict[Key, asyncio.Future[bool]] = {}
        self._owed: dict[Key, Fact] = {}
        self._unsaved: dict[Key, Fact] = {}
        self._notes: list[Fact] = []
        self._noted = asyncio.Event()
        self._broken: str | None = None
        journal.follow(self._landed)

    @property
    def owed(self) -> tuple[Fact, ...]:
        """Moves that the journal may not have."""
        return tuple(self._owed.values())

    @property
    def unsaved(self) -> tuple[Fact, ...]:
        """Moves that are on no disk."""
        return tuple(self._unsaved.values())

    async def record(self, *facts: Fact) -> bool:
        """True when durable by either path; the journal is given no more than the limit, and owed moves go with it."""
        flight = asyncio.get_running_loop().create_future()
        keys = _keys(facts)
        self._flying |= dict.fromkeys(keys, flight)
        durable = False
        try:
            durable = await self._write(facts)
        finally:
            for key in keys:
                self._flying.pop(key, None)
            flight.set_result(durable)
        return durable

    async def durable(self, key: Key) -> bool:
        """Whether that move is on a disk; waits while it is being written, tries again where it failed."""
        if key in self._flying:
            return await asyncio.shield(self._flying[key])
        return key not in self._unsaved or await self.settle()

    async def settle(self) -> bool:
        """Write what is owed once more; True when nothing is left that is on no disk."""
        return not self._owed or await self._write(())

    def owe(self, facts: Iterable[Fact]) -> None:
        """These stand in the emergency file of an earlier run and not yet in the journal."""
        self._owed |= _keyed(facts)

    def note(self, fact: Fact) -> None:
        """Something people see that nobody waits for (a trouble, an edge of supervision): written soon by `run`."""
        if len(self._notes) < MOST_NOTES:
            self._notes.append(fact)
        self._noted.set()

    async def run(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Write notes as they come and owed moves until they are written; ends only by cancellation."""
        while True:
            await self._noted.wait()
            if not await self.flush() or not await self._repay():
                self._noted.set()
                await sleep(RETRY_S)

    async def _repay(self) -> bool:
        await self.settle()
        return not self._owed

    async def flush(self) -> bool:
        """Write the notes now; False when they have to wait."""
        self._noted.clear()
        notes = list(self._notes)
        if not notes:
            return True
        try:
            await self._journal.record(*notes)
        except NotDurable:
            return False
        del self._notes[: len(notes)]
        return True

    async def _write(self, facts: tuple[Fact, ...]) -> bool:
        owed = dict(self._owed)
        try:
            await self._journal.record(*owed.values(), *facts, within_s=self._limit_s)
        except NotDurable:
            self._fail(facts)
            return await self._save()
        except asyncio.CancelledError:
            self._fail(facts)
            raise
        self._pay(owed)
        return True

    def _fail(self, facts: tuple[Fact, ...]) -> None:
        keyed = _keyed(facts)
        self._owed |= keyed
        self._unsaved |= keyed
        self._noted.set()

    async def _save(self) -> bool:
        saving = dict(self._unsaved)
        try:
            if saving:
                await self._second.append(list(saving.values()))
        except OSError:
            self._tell("not-durable")
            return False
        for key in saving:
            self._unsaved.pop(key, None)
        self._tell("not-in-journal")
        return True

    def _pay(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self._owed.pop(key, None)
            self._unsaved.pop(key, None)
        if not self._owed:
            self._tell(None)

    def _landed(self, entry: Entry) -> None:
        key = key_of(entry.kind, entry.subject, entry.payload)
        if key is not None and key in self._owed:
            self._pay((key,))

    def _tell(self, cause: str | None) -> None:
        if cause != self._broken:
            self._broken = cause
            self._told(cause)


def _keyed(facts: Iterable[Fact]) -> dict[Key, Fact]:
    return {key: fact for fact in facts if (key := key_of(fact.kind, fact.subject, fact.payload)) is not None}


def _keys(facts: Iterable[Fact]) -> tuple[Key, ...]:
    return tuple(_keyed(facts))
