"""Time that jumps: order, rests that are left out, signs of life that are not."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

from lobby.ops.rehearsal.clock import Habit, Happenings, Nothing, RehearsalClock
from lobby.ops.rehearsal.loop import VirtualLoop
from lobby.ops.rehearsal.network import Tap, unnumbered
from lobby.ops.rehearsal.stage import in_virtual_time

START = datetime(2026, 1, 1, tzinfo=UTC)
YEAR_S = 365 * 86_400.0


def here() -> VirtualLoop:
    """The loop that runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


def test_a_year_of_waiting_takes_no_time_and_equal_moments_keep_their_order() -> None:
    """A hundred sleepers of one moment wake as they lay down."""
    woken: list[int] = []

    async def sleeper(number: int) -> None:
        await asyncio.sleep(YEAR_S)
        woken.append(number)

    async def play() -> float:
        await asyncio.gather(*(sleeper(number) for number in range(100)))
        return here().time()

    began = time.monotonic()
    assert in_virtual_time(play()) == YEAR_S
    assert woken == list(range(100))
    assert time.monotonic() - began < 5


def test_work_for_a_thread_is_done_here_and_its_error_raised() -> None:
    """No thread is started, however it is asked for."""

    async def play() -> tuple[object, object]:
        work = asyncio.to_thread(lambda: 7), asyncio.to_thread(lambda: 1 // 0)
        seven, error = await asyncio.gather(*work, return_exceptions=True)
        return seven, error

    seven, error = in_virtual_time(play())
    assert seven == 7
    assert isinstance(error, ZeroDivisionError)


async def turns(habit: Habit, happens: dict[float, Happenings], *, until_s: float) -> list[float]:
    """When somebody who pauses a second again and again has a turn, while things happen at times."""
    loop, seen = here(), list[float]()
    clock = RehearsalClock(loop, START, habit_of=lambda name: habit if name == "looker" else None)

    async def look() -> None:
        while True:
            await clock.sleep(1)
            seen.append(loop.time())

    looker = asyncio.create_task(look(), name="looker")
    for at, news in happens.items():
        await asyncio.sleep(at - loop.time())
        news.tell()
    await asyncio.sleep(until_s - loop.time())
    looker.cancel()
    return seen


def test_a_look_is_left_out_until_there_is_news() -> None:
    """One turn at the start, one after the news, each at its own second."""

    async def play() -> list[float]:
        news = Happenings(here().time)
        return await turns(Habit(news=news), {1000.5: news}, until_s=5000)

    assert in_virtual_time(play()) == [1, 1001]


def test_a_sign_of_life_comes_right_before_whatever_happens() -> None:
    """Nobody's deadline runs out because healthy signs were left out."""

    async def play() -> list[float]:
        return await turns(Habit(news=Nothing(), keeps=True), {1000.5: Happenings(here().time)}, until_s=5000)

    assert in_virtual_time(play()) == [1, 1000, 4999]


def test_what_is_unsettled_is_looked_at_every_time() -> None:
    """For as long as deadlines may run out."""

    async def play() -> list[float]:
        news = Happenings(here().time)
        news.tell(settles_s=3.5)
        return await turns(Habit(news=news), {}, until_s=100)

    assert in_virtual_time(play()) == [1, 2, 3, 4]


def test_a_question_answered_as_ever_is_no_news_and_one_not_answered_is() -> None:
    """News is another answer, or none."""

    async def play() -> list[tuple[int, bool]]:
        tap, found = Tap(here()), []
        for answer in (b"on", b"on", b"", b"off"):
            tap.asked(b"power?")
            if answer:
                tap.answered(answer)
            found.append((tap.version(), tap.open()))
        return found

    assert in_virtual_time(play()) == [(1, False), (1, False), (1, True), (3, False)]


def test_running_numbers_make_no_news() -> None:
    """A NovaStar frame with another number and another sum is the same question."""
    first, second = (
        bytes.fromhex(f"55aa00{number}fe00000000000000010000020100{check}")
        for number, check in (("15", "6c56"), ("16", "6d56"))
    )
    assert unnumbered(first) == unnumbered(second)
    assert unnumbered(b"\x01\x02\x03\x04\x05") == b"\x01\x02\x03\x04\x05"
