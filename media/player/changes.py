"""Which changes were due on which panels, and when they reached the glass: what the controller measures skew by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from media.programme import PanelFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Panels that had to begin to change at `due` and showed it at `at`."""

    due: datetime
    at: datetime
    panels: tuple[str, ...]


class Changes:
    """Follows the frames of a player. What a new programme or late content changes was due at no common instant."""

    def __init__(self) -> None:
        self._due: dict[str, datetime] = {}
        self._looked: datetime | None = None

    def look(self, frames: Mapping[str, PanelFrame | None], moment: datetime) -> None:
        """Note what has become due since the last look."""
        for panel, shown in frames.items():
            since = None if shown is None else shown.since
            if since is not None and self._looked is not None and self._looked < since <= moment:
                self._due[panel] = since
        self._looked = moment

    def forget(self) -> None:
        """Another programme takes over: what was due in the last one is not any more."""
        self._due.clear()

    def presented(self, panels: Iterable[str], at: datetime) -> tuple[Change, ...]:
        """The due changes that these panels have shown now for the first time."""
        together: dict[datetime, list[str]] = {}
        for panel in panels:
            if (due := self._due.pop(panel, None)) is not None:
                together.setdefault(due, []).append(panel)
        return tuple(Change(due=due, at=at, panels=tuple(names)) for due, names in together.items())
