"""The driver of a line of displays against byte-exact scripted ones, on real sockets and ptys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from devices import displays
from devices.displays import OnLine, SamsungLine
from devices.errors import LinkLost, Refused
from devices.link import Link, LinkOpener, opener
from devices.reports import Availability, Command, Outcome
from tests.devices.peers import BEGINNING, LoopClock, Script, ThingNotes, plugged, running, serving
from tests.eventually import eventually
from tests.running import run

pytestmark = pytest.mark.slow

OK = Availability.OK
POWER_1, IS_ON_1, IS_OFF_1 = "aa 11 01 00 12", "aa ff 01 03 41 11 01 56", "aa ff 01 03 41 11 00 55"
INPUT_1, IS_HDMI1_1, IS_HDMI2_1 = "aa 14 01 00 15", "aa ff 01 03 41 14 21 79", "aa ff 01 03 41 14 23 7b"
TURN_ON_2 = "aa 11 02 01 01 15"
TURN_ON_1, TURN_OFF_1 = "aa 11 01 01 01 14", "aa 11 01 01 00 13"
NO_1 = "aa ff 01 03 4e 11 01 63"
POWER_2, IS_ON_2, IS_OFF_2 = "aa 11 02 00 13", "aa ff 02 03 41 11 01 57", "aa ff 02 03 41 11 00 56"
FAULTS_1, NO_FAULTS_1 = "aa 0d 01 00 0e", "aa ff 01 03 4e 0d 01 5f"
LIT = {POWER_1: [IS_ON_1], INPUT_1: [IS_HDMI1_1], FAULTS_1: [NO_FAULTS_1]}


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripted displays answer at once, so that silence can be noticed early."""
    monkeypatch.setattr(displays, "ANSWER_WITHIN_S", 0.05)
    monkeypatch.setattr(displays, "GAP_S", 0.03)
    monkeypatch.setattr(displays, "SETTLE_S", 0.02)
    monkeypatch.setattr(displays, "RETRY_AT_MOST_S", 0.1)


class Bench:
    """A driver, what it told, and its clock."""

    def __init__(self, open_link: LinkOpener, *, poll_s: float = 0.02, **ids: OnLine) -> None:
        self.notes = ThingNotes()
        self.clock = LoopClock()
        on_line = {name.replace("_", "-"): at for name, at in ids.items()} or {"wall-1": OnLine(display_id=1)}
        self.line = SamsungLine(open_link, on_line, sink=self.notes, clock=self.clock, chance=Random(1), poll_s=poll_s)

    async def send(self, value: str, thing: str = "wall-1") -> Outcome:
        command = Command(id="1", thing=thing, value=value, expires_at=BEGINNING + timedelta(minutes=1))
        return await self.line.send(command)

    async def reached(self, availability: Availability, cause: str, thing: str = "wall-1") -> None:
        await eventually(lambda: (thing, availability, cause) in self.notes.reached)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.line.run(), name="driver")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled(), task.exception()


def obedient(power: str) -> Script:
    """A display that does what it is told."""
    answers = {POWER_1: [power], INPUT_1: [IS_HDMI1_1], TURN_ON_1: [IS_ON_1], TURN_OFF_1: [IS_OFF_1]}
    return Script(answers, after={TURN_ON_1: {POWER_1: [IS_ON_1]}, TURN_OFF_1: {POWER_1: [IS_OFF_1]}})


class Starved:
    """A real wire on a machine that hardly runs: the n-th order to switch on leaves that late."""

    def __init__(self, link: Link, orders: frozenset[bytes], delays_s: list[float]) -> None:
        self._link, self._orders, self._delays_s = link, orders, delays_s
        self.read, self.close = link.read, link.close
        self.left: list[tuple[float, float]] = []

    async def write(self, data: bytes) -> None:
        if data in self._orders and self._delays_s:
            await asyncio.sleep(self._delays_s.pop(0))
        began = time.monotonic()
        await self._link.write(data)
        if data in self._orders:
            self.left.append((began, time.monotonic()))


@pytest.mark.parametrize("wire", ["tcp", "pty"])
def test_the_gap_counts_from_when_the_order_is_on_the_wire(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wire: str
) -> None:
    """Where the first one leaves late the second keeps its distance to that, on a socket and on a serial port."""
    monkeypatch.setattr(displays, "ANSWER_WITHIN_S", 1.0)
    wires: list[Starved] = []

    async def scenario() -> None:
        one = obedient(IS_OFF_1)
        other = Script({POWER_2: [IS_OFF_2], TURN_ON_2: [IS_ON_2]}, after={TURN_ON_2: {POWER_2: [IS_ON_2]}})

        def answer(request: bytes) -> list[bytes]:
            return one(request) + other(request)

        async with serving(answer) as server, plugged(tmp_path / "port", answer) as cable:
            delays_s, orders = [0.3], frozenset(bytes.fromhex(each) for each in (TURN_ON_1, TURN_ON_2))

            async def open_again() -> Link:
                wires.append(Starved(await opener(server.url if wire == "tcp" else cable.url)(), orders, delays_s))
                return wires[-1]

            line = SamsungLine(
                open_again,
                {"one": OnLine(display_id=1), "two": OnLine(display_id=2)},
                sink=(notes := ThingNotes()),
                clock=LoopClock(),
                chance=Random(1),
                gap_s=0.25,
            )
            async with running(line):
                await eventually(lambda: {name for name, word, _ in notes.reached if word is OK} == set(line.things))
                until = BEGINNING + timedelta(minutes=1)
                each = [Command(id=name, thing=name, value="on", expires_at=until) for name in line.things]
                await asyncio.gather(*(line.send(command) for command in each))

    run(scenario())
    (_, first), (second, _) = wires[-1].left
    assert second - first >= 0.25


@asynccontextmanager
async def on_tcp(script: Script, *, poll_s: float = 0.02, **ids: OnLine) -> AsyncIterator[Bench]:
    async with serving(script) as server:
        bench = Bench(opener(server.url), poll_s=poll_s, **ids)
        async with bench.running():
            await eventually(lambda: server.connections)
            yield bench


def test_poll_reports_power_and_plug() -> None:
    """A lit display is reported on, with the plug it shows."""

    async def scenario() -> None:
        async with on_tcp(Script(LIT)) as bench:
            await bench.reached(Availability.OK, "answers")
            await eventually(lambda: bench.notes.reports)
            assert bench.notes.reports[0].value == "on"
            assert bench.notes.reports[0].detail == {"power": "on", "input": "hdmi1"}

    run(scenario())


def test_chain_tells_displays_apart(tmp_path: Path) -> None:
    """Two displays on one serial line report each for itself."""

    async def scenario() -> None:
        script = Script(LIT | {POWER_2: [IS_OFF_2]})
        async with plugged(tmp_path / "tty", script) as cable:
            bench = Bench(opener(cable.url), wall_1=OnLine(display_id=1), wall_2=OnLine(display_id=2))
            async with bench.running():
                await eventually(lambda: bench.notes.values("wall-1") and bench.notes.values("wall-2"))
            assert bench.notes.values("wall-1")[0] == "on"
            assert bench.notes.values("wall-2")[0] == "off"

    run(scenario())


@pytest.mark.parametrize(("value", "before", "order"), [("on", IS_OFF_1, TURN_ON_1), ("off", IS_ON_1, TURN_OFF_1)])
def test_set_is_read_back(value: str, before: str, order: str) -> None:
    """A display that does what it is told is verified, and reported so at once."""

    async def scenario() -> None:
        script = obedient(before)
        async with on_tcp(script, poll_s=60) as bench:
            await bench.reached(Availability.OK, "answers")
            assert await bench.send(value) is Outcome.VERIFIED
            assert bench.notes.values("wall-1")[-1] == value
            assert script.heard.count(order) == 1

    run(scenario())


def test_lost_acknowledgement_is_made_up_for_by_reading_back() -> None:
    """What counts is that the display follows."""

    async def scenario() -> None:
        script = obedient(IS_ON_1)
        del script.answers[TURN_OFF_1]
        async with on_tcp(script) as bench:
            await bench.reached(Availability.OK, "answers")
            assert await bench.send("off") is Outcome.VERIFIED

    run(scenario())


def test_refusal_is_told_with_its_code() -> None:
    """A NAK to a set is a refusal, not a broken line."""

    async def scenario() -> None:
        async with on_tcp(Script(LIT | {TURN_OFF_1: [NO_1]})) as bench:
            await bench.reached(Availability.OK, "answers")
            with pytest.raises(Refused) as refused:
                await bench.send("off")
            assert refused.value.cause == "refused"
            assert "01" in refused.value.detail

    run(scenario())


def test_display_that_lies_is_not_verified() -> None:
    """It acknowledges and stays on: it did not follow."""

    async def scenario() -> None:
        async with on_tcp(Script(LIT | {TURN_OFF_1: [IS_OFF_1]})) as bench:
            await bench.reached(Availability.OK, "answers")
            with pytest.raises(Refused) as refused:
                await bench.send("off")
            assert refused.value.cause == "did-not-follow"

    run(scenario())


def test_doubled_acknowledgement_does_not_pass_for_reading_back() -> None:
    """The second copy looks like an answer to the next question, and is not taken for one."""

    async def scenario() -> None:
        async with on_tcp(Script(LIT | {TURN_OFF_1: [IS_OFF_1, IS_OFF_1]})) as bench:
            await bench.reached(Availability.OK, "answers")
            with pytest.raises(Refused) as refused:
                await bench.send("off")
            assert refused.value.cause == "did-not-follow"

    run(scenario())


def test_slow_starter_is_accepted_and_verified_by_a_later_poll() -> None:
    """Within its warm-up a display may say off; it is reported as unknown until it says on."""

    async def scenario() -> None:
        script = Script({POWER_1: [IS_OFF_1], INPUT_1: [IS_HDMI1_1], TURN_ON_1: [IS_ON_1]})
        async with on_tcp(script) as bench:
            await eventually(lambda: bench.notes.values("wall-1") == ["off"])
            assert await bench.send("on") is Outcome.ACCEPTED
            assert set(bench.notes.values("wall-1")[1:]) <= {None, "off"}
            script.answers[POWER_1] = [IS_ON_1]
            await eventually(lambda: bench.notes.values("wall-1")[-1] == "on")
            assert bench.notes.troubles == []

    run(scenario())


def test_display_that_never_starts_is_trouble_after_its_warm_up() -> None:
    """Accepted is not on: when the warm-up passes without effect people are told, and told when it is over."""

    async def scenario() -> None:
        script = Script({POWER_1: [IS_OFF_1], INPUT_1: [IS_HDMI1_1], TURN_ON_1: [IS_ON_1]})
        async with on_tcp(script) as bench:
            await bench.reached(Availability.OK, "answers")
            assert await bench.send("on") is Outcome.ACCEPTED
            bench.clock.skip(16)
            await eventually(lambda: ("wall-1", "did-not-follow") in bench.notes.troubles)
            script.answers[POWER_1] = [IS_ON_1]
            await eventually(lambda: ("wall-1", "did-not-follow") in bench.notes.healed)

    run(scenario())


def test_display_that_hangs_up_while_it_starts_is_not_lost() -> None:
    """Closing the connection after power-on is a habit, not a fault: the line comes back by itself."""

    async def scenario() -> None:
        script = obedient(IS_OFF_1)
        async with serving(script) as server:
            bench = Bench(opener(server.url))
            async with bench.running():
                await bench.reached(Availability.OK, "answers")
                await bench.send("on")
                server.hang_up()
                await eventually(lambda: server.connections == 2 and bench.notes.values("wall-1")[-1] == "on")
            assert bench.notes.reached == [("wall-1", Availability.OK, "answers")]

    run(scenario())


def test_silence_is_late_then_lost() -> None:
    """One missed poll is late, three are lost; an answer ends both."""

    async def scenario() -> None:
        script = Script(dict(LIT))
        async with on_tcp(script) as bench:
            await bench.reached(Availability.OK, "answers")
            script.answers.clear()
            await bench.reached(Availability.LOST, "silent")
            script.answers.update(LIT)
            await eventually(lambda: bench.notes.reached[-1][1] is Availability.OK)
            assert [word for _, word, _ in bench.notes.reached] == [
                *(Availability.OK, Availability.LATE, Availability.LOST, Availability.OK)
            ]

    run(scenario())


def test_silent_neighbour_does_not_take_the_line_down() -> None:
    """One dead display on a chain is lost alone."""

    async def scenario() -> None:
        first, second = OnLine(display_id=1), OnLine(display_id=2)
        async with on_tcp(Script(LIT), wall_1=first, wall_2=second) as bench:
            await bench.reached(Availability.LOST, "silent", "wall-2")
            assert ("wall-1", Availability.OK, "answers") in bench.notes.reached
            assert await bench.line._said("wall-1", "power") == "on"

    run(scenario())


def test_answer_from_another_id_is_not_taken() -> None:
    """A neighbour that talks over the line does not speak for the display asked."""

    async def scenario() -> None:
        async with on_tcp(Script({POWER_1: [IS_ON_2]})) as bench:
            await bench.reached(Availability.LOST, "silent")
            assert bench.notes.reports == []

    run(scenario())


@pytest.mark.parametrize(
    ("said", "cause"),
    [(["00 aa ff ff f0 67 61"], "bad-frame"), (["aa ff 01 03 41 11 01 57"], "check-error")],
)
def test_rubbish_is_trouble_and_heals(said: list[str], cause: str) -> None:
    """A line full of rubbish is told once, and told when it is clean again."""

    async def scenario() -> None:
        script = Script({POWER_1: said})
        async with on_tcp(script) as bench:
            await bench.reached(Availability.LOST, cause)
            script.answers.update(LIT)
            await eventually(lambda: ("wall-1", cause) in bench.notes.healed)
            assert bench.notes.troubles.count(("wall-1", cause)) == 1

    run(scenario())


def test_rubbish_before_an_answer_is_told_but_the_answer_counts() -> None:
    """A noisy line still works, and somebody should look at it."""

    async def scenario() -> None:
        async with on_tcp(Script(LIT | {POWER_1: ["00 13 37", IS_ON_1]})) as bench:
            await eventually(lambda: bench.notes.values("wall-1"))
            assert bench.notes.troubles == [("wall-1", "bad-frame")]

    run(scenario())


def test_answers_byte_by_byte_and_doubled_are_understood(tmp_path: Path) -> None:
    """Serial lines deliver in any pieces."""

    async def scenario() -> None:
        script = Script({POWER_1: (IS_ON_1 + " " + IS_ON_1).split(), INPUT_1: IS_HDMI1_1.split()})
        async with plugged(tmp_path / "tty", script) as cable:
            bench = Bench(opener(cable.url))
            async with bench.running():
                await eventually(lambda: len(bench.notes.reports) > 2)
            assert {report.detail["input"] for report in bench.notes.reports} == {"hdmi1"}
            assert bench.notes.troubles == []

    run(scenario())


def test_pulled_cable_is_told_at_once_and_comes_back(tmp_path: Path) -> None:
    """Nobody waits for three polls: the cable is out, the port is missing, then all is well again."""

    async def scenario() -> None:
        async with plugged(tmp_path / "tty", Script(LIT)) as cable:
            bench = Bench(opener(cable.url), poll_s=60)
            async with bench.running():
                await bench.reached(Availability.OK, "answers")
                cable.pull()
                await bench.reached(Availability.LOST, "cable-out")
                await bench.reached(Availability.LOST, "port-missing")
                cable.plug()
                await eventually(lambda: bench.notes.reached[-1][1] is Availability.OK)

    run(scenario())


def test_command_on_a_closed_line_fails_with_the_lines_cause(tmp_path: Path) -> None:
    """Whoever sends learns why nothing can be sent."""

    async def scenario() -> None:
        bench = Bench(opener(f"serial://{tmp_path}/none"))
        async with bench.running():
            await bench.reached(Availability.LOST, "port-missing")
            with pytest.raises(LinkLost) as lost:
                await bench.send("on")
        assert lost.value.cause == "port-missing"

    run(scenario())


def test_command_under_way_fails_when_the_device_hangs_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender is not left waiting for an answer that cannot come."""

    async def scenario() -> None:
        monkeypatch.setattr(displays, "ANSWER_WITHIN_S", 30)
        script = Script(dict(LIT))
        async with serving(script) as server:
            bench = Bench(opener(server.url), poll_s=60)
            async with bench.running():
                await eventually(lambda: bench.notes.reports)
                sending = asyncio.ensure_future(bench.send("off"))
                await eventually(lambda: TURN_OFF_1 in script.heard)
                server.hang_up()
                with pytest.raises(LinkLost) as lost:
                    await sending
        assert lost.value.cause == "hung-up"

    run(scenario())


def test_wrong_plug_is_trouble() -> None:
    """A lit display that shows another plug shows nothing of ours."""

    async def scenario() -> None:
        script = Script(LIT | {INPUT_1: [IS_HDMI2_1]})
        async with on_tcp(script, wall_1=OnLine(display_id=1, input="hdmi1")) as bench:
            await eventually(lambda: ("wall-1", "wrong-input") in bench.notes.troubles)
            script.answers.update(LIT)
            await eventually(lambda: ("wall-1", "wrong-input") in bench.notes.healed)

    run(scenario())


def test_displays_own_faults_are_told() -> None:
    """What the display finds wrong with itself reaches people, with its temperature."""

    async def scenario() -> None:
        async with on_tcp(Script(LIT | {FAULTS_1: ["aa ff 01 08 41 0d 00 01 02 01 4b 00 a5"]})) as bench:
            await eventually(lambda: len(bench.notes.troubles) == 2)
            assert bench.notes.troubles == [("wall-1", "too-hot"), ("wall-1", "no-signal")]
            await eventually(lambda: bench.notes.reports[-1].detail.get("celsius") == 75)

    run(scenario())


def test_seven_commands_at_once_share_the_line() -> None:
    """Whoever finds the line busy waits for its turn; nothing is mixed up."""

    async def scenario() -> None:
        script = obedient(IS_ON_1)
        async with on_tcp(script) as bench:
            await bench.reached(Availability.OK, "answers")
            outcomes = await asyncio.gather(*(bench.send("off") for _ in range(7)))
            assert set(outcomes) == {Outcome.VERIFIED}
            assert bench.notes.troubles == []

    run(scenario())


def test_unknown_value_never_reaches_the_wire() -> None:
    """Only on and off are states of a display."""

    async def scenario() -> None:
        with pytest.raises(Refused) as refused:
            await Bench(opener("tcp://127.0.0.1:9")).send("toggle")
        assert refused.value.cause == "unknown-value"

    run(scenario())
