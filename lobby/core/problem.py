"""A mistake told to a person: which rule, where, with what values; the words live in `lobby/words`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`code` names the entry in the words (`[code] what=… cure=…`); `where` is a file with key path, or a place."""

    code: str
    where: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Root of what the lobby refuses with a cause and a cure; a page shows it, the command line exits with 1."""

    def __init__(self, code: str, where: str = "", *, status: int = 409, **params: str) -> None:
        super().__init__(f"{code} {where} {dict(params)}")
        self.problem = Problem(code=code, where=where, params=params)
        self.status = status
