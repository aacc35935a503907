"""People and machines that may come in: accounts, roles, the first admin's code, machine tokens.

Names and hashes live in tables of their own beside the journal; the journal knows people by opaque ids only
and never holds a secret. Everything is read into memory at the start: a request costs no query.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from devices.reports import Clock
from lobby.core.journal import NotDurable
from lobby.core.problem import Refusal
from lobby.core.projection import Fact
from lobby.web.passwords import Hashing, refuse_weak
from lobby.web.roles import MACHINES, PEOPLE, Role
from lobby.web.sessions import Session, Sessions, Store

SETUP_LIVES = timedelta(hours=24)
LONGEST_NAME = 60
# No letter or digit that another could be read for.
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
TABLES = (
    "CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, account TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " roles TEXT NOT NULL, language TEXT NOT NULL, password TEXT NOT NULL, disabled INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS people_machines (hash TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " role TEXT NOT NULL, bound_to TEXT)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account; `id` is what the journal knows, `account` what is typed at the sign-in."""

    id: str
    account: str
    name: str
    roles: frozenset[Role]
    language: str = "ko"
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A machine with a token: a player bound to one player's id, or a scraper."""

    id: str
    role: Role
    bound_to: str | None = None


class People:
    """All accounts, tokens and sessions of the site; open with `await people.load()` before the first request."""

    def __init__(
        self,
        journal: Store,
        clock: Clock,
        *,
        context: Iterable[str] = (),
        hashing: Hashing | None = None,
        incident_since: Callable[[], datetime | None] = lambda: None,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._context = tuple(context)
        self._hashing = hashing or Hashing()
        self._people: dict[str, Person] = {}
        self._hashes: dict[str, str] = {}
        self._machines: dict[str, Machine] = {}
        self._setup: tuple[str, datetime] | None = None
        self.sessions = Sessions(journal, clock, incident_since=incident_since)

    async def load(self) -> None:
        """Create the tables where they are missing and read them."""
        await self._journal.transact(_create)
        for row in await self._journal.read("SELECT * FROM people"):
            self._people[row["id"]] = _person(row)
            self._hashes[row["id"]] = row["password"]
        for row in await self._journal.read("SELECT * FROM people_machines"):
            machine = Machine(id=row["id"], role=Role(row["role"]), bound_to=row["bound_to"])
            self._machines[row["hash"]] = machine
        await self.sessions.load()

    def all(self) -> tuple[Person, ...]:
        """Every account, by name."""
        return tuple(sorted(self._people.values(), key=lambda person: (person.name, person.id)))

    def by_id(self, person_id: str) -> Person | None:
        """The account behind an opaque id."""
        return self._people.get(person_id)

    def by_account(self, account: str) -> Person | None:
        """The account that is typed so; upper and lower case are the same."""
        wanted = account.strip().casefold()
        return next((person for person in self._people.values() if person.account == wanted), None)

    def names(self) -> Mapping[str, str]:
        """Names by opaque id, for pages that show who did something."""
        return {person.id: person.name for person in self._people.values()}

    async def add(
        self, *, account: str, name: str, password: str, roles: Iterable[Role], by: str, language: str = "ko"
    ) -> Person:
        """A new account. Raises Refusal where the name is taken, a role does not exist or the password is weak."""
        person = Person(
            id=f"p-{secrets.token_hex(6)}",
            account=_account(account),
            name=_name(name),
            roles=_roles(roles),
            language="en" if language == "en" else "ko",
        )
        if self.by_account(person.account):
            raise Refusal("signin.account-taken", account=person.account)
        refuse_weak(password, (*self._context, person.account, person.name))
        kept = await self._hashing.make(password)
        if self.by_account(person.account):
            raise Refusal("signin.account-taken", account=person.account)
        await self._keep(person, kept, _fact("people.added", person.id, by=by, roles=sorted(person.roles)))
        return person

    async def set_roles(self, person_id: str, roles: Iterable[Role], *, by: str) -> Person:
        """Other roles; the person's sessions end. The last facility admin stays one."""
        person = self._known(person_id)
        changed = replace(person, roles=_roles(roles))
        self._keep_an_admin(changed)
        fact = _fact("people.roles-changed", person.id, by=by, was=sorted(person.roles), roles=sorted(changed.roles))
        await self._keep(changed, self._hashes[person.id], fact)
        await self.sessions.end_all(person.id, "roles-changed")
        return changed

    async def disable(self, person_id: str, *, by: str) -> None:
        """Nobody signs in by this account any more; its sessions end. The last facility admin stays."""
        person = replace(self._known(person_id), disabled=True)
        self._keep_an_admin(person)
        await self._keep(person, self._hashes[person.id], _fact("people.disabled", person.id, by=by))
        await self.sessions.end_all(person.id, "disabled")

    async def set_password(self, person_id: str, password: str, *, by: str) -> None:
        """Another password; the person's sessions end."""
        person = self._known(person_id)
        refuse_weak(password, (*self._context, person.account, person.name))
        kept = await self._hashing.make(password)
        await self._keep(person, kept, _fact("people.password-changed", person.id, by=by))
        await self.sessions.end_all(person.id, "password-changed")

    async def sign_in(self, account: str, password: str, *, address: str) -> tuple[Session, str]:
        """A new session with its secret. Raises Refusal `signin.wrong`, the same for every reason."""
        person = self.by_account(account)
        usable = person is not None and not person.disabled
        kept = self._hashes.get(person.id) if person is not None and usable else None
        right = await self._hashing.fits(password, kept)
        if person is None or not usable or not right:
            # An account that does not exist is not written down: people type passwords into the wrong field.
            subject = person.id if person else "unknown"
            await self.note("signin.failed", subject, address=address)
            raise Refusal("signin.wrong", status=401)
        fact = _fact("signin.in", person.id, address=address)
        return await self.sessions.begin(person.id, person.roles, fact)

    async def sign_out(self, session: Session) -> None:
        """End this one session."""
        await self.sessions.end(session, "signed-out")

    def person_of(self, secret: str) -> tuple[Person, Session] | None:
        """Who a cookie belongs to, if its session lives; counts as use of the session."""
        session = self.sessions.of(secret)
        person = self._people.get(session.person) if session else None
        if session is None or person is None or person.disabled:
            return None
        return person, session

    def machine_of(self, token: str) -> Machine | None:
        """Which machine a bearer token belongs to."""
        return self._machines.get(_hashed(token))

    def machines(self) -> tuple[Machine, ...]:
        """Every machine that has a token."""
        return tuple(self._machines.values())

    async def issue_token(self, role: Role, *, bound_to: str | None = None, by: str) -> str:
        """A machine's token, told this once; a player's is bound to one player."""
        if role not in MACHINES or (role is Role.PLAYER) != (bound_to is not None):
            raise Refusal("signin.no-such-role", status=422, role=role)
        token = secrets.token_urlsafe(32)
        machine = Machine(id=f"m-{secrets.token_hex(6)}", role=role, bound_to=bound_to)
        values = (_hashed(token), machine.id, machine.role.value, machine.bound_to)
        fact = _fact("people.token-issued", machine.id, by=by, role=role.value, bound_to=bound_to or "")
        await self._journal.transact(_saying("INSERT INTO people_machines VALUES (?,?,?,?)", values), fact)
        self._machines[values[0]] = machine
        return token

    async def revoke_token(self, machine_id: str, *, by: str) -> None:
        """The machine's token is dead from now on."""
        fact = _fact("people.token-revoked", machine_id, by=by)
        work = _saying("DELETE FROM people_machines WHERE id = ?", (machine_id,))
        await self._journal.transact(work, fact)
        self._machines = {key: machine for key, machine in self._machines.items() if machine.id != machine_id}

    def setup_needed(self) -> bool:
        """Nobody has an account: the lobby asks for its first admin before anything else."""
        return not self._people

    def has_admin(self) -> bool:
        """Somebody can keep people and roles."""
        return _has_admin(self._people.values())

    def open_setup(self) -> str | None:
        """A one-time code for the first admin, told this once and dead after a day; None where there are accounts."""
        if not self.setup_needed():
            return None
        code = "-".join("".join(secrets.choice(CODE_SIGNS) for _ in range(5)) for _ in range(4))
        self._setup = (_hashed(_plain(code)), self._clock.now() + SETUP_LIVES)
        return code

    async def set_up(
        self, code: str, *, account: str, name: str, password: str, language: str = "ko", duty: bool = False
    ) -> Person:
        """The first facility admin, with `duty` the duty officer too, who may answer a bell.

        Raises Refusal; the code is used up by success alone, and the way is shut then.
        """
        if not self.setup_needed():
            raise Refusal("api.not-found", status=404)
        expected, until = self._setup or ("", self._clock.now())
        if not secrets.compare_digest(_hashed(_plain(code)), expected) or self._clock.now() >= until:
            await self.note("signin.setup-failed", "setup")
            raise Refusal("signin.code-wrong", status=403)
        taken, self._setup = self._setup, None
        try:
            roles = (Role.FACILITY, Role.DUTY) if duty else (Role.FACILITY,)
            return await self.add(
                account=account, name=name, password=password, roles=roles, by="setup", language=language
            )
        except Exception:
            # Whatever went wrong made no account: the code must stay usable.
            self._setup = taken
            raise

    async def note(self, kind: str, subject: str, **payload: str) -> None:
        """Write an act without effect (a failed or denied one) into the journal; a sick journal bars nobody."""
        with suppress(NotDurable):
            await self._journal.transact(lambda _cursor: None, _fact(kind, subject, **payload))

    async def _keep(self, person: Person, password: str, fact: Fact) -> None:
        roles = " ".join(sorted(person.roles))
        values = (person.id, person.account, person.name, roles, person.language, password, int(person.disabled))
        await self._journal.transact(_saying("INSERT OR REPLACE INTO people VALUES (?,?,?,?,?,?,?)", values), fact)
        self._people[person.id] = person
        self._hashes[person.id] = password

    def _known(self, person_id: str) -> Person:
        person = self._people.get(person_id)
        if person is None:
            raise Refusal("signin.no-such-person", status=404)
        return person

    def _keep_an_admin(self, changed: Person) -> None:
        if not _has_admin({**self._people, changed.id: changed}.values()):
            raise Refusal("signin.last-admin")


def _has_admin(people: Iterable[Person]) -> bool:
    return any(Role.FACILITY in person.roles and not person.disabled for person in people)


def _create(cursor: sqlite3.Cursor) -> None:
    for table in TABLES:
        cursor.execute(table)


def _saying(sql: str, values: tuple[object, ...]) -> Callable[[sqlite3.Cursor], None]:
    def work(cursor: sqlite3.Cursor) -> None:
        cursor.execute(sql, values)

    return work


def _person(row: sqlite3.Row) -> Person:
    return Person(
        id=row["id"],
        account=row["account"],
        name=row["name"],
        roles=frozenset(Role(role) for role in row["roles"].split()),
        language=row["language"],
        disabled=bool(row["disabled"]),
    )


def _fact(kind: str, subject: str, **payload: str | list[Role]) -> Fact:
    return Fact(kind=kind, subject=subject, payload=payload)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _plain(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isalnum())


def _account(typed: str) -> str:
    account = typed.strip().casefold()
    if not 2 <= len(account) <= LONGEST_NAME or any(sign.isspace() or not sign.isprintable() for sign in account):
        raise Refusal("signin.account-odd", status=422)
    return account


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise Refusal("signin.name-odd", status=422)
    return name


def _roles(wanted: Iterable[Role]) -> frozenset[Role]:
    roles = frozenset(wanted)
    if not roles or not roles <= PEOPLE:
        raise Refusal("signin.no-such-role", status=422, role=", ".join(sorted(roles - PEOPLE)))
    return roles
