"""Keeping a lobby: its site file, people, tokens, pictures and journal. What writes goes to the lobby that runs."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lobby.core.clock import SystemClock
from lobby.core.datafolder import DataFolder, NotRunning, clean_write
from lobby.core.journal import Entry, Journal
from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.core.sitedifference import ABSENT, differences
from lobby.core.sitefile import export, read
from lobby.core.words import say
from lobby.ops.cli import language, sample

PAGE = 1000


def site_new(options: argparse.Namespace) -> int:
    """A copy of a sample to begin with; never over an existing file."""
    if options.output.exists():
        raise Refusal("cli.exists", str(options.output))
    options.output.write_text(sample(options.name).read_text(encoding="utf-8"), encoding="utf-8")
    print(options.output)
    return 0


def site_export(options: argparse.Namespace) -> int:
    """A site file equal to what runs, else to the file itself."""
    try:
        answer = DataFolder(options.data).ask({"order": "site"})
        site = Site.model_validate_json(json.dumps(answer["site"]))
    except NotRunning:
        site = read(options.site)
    write_out(export(site), options.output)
    return 0


def site_diff(options: argparse.Namespace) -> int:
    """Where what runs and the file differ, and what staff have set above both; 1 where they differ."""
    running = Site.model_validate_json(json.dumps(ask(options, {"order": "site"})["site"]))
    found = differences(running, read(options.site))
    for one in found:
        print(say("cli.site.differs", language(), key=one.key, runs=_said(one.runs), file=_said(one.file)))
    print(say("cli.site.differences" if found else "cli.site.same", language(), count=len(found)))
    changes = ask(options, {"order": "changes"})
    for day in changes["special_days"]:
        print(say("cli.site.special-day", language(), **day))
    for year in changes["official_years"]:
        print(say("calendar.cli.above", language(), year=year["year"], count=len(year["holiday"])))
    for override in changes["overrides"]:
        print(say("cli.site.override", language(), **override))
    return 1 if found else 0


def _said(value: object) -> str:
    return say("cli.site.absent", language()) if value is ABSENT else json.dumps(value, ensure_ascii=False)


def user_add(options: argparse.Namespace) -> int:
    """A new person; the first password is shown once, here. It shuts the set-up page: say if an admin is missing."""
    answer = ask(options, {"order": "user-add", "account": options.name, "roles": options.role})
    print(say("cli.user.added", language(), name=answer["name"], password=answer["password"]))
    if not answer["admin"]:
        print(say("cli.user.no-admin", language()))
    return 0


def user_list(options: argparse.Namespace) -> int:
    """Everybody with an account, and what they may do."""
    for person in ask(options, {"order": "user-list"})["people"]:
        print(f"{person['account']:24} {person['name']:16} {', '.join(person['roles'])}")
    return 0


def token_create(options: argparse.Namespace) -> int:
    """A machine's token, shown once."""
    answer = ask(options, {"order": "token-create", "role": options.role, "player": options.player})
    print(say("cli.token.made", language(), token=answer["token"]))
    return 0


def token_list(options: argparse.Namespace) -> int:
    """Every machine that may come in, under the name by which it is shut out; the tokens themselves are not kept."""
    for machine in ask(options, {"order": "token-list"})["machines"]:
        print(f"{machine['id']:16} {machine['role']:8} {machine['player'] or '–'}")
    return 0


def token_revoke(options: argparse.Namespace) -> int:
    """What has this token is shut out at once, as after a player's computer was stolen."""
    ask(options, {"order": "token-revoke", "id": options.name})
    print(say("cli.token.revoked", language(), name=options.name))
    return 0


def journal_verify(options: argparse.Namespace) -> int:
    """Walk along the chain; 1 where it does not hold."""
    verified = asyncio.run(_verified(_folder_with_journal(options)))
    if not verified.ok:
        print(say("cli.journal.broken", language(), seq=verified.first_bad))
        return 1
    counts = {"count": verified.lines, "erased": len(verified.erased), "checkpoints": len(verified.checkpoints)}
    print(say("cli.journal.well", language(), **counts))
    return 0


def journal_export(options: argparse.Namespace) -> int:
    """Every entry as one JSON object a line."""
    lines = asyncio.run(_exported(_folder_with_journal(options)))
    write_out("".join(lines), options.output)
    return 0


def export_openapi(options: argparse.Namespace) -> int:
    """The HTTP contract, written from the routes."""
    from lobby.web.contract import openapi

    write_out(json.dumps(openapi(), ensure_ascii=False, indent=1) + "\n", options.output)
    return 0


def export_asyncapi(options: argparse.Namespace) -> int:
    """The MQTT contract, written from what the drivers read."""
    from lobby.ops.asyncapi import asyncapi

    write_out(json.dumps(asyncapi(), ensure_ascii=False, indent=1) + "\n", options.output)
    return 0


def ask(options: argparse.Namespace, order: Mapping[str, Any], *, within_s: float = 30.0) -> Mapping[str, Any]:
    """What the lobby that runs answers to an order. Raises Refusal, also where none runs."""
    folder = DataFolder(options.data)
    try:
        return folder.ask(order, within_s=within_s)
    except NotRunning as error:
        raise Refusal("cli.not-running", str(folder.path)) from error


def _folder_with_journal(options: argparse.Namespace) -> DataFolder:
    folder = DataFolder(options.data)
    if not folder.journal.exists():
        raise Refusal("cli.no-file", str(folder.journal))
    return folder


async def _verified(folder: DataFolder) -> Any:
    async with Journal.open(folder.journal, clock=SystemClock()) as journal:
        return await journal.verify()


async def _exported(folder: DataFolder) -> list[str]:
    lines: list[str] = []
    async with Journal.open(folder.journal, clock=SystemClock()) as journal:
        after = 0
        while entries := await journal.entries(after=after, limit=PAGE):
            lines += [journal_line(entry) for entry in entries]
            after = entries[-1].seq
    return lines


def journal_line(entry: Entry) -> str:
    """An entry as one JSON object, with its line end."""
    document = {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "mono": entry.mono,
        "kind": entry.kind,
        "v": entry.v,
        "subject": entry.subject,
        "payload": None if entry.payload is None else dict(entry.payload),
        "payload_hash": entry.payload_hash,
        "prev": entry.prev,
        "hash": entry.hash,
    }
    return json.dumps(document, ensure_ascii=False) + "\n"


def write_out(text: str, output: Path | None) -> None:
    """To a file, whole or not at all; without one to stdout."""
    if output is None:
        print(text, end="")
    else:
        write_whole(output, text.encode())


def write_whole(output: Path, content: bytes) -> None:
    """To a file that others may read as the user's umask says, whole or not at all."""
    clean_write(output, content, mode=0o666 & ~_umask())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
