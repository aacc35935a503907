"""What people wrote goes when the site's time for it is over: at night, for good, and the journal's chain stays whole.

Erased are lines of which nothing depends any more: their number, time, kind and subject stay, and one more line says
which they were. Nothing is erased by a clock that nobody trusts, nor by one that has just leapt ahead.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from lobby.core.journal import Journal
from lobby.core.projection import stamp
from lobby.core.records import APPROVED, ASKED, SENT_BACK
from lobby.core.records import ERASED as FILES_ERASED
from lobby.day import handover, modes, overrides, signatures

log = logging.getLogger(__name__)

LINES_AT_ONCE = 50
"""So short a transaction delays no press."""
NIGHTS, WITHIN = 3, timedelta(days=5)
"""So many checkpoints have to be that young: a clock that has leapt ahead is noticed before anything goes."""
CHECKPOINTS = "SELECT count(*) FROM journal_checkpoints WHERE at > ? AND at <= ?"
LATER = """EXISTS (SELECT 1 FROM journal AS later WHERE later.kind IN ({kinds}) AND later.seq > journal.seq
    AND later.subject = journal.subject{more})"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A kind of lines in which people write, or which says where they were; `where` is what has to be true first."""

    kind: str
    where: str = "TRUE"


def _later(*kinds: str, more: str = "") -> str:
    return LATER.format(kinds=", ".join(f"'{kind}'" for kind in kinds), more=more)


RULES = (
    Rule(kind=handover.TEXT),
    Rule(kind=signatures.REMARKED),
    Rule(kind=overrides.SET, where="json_extract(payload, '$.id') NOT IN (SELECT id FROM overrides)"),
    Rule(kind=modes.SET, where=_later(modes.SET)),
    Rule(kind=SENT_BACK, where=_later(ASKED, APPROVED, FILES_ERASED)),
    Rule(kind="incident.closed", where=f"NOT {_later('incident.corrected', more=' AND later.at >= :before')}"),
    Rule(kind="incident.corrected", where=f"NOT {_later('incident.corrected', more=' AND later.at >= :before')}"),
    Rule(kind="signin.in"),
    Rule(kind="signin.failed"),
    Rule(kind="signin.denied"),
)
"""Texts of people with the state that hangs on them: it has to be over. Of signing in: from which address."""


class Retention:
    """Keeps what people wrote for `keep`; `trusts_clock` says whether now is now."""

    def __init__(self, journal: Journal, *, keep: timedelta, trusts_clock: Callable[[], bool] = lambda: True) -> None:
        self._journal = journal
        self._keep = keep
        self._trusts_clock = trusts_clock

    async def sweep(self, now: datetime) -> int:
        """Erase what is older; says how many lines. Raises NotDurable: then the rest goes another night."""
        if not self._trusts_clock() or not await self._steady(now):
            return 0
        lines = await self.due(now - self._keep)
        for at in range(0, len(lines), LINES_AT_ONCE):
            await self._journal.erase(*lines[at : at + LINES_AT_ONCE])
        if lines:
            log.info("%d lines that people wrote before %s are erased", len(lines), (now - self._keep).date())
        return len(lines)

    async def due(self, before: datetime) -> list[int]:
        """The numbers of all lines that can be erased by then."""
        lines: list[int] = []
        for rule in RULES:
            sql = f"""SELECT seq FROM journal WHERE kind = :kind AND at < :before AND payload IS NOT NULL
                AND {rule.where} ORDER BY seq"""  # noqa: S608 - the rules are constants of ours
            rows = await self._journal.read(sql, {"kind": rule.kind, "before": stamp(before)})
            lines += [row["seq"] for row in rows]
        return sorted(lines)

    async def _steady(self, now: datetime) -> bool:
        """Whether this clock has gone through the last nights, not leapt over them."""
        ((count,),) = await self._journal.read(CHECKPOINTS, (stamp(now - WITHIN), stamp(now)))
        return bool(count >= NIGHTS)
