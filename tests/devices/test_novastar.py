"""NovaStar's bytes: frames that others captured or computed, and a decoder that survives anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import BadFrame, LinkLost, Refused
from devices.novastar import Answer, Card, accepted, answers, checksum, decoder, order, question, value

OUTPUT_1, OUTPUT_2 = Card(port=0), Card(port=1)

# Captured from the maker's own program: dietervansteenwegen/Novastar_MCTRL300_basic_controller.
CAPTURED = [
    ("slash", 0x4F, OUTPUT_1, "55aa004ffe000100ffff010001010002010008af58"),
    ("red", 0x2E, OUTPUT_1, "55aa002efe000100ffff0100010100020100028858"),
    ("white", 0x17, OUTPUT_1, "55aa0017fe000100ffff0100010100020100057458"),
    ("green", 0x41, OUTPUT_1, "55aa0041fe000100ffff0100010100020100039c58"),
    ("blue", 0x4B, OUTPUT_1, "55aa004bfe000100ffff010001010002010004a758"),
    ("off", 0x23, OUTPUT_1, "55aa0023fe000100ffff0100010100020100017c58"),
    ("red", 0x54, OUTPUT_2, "55aa0054fe000101ffff010001010002010002af58"),
    ("slash", 0x8F, OUTPUT_2, "55aa008ffe000101ffff010001010002010008f058"),
]
# From @novastar/codec: every card of every output.
BRIGHT = [
    (0, "55aa0001fe0001ffffff0100010000020100005759"),
    (127, "55aa0001fe0001ffffff01000100000201007fd659"),
    (255, "55aa0001fe0001ffffff0100010000020100ff565a"),
]


def said(ack: int, *, io: int = 1, register: int = 0x02000100, data: bytes = b"", length: int | None = None) -> bytes:
    """An answer as a controller would make it, by the rule of the frames."""
    size = len(data) if length is None else length
    body = bytes([ack, 7, 0, 0xFE, 1, 0, 0, 0, io, 0]) + register.to_bytes(4, "little")
    body += size.to_bytes(2, "little") + data
    return b"\xaa\x55" + body + checksum(body)


@pytest.mark.parametrize(("pattern", "serial", "card", "wire"), CAPTURED)
def test_a_test_pattern_is_what_the_makers_program_sends(pattern: str, serial: int, card: Card, wire: str) -> None:
    """Byte for byte, sum included."""
    assert order("test-pattern", serial, pattern, card).hex() == wire


@pytest.mark.parametrize(("level", "wire"), BRIGHT)
def test_brightness_goes_to_every_card(level: int, wire: str) -> None:
    """As another author's codec writes it."""
    assert order("brightness", 1, level).hex() == wire


def test_black_is_what_another_controller_sends() -> None:
    """bitfocus/companion-module-novastar-controller has these bytes for `Black` of an MCTRL."""
    assert order("blackout", 0x80, "blank").hex() == "55aa0080fe0001ffffff0100000100020100ffd55a"


def test_a_question_names_one_card() -> None:
    """A read of one byte; the sending card has no place in the chain."""
    assert question("blackout", 7, Card(port=0, number=2)).hex() == "55aa0007fe000100020000000001000201006156"
    assert question("signal", 7, Card(port=3, number=9))[6:10] == bytes(4)


@pytest.mark.parametrize(("name", "level"), [("brightness", 256), ("brightness", "on"), ("blackout", 1)])
def test_what_a_register_cannot_hold_is_not_sent(name: str, level: str | int) -> None:
    """Nor what can only be read."""
    with pytest.raises(ValueError, match=name):
        order(name, 1, level)
    with pytest.raises(ValueError, match="signal"):
        order("signal", 1, "there")


def test_a_value_is_read_in_words() -> None:
    """A byte without a word says nothing."""
    (normal,) = decoder().feed(said(0, io=0, data=b"\x00"))
    (odd,) = decoder().feed(said(0, io=0, data=b"\x42"))
    assert isinstance(normal, Answer)
    assert isinstance(odd, Answer)
    assert (value("blackout", normal), value("blackout", odd)) == ("normal", None)


@pytest.mark.parametrize("length", [0, 1])
def test_an_answer_to_a_write_may_tell_a_length_without_data(length: int) -> None:
    """Sources differ on it; the sum decides."""
    found = decoder().feed(said(0, length=length) + said(0, io=0, data=b"\xff"))
    assert [item.data for item in found if isinstance(item, Answer)] == [b"", b"\xff"]


@pytest.mark.parametrize(
    ("ack", "error", "cause"),
    [(1, LinkLost, "card-silent"), (2, BadFrame, "check-error"), (3, BadFrame, "check-error"), (4, Refused, "refused")],
)
def test_an_answer_that_is_no_yes_says_who_must_act(ack: int, error: type[Exception], cause: str) -> None:
    """Damaged bytes and silent cards are tried again, the unknown is not."""
    (answer,) = decoder().feed(said(ack))
    assert isinstance(answer, Answer)
    with pytest.raises(error, match=cause):
        accepted(answer)


def test_an_answer_belongs_to_its_request_only() -> None:
    """By serial, direction and register."""
    (answer,) = decoder().feed(said(0, io=0, data=b"\x00"))
    assert isinstance(answer, Answer)
    assert answers(answer, question("blackout", 7, OUTPUT_1))
    assert not answers(answer, question("blackout", 8, OUTPUT_1))
    assert not answers(answer, question("brightness", 7, OUTPUT_1))
    assert not answers(answer, order("blackout", 7, "blank"))


@given(st.binary(max_size=60), st.integers(1, 40))
def test_any_bytes_in_any_split_leave_the_next_answer_readable(noise: bytes, piece: int) -> None:
    """Rubbish, halves of frames, single bytes: a good answer behind them is found, at the latest after the pause."""
    stream, lines = noise + said(0, io=0, data=b"\xff"), decoder()
    found = [item for start in range(0, len(stream), piece) for item in lines.feed(stream[start : start + piece])]
    found += lines.flush()
    assert any(isinstance(item, Answer) and item.data == b"\xff" for item in found)


@given(st.integers(2, 18), st.integers(1, 255))
def test_a_damaged_byte_is_noticed(place: int, flip: int) -> None:
    """One wrong byte never makes another answer."""
    frame = bytearray(said(0, io=0, data=b"\xff"))
    frame[place] ^= flip
    lines = decoder()
    found = lines.feed(bytes(frame)) + lines.flush()
    assert not any(isinstance(item, Answer) for item in found)
