"""The command line `lobby`, the only documented way to start.

Exit codes: 0 well, 1 refused or failed, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from lobby.core.words import say

Command = Callable[[argparse.Namespace], int]
SAMPLE = "seoul-city-hall"
BROKER_FOLDER = Path("/etc/lobby/broker")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what it refuses is printed with its cure."""
    parser = build_parser(language())
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 2
    options.site = options.site or default_site()
    options.data = Path(options.data or os.environ.get("LOBBY_DATA") or "data").absolute()
    return _perform(options)


def language() -> str:
    """The reader's language by the environment: Korean where the machine speaks Korean, else English."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "ko" if spoken.startswith("ko") else "en"


def sample(name: str) -> Path:
    """A site file that comes with the program."""
    return Path(__file__).parent.parent / "sites" / f"{name}.toml"


def default_site() -> Path:
    """LOBBY_SITE, else `site.toml` of the working folder, else the sample of Seoul City Hall."""
    named = os.environ.get("LOBBY_SITE")
    return Path(named) if named else here if (here := Path("site.toml")).exists() else sample(SAMPLE)


def build_parser(spoken: str) -> argparse.ArgumentParser:
    """All commands; each names the function that performs it as `module:function`."""
    common = argparse.ArgumentParser(add_help=False)
    for flag, name in (("--site", "site"), ("--data", "data")):
        common.add_argument(flag, dest=name, type=Path, default=argparse.SUPPRESS, help=say(f"cli.help.{name}", spoken))
    parser = argparse.ArgumentParser(prog="lobby", description=say("cli.help.lobby", spoken))
    for flag in ("--site", "--data"):
        parser.add_argument(flag, type=Path, default=None, help=say(f"cli.help.{flag[2:]}", spoken))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, performs: str, *, of: object = commands) -> argparse.ArgumentParser:
        text = say(f"cli.help.{performs.partition(':')[2]}", spoken)
        assert isinstance(of, argparse._SubParsersAction)  # noqa: SLF001 - argparse has no public name for it
        sub: argparse.ArgumentParser = of.add_parser(name, parents=[common], help=text, description=text)
        sub.set_defaults(performs=performs)
        return sub

    def group(name: str) -> object:
        sub = commands.add_parser(name, help=say(f"cli.help.group.{name}", spoken))
        return sub.add_subparsers(dest="act", metavar="ACT", required=True)

    _daily(command)
    _looking(command)
    _keeping(command, group)
    return parser


def _daily(command: Callable[..., argparse.ArgumentParser]) -> None:
    run = command("run", "running:run")
    run.add_argument("--host", default="127.0.0.1")
    run.add_argument("--port", type=int, default=0)
    run.add_argument("--simulate", action="store_true")
    run.add_argument("--behind-proxy", action="store_true")
    run.add_argument("--local-players", action="store_true")
    run.add_argument("--wires-at", type=int, default=0, metavar="PORT")
    play = command("play", "playing:play")
    play.add_argument("player")
    play.add_argument("--controller", default=None)
    play.add_argument("--token-file", type=Path, default=None)
    play.add_argument("--headless", action="store_true")
    play.add_argument("--scale", type=float, default=1.0)
    play.add_argument("--driver", choices=["x11", "wayland", "kmsdrm"], default="")
    play.add_argument("--renderer", choices=["surfaces", "textures"], default="")
    play.add_argument("--pattern", action="store_true")
    play.add_argument("--probe", action="store_true")
    simulate = command("simulate", "simulating:simulate")
    verbs = ["press", "break", "unplug", "mend", "cut", "empty", "fill", "set", "show"]
    simulate.add_argument("verb", nargs="?", choices=verbs)
    simulate.add_argument("thing", nargs="?", default="")
    simulate.add_argument("how", nargs="?", default="")
    simulate.add_argument("--broker", default=None)
    simulate.add_argument("--passwords", type=Path, default=None)
    simulate.add_argument("--wires-at", type=int, default=0, metavar="PORT")


def _looking(command: Callable[..., argparse.ArgumentParser]) -> None:
    command("check", "looking:check")
    plan = command("plan", "looking:plan")
    plan.add_argument("--from", dest="first", default=None, metavar="DATE")
    plan.add_argument("--to", dest="last", default=None, metavar="DATE")
    plan.add_argument("--json", action="store_true")
    why = command("why", "looking:why")
    why.add_argument("thing")
    why.add_argument("--at", default=None, metavar="TIME")
    rehearse = command("rehearse", "rehearsing:rehearse")
    rehearse.add_argument("--from", dest="first", default="2026-01-01", metavar="DATE")
    rehearse.add_argument("--days", type=int, default=7)
    rehearse.add_argument("--seed", type=int, default=1)
    rehearse.add_argument("--faults", action="store_true")
    rehearse.add_argument("--wire", action="store_true")
    rehearse.add_argument("-o", "--output", type=Path, default=None)
    preview = command("preview", "previewing:preview")
    preview.add_argument("surface")
    preview.add_argument("--at", default=None, metavar="TIME")
    preview.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    preview.add_argument("--scale", type=float, default=1.0)


def _keeping(command: Callable[..., argparse.ArgumentParser], group: Callable[[str], object]) -> None:
    site = group("site")
    new = command("new", "keeping:site_new", of=site)
    new.add_argument("name", choices=[SAMPLE, "small-office"], nargs="?", default="small-office")
    new.add_argument("-o", "--output", type=Path, default=Path("site.toml"))
    command("export", "keeping:site_export", of=site).add_argument("-o", "--output", type=Path, default=None)
    command("diff", "keeping:site_diff", of=site)
    calendar = command("calendar", "calendars:calendar")
    calendar.add_argument("act", nargs="?", choices=["put"])
    calendar.add_argument("file", nargs="?", type=Path)
    user = group("user")
    add = command("add", "keeping:user_add", of=user)
    add.add_argument("name")
    add.add_argument("--role", action="append", required=True)
    command("list", "keeping:user_list", of=user)
    token = group("token")
    create = command("create", "keeping:token_create", of=token)
    create.add_argument("--role", choices=["player", "scraper"], required=True)
    create.add_argument("--player", default=None)
    command("list", "keeping:token_list", of=token)
    command("revoke", "keeping:token_revoke", of=token).add_argument("name")
    content = group("media")
    media = command("add", "bringing:media_add", of=content)
    media.add_argument("file", type=Path, nargs="+")
    media.add_argument("--panel", default=None)
    media.add_argument("--surface", default=None)
    media.add_argument("--title", default=None)
    for tongue in ("ko", "en", "zh", "ja"):
        media.add_argument(f"--{tongue}", default=None, metavar="TEXT", help=say(f"content.cli.{tongue}", language()))
    brought = command("import", "importing:media_import", of=content)
    brought.add_argument("source", type=Path)
    brought.add_argument("--dry-run", action="store_true")
    brought.add_argument("--surface", default=None)
    spec = command("spec", "specifying:media_spec", of=content)
    spec.add_argument("surface")
    spec.add_argument("-o", "--output", type=Path, default=None, metavar="FILE")
    spec.add_argument("--template", type=Path, default=None, metavar="FILE.png")
    spec.add_argument("--language", choices=["ko", "en"], default=None)
    command("state", "bringing:media_state", of=content)
    shown = command("played", "shown:media_played", of=content)
    shown.add_argument("--from", dest="first", default=None, metavar="DATE")
    shown.add_argument("--to", dest="last", default=None, metavar="DATE")
    shown.add_argument("-o", "--output", type=Path, default=None, metavar="FILE.csv")
    backup = command("backup", "backups:backup")
    backup.add_argument("-o", "--output", type=Path, default=None)
    backup.add_argument("--without-originals", action="store_true", help=say("cli.help.without_originals", language()))
    command("restore", "backups:restore").add_argument("file", type=Path)
    broker = group("broker")
    for verb in ("write", "run"):
        act = command(verb, f"brokering:broker_{verb}", of=broker)
        act.add_argument("--folder", type=Path, default=BROKER_FOLDER)
        act.add_argument("--clients", type=Path, default=None)
        act.add_argument("--port", type=int, default=1883)
    journal = group("journal")
    command("verify", "keeping:journal_verify", of=journal)
    command("export", "keeping:journal_export", of=journal).add_argument("-o", "--output", type=Path, default=None)
    exports = group("export")
    for contract in ("openapi", "asyncapi"):
        export = command(contract, f"keeping:export_{contract}", of=exports)
        export.add_argument("-o", "--output", type=Path, default=None)


def _perform(options: argparse.Namespace) -> int:
    from lobby.core.problem import Refusal
    from lobby.core.sitefile import SiteRefused
    from lobby.ops.telling import tell

    module, _, function = options.performs.partition(":")
    perform: Command = getattr(import_module(f"lobby.ops.{module}"), function)
    try:
        return perform(options)
    except Refusal as refusal:
        tell(refusal.problem)
        return 1
    except SiteRefused as refused:
        for problem in refused.problems:
            tell(problem)
        return 1
    except BrokenPipeError:  # whoever read our lines has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
