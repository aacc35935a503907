"""Orders of other commands of the same user, over the local line: what writes goes to the lobby that runs."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lobby.core.arrivals import Arrival, Meant
from lobby.core.imports import looked_through
from lobby.core.played import Asked, history
from lobby.core.problem import Problem, Refusal
from lobby.core.records import LANGUAGES
from lobby.day.specialdays import payload_of
from lobby.ops.building import Lobby
from lobby.ops.calendars import put_file, told
from lobby.web.history import Naming, per_line
from lobby.web.officialdays import today_of
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
            "token-list": self._token_list,
            "token-revoke": self._token_revoke,
            "media-add": self._media_add,
            "media-import": self._media_import,
            "media-imported": self._media_imported,
            "media-played": self._media_played,
            "media-progress": self._media_progress,
            "media-state": self._media_state,
            "site": self._site,
            "changes": self._changes,
            "programme": self._programme,
            "calendar": self._calendar,
            "calendar-put": self._calendar_put,
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

    async def _token_list(self, _: Json) -> Json:
        machines = self._lobby.house.people.machines()
        return {"machines": [{"id": one.id, "role": one.role, "player": one.bound_to} for one in machines]}

    async def _token_revoke(self, request: Json) -> Json:
        people, name = self._lobby.house.people, str(request["id"])
        if all(machine.id != name for machine in people.machines()):
            raise Refusal("cli.no-such-token", name=name[:40])
        await people.revoke_token(name, by=BY)
        return {}

    async def _media_played(self, request: Json) -> Json:
        """Some days of the history of what was shown, as a table."""
        house, spoken = self._lobby.house, str(request["language"])
        first, last = date.fromisoformat(request["first"]), date.fromisoformat(request["last"])
        lines = await history(house.journal, Asked(first=first, last=last))
        zone = ZoneInfo(house.site.site.time_zone)
        return {"csv": per_line(lines, Naming(house, spoken), zone, spoken, head=bool(request["head"]))}

    async def _media_state(self, _: Json) -> Json:
        """What is made again for changed walls, what has to be brought again, and what would have to be."""
        remaking = self._lobby.remaking
        return {**remaking.said(), **await asyncio.to_thread(remaking.unkept)}

    async def _media_progress(self, request: Json) -> Json:
        """How far files are that the command brought."""
        arrivals, now = self._lobby.house.arrivals, self._lobby.house.clock.now()
        return {"files": [self._told(arrivals.of(str(each)), now) for each in request["ids"]]}

    def _told(self, arrival: Arrival, now: datetime) -> Json:
        told: dict[str, Any] = {"stage": arrival.stage, "share": arrival.share, "name": arrival.name}
        ready_at = self._lobby.house.arrivals.ready_at(arrival)
        told["left_s"] = (ready_at - now).total_seconds() if ready_at else None
        if arrival.problem is not None:
            problem = arrival.problem
            told["refused"] = {"code": problem.code, "where": problem.where, "params": dict(problem.params)}
        asset = self._lobby.library.by_id().get(arrival.asset or "")
        if asset is not None:
            label, usable = self._lobby.library.records.all()[asset.id].label, self._lobby.library.usable()
            told |= {"id": asset.id, "title": asset.title, "cut_percent": dict(asset.cut_percent)}
            told |= {"approved": asset.id in usable, "missing": label.missing()}
            record = self._lobby.library.records.all()[asset.id]
            told["here"] = _told(self._lobby.house.batches.here(record, arrival.meant.batch)) if arrival.here else None
        return told

    async def _media_add(self, request: Json) -> Json:
        """A file of this machine is on its way in from now on; `media-progress` tells how far it is."""
        path = Path(str(request["file"]))
        if not path.is_file():  # noqa: ASYNC240 - a stat of a file that somebody has just named
            raise Refusal("cli.no-file", str(path))
        meant = Meant(
            panel=request.get("panel"),
            surface=request.get("surface"),
            asks=True,
            approves=self._lobby.house.site.site.one_person,
            descriptions={each: str(request[each]) for each in LANGUAGES if request.get(each)},
        )
        self._lobby.library.refuse_place(meant.panel, meant.surface)
        name = str(request.get("title") or path.name)
        arrival = await self._lobby.house.arrivals.bring(path, name=name, person=BY, meant=meant)
        return {"id": arrival.id}

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
        return {
            "special_days": days,
            "hidden": hidden,
            "official_years": house.official_days.told(),
            "overrides": overrides,
            "warm_ups": warm_ups,
        }

    async def _calendar(self, _: Json) -> Json:
        """Which years' public holidays are confirmed."""
        house = self._lobby.house
        return told(house.official_days.calendar, today_of(house))

    async def _calendar_put(self, request: Json) -> Json:
        """The years of a file of this machine are confirmed from now on."""
        house, spoken = self._lobby.house, str(request["language"])
        return await put_file(house.official_days, Path(str(request["file"])), today_of(house), spoken=spoken)

    async def _programme(self, request: Json) -> Json:
        """What a player would play at a moment, by everything as it is now."""
        moment = datetime.fromisoformat(str(request["at"]))
        programme = await self._lobby.programmes.at(str(request["player"]), moment)
        return {"programme": json.loads(to_json(programme))}

    async def _site(self, _: Json) -> Json:
        return {"site": self._lobby.house.site.model_dump(mode="json", by_alias=True)}


def _told(problem: Problem | None) -> Json | None:
    return None if problem is None else {"code": problem.code, "params": dict(problem.params)}


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError as error:
        raise Refusal("cli.no-role", name=name, roles=", ".join(role for role in Role)) from error
