"""MQTT as ports: what drivers need of a broker, so that a rehearsal can stand in for one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

PUBLISH_WITHIN_S = 5.0


class LinkState(Enum):
    """How a connection to the broker stands."""

    CLOSED = "closed"
    """Nobody runs it."""
    CONNECTING = "connecting"
    """Asking the broker now."""
    OPEN = "open"
    """Connected, every subscription granted."""
    INCOMPLETE = "incomplete"
    """Connected, but the broker refused a subscription: the installer must mend its access list."""
    WAITING = "waiting"
    """Lost; the next attempt comes by itself."""
    REFUSED = "refused"
    """The broker answers and says no (password, client id): tried again, but the installer must mend it."""

    @property
    def up(self) -> bool:
        """Whether messages pass."""
        return self in (LinkState.OPEN, LinkState.INCOMPLETE)

    @property
    def down(self) -> bool:
        """Whether something is wrong; neither starting nor a stop on purpose is."""
        return self in (LinkState.WAITING, LinkState.REFUSED)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as received; `again` when it is handed out a second time. Positional: built once a message.

    Of one that is larger than any of ours, `too_large`, the payload has been dropped.
    """

    topic: str
    payload: bytes
    qos: int
    retained: bool
    again: bool = False
    too_large: bool = False

    def text(self) -> str:
        """The payload as text; bytes that are not UTF-8 become U+FFFD."""
        return self.payload.decode("utf-8", "replace")


ThingHandler = Callable[[Message], None]
BellHandler = Callable[[Message], Awaitable[bool]]
StateWatcher = Callable[[LinkState, str], None]


class Line(Protocol):
    """A connection that reconnects by itself."""

    @property
    def state(self) -> LinkState:
        """How it stands now."""

    @property
    def since(self) -> datetime:
        """Since when."""

    def watch(self, watcher: StateWatcher) -> None:
        """Call at every change with the new state and its cause, a word of `device.<cause>` or empty."""

    async def publish(
        self,
        topic: str,
        payload: str | bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        within_s: float = PUBLISH_WITHIN_S,
    ) -> None:
        """Hand over to the broker, with QoS 1 until it acknowledged; raises LinkLost, at once while disconnected."""


class ThingLine(Line, Protocol):
    """Telemetry, commands, everything that is no bell: handlers are plain and quick."""

    def subscribe(self, topic_filter: str, handler: ThingHandler) -> None:
        """Hand every message of that filter to the handler, over all reconnects."""


class BellLine(Line, Protocol):
    """Bells only: a message is acknowledged to the broker when its handler says that it is recorded or counted."""

    def subscribe(self, topic_filter: str, handler: BellHandler, *, qos: int = 1) -> None:
        """Hand every message of that filter to the handler; False keeps it unacknowledged and it comes again.

        Quality 0 for whatever must not wait for us while we are away: it would fill the broker's queue.
        """
