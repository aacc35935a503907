"""Lives of a controller that end by SIGKILL at a random instant while somebody presses; and the count after."""

from __future__ import annotations

import signal
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from threading import Event
from typing import Any

from tests.eventually import soon
from tests.scenarios.house import House, Process, Running, Visitor

BELL = "bell-desk"
ONE_BY_ONE = 3
LONGEST_LIFE_S = 1.6
AT_A_PRESS_S = 0.03
MOVES: tuple[tuple[str, dict[str, str]], ...] = (
    ("acknowledge", {}),
    ("arrive", {"way": "code", "code": "D417"}),
    ("end", {"way": "place"}),
    ("close", {"classification": "test", "note": "시험"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the journal says of every press of the bell, once all are assured."""

    pressed: frozenset[str]
    lost: frozenset[str]
    doubled: frozenset[str]
    incidents: int
    lamp: bool
    verified: bool

    @property
    def well(self) -> bool:
        """Every press in exactly one incident, the lamp lit, the chain whole."""
        return bool(self.pressed) and not self.lost and not self.doubled and self.lamp and self.verified


@dataclass(slots=True, kw_only=True)
class Kills:
    """A house whose controller is killed again and again; the seed decides when.

    At most three presses go into one incident: those are recorded one by one. Further ones are only counted into it
    and their ids are journalled once a second, so a kill within that second forgets an id, never an incident.
    """

    lobby: House
    chance: Random
    kills: int = 0
    back_s: list[float] = field(default_factory=list)
    guard: Visitor | None = None
    one_by_one: int = ONE_BY_ONE

    def begin(self) -> None:
        """A first start in peace, for the account of somebody who takes and ends incidents."""
        running = self.lobby.start()
        self.guard = running.guard()
        running.process.stop(signal.SIGKILL)

    def life(self) -> None:
        """One of three ways to die: anywhere from the start on, just after a press, or while an incident moves."""
        way = self.chance.choice(("anywhere", "at-a-press", "at-a-move")) if self.one_by_one else "at-a-move"
        process = self.lobby.launch()
        if way == "anywhere":
            self._anywhere(self.chance.randint(1, self.one_by_one))
        else:
            self._well_into(process)
            if way == "at-a-move":
                self._move()
            self._press()
            _pause(self.chance.uniform(0, AT_A_PRESS_S))
        process.stop(signal.SIGKILL)
        self.kills += 1

    def verdict(self) -> Verdict:
        """Start once more, let every press be assured, stop, and count in the journal."""
        running = self.lobby.start()
        soon(lambda: not self.lobby.shows(BELL)["waiting"], within_s=20)
        bell = self.lobby.shows(BELL)
        assert running.process.stop() == 0
        check = self.lobby.process("journal", "verify", log="verify.log")
        holders = incidents_of_presses(self.lobby.facts())
        pressed = frozenset(bell["assured"])
        return Verdict(
            pressed=pressed,
            lost=pressed - holders.keys(),
            doubled=frozenset(press for press, held in holders.items() if len(held) > 1),
            incidents=len({incident for held in holders.values() for incident in held}),
            lamp=bool(bell["registered"]),
            verified=check.popen.wait(60) == 0,
        )

    def _press(self) -> None:
        self.lobby.steer("press", BELL)
        self.one_by_one -= 1

    def _anywhere(self, presses: int) -> None:
        life_s = self.chance.uniform(0.05, LONGEST_LIFE_S)
        began = time.monotonic()
        for at_s in sorted(self.chance.uniform(0, life_s) for _ in range(presses)):
            _pause(began + at_s - time.monotonic())
            self._press()
        _pause(began + life_s - time.monotonic())

    def _well_into(self, process: Process) -> None:
        began = time.monotonic()
        Running(process, self.lobby.data)
        self.back_s.append(time.monotonic() - began)

    def _move(self) -> None:
        """Once all is assured, take, end and close what is open, so that the next press begins something new."""
        assert self.guard is not None
        soon(lambda: not self.lobby.shows(BELL)["waiting"])
        for incident in self.guard.ask("GET", "/api/v1/incidents")[1]["incidents"]:
            for act, words in MOVES:
                self.guard.ask("POST", f"/api/v1/incidents/{incident['id']}/{act}", words)
        self.one_by_one = ONE_BY_ONE


def incidents_of_presses(facts: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """By press id the incidents that took it in, once for each entry of the journal that names it."""
    holders: dict[str, list[str]] = defaultdict(list)
    for fact in facts:
        if fact["kind"].startswith("incident."):
            payload = fact["payload"]
            named = [(payload.get("press") or {}).get("id"), *(press for _, press in payload.get("ids", ()))]
            for press in filter(None, named):
                holders[press].append(fact["subject"])
    return holders


def killed_house(lobby: House, *, kills: int, seed: int) -> tuple[Verdict, Kills]:
    """So many kills of one house, and the verdict."""
    killing = Kills(lobby=lobby, chance=Random(seed))
    killing.begin()
    for _ in range(kills):
        killing.life()
    return killing.verdict(), killing


def _pause(seconds: float) -> None:
    """The instant of a kill is a time and no condition."""
    if seconds > 0:
        Event().wait(seconds)
