"""Accounts, passwords, sessions, the set-up code, machine tokens."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lobby.core.clock import VirtualClock
from lobby.core.journal import Journal
from lobby.core.ledger import MEMORY
from lobby.core.problem import Refusal
from lobby.web.passwords import MEMORY_KIB, Hashing, refuse_weak
from lobby.web.people import People
from lobby.web.roles import Role
from lobby.web.sessions import SHIFT, limits_of
from lobby.web.throttle import Guesses, TooFast
from tests.lobby.web.houses import PASSWORD, START, a_house, run


@pytest.mark.parametrize(
    "password",
    ["short", "passwordpassword", "Password1234!", "123456789012", "aaaaaaaaaaaa", "abcabcabcabc", "qwertyuiop12",
     "dkssudgktpdy1", "seoulcityhall", "kimminsoo2026", "210987654321", "hong-gildong-1"],
)  # fmt: skip
def test_guessed_passwords_are_refused(password: str) -> None:
    """Too short, common, of this place, of this person, a row of keys, one unit repeated."""
    with pytest.raises(Refusal):
        refuse_weak(password, ("Seoul City Hall", "kimminsoo", "hong-gildong"))


@pytest.mark.parametrize("password", [PASSWORD, "a" * 63 + "b", "세종대로 백십 번지 옆집", "correct horse battery"])
def test_any_characters_make_a_password(password: str) -> None:
    """Long ones, sentences and Hangul are taken."""
    refuse_weak(password, ("Seoul", "kim"))


@given(st.text(max_size=300))
def test_no_text_breaks_the_rules(password: str) -> None:
    """Whatever is typed is taken or refused with words."""
    with suppress(Refusal):
        refuse_weak(password, ("Seoul",))


def test_hashing_takes_little_memory() -> None:
    """At most 20 MiB a hash, argon2id, with its parameters inside."""
    kept = run(Hashing().make(PASSWORD))
    assert MEMORY_KIB <= 20 * 1024
    assert kept.startswith(f"$argon2id$v=19$m={MEMORY_KIB},")


def test_a_hash_fits_its_password_only() -> None:
    """The right password fits, also in another Unicode form; a wrong one, an unknown account and rubbish do not."""

    async def ask() -> list[bool]:
        hashing = Hashing(memory_kib=64)
        kept = await hashing.make("caf\u00e9 caf\u00e9 caf\u00e9")
        return [
            await hashing.fits("cafe\u0301 cafe\u0301 cafe\u0301", kept),
            await hashing.fits("wrong", kept),
            await hashing.fits("x", None),
            await hashing.fits("x", "rubbish"),
        ]

    assert run(ask()) == [True, False, False, False]


def test_accounts_outlive_a_restart() -> None:
    """A second reading of the tables knows people, tokens and sessions."""

    async def ask() -> tuple[bool, bool, bool]:
        clock = VirtualClock(START)
        async with Journal.open(MEMORY, clock=clock) as journal:
            first = await _people(journal, clock)
            person = await first.add(account="kim", name="Kim", password=PASSWORD, roles=(Role.DESK,), by="test")
            token = await first.issue_token(Role.SCRAPER, by=person.id)
            _, secret = await first.sign_in("KIM ", PASSWORD, address="a")
            second = await _people(journal, clock)
            found = second.person_of(secret)
            return second.by_id(person.id) == person, second.machine_of(token) is not None, found is not None

    assert run(ask()) == (True, True, True)


def test_tables_hold_no_secret() -> None:
    """Neither password, session secret nor token stands anywhere in the store."""

    async def ask() -> tuple[str, list[str]]:
        clock = VirtualClock(START)
        async with Journal.open(MEMORY, clock=clock) as journal:
            people = await _people(journal, clock)
            person = await people.add(account="kim", name="Kim", password=PASSWORD, roles=(Role.DESK,), by="test")
            _, secret = await people.sign_in("kim", PASSWORD, address="a")
            token = await people.issue_token(Role.PLAYER, bound_to="lobby-player", by=person.id)
            tables = ("people", "people_sessions", "people_machines", "journal")
            rows = [str(tuple(row)) for table in tables for row in await journal.read(f"SELECT * FROM {table}")]
            return "\n".join(rows), [secret, token, PASSWORD]

    text, secrets = run(ask())
    assert not [secret for secret in secrets if secret in text]


def test_the_journal_knows_people_by_id_only() -> None:
    """No name and no account stands in a fact."""

    async def ask() -> str:
        clock = VirtualClock(START)
        async with Journal.open(MEMORY, clock=clock) as journal:
            people = await _people(journal, clock)
            await people.add(account="gildong", name="Hong", password=PASSWORD, roles=(Role.DESK,), by="test")
            await people.sign_in("gildong", PASSWORD, address="a")
            with pytest.raises(Refusal):
                await people.sign_in("gildong", "wrong", address="a")
            return str([tuple(row) for row in await journal.read("SELECT * FROM journal")])

    text = run(ask())
    assert "signin.in" in text
    assert "signin.failed" in text
    assert "gildong" not in text
    assert "Hong" not in text


def test_other_roles_end_every_session(tmp_path: Path) -> None:
    """A change of role, of password and a disabled account leave no session behind."""

    async def ask() -> list[bool]:
        async with a_house(tmp_path) as (house, _):
            people = house.people
            await people.add(account="admin", name="A", password=PASSWORD, roles=(Role.FACILITY,), by="test")
            person = await people.add(account="kim", name="K", password=PASSWORD, roles=(Role.DESK,), by="test")
            alive = []
            for act in (
                lambda: people.set_roles(person.id, (Role.GUARD,), by="test"),
                lambda: people.set_password(person.id, PASSWORD, by="test"),
                lambda: people.disable(person.id, by="test"),
            ):
                _, secret = await people.sign_in("kim", PASSWORD, address="a")
                await act()
                alive.append(people.person_of(secret) is not None)
            return alive

    assert run(ask()) == [False, False, False]


def test_the_last_admin_stays(tmp_path: Path) -> None:
    """Neither disabling nor other roles take the last facility admin away."""

    async def ask() -> list[str]:
        async with a_house(tmp_path) as (house, _):
            people, codes = house.people, []
            admin = await people.add(account="admin", name="A", password=PASSWORD, roles=(Role.FACILITY,), by="test")
            for act in (people.disable(admin.id, by="test"), people.set_roles(admin.id, (Role.DESK,), by="test")):
                with pytest.raises(Refusal) as refused:
                    await act
                codes.append(refused.value.problem.code)
            return codes

    assert run(ask()) == ["signin.last-admin"] * 2


def test_sessions_end_by_idleness_and_at_the_latest() -> None:
    """An office session ends after an hour unused and after twelve at the latest; use keeps it in between."""

    async def ask() -> list[bool]:
        clock, alive = VirtualClock(START), []
        async with Journal.open(MEMORY, clock=clock) as journal:
            people = await _people(journal, clock)
            await people.add(account="kim", name="K", password=PASSWORD, roles=(Role.UPLOADER,), by="test")
            _, secret = await people.sign_in("kim", PASSWORD, address="a")
            for minutes in (59, 59, 61):
                await clock.advance(minutes * 60)
                alive.append(people.person_of(secret) is not None)
            _, secret = await people.sign_in("kim", PASSWORD, address="a")
            for _ in range(13):
                await clock.advance(56 * 60)
                alive.append(people.person_of(secret) is not None)
            return alive

    assert run(ask()) == [True, True, False, *[True] * 12, False]


def test_a_watch_lasts_its_shift() -> None:
    """Guard, supervisor and duty officer stay signed in for twelve hours; the read-only screen for longer."""
    assert limits_of({Role.DUTY}) == SHIFT
    assert timedelta(hours=12) == SHIFT.absolute
    assert limits_of({Role.WALL_MONITOR}).absolute > limits_of({Role.WALL_MONITOR, Role.GUARD}).absolute


@pytest.mark.parametrize(("began_h", "alive"), [(11.9, True), (12.1, False)])
def test_no_session_ends_during_an_incident(began_h: float, alive: bool) -> None:
    """One that lived when the incident began lives on; one that was over stays over."""

    async def ask() -> bool:
        clock, since = VirtualClock(START), list[datetime]()
        async with Journal.open(MEMORY, clock=clock) as journal:
            people = await _people(journal, clock, since)
            await people.add(account="kim", name="K", password=PASSWORD, roles=(Role.DUTY,), by="test")
            _, secret = await people.sign_in("kim", PASSWORD, address="a")
            since.append(START + timedelta(hours=began_h))
            await clock.advance(13 * 3600)
            return people.person_of(secret) is not None

    assert run(ask()) is alive


def test_guesses_slow_down_and_are_forgotten() -> None:
    """After five wrong answers each doubles the wait of that key alone; a right one clears it."""
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    guesses = Guesses(clock)
    for _ in range(6):
        guesses.failed("duty", "10.0.0.9")
    with pytest.raises(TooFast) as refused:
        guesses.admit("duty", "10.0.0.9")
    guesses.admit("duty", "10.0.0.1")
    guesses.right("duty", "10.0.0.9")
    guesses.admit("duty", "10.0.0.9")
    assert refused.value.wait_s == 4


def test_a_player_token_is_bound_to_its_player(tmp_path: Path) -> None:
    """A token without a player, or for people's roles, is not made; a revoked one is dead."""

    async def ask() -> tuple[str | None, bool]:
        async with a_house(tmp_path) as (house, _):
            for role, bound in ((Role.PLAYER, None), (Role.SCRAPER, "lobby-player"), (Role.FACILITY, None)):
                with pytest.raises(Refusal):
                    await house.people.issue_token(role, bound_to=bound, by="test")
            token = await house.people.issue_token(Role.PLAYER, bound_to="lobby-player", by="test")
            machine = house.people.machine_of(token)
            assert machine is not None
            await house.people.revoke_token(machine.id, by="test")
            return machine.bound_to, house.people.machine_of(token) is None

    assert run(ask()) == ("lobby-player", True)


async def _people(journal: Journal, clock: VirtualClock, since: list[datetime] | None = None) -> People:
    began = since if since is not None else []
    quick = Hashing(memory_kib=64)
    people = People(journal, clock, hashing=quick, incident_since=lambda: began[0] if began else None)
    await people.load()
    return people
