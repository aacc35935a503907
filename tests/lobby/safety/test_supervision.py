"""The watch over the bells and over our own path."""

from __future__ import annotations

import asyncio
from pathlib import Path

from devices.errors import LinkLost
from devices.reports import BellHeard
from lobby.core.clock import VirtualClock
from lobby.core.projection import Fact
from lobby.safety.loopback import LoopBack, Round
from lobby.safety.supervision import BellState, Flag, Severity, Supervision
from tests.lobby.safety.rooms import clock, opened, reopened, site
from tests.running import run


def watched(at: VirtualClock, facts: list[Fact] | None = None, *, desk_open: bool = True) -> Supervision:
    """The watch of the small site, just started."""
    told = [] if facts is None else facts
    return Supervision(site().bells(), clock=at, note=told.append, desk_open=lambda: desk_open)


def alive(bell: str, path: str, *, low_battery: bool | None = None, line_cut: bool | None = None) -> BellHeard:
    """A sign of life."""
    return BellHeard(bell=bell, path=path, low_battery=low_battery, line_cut=line_cut)


def test_after_a_start_every_bell_is_unknown() -> None:
    """Never OK without proof."""
    assert {bell.state for bell in watched(clock()).bells()} == {BellState.UNKNOWN}


def test_a_bell_never_heard_in_its_life_is_unprovisioned() -> None:
    """Until its first sign of life."""
    watch = Supervision(site().bells(), clock=clock(), note=lambda _: None, provisioned=())
    assert watch.of("loud").state is BellState.UNPROVISIONED
    watch.heard(alive("loud", "mqtt"))
    assert watch.of("loud").state is BellState.OK


def test_a_heartbeat_missed_is_late_and_two_are_lost() -> None:
    """60 s each, and a tenth for jitter."""

    async def work() -> None:
        at = clock()
        watch = watched(at)
        watch.heard(alive("loud", "mqtt"))
        states = []
        for _ in range(3):
            await at.advance(60)
            watch.tick()
            states.append(watch.of("loud").state)
        assert states == [BellState.OK, BellState.LATE, BellState.LOST]

    run(work())


def test_a_polled_bell_is_late_after_three_seconds_and_lost_after_ten() -> None:
    """Also when it has never answered since the start."""

    async def work() -> None:
        at = clock()
        watch = watched(at)
        watch.heard(alive("wired", "contact"))
        await at.advance(4)
        watch.tick()
        late = watch.of("wired").state
        await at.advance(7)
        watch.tick()
        assert (late, watch.of("wired").state) == (BellState.LATE, BellState.LOST)

    run(work())


def test_a_cut_wire_is_lost_though_the_module_answers() -> None:
    """It must not look like quiet."""
    watch = watched(clock())
    watch.heard(alive("wired", "contact", line_cut=True))
    watch.heard(alive("wired", "contact"))
    assert (watch.of("wired").state, watch.of("wired").cause) == (BellState.LOST, "line-cut")
    watch.heard(alive("wired", "contact", line_cut=False))
    assert watch.of("wired").state is BellState.OK


def test_a_last_will_is_lost_at_once_and_high() -> None:
    """With a substitute measure only while the desk is open."""
    for desk_open in (True, False):
        watch = watched(clock(), desk_open=desk_open)
        watch.heard(alive("loud", "mqtt"))
        watch.lost("loud", "mqtt", "offline")
        bell = watch.of("loud")
        assert (bell.state, bell.severity, bell.substitute_wanted) == (BellState.LOST, Severity.HIGH, desk_open)


def test_only_edges_are_told() -> None:
    """A hundred signs of life are one fact."""
    facts: list[Fact] = []
    watch = watched(clock(), facts)
    for _ in range(100):
        watch.heard(alive("loud", "mqtt", low_battery=False))
    watch.heard(alive("loud", "mqtt", low_battery=True))
    assert [(fact.kind, fact.payload.get("state")) for fact in facts] == [
        ("bell.supervision", "ok"),
        ("bell.flag", None),
    ]


def test_the_worst_path_counts() -> None:
    """A bell on two wires is as good as the worse one."""
    watch = watched(clock())
    watch.heard(alive("loud", "mqtt"))
    watch.heard(alive("loud", "radio"))
    watch.lost("loud", "radio", "offline")
    assert watch.of("loud").state is BellState.LOST


def test_flags_outlive_a_restart_and_states_do_not(tmp_path: Path) -> None:
    """What is folded is the flags, and who was ever well; a state needs fresh proof."""

    async def work() -> None:
        at = clock()
        async with opened(tmp_path, at) as (room, disk):
            room.presses.heard(alive("loud", "mqtt", low_battery=True))
            await room.assurance.flush()
            async with reopened(disk, tmp_path, at) as after:
                assert after.supervision.of("loud").flags == {Flag.LOW_BATTERY}
                assert after.supervision.of("loud").state is BellState.UNKNOWN
                others = {bell.state for bell in after.supervision.bells() if bell.bell != "loud"}
                assert others == {BellState.UNPROVISIONED}

    run(work())


def test_a_console_counts_for_ten_seconds() -> None:
    """Then nobody watches."""

    async def work() -> None:
        at = clock()
        watch = watched(at)
        watch.console_heard("tab", "kim")
        assert watch.watched_by() == ("tab",)
        await at.advance(10.5)
        assert watch.watched_by() == ()

    run(work())


def test_a_word_that_does_not_come_back_is_disturbed_after_three_seconds() -> None:
    """An older word proves nothing."""
    second = Round().sending(0).received(1, 0.1).sending(5)
    assert (second.undisturbed(7.9), second.undisturbed(8)) == (None, False)
    assert second.received(1, 6).undisturbed(8) is False
    assert second.received(2, 6).undisturbed(8) is True


def test_a_broken_path_is_told_within_ten_seconds_and_its_mending_too() -> None:
    """Once each."""
    told: list[bool] = []

    async def work() -> None:
        at = clock()
        broken = False

        async def publish(word: str) -> None:
            if broken:
                raise LinkLost("broker-lost")
            loop.received(word)

        loop = LoopBack(publish, clock=at, told=told.append, boot="b1")
        running = asyncio.ensure_future(loop.run())
        await at.advance(12)
        broken = True
        await at.advance(10)
        assert told == [True, False]
        broken = False
        await at.advance(10)
        running.cancel()
        await asyncio.wait([running])

    run(work())
    assert told == [True, False, True]


def test_words_of_another_run_and_rubbish_are_passed_over() -> None:
    """Only our own last word counts."""
    told: list[bool] = []

    async def publish(_: str) -> None:
        return

    loop = LoopBack(publish, clock=clock(), told=told.append, boot="b1")
    for word in ("b0:0", "b1:", "b1:x", "", "b1:99999999999999999999"):
        loop.received(word)
    assert told == []
