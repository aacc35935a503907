"""A professional display that speaks Samsung MDC, with the bad habits real ones have.

Source of the frames: the MDC protocol as the open client `samsung-mdc` speaks it. Request
`AA command id length data… sum`, answer `AA FF id length 'A'|'N' command data… sum`; the sum is that of all bytes
after AA, modulo 256. The first byte of a set is its value; a get has length 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from devices.simulated.surroundings import now
from devices.simulated.wires import Answer

Habit = Literal[
    "silent", "rubbish", "lies", "no-signal", "split", "doubled", "refuses", "wrong-sum", "cut-short", "screen-off"
]
HABITS: tuple[Habit, ...] = (
    *("silent", "rubbish", "lies", "no-signal", "split", "doubled", "refuses", "wrong-sum", "cut-short", "screen-off"),
)
HEAD, ANSWER, ACK, NAK = 0xAA, 0xFF, 0x41, 0x4E
STATUS, SERIAL, ERRORS, SOFTWARE = 0x00, 0x0B, 0x0D, 0x0E
POWER, VOLUME, MUTE, INPUT, LAMP, MODEL, STANDBY, PANEL = 0x11, 0x12, 0x13, 0x14, 0x58, 0x8A, 0xB5, 0xF9
EVERYONE = 0xFE
PLUGS = {
    "pc": 0x14,
    "dvi": 0x18,
    "hdmi1": 0x21,
    "hdmi2": 0x23,
    "dp1": 0x25,
    "dp2": 0x26,
    "dp3": 0x27,
    "hdmi3": 0x31,
    "hdmi4": 0x33,
    "hdbaset": 0x55,
    "magicinfo": 0x20,
    "magicinfo-s": 0x60,
    "url-launcher": 0x63,
}
"""The inputs that somebody can choose with the remote control, by the protocol's codes."""
LONGEST_REQUEST = 4 + 255 + 1


@dataclass(slots=True, kw_only=True)
class SimulatedDisplay:
    """One display: registers by command byte, and what it does wrong at the moment.

    It says on at once and shows its picture `warm_up_s` later; until then it knows no signal.
    """

    name: str
    display_id: int
    warm_up_s: float = 0.0
    switched_on_at: datetime | None = None
    registers: dict[int, int] = field(
        default_factory=lambda: {
            POWER: 0,
            VOLUME: 10,
            MUTE: 0,
            INPUT: 0x21,
            LAMP: 80,
            STANDBY: 1,
            PANEL: 0,
        }
    )
    habits: set[Habit] = field(default_factory=set)

    @property
    def powered(self) -> bool:
        """Is there power?"""
        return self.registers[POWER] == 1

    @property
    def lit_at(self) -> datetime | None:
        """When its picture stands; None while it is off or shows nothing."""
        if self.switched_on_at is None or self.habits & {"no-signal", "screen-off"}:
            return None
        return self.switched_on_at + timedelta(seconds=self.warm_up_s)

    @property
    def lit(self) -> bool:
        """Does a picture stand?"""
        return self.lit_at is not None and now() >= self.lit_at

    def state(self) -> dict[str, object]:
        """What somebody in front of it sees, and when it was switched on."""
        quiet = not self.powered or self.registers[MUTE] == 1
        return {
            "on": self.powered,
            "lit": self.lit,
            "switched_on_at": self.switched_on_at and self.switched_on_at.isoformat(),
            "lit_at": self.lit_at and self.lit_at.isoformat(),
            "input": self.registers[INPUT],
            "loudness": 0 if quiet else self.registers[VOLUME],
            "habits": sorted(self.habits),
        }

    def choose(self, key: str) -> bool:
        """Somebody presses `on`, `off` or an input on the remote control; False where it has no such key."""
        if key in ("on", "off"):
            self._switch(int(key == "on"))
            return True
        self.registers[INPUT] = PLUGS.get(key, self.registers[INPUT])
        return key in PLUGS

    def unplug(self) -> None:
        """Its mains are gone: it is dark and says nothing until it is mended, and then it is off."""
        self.registers[POWER], self.switched_on_at = 0, None
        self.habits.add("silent")

    def _switch(self, power: int) -> None:
        was_on, self.registers[POWER] = self.powered, power
        if self.powered != was_on:
            self.switched_on_at = now() if self.powered else None

    def answer(self, command: int, data: bytes) -> tuple[bool, bytes]:
        """Acknowledged or not, and the data of the answer."""
        if "refuses" in self.habits:
            return False, b"\x01"
        if command == STATUS:
            r = self.registers
            return True, bytes([r[POWER], r[VOLUME], r[MUTE], r[INPUT], 0x10, 0, 0])
        if command == ERRORS:
            return True, bytes([0, 0, 0, 0 if self._has_signal else 1, 38, 0])
        if command in (SERIAL, SOFTWARE, MODEL):
            return True, {SERIAL: b"SIM0000000001", SOFTWARE: b"SIM-1.0", MODEL: b"\x00\x01\x03"}[command]
        return self._register(command, data)

    @property
    def _has_signal(self) -> bool:
        return self.lit or ("screen-off" in self.habits and "no-signal" not in self.habits)

    def _register(self, command: int, data: bytes) -> tuple[bool, bytes]:
        if command not in self.registers or len(data) > 1:
            return False, b"\x02"
        if data and "lies" not in self.habits:
            if command == POWER:
                self._switch(data[0])
            self.registers[command] = data[0]
        if command == PANEL and "screen-off" in self.habits:
            return True, b"\x01"
        return True, data or bytes([self.registers[command]])


class MdcTwin:
    """The displays of one line; `talk()` gives a fresh decoder for each connection."""

    def __init__(self, displays: list[SimulatedDisplay], *, switched_on: Callable[[SimulatedDisplay], None]) -> None:
        self._displays = displays
        self._switched_on = switched_on

    def talk(self) -> Answer:
        """A decoder that turns request bytes into the pieces to send back."""
        heard = bytearray()

        def answer(data: bytes) -> list[bytes]:
            heard.extend(data)
            pieces: list[bytes] = []
            while (request := _take_request(heard)) is not None:
                pieces.extend(self._serve(*request))
            return pieces

        return answer

    def _serve(self, command: int, display_id: int, data: bytes) -> list[bytes]:
        pieces: list[bytes] = []
        for display in self._displays:
            if display_id in (display.display_id, EVERYONE):
                was_on = display.powered
                good, content = display.answer(command, data)
                pieces.extend(_dressed(display, _reply(display.display_id, command, content, good=good)))
                if display.powered and not was_on:
                    self._switched_on(display)
        return pieces


def _take_request(heard: bytearray) -> tuple[int, int, bytes] | None:
    """The next whole request with a true sum: command, id, data; rubbish before it is thrown away."""
    while heard:
        if heard[0] != HEAD:
            del heard[0]
            continue
        if len(heard) < 4 or len(heard) < 5 + heard[3]:
            return None
        size = 5 + heard[3]
        frame = bytes(heard[:size])
        if sum(frame[1:-1]) & 0xFF != frame[-1]:
            del heard[0]
            continue
        del heard[:size]
        return frame[1], frame[2], frame[4:-1]
    return None


def _reply(display_id: int, command: int, content: bytes, *, good: bool) -> bytes:
    body = bytes([ANSWER, display_id, len(content) + 2, ACK if good else NAK, command]) + content
    return bytes([HEAD]) + body + bytes([sum(body) & 0xFF])


def _dressed(display: SimulatedDisplay, reply: bytes) -> list[bytes]:
    """The reply as a display with its habits would send it."""
    if "silent" in display.habits:
        return []
    if "rubbish" in display.habits:
        return [b"\x00\xaa\xff\xff\xf0garbage"]
    if "cut-short" in display.habits:
        return [reply[:5]]
    if "wrong-sum" in display.habits:
        reply = reply[:-1] + bytes([reply[-1] ^ 0x55])
    pieces = [reply, reply] if "doubled" in display.habits else [reply]
    if "split" in display.habits:
        return [bytes([byte]) for piece in pieces for byte in piece]
    return pieces
