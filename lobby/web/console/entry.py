"""How every further page of the console begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request

from lobby.core.problem import Refusal
from lobby.web.menu import lacks
from lobby.web.today import scene_of

if TYPE_CHECKING:
    from lobby.web.house import House
    from lobby.web.sentence import Scene


def entered(request: Request, path: str) -> tuple[House, Scene]:
    """The house at this moment; a page whose subject the place lacks does not exist."""
    house: House = request.app.state.house
    if path in lacks(house.site):
        raise Refusal("api.not-found", status=404)
    return house, scene_of(house, request.state.person, request.state.language)
