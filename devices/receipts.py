"""Acknowledging in order of receipt, whatever order the work behind each message ends in."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Receipt:
    """One message owed an acknowledgement on the connection of that generation."""

    generation: int
    mid: int
    qos: int
    done: bool = False
    failures: int = 0


class Receipts:
    """What one client still owes the broker. A receipt of an older connection is never due.

    MQTT 3.1.1 [MQTT-4.6.0-2]: PUBACKs go out in the order in which the messages came in.
    """

    def __init__(self) -> None:
        self._owed: deque[Receipt] = deque()
        self._generation = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._owed)

    def renew(self) -> int:
        """A new connection: forget what the old one owed; its generation."""
        self._owed.clear()
        self._generation += 1
        return self._generation

    def received(self, generation: int, mid: int, qos: int) -> Receipt:
        """Note a message at the end of the line; QoS 0 owes nothing."""
        receipt = Receipt(generation, mid, qos)
        if qos and generation == self._generation:
            self._owed.append(receipt)
        return receipt

    def owes(self, receipt: Receipt) -> bool:
        """Whether the broker still waits for this one on the present connection."""
        return bool(receipt.qos) and not receipt.done and receipt.generation == self._generation

    def settle(self, receipt: Receipt) -> tuple[Receipt, ...]:
        """The work of a message is done: the receipts that are due now, oldest first."""
        if receipt.done:
            return ()
        receipt.done = True
        if receipt.generation != self._generation:
            self.dropped += bool(receipt.qos)
            return ()
        return self._due()

    def _due(self) -> tuple[Receipt, ...]:
        due = []
        while self._owed and self._owed[0].done:
            due.append(self._owed.popleft())
        return tuple(due)
