"""Samsung's display protocol MDC as bytes: a table of commands, an encoder, a decoder without sockets.

Frames after vgavro/samsung-mdc (`connection.py`, `commands.py`): request `AA cmd id len data… ck`, reply
`AA FF id len 41|4E cmd data… ck`, ck = the sum of everything after `AA`, modulo 256; a subcommand is data[0].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from devices.errors import BadFrame, Refused
from devices.framing import Decoder

HEADER = 0xAA
ANSWER = 0xFF
ACK = 0x41
NAK = 0x4E
HEAD = 4
MIN_DATA = 2
MAX_DATA = 128  # the longest answers are names and addresses; a false header must not keep us waiting for 255 bytes
MAX_FRAME = HEAD + MAX_DATA + 1
_START = bytes([HEADER, ANSWER])
TLS_BANNER = b"MDCSTART<<TLS>>"

ON_OFF = {0: "off", 1: "on"}
INPUTS = {
    0x14: "pc",
    0x18: "dvi",
    0x20: "magicinfo",
    0x21: "hdmi1",
    0x23: "hdmi2",
    0x25: "dp1",
    0x26: "dp2",
    0x27: "dp3",
    0x31: "hdmi3",
    0x33: "hdmi4",
    0x55: "hdbaset",
    0x60: "magicinfo-s",
    0x63: "url-launcher",
}
INPUTS_SAID = INPUTS | {0x22: "hdmi1", 0x24: "hdmi2", 0x32: "hdmi3", 0x34: "hdmi4"}  # `*_PC` is only ever reported


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One command: `words` names the values of its bytes; `said` also those that are only ever reported."""

    code: int
    sub: int | None = None
    words: Mapping[int, str] = field(default_factory=dict)
    said: Mapping[int, str] = field(default_factory=dict)
    top: int = 0
    settable: bool = True
    text: bool = False
    parts: tuple[str, ...] = ()


COMMANDS: Mapping[str, Row] = {
    "status": Row(
        code=0x00, settable=False, parts=("power", "volume", "mute", "input", "aspect", "on-timer", "off-timer")
    ),
    "serial": Row(code=0x0B, settable=False, text=True),
    "errors": Row(code=0x0D, settable=False, parts=("lamp", "heat", "light-sensor", "signal", "celsius", "fan")),
    "software": Row(code=0x0E, settable=False, text=True),
    "power": Row(code=0x11, words=ON_OFF | {2: "reboot"}),
    "volume": Row(code=0x12, top=100),
    "mute": Row(code=0x13, words=ON_OFF, said={0xFF: "none"}),
    "input": Row(code=0x14, words=INPUTS, said=INPUTS_SAID),
    "brightness": Row(code=0x25, top=100),
    "standby": Row(code=0x4A, words=ON_OFF | {2: "auto"}),
    "auto-lamp": Row(
        code=0x57,
        settable=False,
        parts=(
            *("max-hour", "max-minute", "max-half", "max-lamp"),
            *("min-hour", "min-minute", "min-half", "min-lamp"),
        ),
    ),
    "lamp": Row(code=0x58, top=100),
    "safety-lock": Row(code=0x5D, words=ON_OFF),
    "wall": Row(code=0x84, words=ON_OFF),
    "model": Row(code=0x8A, settable=False, text=True),
    "network-standby": Row(code=0xB5, words=ON_OFF),
    "panel": Row(code=0xF9, words={0: "on", 1: "off"}),  # inverted, so in the protocol
    "screen-mute": Row(code=0xFE, sub=0x51, words={0x00: "on", 0xFF: "off"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer off the wire; `data` still holds the subcommand where the command has one."""

    display_id: int
    acknowledged: bool
    code: int
    data: bytes


def question(command: str, display_id: int) -> bytes:
    """The bytes that ask for a value."""
    row = COMMANDS[command]
    return frame(row.code, display_id, _prefix(row))


def order(command: str, display_id: int, value: str | int) -> bytes:
    """The bytes that set a value: a word of the row, or a number up to its top; else `ValueError`."""
    row = COMMANDS[command]
    return frame(row.code, display_id, _prefix(row) + bytes([_byte(command, row, value)]))


def frame(code: int, display_id: int, data: bytes = b"") -> bytes:
    """A request as it goes on the wire."""
    body = bytes([code, display_id, len(data)]) + data
    return bytes([HEADER]) + body + bytes([checksum(body)])


def checksum(body: bytes) -> int:
    """The sum of everything after the header, modulo 256."""
    return sum(body) & 0xFF


def answers(reply: Reply, command: str, display_id: int) -> bool:
    """True when this reply belongs to that question; a NAK carries no subcommand."""
    row = COMMANDS[command]
    if (reply.display_id, reply.code) != (display_id, row.code):
        return False
    return not reply.acknowledged or row.sub is None or reply.data[:1] == _prefix(row)


def value(command: str, reply: Reply) -> str | int | None:
    """What an acknowledged reply says: a word, a number or a text; None where the byte has no word.

    Raises `Refused` on a NAK and `BadFrame` when the answer is too short.
    """
    row = COMMANDS[command]
    data = _payload(row, reply)
    if row.text:
        return data.rstrip(b"\x00 ").decode("ascii", "replace")
    if not data:
        raise BadFrame("bad-frame", f"empty answer to {command}")
    return data[0] if row.top else row.words.get(data[0], row.said.get(data[0]))


def values(command: str, reply: Reply) -> Mapping[str, int]:
    """The bytes of an answer of several parts, by the names of the row; errors as in `value`."""
    row = COMMANDS[command]
    data = _payload(row, reply)
    if len(data) < len(row.parts):
        raise BadFrame("bad-frame", f"{len(data)} bytes in answer to {command}")
    return dict(zip(row.parts, data, strict=False))


def _payload(row: Row, reply: Reply) -> bytes:
    if not reply.acknowledged:
        raise Refused("refused", f"error code {reply.data.hex() or 'none'}")
    return reply.data.removeprefix(_prefix(row))


def _prefix(row: Row) -> bytes:
    return b"" if row.sub is None else bytes([row.sub])


def _byte(command: str, row: Row, value: str | int) -> int:
    if row.settable and isinstance(value, int) and 0 <= value <= row.top:
        return value
    for byte, word in row.words.items():
        if row.settable and word == value:
            return byte
    raise ValueError(f"{command} cannot be set to {value!r}")


def decoder() -> Decoder[Reply]:
    """A decoder of replies for one connection."""
    return Decoder(examine, longest=MAX_FRAME)


def examine(held: bytes) -> tuple[Reply, int] | None:
    """The reply at the head of these bytes, see `devices.framing.Examine`."""
    if TLS_BANNER.startswith(held[: len(TLS_BANNER)]):
        if len(held) < len(TLS_BANNER):
            return None
        raise BadFrame("secured-protocol", "the display wants TLS and a PIN")
    if not held.startswith(_START[: len(held)]):
        raise BadFrame("bad-frame", held[:16].hex(" "))
    if len(held) < HEAD:
        return None
    size = held[3] + HEAD + 1
    if not MIN_DATA <= held[3] <= MAX_DATA:
        raise BadFrame("bad-frame", f"length {held[3]}")
    if len(held) < size:
        return None
    if checksum(held[1 : size - 1]) != held[size - 1]:
        raise BadFrame("check-error", held[:size].hex(" "))
    if held[4] not in (ACK, NAK):
        raise BadFrame("bad-frame", f"neither ACK nor NAK: {held[4]:02x}")
    return Reply(display_id=held[2], acknowledged=held[4] == ACK, code=held[5], data=held[6 : size - 1]), size
