"""An LED controller with its receiving cards, as NovaStar's speak, with the bad habits real ones have.

Source of the frames: the register table and captured strings of the open MCTRL300 controller program. Request
`55 AA 00 serial FE dest kind port card(2) io 00 register(4) length(2) data… sum(2)`, answer `AA 55 ack serial …` with
the addresses turned round; numbers begin with their low byte; the sum is 5555h and all bytes after the header.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Literal

from devices.simulated.wires import Answer

Habit = Literal[
    "silent",
    "late",
    "rubbish",
    "lies",
    "no-signal",
    "split",
    "refuses",
    "wrong-sum",
    "check-error",
    "card-silent",
    "no-receipts",
]
HABITS: tuple[Habit, ...] = (
    "silent",
    "late",
    "rubbish",
    "lies",
    "no-signal",
    "split",
    "refuses",
    "wrong-sum",
    "check-error",
    "card-silent",
    "no-receipts",
)
HEADER = struct.Struct("<2sBBBBBBHBBIH")
CONTROLLER, CARDS = 0, 1
BRIGHTNESS, BLACKOUT, PATTERN, SIGNAL, MODEL = 0x02000001, 0x02000100, 0x02000101, 0x02000017, 0x00000002
NO_ANSWER_FROM_CARD, DAMAGED, UNKNOWN = 1, 2, 4
EVERY_CARD = 0xFFFF
BLACK = 0xFF
LONGEST_DATA = 256


@dataclass(slots=True, kw_only=True)
class SimulatedLed:
    """The wall as one: registers of its cards and of its controller, and what goes wrong at the moment."""

    name: str
    cards: dict[int, int] = field(default_factory=lambda: {BRIGHTNESS: 128, BLACKOUT: BLACK, PATTERN: 1})
    controller: dict[int, int] = field(default_factory=lambda: {SIGNAL: 1, MODEL: 0x01, MODEL + 1: 0x11})
    habits: set[Habit] = field(default_factory=set)
    requests: int = 0
    _kept: list[bytes] = field(default_factory=list)

    @property
    def lit(self) -> bool:
        """Does it show a picture?"""
        return self.cards[BLACKOUT] != BLACK and self.cards[BRIGHTNESS] > 0

    def talk(self) -> Answer:
        """A decoder that turns request bytes into the pieces to send back."""
        heard = bytearray()

        def answer(data: bytes) -> list[bytes]:
            heard.extend(data)
            pieces: list[bytes] = []
            while (request := _take_request(heard)) is not None:
                self.requests += 1
                pieces.extend(self._dressed(self._serve(request)))
            return pieces

        return answer

    def state(self) -> dict[str, object]:
        """For the person who steers."""
        level = round(self.cards[BRIGHTNESS] * 100 / 255)
        return {"on": self.lit, "brightness": level, "requests": self.requests, "habits": sorted(self.habits)}

    def _serve(self, request: bytes) -> bytes:
        _, _, serial, computer, dest, kind, port, card, write, _, register, length = HEADER.unpack_from(request)
        data = request[HEADER.size : -2]
        ack, content = self._done(kind, register, data if write else None, length)
        if write and card == EVERY_CARD and "no-receipts" in self.habits:
            return b""
        said = b"" if write else content
        head = (b"\xaa\x55", ack, serial, dest, computer, kind, port, card, write, 0, register, len(said))
        return _summed(HEADER.pack(*head) + said)

    def _done(self, kind: int, register: int, data: bytes | None, length: int) -> tuple[int, bytes]:
        """The acknowledgement and what was read; a data of None is a read."""
        for habit, ack in (("check-error", DAMAGED), ("refuses", UNKNOWN)):
            if habit in self.habits:
                return ack, b""
        if kind == CARDS and "card-silent" in self.habits:
            return NO_ANSWER_FROM_CARD, b""
        registers = self.cards if kind == CARDS else self.controller
        wanted = range(register, register + (length if data is None else len(data)))
        if not wanted or any(one not in registers for one in wanted):
            return UNKNOWN, b""
        if data is not None and "lies" not in self.habits:
            registers.update(zip(wanted, data, strict=True))
        return 0, bytes(self._held(registers, one) for one in wanted)

    def _held(self, registers: dict[int, int], register: int) -> int:
        return 0 if register == SIGNAL and "no-signal" in self.habits else registers[register]

    def _dressed(self, reply: bytes) -> list[bytes]:
        """The reply as a controller with its habits would send it; a late one comes with the next question only."""
        if "silent" in self.habits or not reply:
            return []
        if "rubbish" in self.habits:
            return [b"\xaa\x55\xff\xffgarbage\xaa"]
        if "wrong-sum" in self.habits:
            reply = reply[:-1] + bytes([reply[-1] ^ 0x55])
        if "late" in self.habits:
            due, self._kept = self._kept, [reply]
            return due
        return [bytes([byte]) for byte in reply] if "split" in self.habits else [reply]


def _summed(frame: bytes) -> bytes:
    return frame + (0x5555 + sum(frame[2:]) & 0xFFFF).to_bytes(2, "little")


def _take_request(heard: bytearray) -> bytes | None:
    """The next whole request with a true sum; what can be none is thrown away a byte at a time."""
    while len(heard) >= HEADER.size:
        _, _, _, _, _, _, _, _, write, _, _, length = HEADER.unpack_from(heard)
        size = HEADER.size + (length if write else 0) + 2
        possible = heard[:2] == b"\x55\xaa" and length <= LONGEST_DATA
        if possible and len(heard) < size:
            return None
        frame = bytes(heard[:size])
        if possible and _summed(frame[:-2]) == frame:
            del heard[:size]
            return frame
        del heard[0]
    return None
