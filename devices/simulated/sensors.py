"""A sensor that tells one value by itself, in the form its description reads; a person sets it."""

from __future__ import annotations

import json

from devices.simulated.mqtt import SmallClient
from devices.simulated.plan import DescribedSensor
from devices.simulated.surroundings import rest
from devices.simulated.things import Json


class Sensor:
    """Battery, radio, one value; `silent` when its battery is empty, `rubbish` when it says what nobody knows."""

    def __init__(self, description: DescribedSensor) -> None:
        self.thing = description.thing
        self.topics: tuple[str, ...] = ()
        self.value = description.first
        self.habits: set[str] = set()
        self._is = description
        away = description.availability_topic
        self.will = (away, description.offline.encode()) if away else None
        self.client = SmallClient(f"sim-{self.thing}", self.heard)

    def came_up(self) -> None:
        """Here, and what it measures."""
        if self._is.availability_topic:
            self.client.publish(self._is.availability_topic, self._is.online.encode(), retain=True)
        self.tell()

    def heard(self, _topic: str, payload: bytes) -> None:
        """Nobody commands it."""

    async def live(self) -> None:
        """Tells its value again and again."""
        while True:
            await rest(self._is.every_s)
            self.tell()

    def set_to(self, value: str) -> bool:
        """Let it measure this from now on; False for a word it cannot say."""
        if self._is.words and value not in self._is.words:
            return False
        self.value = value
        self.tell()
        return True

    def state(self) -> Json:
        """What it measures, and what is wrong with it."""
        return {"value": self.value, "habits": sorted(self.habits)}

    def tell(self) -> None:
        """Publish the value as its maker would."""
        if "silent" not in self.habits:
            payload = "?!" if "rubbish" in self.habits else self._payload()
            self.client.publish(self._is.topic, payload.encode())

    def _payload(self) -> str:
        raw = self._is.words.get(self.value, self.value)
        if self._is.key is None:
            return raw
        inner: object = _typed(raw)
        for step in reversed(self._is.key.split(".")):
            inner = [None] * int(step) + [inner] if step.isdecimal() else {step: inner}
        return json.dumps({**inner, "linkquality": 120} if isinstance(inner, dict) else inner, ensure_ascii=False)


def _typed(raw: str) -> object:
    """JSON's own numbers and truth values, else the text."""
    try:
        return json.loads(raw)
    except ValueError:
        return raw
