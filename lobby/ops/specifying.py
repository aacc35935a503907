"""`lobby media spec`: a surface's delivery specification on paper and screen, and its template picture."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from lobby.core.clock import SystemClock
from lobby.core.delivery import as_text
from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.core.sitefile import read
from lobby.core.words import say
from lobby.ops.cli import language
from lobby.ops.keeping import write_out, write_whole

TEXTS = (".txt", ".md")


def media_spec(options: argparse.Namespace) -> int:
    """The sheet on stdout or in a file of the name's kind; with --template the picture too."""
    site, spoken = read(options.site), options.language or language()
    if options.surface not in site.surfaces:
        raise Refusal("spec.no-place", options.surface, surfaces=", ".join(site.surfaces) or "–")
    written = [path for path in (options.output, options.template) if path is not None]
    for path in written:
        _write(site, options.surface, path, spoken)
        print(say("spec.written", language(), path=path))
    if options.output is None and options.template is None:
        write_out(as_text(site, options.surface, spoken), None)
    return 0


def _write(site: Site, surface: str, path: Path, spoken: str) -> None:
    try:
        write_whole(path, _content(site, surface, path, spoken))
    except OSError as error:
        raise Refusal("cli.cannot-write", str(path)) from error


def _content(site: Site, surface: str, path: Path, spoken: str) -> bytes:
    from lobby.web.console.specification import page_alone, picture

    match path.suffix.lower():
        case ".html":
            return page_alone(site, surface, SystemClock().now(), spoken).encode()
        case ".png":
            return asyncio.run(picture(site, surface, spoken))
        case ending if ending in TEXTS:
            return as_text(site, surface, spoken).encode()
    raise Refusal("spec.bad-ending", str(path))
