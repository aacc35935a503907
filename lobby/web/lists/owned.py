"""What belongs to notices: their pictures and lists are made by a machine, and nobody plays an alarm by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lobby.core.problem import Refusal
from lobby.core.records import NOTICES_BY

if TYPE_CHECKING:
    from lobby.web.house import House


def names(house: House) -> tuple[str, ...]:
    """The playlists that people look after."""
    return tuple(name for name in house.playlists.names() if not of_notices(house, name))


def of_notices(house: House, what: str) -> bool:
    """Whether a playlist or an asset was made for a notice."""
    history = house.playlists.history(what)
    if history:
        return history[0].person == NOTICES_BY
    record = house.library.records.of(what)
    return record is not None and record.by == NOTICES_BY


def refuse_notices(house: House, wanted: Iterable[str]) -> None:
    """Refuse to put what was made for a notice anywhere else."""
    if any(of_notices(house, what) for what in wanted):
        raise Refusal("lists.of-notices", status=422)
