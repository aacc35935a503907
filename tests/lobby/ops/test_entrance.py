"""How the first admin and the players come in."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lobby.core.clock import VirtualClock
from lobby.core.datafolder import DataFolder
from lobby.core.journal import Journal
from lobby.ops import keeping
from lobby.ops.entrance import SETUP_FILE, Entrance, player_token
from lobby.web.people import People
from lobby.web.roles import Role
from tests.running import run


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[Entrance, People, DataFolder]]:
    """An entrance over a new folder, open."""
    clock = VirtualClock(datetime(2026, 11, 24, tzinfo=UTC))
    async with Journal.open(folder / "journal.db", clock=clock) as journal:
        people = People(journal, clock)
        await people.load()
        data = DataFolder(folder)
        entrance = Entrance(data, people, journal=journal, say=lambda *_, **__: None)
        entrance.open("http://127.0.0.1:1")
        yield entrance, people, data


def test_a_players_token_leaves_the_code_for_the_first_admin(tmp_path: Path) -> None:
    """A trial makes tokens before anybody has set the lobby up."""

    async def body() -> None:
        async with opened(tmp_path) as (_, people, data):
            await player_token(people, data, "lobby-player")
            assert (tmp_path / SETUP_FILE).stat().st_mode & 0o777 == 0o600

    run(body())


def test_the_code_is_gone_with_the_first_account(tmp_path: Path) -> None:
    """A used code lies nowhere."""

    async def body() -> None:
        async with opened(tmp_path) as (_, people, _):
            code = (tmp_path / SETUP_FILE).read_text().strip()
            await people.set_up(code, account="admin", name="김하늘", password="a calm lobby at eight")
            assert not (tmp_path / SETUP_FILE).exists()

    run(body())


def test_a_token_that_still_opens_is_kept(tmp_path: Path) -> None:
    """The second start of a trial makes no second machine."""

    async def body() -> None:
        async with opened(tmp_path) as (_, people, data):
            first = (await player_token(people, data, "lobby-player")).read_text()
            assert (await player_token(people, data, "lobby-player")).read_text() == first

    run(body())


@pytest.mark.parametrize(("role", "admin"), [(Role.GUARD, False), (Role.FACILITY, True)])
def test_a_lobby_without_an_admin_is_known_as_such(tmp_path: Path, role: Role, admin: bool) -> None:
    """A guard's account shuts the set-up page, and is nobody who keeps people."""

    async def body() -> tuple[bool, bool]:
        async with opened(tmp_path) as (_, people, _):
            await people.add(account="kim", name="김하늘", password="a calm lobby at eight", roles=[role], by="test")
            return people.setup_needed(), people.has_admin()

    assert run(body()) == (False, admin)


@pytest.mark.parametrize("admin", [True, False])
def test_whoever_adds_a_person_reads_that_an_admin_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], admin: bool
) -> None:
    """With the command that makes one."""
    answer = {"name": "kim", "password": "a-b-c-d", "admin": admin}
    monkeypatch.setattr(keeping, "ask", lambda *_: answer)
    assert keeping.user_add(argparse.Namespace(name="kim", role=["guard"])) == 0
    assert ("--role facility" in capsys.readouterr().out) is not admin
