"""Modbus RTU as bytes; vectors published by a module's maker, and pymodbus as the independent implementation."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU

from devices import modbus
from devices.errors import BadFrame, Refused
from devices.modbus import Answer

QUESTION = bytes.fromhex("01 02 00 00 00 08 79 cc")
ANSWER = bytes.fromhex("01 02 01 c2 20 19")


def framed(body: bytes) -> bytes:
    return body + modbus.crc(body)


def decoded(*pieces: bytes) -> list[Answer | BadFrame]:
    decoder = modbus.decoder()
    return [item for piece in pieces for item in decoder.feed(piece)] + decoder.flush()


def good(*pieces: bytes) -> list[Answer]:
    return [item for item in decoded(*pieces) if isinstance(item, Answer)]


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """The same bytes in pieces."""
    edges = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def test_published_vector() -> None:
    """The maker's question and answer, byte for byte: inputs 1, 6 and 7 are on."""
    assert modbus.read_inputs(1, 0, 8) == QUESTION
    (answer,) = good(ANSWER)
    assert modbus.answers(answer, QUESTION)
    assert modbus.bits(answer, 8) == (False, True, False, False, False, False, True, True)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (modbus.read_coils(1, 0, 8), "01 01 00 00 00 08 3d cc"),
        (modbus.write_coil(1, 0, on=True), "01 05 00 00 ff 00 8c 3a"),
        (modbus.write_coil(1, 0, on=False), "01 05 00 00 00 00 cd ca"),
        (modbus.write_coils(1, 0, [True] * 8), "01 0f 00 00 00 08 01 ff be d5"),
    ],
)
def test_requests_are_byte_exact(request_: bytes, expected: str) -> None:
    """What goes on the wire is what the module's manual prints."""
    assert request_ == bytes.fromhex(expected)


@given(st.binary(min_size=1, max_size=60))
def test_check_bytes_equal_the_independent_ones(body: bytes) -> None:
    """Another implementation computes the same CRC."""
    assert int.from_bytes(modbus.crc(body), "big") == FramerRTU.compute_CRC(body)


@given(st.integers(1, 247), st.integers(0, 255), st.lists(st.booleans(), min_size=1, max_size=64))
def test_written_coils_read_the_same_elsewhere(unit: int, start: int, states: list[bool]) -> None:
    """Another implementation reads our order to several outputs as we meant it."""
    request = modbus.write_coils(unit, start, states)
    pdu = DecodePDU(True).decode(request[1:-2])
    assert pdu is not None
    assert (pdu.address, pdu.bits[: len(states)]) == (start, states)


def test_exception_is_a_refusal() -> None:
    """A module that knows no such input says so."""
    (answer,) = good(framed(bytes.fromhex("01 82 02")))
    assert modbus.answers(answer, QUESTION)
    with pytest.raises(Refused, match="exception 2"):
        modbus.bits(answer, 8)


@pytest.mark.parametrize(
    "other",
    [
        framed(bytes.fromhex("02 02 01 c2")),
        framed(bytes.fromhex("01 01 01 c2")),
        framed(bytes.fromhex("01 02 02 c2 00")),
        framed(bytes.fromhex("01 05 00 00 ff 00")),
    ],
)
def test_other_answers_do_not_belong(other: bytes) -> None:
    """Another unit, function or size answers another question."""
    (answer,) = good(other)
    assert not modbus.answers(answer, QUESTION)


def test_echo_of_a_written_coil_must_match() -> None:
    """The echo names output and state; an older echo is not this one's."""
    on, off = modbus.write_coil(1, 3, on=True), modbus.write_coil(1, 3, on=False)
    assert modbus.answers(good(on)[0], on)
    assert not modbus.answers(good(off)[0], on)


@pytest.mark.parametrize("count", [0, 257])
def test_impossible_counts_never_become_bytes(count: int) -> None:
    """A request for nothing or for too much is our own mistake."""
    with pytest.raises(ValueError, match="states at once"):
        modbus.read_inputs(1, 0, count)


def test_units_outside_the_line_never_become_bytes() -> None:
    """Unit 0 is everybody: nobody would answer."""
    with pytest.raises(ValueError, match="unit 0"):
        modbus.read_inputs(0, 0, 8)


def test_wrong_check_is_told_and_the_next_answer_found() -> None:
    """A damaged frame costs itself, nothing else."""
    first, *_, last = decoded(ANSWER[:-1] + b"\x00" + ANSWER)
    assert isinstance(first, BadFrame)
    assert first.cause == "check-error"
    assert last == good(ANSWER)[0]


answers = st.one_of(
    st.builds(
        lambda unit, function, data: framed(bytes([unit, function, len(data)]) + data),
        st.integers(1, 247),
        st.sampled_from([1, 2]),
        st.binary(min_size=1, max_size=modbus.MAX_BYTES),
    ),
    st.builds(modbus.write_coil, st.integers(1, 247), st.integers(0, 65535), on=st.booleans()),
    st.builds(lambda unit, code: framed(bytes([unit, 0x82, code])), st.integers(1, 247), st.integers(1, 11)),
)
cuts = st.lists(st.integers(0, 500), max_size=12)


@given(st.lists(answers, min_size=1, max_size=5), cuts)
def test_any_split_gives_the_same_answers(frames: list[bytes], where: list[int]) -> None:
    """Joined, split or byte by byte: the same answers in the same order."""
    assert good(*pieces(b"".join(frames), where)) == [answer for frame in frames for answer in good(frame)]


@given(st.binary(max_size=400), answers, cuts)
def test_rubbish_is_bounded_and_the_next_answer_found(rubbish: bytes, frame: bytes, where: list[int]) -> None:
    """Whatever arrives, less than one frame is held, and after a quiet moment the next answer is found."""
    decoder = modbus.decoder()
    for piece in pieces(rubbish, where):
        decoder.feed(piece)
        assert decoder.held < modbus.MAX_FRAME
    decoder.flush()
    assert [item for piece in pieces(frame, where) for item in decoder.feed(piece)] == good(frame)
