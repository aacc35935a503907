"""The loudspeakers of a display, a thing of their own: `off` is muted, else the volume from 1 to 100.

They speak on their display's line, in its registers, and have no power but its.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from devices import mdc
from devices.errors import BadFrame, LinkLost, Refused
from devices.reports import Reported, ThingSink

OFF, ON = "off", "on"
LOUDEST = 100
MUTED = 1

Ask = Callable[[str], Awaitable[mdc.Reply]]
Order = Callable[[str, str | int], Awaitable[bool]]


def orders_for(level: str) -> tuple[tuple[str, str | int], ...]:
    """What to set, in this order: audible only once the volume is right. Raises `Refused` for what is no level."""
    if level == OFF:
        return (("mute", ON),)
    if not (level.isascii() and level.isdecimal() and 1 <= int(level) <= LOUDEST):
        raise Refused("unknown-value", level)
    return (("volume", int(level)), ("mute", OFF))


def level_of(status: Mapping[str, int]) -> str:
    """The level that an answer to `status` says; without power there is no sound."""
    silent = status["power"] != 1 or status["mute"] == MUTED or status["volume"] == 0
    return OFF if silent else str(status["volume"])


class Loudspeakers:
    """`ask` and `order` reach the display: the reply to a command's question, and setting a command's value."""

    def __init__(self, thing: str, *, ask: Ask, order: Order, sink: ThingSink) -> None:
        self.thing = thing
        self._ask = ask
        self._order = order
        self._sink = sink
        self._refused = False

    async def set(self, level: str) -> None:
        """Set volume and mute; where a display has no mute, volume 0 is silence."""
        for register, value in orders_for(level):
            try:
                await self._order(register, value)
            except Refused:
                if register != "mute":
                    raise
                if value == ON:
                    await self._order("volume", 0)

    async def level(self) -> str:
        """How loud it is; told as well."""
        status = mdc.values("status", await self._ask("status"))
        level = level_of(status)
        detail = {"power": mdc.ON_OFF.get(status["power"]), "volume": status["volume"]}
        self._sink.reported(Reported(thing=self.thing, value=level, detail=detail))
        return level

    async def poll(self, *, power: str | None) -> None:
        """Tell what they do; without power nobody is asked. Raises `LinkLost` when the line is gone."""
        if power != ON:
            self._sink.reported(Reported(thing=self.thing, value=OFF if power == OFF else None))
            return
        try:
            await self.level()
        except Refused as no:
            self.refused(no)
        except BadFrame:
            self._sink.reported(Reported(thing=self.thing, value=None))
        except LinkLost as lost:
            if lost.cause != "silent":
                raise
        else:
            self._well()

    def refused(self, no: Refused) -> None:
        """What the display will not say or take is their trouble too, until they say their level."""
        if not self._refused:
            self._refused = True
            self._sink.trouble(self.thing, no.cause, detail=no.detail)

    def _well(self) -> None:
        if self._refused:
            self._refused = False
            self._sink.well(self.thing, "refused")
