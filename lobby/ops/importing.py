"""`lobby media import`: bring over what another signage exported, or only look what would come."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from lobby.core.imports import looked_through
from lobby.core.problem import Problem, Refusal
from lobby.core.sitefile import read
from lobby.core.words import explain, say
from lobby.ops.cli import language
from lobby.ops.keeping import ask
from lobby.ops.progress import progress
from lobby.ops.telling import tell
from media.exports import Export, Exported

NEWS_WITHIN_S = 60.0


def media_import(options: argparse.Namespace) -> int:
    """What comes and what does not, with its reason; 1 where nothing came."""
    if not options.source.exists():
        raise Refusal("cli.no-file", str(options.source))
    source = options.source.resolve()
    export = asyncio.run(looked_through(source))
    if options.dry_run:
        return _shown(export, ZoneInfo(read(options.site).site.time_zone))
    begun = ask(options, {"order": "media-import", "source": str(source), "surface": options.surface}, within_s=900.0)
    with progress("import.cli.checking", begun["total"]) as checked:
        outcomes = list(_outcomes(options, begun["id"], checked))
    for outcome in outcomes:
        print(_line(outcome["title"], outcome["problem"]))
    brought = sum(outcome["problem"] is None for outcome in outcomes)
    print(say("import.cli.done", language(), brought=brought, refused=begun["total"] - brought))
    return 0 if brought else 1


def _outcomes(options: argparse.Namespace, known: str, checked: Callable[[], None]) -> Iterator[Mapping[str, Any]]:
    """Each as it becomes known. Raises Refusal where the whole import ended."""
    count, over = 0, False
    while not over:
        answer = ask(options, {"order": "media-imported", "id": known, "after": count}, within_s=NEWS_WITHIN_S)
        for outcome in answer["news"]:
            checked()
            yield outcome
        count, over = count + len(answer["news"]), answer["over"]
        if answer["problem"] is not None:
            tell(Problem(**answer["problem"]))


def _shown(export: Export, zone: ZoneInfo) -> int:
    print(say(f"import.kind.{export.kind}", language(), name=export.name))
    for item in export.items:
        print(_line(item.title, {"code": f"import.{item.why}", "params": {}} if item.why else None, _more(item, zone)))
    for name in export.left:
        print("  " + say("import.left", language(), name=name))
    counts = {"coming": len(export.coming), "total": len(export.items)}
    print(say("import.cli.would", language(), **counts))
    return 0 if export.coming else 1


def _more(item: Exported, zone: ZoneInfo) -> str:
    """How long it stood, until when, and whether it was switched off."""
    parts = [say("import.seconds", language(), seconds=f"{item.seconds:g}")] if item.seconds else []
    last = item.last(zone)
    parts += [say("import.until", language(), date=last)] if last else []
    parts += [] if item.enabled else [say("import.switched-off", language())]
    return " · ".join(parts)


def _line(title: str, problem: Mapping[str, Any] | None, more: str = "") -> str:
    if problem is None:
        return f"  ● {title}" + (f"  {more}" if more else "")
    what, cure = explain(Problem(**problem), language())
    return f"  ✗ {title}: {what}\n      → {cure}"
