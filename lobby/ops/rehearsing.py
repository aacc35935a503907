"""`lobby rehearse`: days of the whole house in seconds, and whether everything happened as it was planned."""

from __future__ import annotations

import argparse
import logging
import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from lobby.core.problem import Refusal
from lobby.core.sitefile import read
from lobby.core.words import say
from lobby.ops.cli import language
from lobby.ops.keeping import journal_line, write_out
from lobby.ops.looking import local_date
from lobby.ops.progress import progress
from lobby.ops.rehearsal.execution import Edge
from lobby.ops.rehearsal.play import Outcome, Rehearsal, rehearsed

MOST_DAYS = 3660
SHOWN = 20
PARTS = 12


def rehearse(options: argparse.Namespace) -> int:
    """Rehearse the site file; 1 where something did not happen as planned or was not put right."""
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    if not 1 <= options.days <= MOST_DAYS:
        raise Refusal("cli.bad-days", value=str(options.days), most=str(MOST_DAYS))
    rehearsal = Rehearsal(
        site=read(options.site),
        first=local_date(options.first),
        days=options.days,
        seed=options.seed,
        faults=options.faults,
        wire=options.wire,
    )
    outcome = _played(rehearsal)
    if options.output is not None:
        write_out("".join(journal_line(entry) for entry in outcome.entries), options.output)
    for line in summary(rehearsal, outcome):
        print(line)
    return 0 if outcome.well else 1


def summary(rehearsal: Rehearsal, outcome: Outcome) -> Iterator[str]:
    """What the journal holds, without a word on how long it took to rehearse."""
    spoken, about = language(), rehearsal.site.site
    span = {"first": rehearsal.first, "to": rehearsal.to, "zone": about.time_zone, "seed": rehearsal.seed}
    yield say("cli.rehearsing.span", spoken, **span)
    yield say("cli.rehearsing.lines", spoken, count=len(outcome.entries), head=outcome.entries[-1].hash)
    yield from _table(say("cli.rehearsing.kinds", spoken), (entry.kind for entry in outcome.entries))
    changes = (entry.subject for entry in outcome.entries if entry.kind == "day.changed")
    yield from _table(say("cli.rehearsing.changes", spoken), changes)
    ended = (entry.payload or {} for entry in outcome.entries if entry.kind == "command.ended")
    results = (f"{said['outcome']} {said['cause']}".strip() for said in ended)
    yield from _table(say("cli.rehearsing.commands", spoken), results)
    if outcome.faults:
        yield from _table(say("cli.rehearsing.faults", spoken), Counter(outcome.faults).elements())
    yield from _verdict(outcome, spoken)


def _verdict(outcome: Outcome, spoken: str) -> Iterator[str]:
    if outcome.different is None:
        yield say("cli.rehearsing.not-compared", spoken)
    elif outcome.different:
        yield say("cli.rehearsing.different", spoken, count=len(outcome.different))
        yield from (f"  {_edge(said)}  ≠  {_edge(done)}" for said, done in outcome.different[:SHOWN])
    else:
        yield say("cli.rehearsing.agree", spoken, count=outcome.stretches)
    if outcome.unsettled:
        yield say("cli.rehearsing.unsettled", spoken, things=", ".join(outcome.unsettled))
    if outcome.open:
        yield say("cli.rehearsing.open", spoken, count=outcome.open)
    if not outcome.whole:
        yield say("cli.rehearsing.broken", spoken)


def _played(rehearsal: Rehearsal) -> Outcome:
    """With a bar where a person waits, a few plain lines where nobody looks."""
    parts = rehearsal.days if sys.stderr.isatty() else min(PARTS, rehearsal.days)
    with progress("cli.rehearsing.days", parts, out=sys.stderr) as advance:
        done = 0

        def day_over() -> None:
            nonlocal done
            done += 1
            if done * parts // rehearsal.days > (done - 1) * parts // rehearsal.days:
                advance()

        return rehearsed(rehearsal, day_over)


def _table(title: str, names: Iterable[str]) -> Iterator[str]:
    yield title
    yield from (f"  {name:32} {count:>8}" for name, count in sorted(Counter(names).items()))


def _edge(edge: Edge | None) -> str:
    return "–" if edge is None else f"{edge.at.isoformat()} {edge.thing} {edge.value} ({edge.rule})"
