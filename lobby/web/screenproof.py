"""What people read of the proof of display: the word of a panel, of a surface, and what to do about a fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lobby.core.display_proof import Word

if TYPE_CHECKING:
    from lobby.core.site import Site

WORST_FIRST = (
    Word.DARK,
    Word.WRONG,
    Word.FROZEN,
    Word.STALE,
    Word.UNKNOWN,
    Word.TEST,
    Word.PRESENTED,
    Word.CONFIRMED,
    Word.OFF,
)
TOLD_APART = (Word.DARK, Word.WRONG, Word.FROZEN)
PREFIX = "panel-"
Proof = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A panel that shows something else than it should: under which word, since when, why if the display says so."""

    panel: str
    word: Word
    since: datetime
    cause: str = ""
    display: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """Whose words explain it, the nearest first."""
        own = f"device.{PREFIX}{self.word.value}"
        return (f"proof.cause.{self.cause}", own) if self.cause else (own,)


def word_of_panel(proof: Proof, panel: str) -> Word | None:
    """The word of one panel; None where nothing was ever told of it."""
    told = proof.get(panel)
    return None if told is None else Word(told["word"])


def word_of_surface(proof: Proof, site: Site, surface: str) -> Word | None:
    """The worst word of its panels; None where nothing was ever told of any."""
    found = {word_of_panel(proof, panel.id) for panel in site.surfaces[surface].panels}
    return next((word for word in WORST_FIRST if word in found), None)


def faults(proof: Proof, site: Site, surface: str) -> list[Fault]:
    """What is wrong with a surface's panels, in their order; a silent player is told of the surface as a whole."""
    return [
        Fault(
            panel=panel.id,
            word=word,
            since=proof[panel.id]["since"],
            cause=proof[panel.id].get("cause", ""),
            display=proof[panel.id].get("display", ""),
        )
        for panel in site.surfaces[surface].panels
        if (word := word_of_panel(proof, panel.id)) in TOLD_APART
    ]


def by_word(found: Iterable[Fault]) -> dict[tuple[Word, str], list[Fault]]:
    """Faults that have one word and one reason together."""
    grouped: dict[tuple[Word, str], list[Fault]] = {}
    for fault in found:
        grouped.setdefault((fault.word, fault.cause), []).append(fault)
    return grouped
