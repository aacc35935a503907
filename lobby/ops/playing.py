"""`lobby play`: the player of this machine's screens."""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from lobby.core.clock import SystemClock, synchronised
from lobby.core.hanging import places_of
from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.core.sitefile import read
from lobby.core.words import say
from lobby.ops.alive import Supervisor
from lobby.ops.cli import language
from media.geometry import Size, window

if TYPE_CHECKING:
    from media.clock import Clock
    from media.programme import Programme

log = logging.getLogger(__name__)

DEFAULT_CONTROLLER = "http://127.0.0.1:8080"


def play(options: argparse.Namespace) -> int:
    """Play until SIGTERM; refuses a player that the site file does not know, or one without a token."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    site = read(options.site)
    if options.player not in site.players:
        raise Refusal("cli.no-player", name=options.player, players=", ".join(site.players) or "–")
    if options.probe:
        return probe(_window_size(site, options))
    folder = options.data / options.player
    clock = SystemClock()
    from media.player.run import PlayerOptions, run_player
    from media.player.screen import NoDisplay

    chosen = PlayerOptions(
        player=options.player,
        controller=options.controller or DEFAULT_CONTROLLER,
        token=_token(options, folder),
        folder=folder,
        headless=options.headless,
        driver=options.driver,
        textures=_textures(site, options),
        scale=options.scale,
        alone=_pattern(site, options.player, clock) if options.pattern else None,
        alive=Supervisor(os.environ, mono=clock.mono).alive,
        disciplined=synchronised,
        words=card_words(site),
    )
    try:
        run_player(chosen, clock)
    except NoDisplay as gone:
        raise Refusal("cli.no-display", gone.driver or "SDL", why=gone.why) from gone
    return 0


def probe(size: Size) -> int:
    """Say by which ways this machine could show a window of that size; 1 where there is none."""
    from media.player.probe import trials

    found = list(trials(size))
    for trial in found:
        if not trial.opened:
            print(say("sync.probe.closed", language(), driver=trial.driver, why=trial.why))
            continue
        outputs = ", ".join(f"{width}×{height}" for width, height in trial.outputs)
        draws = "hardware" if trial.hardware else "software"
        print(say("sync.probe.open", language(), driver=trial.driver, outputs=outputs))
        print("  " + say(f"sync.probe.{draws}", language(), gl=trial.gl or "–"))
    return 0 if any(trial.opened for trial in found) else 1


def _textures(site: Site, options: argparse.Namespace) -> bool:
    """Whether a graphics card is to draw: as told, else where a trial in another process finds one."""
    if options.renderer or options.headless:
        return bool(options.renderer == "textures")
    from media.player.probe import tried

    trial = tried(options.driver, _window_size(site, options))
    log.info("screens %s, drawn by %s", trial.outputs or trial.why, trial.gl if trial.hardware else "the processor")
    return trial.hardware


def _window_size(site: Site, options: argparse.Namespace) -> Size:
    names = site.players[options.player].surfaces
    return window({name: places_of(site.surfaces[name]) for name in names}, scale=options.scale).size


def _token(options: argparse.Namespace, folder: Path) -> str:
    token_file: Path = options.token_file or folder / "token"
    try:
        return token_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        if options.pattern:
            return ""  # it needs nobody; the controller then hears nothing of this player
        raise Refusal("cli.no-token", str(token_file), name=options.player) from error


def _pattern(site: Site, player: str, clock: Clock) -> Programme:
    """The test pattern on every panel of a player."""
    from media.player.pattern import always

    names = site.players[player].surfaces
    return always(player, {name: places_of(site.surfaces[name]) for name in names}, clock.now())


def card_words(site: Site) -> tuple[str, ...]:
    """What stands on the standby card."""
    name = site.site.lobby_name
    return name.ko, name.en, say("cli.playing.standby", "ko")
