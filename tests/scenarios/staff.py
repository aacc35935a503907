"""Staff in front of the console: what they read in both languages, and how they answer a bell."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from lobby.core.clock import SystemClock
from lobby.core.journal import Journal
from lobby.core.words import LANGUAGES, say
from lobby.web.reading import LANGUAGE_COOKIE
from tests.eventually import soon
from tests.scenarios.house import House, Visitor

ACCOUNT = "guard"
ROLES = ("guard", "supervisor", "facility")
Names = dict[str, str]
STEPS: tuple[tuple[str, dict[str, str]], ...] = (
    ("acknowledge", {}),
    ("arrive", {"way": "relay", "by": "공공안전관"}),
    ("end", {"way": "place"}),
    ("close", {"classification": "test"}),
)


class Staff:
    """One person on duty, who may take, end and close incidents; the account outlives a restart."""

    def __init__(self, lobby: House) -> None:
        self._lobby = lobby
        self.running = lobby.start()
        self._password = self.running.order("user-add", account=ACCOUNT, roles=ROLES)["password"]
        self.visitor = self.running.visitor()
        self.sign_in()
        self.presses: list[str] = []

    def sign_in(self) -> None:
        """Begin a session, also where the clock has ended the one before."""
        self.visitor.cookie = self.visitor.csrf = ""
        self.visitor.sign_in(ACCOUNT, self._password)

    def restart_killed(self) -> None:
        """Start again what did not end by itself."""
        self.running = self._lobby.start()

    def restart(self, between: Callable[[], None] = lambda: None) -> None:
        """Stop the controller, let something happen meanwhile, start it again."""
        self.stop()
        between()
        self.running = self._lobby.start()

    def stop(self) -> None:
        """A clean end."""
        assert self.running.process.stop(signal.SIGTERM) == 0

    def nothing_lost(self) -> list[dict[str, Any]]:
        """Stop; the chain is whole and every press stands in it once. Returns what the journal holds."""
        self.stop()
        facts = whole(self._lobby)
        assert raised(facts) == self.presses
        return facts

    def today(self, language: str, *, part: str = "band") -> str:
        """A part of the page Today as a reader of that language sees it, without markup."""
        cookie = f"{self.visitor.cookie}; {LANGUAGE_COOKIE}={language}"
        status, page, _ = Visitor(self.visitor.url, cookie=cookie).raw("GET", "/")
        assert status == 200, status
        text = unescape(page.decode())
        begins = text.index(f'id="{part}"')
        return " ".join(re.sub(r"<[^>]+>", " ", text[begins : text.index("</section>", begins)]).split())

    def reads(self, code: str, *, place: str, within_s: float = 15, part: str = "band") -> None:
        """Place, cause and cure stand on Today, in Korean and in English."""
        for language in LANGUAGES:
            wanted = (self.place(place)[language], say(f"{code}.what", language), say(f"{code}.cure", language))
            self._sees(language, wanted, within_s, part)

    def reads_words(self, code: str, *, within_s: float = 15) -> None:
        """Cause and cure of what has no place of its own stand on Today, in both languages."""
        for language in LANGUAGES:
            self._sees(language, (say(f"{code}.what", language), say(f"{code}.cure", language)), within_s, "band")

    def no_longer_reads(self, code: str, *, within_s: float = 15) -> None:
        """It is gone from Today."""
        soon(lambda: say(f"{code}.what", "en") not in self.today("en"), within_s=within_s)

    def place(self, thing: str) -> Names:
        """Where a thing is, in both languages."""
        site = self._lobby.site
        name = site.places[site.things[thing].place].name
        return {"ko": name.said("ko"), "en": name.said("en")}

    def status(self) -> dict[str, Any]:
        """Everything there is now."""
        status, answer = self.visitor.ask("GET", "/api/v1/status")
        assert status == 200, answer
        found: dict[str, Any] = answer
        return found

    def press_goes_through(self, bell: str = "bell-desk") -> None:
        """The controller is alive, and a press becomes an incident, is assured and sounded, is taken and closed."""
        assert self.visitor.ask("GET", "/healthz")[0] == 200
        self.press(bell)
        incident = self.incident(bell)
        soon(lambda: self._lobby.shows(bell)["registered"])
        sirens = self._lobby.site.bells()[bell].effects.sirens
        soon(lambda: all(self._lobby.shows(siren)["on"] for siren in sirens))
        for act, fields in STEPS:
            status, answer = self.visitor.ask("POST", f"/api/v1/incidents/{incident['id']}/{act}", fields)
            assert status == 200, answer

    def override(self, thing: str, value: str) -> str:
        """A temporary change of an hour by the clock of the controller; its id."""
        until = datetime.fromisoformat(self.status()["at"]) + timedelta(hours=1)
        fields = {"value": value, "until": until.isoformat(), "reason": "시험"}
        status, answer = self.visitor.ask("POST", f"/api/v1/things/{thing}/overrides", fields)
        assert status in (200, 201), answer
        return str(answer["id"])

    def press(self, bell: str = "bell-desk") -> None:
        """Somebody presses; counted."""
        self.presses.append(bell)
        self._lobby.steer("press", bell)

    def incident(self, bell: str, *, within_s: float = 10) -> dict[str, Any]:
        """The open incident of a bell, as soon as there is one."""
        soon(lambda: self._open(bell), within_s=within_s)
        return self._open(bell)[0]

    def _open(self, bell: str) -> list[dict[str, Any]]:
        incidents: Sequence[dict[str, Any]] = self.visitor.ask("GET", "/api/v1/incidents")[1]["incidents"]
        return [incident for incident in incidents if incident["bell"] == bell]

    def _sees(self, language: str, wanted: Sequence[str], within_s: float, part: str) -> None:
        try:
            soon(lambda: all(words in self.today(language, part=part) for words in wanted), within_s=within_s)
        except AssertionError:
            raise AssertionError(f"{wanted} not in: {self.today(language, part=part)}") from None


def whole(lobby: House) -> list[dict[str, Any]]:
    """The facts of a journal nobody writes, after its chain was walked."""

    async def walk() -> bool:
        async with Journal.open(lobby.data / "journal.db", clock=SystemClock()) as journal:
            return (await journal.verify()).ok

    assert asyncio.run(walk())
    return lobby.facts()


def raised(facts: Sequence[dict[str, Any]]) -> list[str]:
    """The bells whose incidents were raised, in order."""
    return [fact["payload"]["bell"] for fact in facts if fact["kind"] == "incident.raised"]
