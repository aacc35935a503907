"""Passwords: which ones are taken, and their slow hash, made off the loop and one at a time."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from lobby.core.problem import Refusal

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 12
LONGEST = 256
MEMORY_KIB = 19_456
PASSES = 2
# Cores of the passwords people choose most, also as Korean words typed on Latin keys.
_COMMON = """
    password passwd passw0rd p@ssw0rd p@ssword secret letmein welcome iloveyou sunshine princess dragon monkey football
    baseball superman batman trustno admin administrator root user guest login master manager operator service system
    test tester changeme default temp temporary qwerty qwertyuiop qwert asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm
    qazwsx qazwsxedc abc abcd abcdef abcdefg abcdefgh abcdefghijkl aaa love hello korea seoul cityhall lobby smartlobby
    smart kiosk console desk guard duty facility supervisor auditor winter spring summer autumn
    dkssud dkssudgktpdy tkfkdgo qlalfqjsgh qlqjs tjdnf tjdnfxmrqufl tjdnftlcjd eogksalsrnr rhksflwk
    michael jordan shadow freedom whatever starwars pokemon samsung computer internet
"""
COMMON = frozenset(_COMMON.split())


def refuse_weak(password: str, context: Iterable[str] = ()) -> None:
    """Refuse what is too short, too long, or guessed first: a common or local word, a row of keys, one repeated bit.

    Any character is taken and none is demanded (ASVS 5.0, 6.2.1, 6.2.5).
    """
    if len(password) < SHORTEST:
        raise Refusal("signin.password-short", status=422, shortest=str(SHORTEST))
    if len(password) > LONGEST:
        raise Refusal("signin.password-long", status=422, longest=str(LONGEST))
    if _guessable(_folded(password), {_folded(word) for word in context}):
        raise Refusal("signin.password-common", status=422)


class Hashing:
    """Argon2id with 19 MiB (the OWASP minimum), at most one at a time, so that the process stays small."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB) -> None:
        self._memory_kib = memory_kib
        self._one = asyncio.Semaphore(1)

    @cached_property
    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher

        return PasswordHasher(time_cost=PASSES, memory_cost=self._memory_kib, parallelism=1)

    async def make(self, password: str) -> str:
        """The hash to keep, with its own salt and parameters inside."""
        async with self._one:
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def fits(self, password: str, kept: str | None) -> bool:
        """Whether the password made this hash; an unknown account (None) costs the same time and is always False."""
        async with self._one:
            return await asyncio.to_thread(self._fits, _normal(password[:LONGEST]), kept)

    def _fits(self, password: str, kept: str | None) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        if kept is None:
            self._hasher.hash(password)
            return False
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _folded(text: str) -> str:
    return "".join(_normal(text).casefold().split())


def _guessable(password: str, context: set[str]) -> bool:
    core = password.strip("0123456789!@#$%^&*()-_=+.,?~ ")
    letters = "".join(sign for sign in password if sign.isalpha())
    words = COMMON | {word for word in context if len(word) >= 3}
    repeated = {password, core, letters}
    return (
        any(_made_of(text, words) for text in repeated) or any(_one_unit(text) for text in repeated) or _a_run(password)
    )


def _made_of(text: str, words: set[str] | frozenset[str]) -> bool:
    """Whether the text is nothing but words of the list, one after another."""
    reached = {0}
    for end in range(1, len(text) + 1):
        if any(text[start:end] in words for start in tuple(reached)):
            reached.add(end)
    return bool(text) and len(text) in reached


def _one_unit(text: str) -> bool:
    """Whether a unit of one to four signs repeats to the end: `aaaaaaaaaaaa`, `a1b2a1b2a1b2`."""
    return len(text) >= 8 and any(text == (text[:unit] * len(text))[: len(text)] for unit in range(1, 5))


def _a_run(text: str) -> bool:
    """Whether every sign follows the one before, up or down, wrapping digits: `123456789012`, `abcdefghijkl`."""
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(text)}
    return steps in ({1}, {9})
