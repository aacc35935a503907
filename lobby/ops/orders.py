"""Orders of other commands of the same user, over the local line: what writes goes to the lobby that runs."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from lobby.core.imports import looked_through
from lobby.core.library import Library
from lobby.core.problem import Problem, Refusal
from lobby.core.records import LANGUAGES, Label
from lobby.day.specialdays import payload_of
from lobby.ops.building import Lobby
from lobby.web.roles import Role
from media.wire import to_json

BY = "command-line"
Json = Mapping[str, Any]
WORDS_OF_A_PASSWORD = 4
NEWS_WITHIN_S = 20.0


class Orders:
    """One method an order; an unknown one is refused."""

    def __init__(self, lobby: Lobby) -> None:
        self._lobby = lobby
        self._known: Mapping[str, Callable[[Json], Awaitable[Json]]] = {
            "user-add": self._user_add,
            "user-list": self._user_list,
            "token-create": self._token_create,
            "media-add": self._media_add,
            "media-import": self._media_import,
            "media-imported": self._media_imported,
            "site": self._site,
            "changes": self._changes,
            "programme": self._programme,
        }

    async def perform(self, request: Json) -> Json:
        """Do what is asked. Raises Refusal."""
        order = str(request.get("order", ""))
        if order not in self._known:
            raise Refusal("cli.unknown-order", name=order[:40])
        return await self._known[order](request)

    async def _user_add(self, request: Json) -> Json:
        password = "-".join(secrets.token_hex(3) for _ in range(WORDS_OF_A_PASSWORD))
        people = self._lobby.house.people
        person = await people.add(
            account=str(request["account"]),
            name=str(request["account"]),
            password=password,
            roles=[_role(role) for role in request["roles"]],
            by=BY,
        )
        return {"name": person.name, "password": password, "admin": people.has_admin()}

    async def _user_list(self, _: Json) -> Json:
        people = self._lobby.house.people.all()
        return {"people": [{"account": one.account, "name": one.name, "roles": sorted(one.roles)} for one in people]}

    async def _token_create(self, request: Json) -> Json:
        role, player = _role(str(request["role"])), request.get("player")
        players = self._lobby.house.site.players
        if role is Role.PLAYER and player not in players:
            raise Refusal("cli.token-needs-player", players=", ".join(players) or "–")
        bound_to = str(player) if role is Role.PLAYER else None
        return {"token": await self._lobby.house.people.issue_token(role, bound_to=bound_to, by=BY)}

    async def _media_add(self, request: Json) -> Json:
        path, panel, surface = Path(str(request["file"])), request.get("panel"), request.get("surface")
        library = self._lobby.library
        name = str(request.get("title") or path.name)
        asset = await library.take_in(path, name=name, person=BY, panel=panel, surface=surface, asks=True)
        await library.records.label(asset.id, _label(library, asset.id, request), person=BY)
        waits = library.approvable(asset.id, BY)
        if waits is None:
            await library.approve(asset.id, person=BY)
        missing = library.records.all()[asset.id].label.missing()
        told = {"title": asset.title, "id": asset.id, "cut_percent": dict(asset.cut_percent)}
        return {**told, "approved": waits is None, "missing": missing}

    async def _media_import(self, request: Json) -> Json:
        """Begin to bring over what another signage exported."""
        imports = self._lobby.house.imports
        assert imports is not None
        source, surface = Path(str(request["source"])), request.get("surface")
        if surface is not None and surface not in self._lobby.house.site.surfaces:
            raise Refusal("media.no-such-surface", str(surface), status=404)
        begun = imports.begin(source, await looked_through(source), person=BY, surface=surface)
        return {"id": begun.id, "total": len(begun.export.items)}

    async def _media_imported(self, request: Json) -> Json:
        """What has become of it since the count that the asker knows; waits a while for news."""
        imports = self._lobby.house.imports
        assert imports is not None
        count = int(request["after"])
        with suppress(TimeoutError):
            async with asyncio.timeout(NEWS_WITHIN_S):
                await imports.moved_on(count)
        now = imports.current
        if now is None or now.id != request["id"]:
            raise Refusal("import.gone", status=404)
        news = [{"title": each.item.title, "problem": _told(each.problem)} for each in now.outcomes[count:]]
        return {"news": news, "over": now.over, "problem": _told(now.problem)}

    async def _changes(self, _: Json) -> Json:
        """What stands above the site file: special days and overrides of staff, warm-ups that were measured."""
        house = self._lobby.house
        days = [
            {**payload_of(hours, day), "revision": day.source.rpartition(" ")[2]}
            for hours, known in house.special_days.by_hours().items()
            for day in known
        ]
        overrides = [
            {**asdict(one), "start": one.start.isoformat(), "until": one.until.isoformat()}
            for one in house.overrides.active(house.clock.now())
        ]
        warm_ups = dict(house.hub.documents().get("warm_ups", {}))
        hidden = sorted(house.special_days.hidden())
        return {"special_days": days, "hidden": hidden, "overrides": overrides, "warm_ups": warm_ups}

    async def _programme(self, request: Json) -> Json:
        """What a player would play at a moment, by everything as it is now."""
        moment = datetime.fromisoformat(str(request["at"]))
        programme = await self._lobby.programmes.at(str(request["player"]), moment)
        return {"programme": json.loads(to_json(programme))}

    async def _site(self, _: Json) -> Json:
        return {"site": self._lobby.house.site.model_dump(mode="json", by_alias=True)}


def _label(library: Library, asset: str, request: Json) -> Label:
    """The label with what the command brings; what it does not say stays."""
    label = library.records.all()[asset].label
    said = {language: str(request[language]) for language in LANGUAGES if request.get(language)}
    return replace(label, descriptions={**label.descriptions, **said})


def _told(problem: Problem | None) -> Json | None:
    return None if problem is None else {"code": problem.code, "params": dict(problem.params)}


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError as error:
        raise Refusal("cli.no-role", name=name, roles=", ".join(role for role in Role)) from error
