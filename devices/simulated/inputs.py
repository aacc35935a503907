"""A Modbus RTU input and output module (as the common 8-channel ones), with emergency bells on its contacts.

Source: Modbus application protocol 1.1b3 and the vendor's published frames: functions 01 and 02 read, 05 writes one
output (FF00 on, 0000 off), 0F writes several; the check is CRC-16 (A001 reflected, first value FFFF), low byte first.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from devices.simulated.plan import Contact
from devices.simulated.wires import Answer

CHANNELS = 8
READ_OUTPUTS, READ_INPUTS, WRITE_OUTPUT, WRITE_OUTPUTS = 1, 2, 5, 15
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3


def crc(data: bytes) -> int:
    """CRC-16/MODBUS."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value


@dataclass(slots=True, kw_only=True)
class InputModule:
    """Eight inputs and eight outputs of one unit; `talk()` gives a decoder."""

    unit: int
    bells: dict[str, Contact]
    inputs: list[bool] = field(default_factory=lambda: [False] * CHANNELS)
    outputs: list[bool] = field(default_factory=lambda: [False] * CHANNELS)
    silent: bool = False

    def __post_init__(self) -> None:
        for bell in self.bells:
            self.whole_line(bell, whole=True)

    def press(self, bell: str, *, pressed: bool) -> None:
        """Push the button or let it go."""
        self.inputs[self.bells[bell].press_input] = pressed

    def whole_line(self, bell: str, *, whole: bool) -> None:
        """Cut the wire to a bell, or mend it: a cut wire opens the line contact."""
        if (line := self.bells[bell].line_input) is not None:
            self.inputs[line] = whole

    def registered(self, bell: str) -> bool:
        """Does the light at the bell say that the call is registered?"""
        output = self.bells[bell].registered_output
        return output is not None and self.outputs[output]

    def talk(self) -> Answer:
        """A decoder that turns request bytes into the replies to send."""
        heard = bytearray()

        def answer(data: bytes) -> list[bytes]:
            heard.extend(data)
            replies: list[bytes] = []
            while (request := _take_request(heard)) is not None:
                if request[0] == self.unit and not self.silent:
                    replies.append(_framed(request[:1] + self._serve(request[1], request[2:])))
            return replies

        return answer

    def _serve(self, function: int, data: bytes) -> bytes:
        first, second = int.from_bytes(data[:2], "big"), int.from_bytes(data[2:4], "big")
        if function in (READ_OUTPUTS, READ_INPUTS):
            return self._read(function, first, second)
        if function == WRITE_OUTPUT:
            return self._write(function, first, [second == 0xFF00], data[:4]) if second in (0, 0xFF00) else _no(5, 3)
        if function == WRITE_OUTPUTS:
            bits = [bool(data[5 + n // 8] >> (n % 8) & 1) for n in range(second)]
            return self._write(function, first, bits, data[:4])
        return _no(function, ILLEGAL_FUNCTION)

    def _read(self, function: int, first: int, count: int) -> bytes:
        bits = (self.outputs if function == READ_OUTPUTS else self.inputs)[first : first + count]
        if not count or len(bits) != count:
            return _no(function, ILLEGAL_ADDRESS if count else ILLEGAL_VALUE)
        packed = sum(1 << n for n, bit in enumerate(bits) if bit)
        size = (count + 7) // 8
        return bytes([function, size]) + packed.to_bytes(size, "little")

    def _write(self, function: int, first: int, bits: list[bool], echo: bytes) -> bytes:
        if first + len(bits) > CHANNELS:
            return _no(function, ILLEGAL_ADDRESS)
        self.outputs[first : first + len(bits)] = bits
        return bytes([function]) + echo


def _no(function: int, reason: int) -> bytes:
    return bytes([function | 0x80, reason])


def _framed(body: bytes) -> bytes:
    return body + crc(body).to_bytes(2, "little")


def _take_request(heard: bytearray) -> bytes | None:
    """The next request with a true check, without it; what can be none is thrown away a byte at a time."""
    while len(heard) >= 8:
        size = 9 + heard[6] if heard[1] == WRITE_OUTPUTS else 8
        if len(heard) < size:
            return None
        frame = bytes(heard[:size])
        if crc(frame[:-2]) == int.from_bytes(frame[-2:], "little"):
            del heard[:size]
            return frame[:-2]
        del heard[0]
    return None
