"""NovaStar's LED controller protocol as bytes: a table of registers, an encoder, a decoder without sockets.

Frames after dietervansteenwegen/Novastar_MCTRL300_basic_controller (`command_layout.md`) and sarakusha/novastar
(`packages/codec/src/Packet.ts`), which agree: `55 AA ack serial FE dest kind port card16 io 00 register32 length16
data… sum16`, answers begin with `AA 55`; low bytes first; sum = 5555h + every byte between the header and the sum.
Registers: brightness and test pattern in both; `blackout` (their kill mode) in sarakusha/novastar
(`AddressMapping.ts`) and bitfocus/companion-module-novastar-controller (`choices.js`). `signal` is in the latter
alone (`index.js`), and whether a write to all cards is answered is written nowhere: neither is relied upon.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from devices.errors import BadFrame, LinkLost, Refused
from devices.framing import Decoder

REQUEST, ANSWER = b"\x55\xaa", b"\xaa\x55"
COMPUTER = 0xFE
SENDING_CARD, RECEIVING_CARD = 0, 1
READ, WRITE = 0, 1
EVERY_PORT, EVERY_CARD = 0xFF, 0xFFFF
HEAD, SUM = 18, 2
MAX_DATA = 64
MAX_FRAME = HEAD + MAX_DATA + SUM
SUM_BASE = 0x5555
FULL = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One register: on which card it is, and the words of its bytes, or a number up to `top`."""

    register: int
    kind: int = RECEIVING_CARD
    words: Mapping[int, str] = field(default_factory=dict)
    top: int = 0
    settable: bool = True


REGISTERS: Mapping[str, Row] = {
    "signal": Row(register=0x02000017, kind=SENDING_CARD, words={0: "missing", 1: "there"}, settable=False),
    "brightness": Row(register=0x02000001, top=FULL),
    "blackout": Row(register=0x02000100, words={0x00: "normal", 0xFF: "blank"}),
    "test-pattern": Row(
        register=0x02000101,
        words={
            1: "off",
            2: "red",
            3: "green",
            4: "blue",
            5: "white",
            6: "horizontal",
            7: "vertical",
            8: "slash",
            9: "grey-scale",
        },
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Which card of the chain: the controller's output (from 0) and the place behind it (from 0)."""

    port: int = EVERY_PORT
    number: int = EVERY_CARD


EVERYWHERE = Card()
FIRST_CARD = Card(port=0, number=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer off the wire; `serial` is that of its request."""

    ack: int
    serial: int
    io: int
    register: int
    data: bytes


def question(name: str, serial: int, card: Card) -> bytes:
    """The bytes that ask a card for a register."""
    row = REGISTERS[name]
    at = card if row.kind == RECEIVING_CARD else FIRST_CARD
    return frame(row, serial, at, READ, length=1)


def order(name: str, serial: int, value: str | int, card: Card = EVERYWHERE) -> bytes:
    """The bytes that set a register: a word of its row, or a number up to its top; else `ValueError`."""
    row = REGISTERS[name]
    return frame(row, serial, card, WRITE, data=bytes([_byte(name, row, value)]))


def frame(row: Row, serial: int, card: Card, io: int, *, data: bytes = b"", length: int = 0) -> bytes:
    """A request as it goes on the wire; `length` is what a read asks for."""
    size = len(data) or length
    body = bytes([0, serial, COMPUTER, 0, row.kind, card.port]) + card.number.to_bytes(2, "little")
    body += bytes([io, 0]) + row.register.to_bytes(4, "little") + size.to_bytes(2, "little") + data
    return REQUEST + body + checksum(body)


def checksum(body: bytes) -> bytes:
    """The two check bytes of everything after the header."""
    return (SUM_BASE + sum(body) & 0xFFFF).to_bytes(SUM, "little")


def answers(answer: Answer, request: bytes) -> bool:
    """True when this answer belongs to that request."""
    register = int.from_bytes(request[12:16], "little")
    return (answer.serial, answer.io, answer.register) == (request[3], request[10], register)


def accepted(answer: Answer) -> None:
    """Return when the controller said yes.

    Raises `BadFrame` where it or a card received damaged bytes, `LinkLost` where the card behind it keeps silent, and
    `Refused` for what it does not know.
    """
    match answer.ack:
        case 0:
            return
        case 1:
            raise LinkLost("card-silent", "ack 1")
        case 2 | 3:
            raise BadFrame("check-error", f"ack {answer.ack}")
        case _:
            raise Refused("refused", f"ack {answer.ack}")


def value(name: str, answer: Answer) -> str | int | None:
    """What a register holds: a word or a number, None where the byte has no word; raises as `accepted`, and `BadFrame`
    when the answer is empty."""
    accepted(answer)
    row = REGISTERS[name]
    if not answer.data:
        raise BadFrame("bad-frame", f"empty answer to {name}")
    return answer.data[0] if row.top else row.words.get(answer.data[0])


def decoder() -> Decoder[Answer]:
    """A decoder of answers for one connection."""
    return Decoder(examine, longest=MAX_FRAME)


def examine(held: bytes) -> tuple[Answer, int] | None:
    """The answer at the head of these bytes, see `devices.framing.Examine`."""
    if not held.startswith(ANSWER[: len(held)]):
        raise BadFrame("bad-frame", held[:16].hex(" "))
    if len(held) < HEAD + SUM:
        return None
    length = int.from_bytes(held[16:18], "little")
    if length > MAX_DATA:
        raise BadFrame("bad-frame", f"length {length}")
    for size in _sizes(held, length):
        if held[size - SUM : size] == checksum(held[2 : size - SUM]) and len(held) >= size:
            return _answer(held[:size]), size
    if len(held) < HEAD + length + SUM:
        return None
    raise BadFrame("check-error", held[: HEAD + length + SUM].hex(" "))


def _sizes(held: bytes, length: int) -> tuple[int, ...]:
    """How long this answer may be: to a write, and with an error, the length may be told of data that do not follow."""
    whole, bare = HEAD + length + SUM, HEAD + SUM
    return (bare, whole) if held[2] or held[10] == WRITE else (whole,)


def _answer(whole: bytes) -> Answer:
    register = int.from_bytes(whole[12:16], "little")
    return Answer(ack=whole[2], serial=whole[3], io=whole[10], register=register, data=whole[HEAD:-SUM])


def _byte(name: str, row: Row, value: str | int) -> int:
    if row.settable and isinstance(value, int) and 0 <= value <= row.top:
        return value
    for byte, word in row.words.items():
        if row.settable and word == value:
            return byte
    raise ValueError(f"{name} cannot be set to {value!r}")
