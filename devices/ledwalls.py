"""An LED wall behind a NovaStar controller, by TCP (port 5200) or RS-232 (115200 baud).

Its power is the picture: `off` blanks every receiving card, `on` sets the brightness where the site file names one and
shows the picture. Orders go to every card; one card is read back, and its word counts: a controller need not answer
what it sends to all. A damaged answer is tried again by whoever asked; meanwhile the wall and its reported state stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import NoReturn

from devices import novastar
from devices.backoff import Backoff
from devices.errors import BadFrame, DeviceError, LinkLost, Refused
from devices.exchange import Exchange, keep_talking, talking
from devices.link import Link, LinkOpener
from devices.novastar import FIRST_CARD, Answer, Card
from devices.reports import Clock, Command, Outcome, Reported, ThingSink, Value
from devices.standing import Standing

ANSWER_WITHIN_S = 1.0
GAP_S = 0.3
SETTLE_S = 0.2
READ_BACKS = 3
RETRY_AT_MOST_S = 5.0
ANSWERLESS = frozenset({"silent", "card-silent"})
LIT_AFTER = "lit_after_s"
RUBBISH = ("bad-frame", "check-error")
WORDS = {"on": "normal", "off": "blank"}
POWER = {word: value for value, word in WORDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedWall:
    """One wall: the card that is read back, and the brightness (percent) that `on` sets; None = left as it is."""

    thing: str
    card: Card = FIRST_CARD
    brightness_percent: int | None = None


class NovaStarLine:
    """Driver of the wall on one line; see `devices.reports.Driver`."""

    def __init__(
        self,
        open_link: LinkOpener,
        wall: LedWall,
        *,
        sink: ThingSink,
        clock: Clock,
        chance: Random,
        poll_s: float = 5.0,
    ) -> None:
        self._open_link = open_link
        self._wall = wall
        self._sink = sink
        self._clock = clock
        self._poll_s = poll_s
        self._backoff = Backoff(chance, longest_s=RETRY_AT_MOST_S)
        self._standing = Standing(wall.thing, sink)
        self._exchange: Exchange[Answer] | None = None
        self._cause = "connecting"
        self._serial = 0
        self._clean = True
        self._tells_signal: bool | None = None
        self._asked = ""
        self._power: str | None = None
        self._gone: list[Callable[[str], None]] = []

    @property
    def things(self) -> tuple[str, ...]:
        """The ids this driver speaks for."""
        return (self._wall.thing,)

    def on_gone(self, heard: Callable[[str], None]) -> None:
        """See `devices.reports.Switching`."""
        self._gone.append(heard)

    async def run(self) -> None:
        """Open, poll, report, reconnect; ends only by cancellation."""
        await keep_talking(self._open_link, self._talk, down=self._down, backoff=self._backoff, clock=self._clock)

    async def send(self, command: Command) -> Outcome:
        """Blank or show, and read back: VERIFIED, or why not. `Refused("did-not-follow")` when it says otherwise."""
        if command.value not in WORDS:
            raise Refused("unknown-value", command.value)
        self._standing.well("did-not-follow")
        self._asked, began = command.value, self._clock.mono()
        level = self._wanted_level()
        if command.value == "on" and level is not None:
            await self._order("brightness", level)
        if command.value == "on":
            await self._order("blackout", WORDS["on"], gone=self._on)
        else:
            await self._order("blackout", WORDS["off"])
        await self._read_back(command.value, began)
        return Outcome.VERIFIED

    async def _talk(self, link: Link) -> NoReturn:
        self._exchange = Exchange(link, novastar.decoder(), gap_s=GAP_S)
        await talking(self._exchange, self._watch())

    async def _watch(self) -> NoReturn:
        while True:
            due = self._clock.mono() + self._poll_s
            await self._poll()
            if self._standing.silent:
                raise LinkLost("silent", "no answer from this controller: open the line afresh")
            await self._clock.sleep(max(0.0, due - self._clock.mono()))

    async def _poll(self) -> None:
        self._clean = True
        try:
            picture = await self._said("blackout")
        except LinkLost as lost:
            if lost.cause not in ANSWERLESS:
                raise
            self._missed(lost)
        except BadFrame as bad:
            self._standing.trouble(bad)
            self._standing.missed(bad.cause)
        except Refused as no:
            self._answered()
            self._standing.trouble(no)
        else:
            self._answered()
            self._standing.well("refused", "card-silent")
            await self._report(POWER.get(str(picture)))

    async def _report(self, power: str | None) -> None:
        """Tell what it shows, with what can be learnt besides."""
        detail: dict[str, Value] = {"picture": WORDS.get(power or "", "unknown")}
        level = await self._extra("brightness")
        if isinstance(level, int):
            detail["brightness_percent"] = round(level * 100 / novastar.FULL)
        signal = await self._extra("signal") if self._tells_signal is not False else None
        if signal is not None:
            detail["signal"] = signal
        self._judge(power, level, signal)
        self._tell(power, detail)
        if self._clean:
            self._standing.well(*RUBBISH)

    def _tell(self, power: str | None, detail: Mapping[str, Value]) -> None:
        self._power = power
        self._sink.reported(Reported(thing=self._wall.thing, value=power, detail=detail))

    def _judge(self, power: str | None, level: str | int | None, signal: str | int | None) -> None:
        """Troubles of a wall that shows: dimmed by somebody, or nothing to show. A controller that never said that its
        signal is there has it on another plug, so only the loss of one is told."""
        wanted = self._wanted_level()
        if power == self._asked:
            self._standing.well("did-not-follow")
        if power == "on" and wanted is not None and level is not None and level != wanted:
            self._standing.trouble(Refused("wrong-brightness", f"{level} instead of {wanted} of 255"))
        elif power != "on" or level is not None:
            self._standing.well("wrong-brightness")
        self._tells_signal = True if signal == "there" else self._tells_signal
        if power == "on" and signal == "missing" and self._tells_signal:
            self._standing.trouble(Refused("no-signal"))
        elif power != "on" or signal == "there":
            self._standing.well("no-signal")

    async def _extra(self, name: str) -> str | int | None:
        try:
            return await self._said(name)
        except Refused:
            self._tells_signal = False if name == "signal" else self._tells_signal
        except LinkLost as lost:
            if lost.cause not in ANSWERLESS:
                raise
        except BadFrame as bad:
            self._clean = False
            self._standing.trouble(bad)
        return None

    def _on(self) -> None:
        for heard in self._gone:
            heard(self._wall.thing)

    async def _order(self, name: str, value: str | int, *, gone: Callable[[], None] = lambda: None) -> None:
        """Set a register of every card; no answer is no harm, reading back decides."""
        request = novastar.order(name, self._next(), value)
        try:
            answer = await self._ask(request, gone=gone)
        except LinkLost as lost:
            if lost.cause not in ANSWERLESS:
                raise
            return
        novastar.accepted(answer)

    async def _read_back(self, value: str, began: float) -> None:
        """Return once it says so; a picture that was not there before says how long it took."""
        said = None
        for _ in range(READ_BACKS):
            await self._clock.sleep(SETTLE_S)
            said = POWER.get(str(await self._said("blackout")))
            if said == value:
                detail: dict[str, Value] = {"picture": WORDS[value]}
                if (self._power, value) == ("off", "on"):
                    detail[LIT_AFTER] = round(self._clock.mono() - began, 2)
                self._tell(value, detail)
                return
        refused = Refused("did-not-follow", f"asked for {value}, says {said}")
        self._standing.trouble(refused)
        raise refused

    async def _said(self, name: str) -> str | int | None:
        answer = await self._ask(novastar.question(name, self._next(), self._wall.card))
        return novastar.value(name, answer)

    async def _ask(self, request: bytes, *, gone: Callable[[], None] = lambda: None) -> Answer:
        if self._exchange is None:
            raise LinkLost(self._cause)
        line = self._exchange
        answer = await line.ask(
            request, lambda answer: novastar.answers(answer, request), within_s=ANSWER_WITHIN_S, gone=gone
        )
        if line.rubbish:
            self._clean = False
            self._standing.trouble(line.rubbish)
        return answer

    def _wanted_level(self) -> int | None:
        percent = self._wall.brightness_percent
        return None if percent is None else round(percent * novastar.FULL / 100)

    def _next(self) -> int:
        self._serial = (self._serial + 1) % 256
        return self._serial

    def _answered(self) -> None:
        self._backoff.reset()
        self._standing.answered()

    def _missed(self, lost: DeviceError) -> None:
        """A controller that says that its card is silent is there; one that says nothing is missed."""
        if lost.cause == "card-silent":
            self._answered()
            self._standing.trouble(lost)
        else:
            self._standing.missed(lost.cause)

    def _down(self, lost: LinkLost) -> None:
        self._exchange, self._cause = None, lost.cause
        self._standing.lost(lost.cause)
