"""`lobby token`: which machines may come in, and how one is shut out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.house import House, Running, house

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

PROGRAMME = "/api/v1/programmes/office-player"


def test_a_machine_whose_token_is_revoked_is_shut_out(tmp_path: Path) -> None:
    """At once and for good, and only that one; a machine nobody knows is told with the cure."""
    with house(tmp_path, site="small-office") as lobby:
        running = lobby.start()
        stolen, own = (made(running) for _ in range(2))
        assert [comes_in(running, token) for token in (stolen, own)] == [True, True]
        *_, second_last, _ = told(lobby, "list")
        name = second_last.split()[0]
        assert "office-player" in second_last
        (words,) = told(lobby, "revoke", name)
        assert name in words
        assert [comes_in(running, token) for token in (stolen, own)] == [False, True]
        assert not any(name in line for line in told(lobby, "list"))
        assert told(lobby, "revoke", name, code=1) == []
        assert f"There is no machine {name}" in (lobby.folder / "token.log").read_text()
        running.process.stop()
        again = lobby.start()
        assert [comes_in(again, token) for token in (stolen, own)] == [False, True]


def made(running: Running) -> str:
    """A player's token."""
    return str(running.order("token-create", role="player", player="office-player")["token"])


def comes_in(running: Running, token: str) -> bool:
    """Whether the controller answers who asks for the programme with it."""
    visitor = running.visitor()
    visitor.headers["Authorization"] = f"Bearer {token}"
    status = visitor.raw("GET", PROGRAMME)[0]
    assert status in (200, 204, 401)
    return status != 401


def told(lobby: House, *words: str, code: int = 0) -> list[str]:
    """What the command prints."""
    process = lobby.process("token", *words, log="token.log")
    assert process.popen.wait(20) == code
    process.stop()
    return process.lines
