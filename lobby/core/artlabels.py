"""The labels of the art that comes with the program: `lobby/words/art.toml`, by the art's name."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

STILL = "-still"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtLabel:
    """Title and description of one piece by language."""

    titles: Mapping[str, str]
    descriptions: Mapping[str, str]


def art_label(name: str) -> ArtLabel | None:
    """What stands beside a piece or the still of one; None where the program has no such piece."""
    return _labels().get(name.removesuffix(STILL))


@cache
def _labels() -> Mapping[str, ArtLabel]:
    table = tomllib.loads(files("lobby.words").joinpath("art.toml").read_text(encoding="utf-8"))
    return {
        name: ArtLabel(titles=piece["title"], descriptions={key: text for key, text in piece.items() if key != "title"})
        for name, piece in table.items()
    }
