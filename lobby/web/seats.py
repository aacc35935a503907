"""Which run of a player speaks for it: one holds the seat, a second one under the same id waits and is named."""

from __future__ import annotations

from dataclasses import dataclass, replace

from devices.reports import Clock

SILENT_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Whether who spoke holds the seat; `twins`: the addresses of two runs that play at once, the holder's first."""

    holds: bool
    twins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    instance: str
    address: str
    first: float
    last: float


class Seats:
    """A player that starts anew takes the seat once the run before it is silent; two that go on speaking are twins."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._holders: dict[str, _Run] = {}
        self._others: dict[str, _Run] = {}

    def heard(self, player: str, instance: str, address: str) -> Seat:
        """A run of a player says something."""
        now = self._clock.mono()
        holder, other = self._holders.get(player), self._others.get(player)
        if holder is None or (holder.instance != instance and now - holder.last > SILENT_S):
            self._holders[player] = _Run(instance=instance, address=address, first=now, last=now)
            self._others.pop(player, None)
            return Seat(holds=True)
        if holder.instance == instance:
            holder = self._holders[player] = replace(holder, address=address, last=now)
        elif other is None or other.instance != instance or now - other.last > SILENT_S:
            other = self._others[player] = _Run(instance=instance, address=address, first=now, last=now)
        else:
            other = self._others[player] = replace(other, address=address, last=now)
        both = other is not None and now - other.last <= SILENT_S and holder.last > other.first
        twins = (holder.address, other.address) if both and other is not None else ()
        return Seat(holds=holder.instance == instance, twins=twins)

    def holds(self, player: str, instance: str) -> bool:
        """Whether that run holds the seat; an empty seat is anybody's."""
        holder = self._holders.get(player)
        return holder is None or holder.instance == instance
