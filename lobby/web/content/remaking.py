"""What the content page says of pictures that are made again because the walls have changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lobby.web.house import House
    from lobby.web.sentence import Scene


NOTHING = {"done": 0, "of": 0, "lost": (), "lost_count": 0, "unsaid": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How far it is in words and as a share, nothing once all is done; what has or may have to come again."""

    line: str
    share: float
    lost: tuple[Mapping[str, str], ...]
    lost_count: int
    unsaid: str


def view(house: House, scene: Scene) -> View:
    """As the controller tells it at this moment."""
    told: Mapping[str, Any] = house.hub.documents().get("remaking") or NOTHING
    lost, count = tuple(told["lost"]), int(told["lost_count"])
    unsaid = scene.say("keeping.unsaid", count=told["unsaid"]) if told["unsaid"] else ""
    done, all_of_them = int(told["done"]), int(told["of"])
    if done >= all_of_them:
        return View(line="", share=1.0, lost=lost, lost_count=count, unsaid=unsaid)
    line = scene.say("remaking.line", done=done, all=all_of_them, title=told["title"])
    share = (done + float(told["share"])) / all_of_them
    return View(line=line, share=round(share, 3), lost=lost, lost_count=count, unsaid=unsaid)
