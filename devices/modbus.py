"""Modbus RTU as bytes, as far as contact modules need it: read coils and inputs, write one coil or several.

Own codec, because it must run on any `Link`, virtual ones too. Check vectors of the Waveshare 8DI/8DO module:
`01 02 00 00 00 08 79 cc` is answered by `01 02 01 c2 20 19`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devices.errors import BadFrame, Refused
from devices.framing import Decoder

READ_COILS = 0x01
READ_INPUTS = 0x02
WRITE_COIL = 0x05
WRITE_COILS = 0x0F
EXCEPTION = 0x80
MAX_UNIT = 247
MAX_BITS = 256  # far above any contact module; a false header must not keep us waiting for the protocol's 2000
MAX_BYTES = MAX_BITS // 8
MAX_FRAME = 3 + MAX_BYTES + 2
_READS = (READ_COILS, READ_INPUTS)
_WRITES = (WRITE_COIL, WRITE_COILS)
_ANSWER_TO_WRITE = 8
_EXCEPTION_SIZE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer off the wire, its check sum verified; `exception` is the module's own error code."""

    unit: int
    function: int
    data: bytes
    exception: int | None = None


def crc(data: bytes) -> bytes:
    """The two check bytes of a frame, low byte first (CRC-16, polynomial A001 reflected, start FFFF)."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0xA001 if register & 1 else 0)
    return register.to_bytes(2, "little")


def read_coils(unit: int, start: int, count: int) -> bytes:
    """Ask for the states of outputs (FC01)."""
    return _request(unit, READ_COILS, start, _counted(count))


def read_inputs(unit: int, start: int, count: int) -> bytes:
    """Ask for the states of discrete inputs (FC02)."""
    return _request(unit, READ_INPUTS, start, _counted(count))


def write_coil(unit: int, coil: int, *, on: bool) -> bytes:
    """Switch one output (FC05)."""
    return _request(unit, WRITE_COIL, coil, 0xFF00 if on else 0x0000)


def write_coils(unit: int, start: int, states: Sequence[bool]) -> bytes:
    """Switch neighbouring outputs in one go (FC0F)."""
    packed = sum(1 << place for place, on in enumerate(states) if on).to_bytes(-(-len(states) // 8), "little")
    body = _head(unit, WRITE_COILS, start, _counted(len(states))) + bytes([len(packed)]) + packed
    return body + crc(body)


def answers(answer: Answer, request: bytes) -> bool:
    """True when this answer belongs to that request: same unit and function, same size or echoed address."""
    if (answer.unit, answer.function) != (request[0], request[1]):
        return False
    if answer.exception is not None:
        return True
    if answer.function in _READS:
        return len(answer.data) == -(-int.from_bytes(request[4:6], "big") // 8)
    return answer.data == request[2:6]


def bits(answer: Answer, count: int) -> tuple[bool, ...]:
    """The first `count` states of an answer to a read; raises `Refused` when the module reported an exception."""
    accepted(answer)
    if count > len(answer.data) * 8:
        raise BadFrame("bad-frame", f"{len(answer.data)} bytes for {count} states")
    whole = int.from_bytes(answer.data, "little")
    return tuple(bool(whole >> place & 1) for place in range(count))


def accepted(answer: Answer) -> None:
    """Return when the module did it; raises `Refused` with its exception code otherwise."""
    if answer.exception is not None:
        raise Refused("refused", f"exception {answer.exception} to function {answer.function}")


def decoder() -> Decoder[Answer]:
    """A decoder of answers for one connection."""
    return Decoder(examine, longest=MAX_FRAME)


def examine(held: bytes) -> tuple[Answer, int] | None:
    """The answer at the head of these bytes, see `devices.framing.Examine`."""
    if not 1 <= held[0] <= MAX_UNIT:
        raise BadFrame("bad-frame", f"unit {held[0]}")
    if len(held) < 2:
        return None
    size = _size(held)
    if size is None or len(held) < size:
        return None
    if crc(held[: size - 2]) != held[size - 2 : size]:
        raise BadFrame("check-error", held[:size].hex(" "))
    return _answer(held[:size]), size


def _size(held: bytes) -> int | None:
    function = held[1]
    if function in _WRITES:
        return _ANSWER_TO_WRITE
    if function & EXCEPTION and function & ~EXCEPTION in _READS + _WRITES:
        return _EXCEPTION_SIZE
    if function not in _READS:
        raise BadFrame("bad-frame", f"function {function:02x}")
    if len(held) < 3:
        return None
    if not 1 <= held[2] <= MAX_BYTES:
        raise BadFrame("bad-frame", f"{held[2]} bytes announced")
    return held[2] + 5


def _answer(frame: bytes) -> Answer:
    unit, function = frame[0], frame[1]
    if function & EXCEPTION:
        return Answer(unit=unit, function=function & ~EXCEPTION, data=b"", exception=frame[2])
    return Answer(unit=unit, function=function, data=frame[3 if function in _READS else 2 : -2])


def _request(unit: int, function: int, address: int, value: int) -> bytes:
    body = _head(unit, function, address, value)
    return body + crc(body)


def _head(unit: int, function: int, address: int, value: int) -> bytes:
    if not 1 <= unit <= MAX_UNIT:
        raise ValueError(f"unit {unit} is not 1 to {MAX_UNIT}")
    return bytes([unit, function]) + address.to_bytes(2, "big") + value.to_bytes(2, "big")


def _counted(count: int) -> int:
    if not 1 <= count <= MAX_BITS:
        raise ValueError(f"{count} states at once; 1 to {MAX_BITS} are possible")
    return count
