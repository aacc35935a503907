"""What a lobby stands on: real wires, a broker, a file and ids that nobody guesses; a rehearsal brings its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Protocol

from devices.broker import Broker, BrokerAddress
from devices.link import LinkOpener, opener
from devices.messages import BellLine, ThingLine
from devices.reports import Clock
from lobby.core import site as sites
from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.day.overrides import new_id
from lobby.safety import register

BUILT = datetime(2026, 11, 1, tzinfo=UTC)


class Lines(Protocol):
    """Both connections to a broker."""

    @property
    def bells(self) -> BellLine:
        """The bells' own."""

    @property
    def things(self) -> ThingLine:
        """Everything else's."""

    async def run(self) -> None:
        """Keep both up; ends only by cancellation."""


def reach(_: str, link: sites.Link) -> LinkOpener:
    """The wire that the site file names. Raises WrongAddress where it can never work."""
    return opener(link.url, baud=link.baud, parity=link.parity)


def broker_of(site: Site, clock: Clock, chance: Random) -> Lines | None:
    """The broker that the site file names. Raises Refusal where its password cannot be read."""
    if site.broker is None:
        return None
    password = _password(site.broker.password_file)
    address = BrokerAddress.of(site.broker.url, username=site.broker.username, password=password)
    return Broker(address, site.site.id, clock=clock, chance=chance)


def _password(file: str | None) -> str | None:
    try:
        return Path(file).read_text(encoding="utf-8").strip() if file else None
    except OSError as error:
        raise Refusal("broker.no-password", str(file)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """`reach` opens a link of the site file by its id; `journal` None is the data folder's file.

    A clock earlier than `built` is not trusted.
    """

    reach: Callable[[str, sites.Link], LinkOpener] = reach
    broker: Callable[[Site, Clock, Random], Lines | None] = broker_of
    journal: Path | None = None
    ids: Callable[[], str] = new_id
    incident_ids: Callable[[], str] = register.new_id
    built: datetime = BUILT


REAL = Ports()
