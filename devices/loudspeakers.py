"""The level of a display's loudspeakers in Samsung's registers: `off` is muted, else the volume from 1 to 100."""

from __future__ import annotations

from collections.abc import Mapping

from devices.errors import Refused

OFF = "off"
LOUDEST = 100
MUTED = 1


def orders_for(level: str) -> tuple[tuple[str, str | int], ...]:
    """What to set, in this order: louder only once the volume is right. Raises `Refused` for what is no level."""
    if level == OFF:
        return (("mute", "on"),)
    if not (level.isascii() and level.isdecimal() and 1 <= int(level) <= LOUDEST):
        raise Refused("unknown-value", level)
    return (("volume", int(level)), ("mute", "off"))


def level_of(status: Mapping[str, int]) -> str:
    """The level that an answer to `status` says; without power there is no sound."""
    silent = status["power"] != 1 or status["mute"] == MUTED or status["volume"] == 0
    return OFF if silent else str(status["volume"])
