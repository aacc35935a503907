"""Questions and answers over one link, in memory."""

from __future__ import annotations

import asyncio
from typing import NoReturn

import pytest

from devices import modbus
from devices.backoff import Backoff
from devices.errors import BadFrame, LinkLost
from devices.exchange import Exchange, keep_talking, talking
from devices.link import Link
from devices.modbus import Answer
from tests.devices.peers import LoopClock
from tests.devices.test_backoff import Highest
from tests.running import run

QUESTION = bytes.fromhex("01 02 00 00 00 08 79 cc")
ANSWER = bytes.fromhex("01 02 01 c2 20 19")


class MemoryLink:
    """Bytes in a queue; `replies` answers what is written."""

    def __init__(self, reply: bytes = b"") -> None:
        self.incoming: asyncio.Queue[bytes] = asyncio.Queue()
        self.reply = reply
        self.closed = 0

    async def read(self, n: int) -> bytes:
        data = await self.incoming.get()
        if not data:
            raise LinkLost("hung-up")
        return data

    async def write(self, data: bytes) -> None:
        if self.reply:
            self.incoming.put_nowait(self.reply)

    async def close(self) -> None:
        self.closed += 1


async def asked(link: MemoryLink, *, strays: list[Answer] | None = None) -> Answer:
    """One question on a line that is listened to."""
    stray = (strays if strays is not None else []).append
    exchange: Exchange[Answer] = Exchange(link, modbus.decoder(), gap_s=0.01, stray=stray)
    listening = asyncio.create_task(exchange.listen(), name="listen")
    try:
        return await exchange.ask(QUESTION, lambda answer: modbus.answers(answer, QUESTION), within_s=0.05)
    finally:
        listening.cancel()
        await asyncio.wait([listening])


def test_answer_comes_to_whoever_asked() -> None:
    """The frame that matches ends the wait."""
    assert run(asked(MemoryLink(ANSWER))).data == b"\xc2"


def test_second_copy_is_a_stray() -> None:
    """Only one frame answers a question; others are handed on."""
    strays: list[Answer] = []

    async def scenario() -> None:
        await asked(MemoryLink(ANSWER + ANSWER), strays=strays)

    run(scenario())
    assert len(strays) == 1


def test_silence_and_rubbish_are_told_apart() -> None:
    """Nothing at all is a lost line, only rubbish is a bad frame."""
    with pytest.raises(LinkLost, match="silent"):
        run(asked(MemoryLink()))
    with pytest.raises(BadFrame):
        run(asked(MemoryLink(b"\x00\x00")))


def test_lost_link_ends_the_waiting_question() -> None:
    """Who waits is told why nothing will come."""

    async def scenario() -> None:
        link = MemoryLink()
        link.incoming.put_nowait(b"")
        with pytest.raises(LinkLost) as lost:
            await asked(link)
        assert lost.value.cause == "hung-up"

    run(scenario())


def test_line_is_opened_again_and_always_closed() -> None:
    """Each loss is told, and each link that was opened is let go."""
    links: list[MemoryLink] = []
    enough = asyncio.Event()

    async def opened() -> Link:
        links.append(MemoryLink())
        links[-1].incoming.put_nowait(b"")
        return links[-1]

    async def talk(link: Link) -> NoReturn:
        exchange: Exchange[Answer] = Exchange(link, modbus.decoder(), gap_s=0.01)
        await talking(exchange, asyncio.Event().wait())  # type: ignore[arg-type]  # a duty that never ends
        raise AssertionError

    def down(lost: LinkLost) -> None:
        if len(links) == 3:
            enough.set()

    async def scenario() -> None:
        backoff = Backoff(Highest(), first_s=0.001, longest_s=0.001)
        keeping = asyncio.create_task(
            keep_talking(opened, talk, down=down, backoff=backoff, clock=LoopClock()), name="keep"
        )
        await enough.wait()
        keeping.cancel()
        await asyncio.wait([keeping])
        assert keeping.cancelled()
        assert [link.closed for link in links[:3]] == [1, 1, 1]

    run(scenario())


def test_cancelling_in_the_moment_of_the_loss_ends_all_the_same() -> None:
    """A shutdown that meets a pulled cable is not taken for a reconnect."""

    async def scenario() -> None:
        async def opened() -> Link:
            return MemoryLink()

        async def talk(link: Link) -> NoReturn:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise LinkLost("hung-up") from None
            raise AssertionError

        keeping = asyncio.create_task(
            keep_talking(opened, talk, down=lambda lost: None, backoff=Backoff(Highest()), clock=LoopClock())
        )
        await asyncio.sleep(0)
        keeping.cancel()
        await asyncio.wait([keeping], timeout=1)
        assert keeping.cancelled()

    run(scenario())
