"""The display protocol as bytes; vectors by its published rule, and an independent client to compare."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samsung_mdc.connection import pack_payload, pack_response

from devices import mdc
from devices.errors import BadFrame, Refused
from devices.mdc import Reply

POWER_IS_ON = bytes.fromhex("aa ff 01 03 41 11 01 56")


def ends(data: bytes, *cuts: int) -> list[bytes]:
    """The same bytes in pieces."""
    edges = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def decoded(*pieces: bytes) -> list[Reply | BadFrame]:
    decoder = mdc.decoder()
    return [item for piece in pieces for item in decoder.feed(piece)] + decoder.flush()


def good(*pieces: bytes) -> list[Reply]:
    return [item for item in decoded(*pieces) if isinstance(item, Reply)]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (mdc.question("status", 1), "aa 00 01 00 01"),
        (mdc.question("power", 1), "aa 11 01 00 12"),
        (mdc.order("power", 1, "on"), "aa 11 01 01 01 14"),
        (mdc.order("power", 1, "off"), "aa 11 01 01 00 13"),
        (mdc.order("input", 1, "hdmi1"), "aa 14 01 01 21 37"),
        (mdc.order("lamp", 1, 60), "aa 58 01 01 3c 96"),
        (mdc.order("panel", 1, "off"), "aa f9 01 01 01 fc"),
        (mdc.question("screen-mute", 3), "aa fe 03 01 51 53"),
        (mdc.order("screen-mute", 3, "off"), "aa fe 03 02 51 ff 53"),
    ],
)
def test_requests_are_byte_exact(request_: bytes, expected: str) -> None:
    """What goes on the wire is what the displays' manuals print."""
    assert request_ == bytes.fromhex(expected)


@pytest.mark.parametrize("command", mdc.COMMANDS)
def test_every_question_equals_the_independent_clients(command: str) -> None:
    """Another implementation packs every row of the table into the same bytes."""
    row = mdc.COMMANDS[command]
    code = row.code if row.sub is None else (row.code, row.sub)
    assert mdc.question(command, 5) == pack_payload(code, 5)


def test_answer_to_power_is_read() -> None:
    """The answer of the published vector says that display 1 is on."""
    assert good(POWER_IS_ON) == [Reply(display_id=1, acknowledged=True, code=0x11, data=b"\x01")]
    assert mdc.value("power", good(POWER_IS_ON)[0]) == "on"


def test_panel_is_inverted() -> None:
    """0 means on for the panel, other than for the power."""
    (reply,) = good(pack_response(0xF9, 1, True, b"\x00"))
    assert mdc.value("panel", reply) == "on"


def test_refusal_raises_with_its_code() -> None:
    """A NAK is the display's own no."""
    (reply,) = good(pack_response(0x11, 1, False, b"\x02"))
    with pytest.raises(Refused, match="error code 02"):
        mdc.value("power", reply)


def test_texts_and_several_parts_are_read() -> None:
    """Names come as text, the fault report by its parts."""
    (model,) = good(pack_response(0x8A, 1, True, b"QM55C\x00"))
    (faults,) = good(pack_response(0x0D, 1, True, bytes([0, 1, 2, 0, 61, 0])))
    assert mdc.value("model", model) == "QM55C"
    assert dict(mdc.values("errors", faults)) | {"heat": 1, "celsius": 61} == mdc.values("errors", faults)


def test_source_reported_only_has_the_plugs_name() -> None:
    """A display may answer with the PC form of a plug; it is the same plug."""
    (reply,) = good(pack_response(0x14, 1, True, b"\x22"))
    assert mdc.value("input", reply) == "hdmi1"
    with pytest.raises(ValueError, match="cannot be set"):
        mdc.order("input", 1, 0x22)


@pytest.mark.parametrize(("command", "value"), [("lamp", 101), ("lamp", -1), ("serial", "x"), ("power", 1)])
def test_impossible_orders_are_refused_before_the_wire(command: str, value: str | int) -> None:
    """A value outside the row never becomes bytes."""
    with pytest.raises(ValueError, match="cannot be set"):
        mdc.order(command, 1, value)


@pytest.mark.parametrize("command", ["power", "lamp", "input"])
def test_empty_answer_is_a_bad_frame(command: str) -> None:
    """An acknowledged answer without a value says nothing."""
    with pytest.raises(BadFrame):
        mdc.value(command, Reply(display_id=1, acknowledged=True, code=mdc.COMMANDS[command].code, data=b""))


def test_answer_belongs_to_its_question_only() -> None:
    """Another id, another command or another subcommand is somebody else's answer."""
    (muted,) = good(pack_response((0xFE, 0x51), 4, True, b"\x00"))
    assert mdc.answers(muted, "screen-mute", 4)
    assert not mdc.answers(muted, "screen-mute", 5)
    assert not mdc.answers(muted, "panel", 4)
    assert not mdc.answers(Reply(display_id=4, acknowledged=True, code=0xFE, data=b"\x63\x00"), "screen-mute", 4)


def test_wrong_sum_is_told_and_the_next_answer_found() -> None:
    """A damaged frame costs itself, nothing else."""
    damaged = POWER_IS_ON[:-1] + b"\x00"
    first, second = decoded(damaged + POWER_IS_ON)
    assert isinstance(first, BadFrame)
    assert first.cause == "check-error"
    assert isinstance(second, Reply)


def test_answer_behind_a_torn_one_is_found_when_the_line_is_quiet() -> None:
    """A frame that lost its end does not swallow the one after it."""
    torn = bytes.fromhex("aa ff 01 20 41 11")
    assert len(good(torn + POWER_IS_ON)) == 1


@pytest.mark.parametrize("cut", range(16))
def test_demand_for_encryption_is_recognised(cut: int) -> None:
    """A display set to the secured protocol greets with a banner; the installer is told so."""
    bad = [item.cause for item in decoded(mdc.TLS_BANNER[:cut], mdc.TLS_BANNER[cut:]) if isinstance(item, BadFrame)]
    assert bad == ["secured-protocol"]


replies = st.builds(
    pack_response,
    st.sampled_from([row.code for row in mdc.COMMANDS.values()]),
    st.integers(0, 254),
    st.just(True),
    st.binary(max_size=mdc.MAX_DATA - 2),
)
cuts = st.lists(st.integers(0, 2000), max_size=12)


@given(st.lists(replies, min_size=1, max_size=5), cuts)
def test_any_split_gives_the_same_answers(frames: list[bytes], where: list[int]) -> None:
    """Joined, split or byte by byte: the same answers in the same order."""
    assert good(*ends(b"".join(frames), *where)) == [reply for one in frames for reply in good(one)]


@given(st.binary(max_size=600), cuts)
def test_rubbish_is_bounded_and_forgotten(rubbish: bytes, where: list[int]) -> None:
    """Whatever arrives, the decoder raises nothing, holds less than one frame and is empty when the line is quiet."""
    decoder = mdc.decoder()
    for piece in ends(rubbish, *where):
        decoder.feed(piece)
        assert decoder.held < mdc.MAX_FRAME
    decoder.flush()
    assert decoder.held == 0


@given(st.binary(max_size=300), replies, cuts)
def test_good_answer_after_rubbish_is_always_found(rubbish: bytes, frame: bytes, where: list[int]) -> None:
    """No rubbish hides the answer after it for longer than until the line is quiet."""
    decoder = mdc.decoder()
    for piece in ends(rubbish, *where):
        decoder.feed(piece)
    decoder.flush()
    assert [item for piece in ends(frame, *where) for item in decoder.feed(piece)] == good(frame)


@given(st.binary(max_size=60).filter(lambda data: mdc.HEADER not in data and b"M" not in data), replies)
def test_noise_before_an_answer_costs_nothing(noise: bytes, frame: bytes) -> None:
    """Noise that holds no header does not even delay the answer behind it."""
    assert mdc.decoder().feed(noise + frame)[-1] == good(frame)[0]
