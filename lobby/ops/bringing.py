"""`lobby media add`: files of this machine are taken in by the lobby that runs, while their progress is shown here;
`lobby media state` tells what is made again for changed walls.

The work goes on when this command ends; the same command again follows it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lobby.core.problem import Problem, Refusal
from lobby.core.records import LANGUAGES
from lobby.core.words import explain, say
from lobby.ops.cli import language
from lobby.ops.keeping import ask
from lobby.ops.telling import tell

ASK_EVERY_S = 0.25
ENDED = frozenset({"taken", "refused"})

File = Mapping[str, Any]
Show = Callable[[Sequence[File]], None]


def media_state(options: argparse.Namespace) -> int:
    """What is made again for changed walls, and what has to be brought again; 1 where something has.

    What shows well but could not be made again is named too.
    """
    told = ask(options, {"order": "media-state"})
    if told["unsaid"]:
        print(say("keeping.unsaid", language(), count=told["unsaid"]))
    if told["unkept"]:
        print(say("keeping.unkept", language(), count=told["unkept_count"]))
        print("  " + ", ".join(told["unkept"]))
    if told["done"] < told["of"]:
        print(say("remaking.line", language(), done=told["done"], all=told["of"], title=told["title"]))
    for each in told["lost"]:
        print(f"{each['asset'][:12]}  {each['title']}")
    if told["lost"]:
        print(say("remaking.lost", language(), count=told["lost_count"]))
        print(say("remaking.cure", language()))
        return 1
    if told["done"] >= told["of"]:
        print(say("remaking.none", language()))
    return 0


def media_add(options: argparse.Namespace) -> int:
    """Take pictures and films in, each for --panel, --surface or all; 1 where one of them is refused."""
    paths = list(_files(options.file))
    begun = [ask(options, _order(options, path))["id"] for path in paths]
    with _shown(len(paths)) as show:
        try:
            files = _followed(options, begun, show)
        except KeyboardInterrupt:
            print(say("content.cli.goes-on", language()), file=sys.stderr)
            raise
    for file in files:
        _told(file, options.panel or options.surface or "–")
    return 1 if any("refused" in file for file in files) else 0


def _files(named: Sequence[Path]) -> Iterator[Path]:
    """Every file that is named, and every file of a folder that is named. Raises Refusal."""
    for path in named:
        if path.is_dir():
            yield from sorted(each for each in path.iterdir() if each.is_file() and not each.name.startswith("."))
        elif path.is_file():
            yield path
        else:
            raise Refusal("cli.no-file", str(path))


def _order(options: argparse.Namespace, path: Path) -> Mapping[str, Any]:
    said = {tongue: getattr(options, tongue) for tongue in LANGUAGES}
    order = {"order": "media-add", "file": str(path.resolve()), "title": options.title}
    return {**order, **said, "panel": options.panel, "surface": options.surface}


def _followed(options: argparse.Namespace, ids: Sequence[str], show: Show) -> Sequence[File]:
    while True:
        files: Sequence[File] = ask(options, {"order": "media-progress", "ids": ids})["files"]
        show(files)
        if all(file["stage"] in ENDED for file in files):
            return files
        time.sleep(ASK_EVERY_S)


def _told(file: File, where: str) -> None:
    if "refused" in file:
        print(file["name"], file=sys.stderr)
        tell(Problem(**file["refused"]))
        return
    if file["here"]:
        print(f"{file['title']}: " + " ".join(explain(Problem(**file["here"]), language())))
        return
    missing = ", ".join(file["missing"])
    key = "approved" if file["approved"] else "lacks" if missing else "waits"
    print(say(f"content.cli.{key}", language(), title=file["title"], where=where, missing=missing))
    for percent in {round(percent) for percent in file["cut_percent"].values() if percent >= 1}:
        print("  " + say("media.note.cut", language(), percent=percent))


@contextmanager
def _shown(count: int) -> Iterator[Show]:
    """A bar a file at a terminal, else a line whenever another file is done."""
    if sys.stdout.isatty():
        with _bars() as show:
            yield show
    else:
        yield _lines(count)


@contextmanager
def _bars() -> Iterator[Show]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"),
               TextColumn("{task.fields[left]}"))  # fmt: skip
    tasks: list[TaskID] = []
    with Progress(*columns, console=Console(file=sys.stdout)) as bars:

        def show(files: Sequence[File]) -> None:
            while len(tasks) < len(files):
                tasks.append(bars.add_task(files[len(tasks)]["name"], total=1.0, left=""))
            for task, file in zip(tasks, files, strict=True):
                bars.update(task, completed=float(file["share"]), left=_state(file))

        yield show


def _state(file: File) -> str:
    if file["stage"] == "checking" and file["left_s"] is not None:
        minutes, seconds = divmod(round(file["left_s"]), 60)
        return say("content.cli.left", language(), time=f"{minutes}:{seconds:02}")
    return say(f"content.stage.{file['stage']}", language())


def _lines(count: int) -> Show:
    told = 0

    def show(files: Sequence[File]) -> None:
        nonlocal told
        for done in range(told + 1, sum(file["stage"] in ENDED for file in files) + 1):
            print(say("cli.media.checking", language(), done=done, total=count), flush=True)
            told = done

    return show
