"""The tabs below the menu word of the screens: each a page of what plays, for who may see it. One row, one page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lobby.web.roles import HISTORY_READERS, NOTICE_READERS, WALL_READERS, Role

if TYPE_CHECKING:
    from lobby.web.people import Person

CURATING = frozenset({Role.UPLOADER, Role.APPROVER})


@dataclass(frozen=True, slots=True)
class Tab:
    """A page: its word's key, its way, and the roles that see it."""

    key: str
    path: str
    roles: frozenset[Role]

    def holds(self, path: str) -> bool:
        """Whether a page stands behind this tab."""
        return path == self.path or (path.startswith(f"{self.path}/") and path not in OWN)


TABS = (
    Tab("work.menu.walls", "/walls", WALL_READERS),
    Tab("content.tab.content", "/content", WALL_READERS),
    Tab("content.tab.batches", "/batches", WALL_READERS),
    Tab("lists.title", "/playlists", WALL_READERS),
    Tab("lists.airings.title", "/airings", WALL_READERS),
    Tab("notices.title", "/notices", NOTICE_READERS),
    Tab("proof.history.title", "/walls/history", HISTORY_READERS),
)
OWN = frozenset(tab.path for tab in TABS)


def tabs_of(path: str, roles: frozenset[Role]) -> tuple[Tab, ...]:
    """The tabs of a page for a person; none on pages that have nothing to do with screens."""
    if not any(tab.holds(path) for tab in TABS):
        return ()
    return tuple(tab for tab in TABS if tab.roles & roles)


def landing_of(person: Person | None) -> str:
    """Where a person begins: whoever only brings or approves content begins there, everybody else with Today."""
    return "/content" if person is not None and person.roles <= CURATING else "/"
