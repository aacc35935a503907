"""What drivers tell and what they are told: the records and ports every driver shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol, runtime_checkable

Value = str | int | float | bool | None


class Availability(Enum):
    """Can we reach it? One word for each answer; a new thing is UNKNOWN, never OK."""

    UNKNOWN = "unknown"
    OK = "ok"
    LATE = "late"
    LOST = "lost"


class Outcome(Enum):
    """How far a command has come, in the four words of the design."""

    ACCEPTED = "accepted"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One set-state order; sending it twice has no more effect than once."""

    id: str
    thing: str
    value: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a thing says of itself, in the words of its desired state; `value` None means it did not say."""

    thing: str
    value: str | None
    detail: Mapping[str, Value] = field(default_factory=dict)
    retained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BellPressed:
    """A press as it came off the wire; who was first and what it means is decided in `lobby.safety`."""

    bell: str
    press_id: str | None
    said_at: datetime | None
    retained: bool = False
    detail: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BellHeard:
    """A sign of life of a bell: it restarts the supervision of `path`; flags as the bell reports them, else None."""

    bell: str
    path: str
    low_battery: bool | None = None
    tamper: bool | None = None
    stuck_closed: bool | None = None
    line_cut: bool | None = None


class Clock(Protocol):
    """Where time comes from; only `lobby.core.clock` asks the operating system."""

    def now(self) -> datetime:
        """The wall clock, aware, UTC."""

    def mono(self) -> float:
        """Seconds that never run backwards."""

    async def sleep(self, seconds: float) -> None:
        """Wait that long on the monotonic clock."""


class ThingSink(Protocol):
    """Where drivers of things report; calls are plain, quick and made in the loop's thread."""

    def reported(self, report: Reported) -> None:
        """A thing said what it is."""

    def availability(self, thing: str, availability: Availability, cause: str) -> None:
        """A thing became reachable or not; `cause` is a word of `lobby/words` (`device.<cause>`)."""

    def trouble(self, thing: str, cause: str, *, detail: str = "") -> None:
        """A thing answers, but wrongly (`bad-frame`, `check-error`, …); told once until `well`."""

    def well(self, thing: str, cause: str) -> None:
        """The trouble of that cause is over."""


class BellSink(Protocol):
    """Where bells report. Awaiting `pressed` waits until the press is durable or given up."""

    async def pressed(self, press: BellPressed) -> bool:
        """True when the press is durable (or counted): then, and only then, acknowledge and assure it."""

    def heard(self, heard: BellHeard) -> None:
        """A bell is alive."""

    def lost(self, bell: str, path: str, cause: str) -> None:
        """The path to a bell is known to be broken now (last will, cable out)."""

    def trouble(self, bell: str, cause: str) -> None:
        """What comes in the bell's name cannot be a word of it (`bad-payload`, `too-large`); a right press ends it."""


class Driver(Protocol):
    """One link with the things on it. `run` owns the link until cancelled and reconnects by itself."""

    @property
    def things(self) -> tuple[str, ...]:
        """The ids this driver speaks for."""

    async def run(self) -> None:
        """Open, poll, report, reconnect; ends only by cancellation."""

    async def send(self, command: Command) -> Outcome:
        """Send once. ACCEPTED or VERIFIED, or UNVERIFIED where nothing answers by nature.

        Raises `devices.errors.DeviceError`; the outbox retries, drivers never do.
        """


@runtime_checkable
class Switching(Protocol):
    """A driver that tells when an order to switch a thing on has gone out on the wire."""

    def on_gone(self, heard: Callable[[str], None]) -> None:
        """Call it with the thing, each time."""


@runtime_checkable
class Replaceable(Protocol):
    """A driver that waits for proof and can be told that nobody wants it any more."""

    def replaced(self, thing: str) -> None:
        """A newer command for the thing has come: let the `send` of the older one end now."""
