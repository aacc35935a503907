"""Progress for whoever waits: a bar at a terminal, plain lines where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from lobby.core.words import say
from lobby.ops.cli import language

Advance = Callable[[], None]


@contextmanager
def progress(key: str, total: int, *, out: TextIO | None = None) -> Iterator[Advance]:
    """`key` names a text with the slots done and total; call what is given after each step. `out` None is stdout."""
    stream = out or sys.stdout
    if not total:
        yield lambda: None
    elif stream.isatty():
        with _bar(say(key, language(), done="", total=total).partition("(")[0].strip(), total, stream) as advance:
            yield advance
    else:
        yield _lines(key, total, stream)


@contextmanager
def _bar(label: str, total: int, stream: TextIO) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=stream)) as bar:
        task = bar.add_task(label, total=total)
        yield lambda: bar.advance(task)


def _lines(key: str, total: int, stream: TextIO) -> Advance:
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        print(say(key, language(), done=done, total=total), file=stream, flush=True)

    return advance
