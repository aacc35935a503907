"""`lobby play`: the player of this machine's screens."""

from __future__ import annotations

import argparse
import logging
import os

from lobby.core.clock import SystemClock, synchronised
from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.core.sitefile import read
from lobby.core.words import say
from lobby.ops.alive import Supervisor

DEFAULT_CONTROLLER = "http://127.0.0.1:8080"


def play(options: argparse.Namespace) -> int:
    """Play until SIGTERM; refuses a player that the site file does not know, or one without a token."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    site = read(options.site)
    if options.player not in site.players:
        raise Refusal("cli.no-player", name=options.player, players=", ".join(site.players) or "–")
    folder = options.data / options.player
    token_file = options.token_file or folder / "token"
    try:
        token = token_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Refusal("cli.no-token", str(token_file), name=options.player) from error
    clock = SystemClock()
    from media.player.run import PlayerOptions, run_player

    run_player(
        PlayerOptions(
            player=options.player,
            controller=options.controller or DEFAULT_CONTROLLER,
            token=token,
            folder=folder,
            headless=options.headless,
            scale=options.scale,
            alive=Supervisor(os.environ, mono=clock.mono).alive,
            disciplined=synchronised,
            words=card_words(site),
        ),
        clock,
    )
    return 0


def card_words(site: Site) -> tuple[str, ...]:
    """What stands on the standby card."""
    name = site.site.lobby_name
    return name.ko, name.en, say("cli.playing.standby", "ko")
