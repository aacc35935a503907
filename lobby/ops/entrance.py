"""How people and players come in: the addresses, the one-time set-up code, the players' tokens."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from lobby.core.datafolder import DataFolder, clean_write
from lobby.core.journal import Entry, Journal
from lobby.web.people import People
from lobby.web.roles import Role

SETUP_FILE = "set-up-code"
BY_TRIAL = "trial"
ADDED = "people.added"


class Entrance:
    """Tells where the console is; the set-up code goes to a terminal, else to a 0600 file, never to a log."""

    def __init__(self, folder: DataFolder, people: People, *, journal: Journal, say: Callable[..., None]) -> None:
        self._file = folder.path / SETUP_FILE
        self._people = people
        self._say = say
        journal.follow(self._forget)

    def open(self, url: str) -> None:
        """Print the addresses, and the code as long as there is no account."""
        self._say("cli.running.open", url=url)
        self._say("cli.running.kiosk", url=url)
        code = self._people.open_setup()
        if code is None:
            self._file.unlink(missing_ok=True)
        elif sys.stdout.isatty():
            self._say("cli.running.setup", code=code)
        else:
            clean_write(self._file, f"{code}\n".encode())
            self._say("cli.running.setup-file", path=self._file)

    def _forget(self, entry: Entry) -> None:
        if entry.kind == ADDED:
            self._file.unlink(missing_ok=True)


async def player_token(people: People, folder: DataFolder, player: str, *, by: str = BY_TRIAL) -> Path:
    """The file with a player's token, made anew when there is none that still opens."""
    path = folder.path / "players" / player / "token"
    known = path.read_text(encoding="utf-8").strip() if path.exists() else ""
    machine = people.machine_of(known) if known else None
    if machine is None or machine.bound_to != player:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        token = await people.issue_token(Role.PLAYER, bound_to=player, by=by)
        clean_write(path, f"{token}\n".encode())
    return path
