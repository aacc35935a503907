"""Notices from a draft to the glass: set in a process of their own, taken in as stills, on air until their end.

An approved phrase needs nobody else; a text of one's own waits for a second person. What has ended takes its stills
along. Everything of a notice is in its airing; this module adds no facts of its own.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from devices.reports import Clock
from lobby.core.airings import Airing, Airings
from lobby.core.ended import Ended
from lobby.core.hanging import places_of
from lobby.core.journal import NotDurable
from lobby.core.library import Library
from lobby.core.playlists import Playlists
from lobby.core.problem import Refusal
from lobby.core.records import NOTICES_BY
from lobby.core.site import Playlist, PlaylistItem, Site
from lobby.core.site import Text as Name
from lobby.day.drafts import Draft, Worded, class_of, kind_of, refuse_end, refuse_places, still_name, worded
from lobby.day.occasions import OCCASIONS, Occasion, draft_of, occasion_of, sounds_of
from lobby.day.overrides import LONGEST as LONGEST_OVERRIDE
from lobby.day.overrides import Override, Overrides
from media.assets import Asset
from media.limited import IntakeRefused
from media.notices.setting import Stills, set_notice
from media.notices.setting import preview as set_preview
from media.notices.texts import LANGUAGES, Text, as_read, text_of

SOURCE = "notices"
SOURCE_APPROVES = "notice-board"
LONGEST_NOTICE = timedelta(days=31)
LONGEST_EMERGENCY = timedelta(hours=24)
PAGE_S = 8.0
OUR_LIST = re.compile(r"notice-[0-9a-f]{20}")
PREVIEWS_TOGETHER = 1
PREVIEWS_KEPT = 24
RENEW_AHEAD = timedelta(minutes=10)
PREPARED = ("evacuate", "fire", "stay-calm", "earthquake", "gas", "stay-inside")
"""Emergencies without gaps: their stills lie ready before anybody needs them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One page of a notice on a surface as JPEG, how many pages there are, and its smallest sign in mm."""

    picture: bytes
    pages: int
    least_mm: float


class NoticeBoard:
    """Notices of a site. `workplace` is a folder for stills on their way."""

    def __init__(
        self,
        site: Site,
        *,
        clock: Clock,
        library: Library,
        playlists: Playlists,
        airings: Airings,
        overrides: Overrides,
        workplace: Path,
    ) -> None:
        self._site = site
        self._zone = ZoneInfo(site.site.time_zone)
        self._clock = clock
        self._library = library
        self._playlists = playlists
        self._airings = airings
        self._overrides = overrides
        self._workplace = workplace
        self._setting = asyncio.Lock()
        self._beginning = asyncio.Lock()
        self._previewing = asyncio.Semaphore(PREVIEWS_TOGETHER)
        self._previews: dict[str, Preview] = {}
        self._changed = asyncio.Event()
        self._silenced: dict[tuple[str, str], str] = {}
        self._ended = Ended()
        airings.on_change(self._changed.set)

    def worded(self, draft: Draft) -> Worded:
        """What it will say, or a Refusal that says what is wrong with it."""
        refuse_places(draft.surfaces, self._site)
        return worded(draft, self._site, self._today(), quiet=self._quiet())

    def all(self) -> tuple[Airing, ...]:
        """Every notice that is on air, to come, or waits for approval; the newest first."""
        return tuple(each for each in reversed(self._airings.all()) if each.source == SOURCE)

    def waiting(self) -> tuple[Airing, ...]:
        """Those that another person has to approve."""
        now = self._clock.now()
        return tuple(each for each in self.all() if each.approved_by is None and now < each.until)

    def current(self) -> tuple[Airing, ...]:
        """Those on air, the newest first."""
        now = self._clock.now()
        return tuple(each for each in self.all() if each.holds(now))

    def told(self, language: str) -> tuple[tuple[Airing, Text], ...]:
        """What visitors' pages say, emergencies first and always, each in the script nearest to the language."""
        shown = sorted(self.current(), key=lambda each: each.cls != "emergency")
        return tuple((each, nearest(each, language)) for each in shown if _told(each))

    async def preview(self, draft: Draft, surface: str, *, page: int, scale: float) -> Preview:
        """One page as it will hang, small; kept for whoever asks again. Raises Refusal."""
        wording = self.worded(draft)
        refuse_places([surface], self._site)
        key = f"{still_name(wording, self._site.surfaces[surface])}-{page}-{scale:.3f}"
        if key not in self._previews:
            async with self._previewing:
                self._previews[key] = self._previews.get(key) or await self._previewed(wording, surface, page, scale)
                while len(self._previews) > PREVIEWS_KEPT:
                    self._previews.pop(next(iter(self._previews)))
        return self._previews[key]

    async def post(self, draft: Draft, *, person: str, approved: bool, occasion: str = "") -> Airing:
        """Set it and put it on air; without approval it waits for another person. Raises Refusal, NotDurable."""
        now = self._clock.now()
        wording, cls = self.worded(draft), class_of(draft)
        refuse_end(draft, now, LONGEST_EMERGENCY if cls == "emergency" else LONGEST_NOTICE)
        async with self._setting:
            stills = await self._stills(wording, draft.surfaces)
            content = {surface: await self._content(wording, stills[surface]) for surface in draft.surfaces}
            return await self._airings.put(
                cls=cls,
                name=wording.name[:120],
                content=content,
                start=now,
                until=draft.until,
                person=person,
                source=SOURCE,
                details=_details(draft, wording, stills, occasion),
                approved=approved and not draft.free,
            )

    async def approve(self, notice: str, *, person: str) -> Airing:
        """Another person lets it go on air. Raises Refusal and NotDurable."""
        self._found(notice)
        return await self._airings.approve(notice, person=person)

    async def end(self, notice: str, *, person: str) -> None:
        """Take it off now; its stills stay as long as that can be taken back. Raises Refusal and NotDurable."""
        self._ended.keep(self._found(notice), self._clock.now())  # first, or the duty would clear its stills away
        await self._airings.end(notice, person=person)
        await self.settle()

    def ended(self, notice: str) -> Airing | None:
        """What was just taken off, as long as that can be taken back."""
        found = self._ended.of(notice, self._clock.now())
        return found if found is not None and self._airings.of(notice) is None else None

    async def restore(self, notice: str, *, person: str) -> Airing:
        """What was just taken off is as it was, with its approval and its end. Raises Refusal and NotDurable."""
        async with self._beginning, self._setting:
            found = self.ended(notice)
            if found is None:
                raise Refusal("notices.undo-late", status=409)
            if found.details.get("occasion") in occasions_on(self.current()):
                raise Refusal("notices.occasion-on")
            made = await self._airings.restore(found, person=person)
            self._ended.drop(notice)
        await self.settle()
        return made

    async def begin(self, name: str, *, until: datetime, person: str) -> Airing:
        """Start what is prepared for the whole site; it ends by itself. Raises Refusal and NotDurable."""
        occasion, now = occasion_of(name), self._clock.now()
        async with self._beginning:  # two people may press the button at once
            if any(each.details.get("occasion") == name for each in self.current()):
                raise Refusal("notices.occasion-on")
            draft = draft_of(occasion, self._site, start=now, until=until, zone=self._zone)
            refuse_end(draft, now, occasion.longest)
            made = await self.post(draft, person=person, approved=True, occasion=name)
        await self.settle()
        return made

    def tidy(self) -> None:
        """Remove drafts that a killed run left; blocks, and only before anything is drawn."""
        for left in self._folder().iterdir():
            shutil.rmtree(left, ignore_errors=True)

    async def prepare(self) -> None:
        """Have the stills of the emergencies ready; one after another, for idle hours. What fails is left out."""
        surfaces = tuple(self._site.surfaces)
        for phrase in PREPARED if surfaces else ():
            draft = Draft(phrase=phrase, surfaces=surfaces, until=self._clock.now())
            with suppress(Refusal, NotDurable):
                async with self._setting:
                    await self._stills(worded(draft, self._site, self._today()), surfaces)

    async def run(self) -> None:
        """Silence what an occasion silences, and clear away what has ended; ends only by cancellation."""
        while True:
            self._changed.clear()
            with suppress(Refusal, NotDurable):
                await self.settle()
            await self._until_due()

    async def settle(self) -> None:
        """Bring the loudspeakers to what the occasions say, and remove the stills of what has ended."""
        now = self._clock.now()
        wanted = {
            (each.id, sound): each
            for each in self.current()
            if (found := OCCASIONS.get(str(each.details.get("occasion")))) is not None and found.silent
            for sound in sounds_of(self._site)
        }
        active = {one.id: one for one in self._overrides.active(now)}
        for key, override in [*self._silenced.items()]:
            if key not in wanted:
                del self._silenced[key]
                if override in active:
                    await self._overrides.end(override, person=NOTICES_BY)
        for key, airing in wanted.items():
            await self._silence(key, airing, active, now)
        async with self._setting:
            await self._clear()

    async def _silence(
        self, key: tuple[str, str], airing: Airing, active: Mapping[str, Override], now: datetime
    ) -> None:
        """Off until the occasion's end, a day at a time; what a person has ended stays as that person wants it."""
        _, sound = key
        known = self._silenced.get(key) or next(
            (one.id for one in active.values() if one.thing == sound and one.reason == airing.name), ""
        )
        known = known or await self._overrides.taken_back(sound, airing.name, since=airing.start, besides=NOTICES_BY)
        held = active.get(known)
        if known and held is None:
            self._silenced[key] = known
            return
        if held is not None and (held.until >= airing.until or held.until - now > RENEW_AHEAD):
            self._silenced[key] = known
            return
        until = min(airing.until, now + LONGEST_OVERRIDE)
        made = await self._overrides.set(
            thing=sound, value="off", until=until, person=airing.person, reason=airing.name
        )
        self._silenced[key] = made.id

    async def _until_due(self) -> None:
        """Until something is put or ended, or the next end or renewal of a silence is there."""
        now = self._clock.now()
        moments = [each.until for each in self.all() if each.until > now]
        moments += [last for _, last in self._ended.held(now)]
        moments += [one.until - RENEW_AHEAD for one in self._overrides.active(now) if one.id in self._silenced.values()]
        waits = min(((moment - now).total_seconds() for moment in moments), default=None)
        waiting = asyncio.ensure_future(self._changed.wait())
        sleeping = asyncio.ensure_future(self._clock.sleep(max(1.0, waits))) if waits is not None else None
        try:
            await asyncio.wait(
                {waiting, sleeping} if sleeping is not None else {waiting}, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for each in (waiting, sleeping):
                if each is not None:
                    each.cancel()

    async def _clear(self) -> None:
        """Stills and lists that no notice needs any more; the prepared ones stay."""
        now = self._clock.now()
        kept = [each for each in self.all() if now < each.until] + [each for each, _ in self._ended.held(now)]
        needed = {content for each in kept for content in each.content.values()}
        needed |= {still for each in kept for still in each.details.get("stills", ())}
        for name in [name for name in self._playlists.names() if OUR_LIST.fullmatch(name) and name not in needed]:
            with suppress(Refusal):
                await self._playlists.remove(name, person=NOTICES_BY)
        prepared = self._prepared()
        for asset in self._ours():
            if asset.id not in needed and asset.title.rpartition("-")[0] not in prepared:
                with suppress(Refusal):
                    await self._library.records.remove(asset.id, person=NOTICES_BY)

    def _ours(self) -> list[Asset]:
        """The stills that the board took in itself; what people brought is never touched."""
        records = self._library.records.all()
        return [each for each in self._library.by_id().values() if records[each.id].by == NOTICES_BY]

    def _prepared(self) -> frozenset[str]:
        """The names of the stills that lie ready."""
        found = set()
        for phrase in PREPARED:
            draft = Draft(phrase=phrase, surfaces=(), until=self._clock.now())
            wording = worded(draft, self._site, self._today())
            found |= {still_name(wording, surface) for surface in self._site.surfaces.values()}
        return frozenset(found)

    async def _stills(self, wording: Worded, surfaces: tuple[str, ...]) -> Mapping[str, tuple[Asset, ...]]:
        """The stills of each surface, drawn and taken in where they are not there yet."""
        found = {surface: self._kept(wording, surface) for surface in surfaces}
        missing = [surface for surface, assets in found.items() if not assets]
        if missing:
            with tempfile.TemporaryDirectory(dir=self._folder()) as folder:
                made = await self._set(wording, missing, Path(folder))
                taken = await asyncio.gather(*(self._taken(wording, each, made[each]) for each in missing))
                found |= dict(zip(missing, taken, strict=True))
        return found

    def _kept(self, wording: Worded, surface: str) -> tuple[Asset, ...]:
        """Stills of the same words for the same panels that lie here already, all of them or none."""
        name = still_name(wording, self._site.surfaces[surface])
        assets = sorted(
            (each for each in self._ours() if each.title.startswith(f"{name}-")),
            key=lambda each: each.title,
        )
        pages = {each.title.rpartition("-")[2].partition("of") for each in assets}
        whole = {total for _, _, total in pages}
        return tuple(assets) if len(whole) == 1 and len(assets) == int(next(iter(whole))) else ()

    async def _set(self, wording: Worded, surfaces: list[str], folder: Path) -> Mapping[str, Stills]:
        panels = {surface: places_of(self._site.surfaces[surface]) for surface in surfaces}
        reading = {surface: self._site.surfaces[surface].reading_mm[1] for surface in surfaces}
        try:
            return await set_notice(panels, wording.texts, wording.tone, folder, reading_mm=reading)
        except IntakeRefused as refused:
            raise Refusal(f"media.{refused.code}", status=422, **refused.params) from refused

    async def _taken(self, wording: Worded, surface: str, stills: Stills) -> tuple[Asset, ...]:
        name = still_name(wording, self._site.surfaces[surface])
        return tuple(
            [
                await self._library.take_in(
                    file, name=f"{name}-{number}of{stills.pages}.png", person=NOTICES_BY, surface=surface
                )
                for number, file in enumerate(stills.files, start=1)
            ]
        )

    async def _content(self, wording: Worded, stills: tuple[Asset, ...]) -> str:
        """One still hangs as it is; more come in turn, as a playlist of the notice's own."""
        if len(stills) == 1:
            return stills[0].id
        name = stills[0].title.rpartition("-")[0]
        if name not in self._playlists.all():
            items = tuple(PlaylistItem(asset=still.id, dwell_s=PAGE_S) for still in stills)
            english = next((as_read(text.headline, "en") for text in wording.texts if text.language == "en"), "")
            named = Name(ko=wording.name, en=english or wording.name)
            playlist = Playlist(name=named, mode="span", items=items)
            drafted = await self._playlists.save(name, playlist, person=NOTICES_BY)
            # What the list says is approved as a notice, so the board may approve its own list.
            await self._playlists.approve(name, drafted.revision, person=SOURCE_APPROVES)
        return name

    async def _previewed(self, wording: Worded, surface: str, page: int, scale: float) -> Preview:
        found = self._site.surfaces[surface]
        with tempfile.TemporaryDirectory(dir=self._folder()) as folder:
            try:
                told = await set_preview(
                    places_of(found),
                    wording.texts,
                    wording.tone,
                    Path(folder),
                    page=page,
                    scale=scale,
                    reading_mm=found.reading_mm[1],
                )
            except IntakeRefused as refused:
                raise Refusal(f"media.{refused.code}", status=422, **refused.params) from refused
            picture = await asyncio.to_thread(told.files[0].read_bytes)
        return Preview(picture=picture, pages=told.pages, least_mm=told.least_mm)

    def _folder(self) -> Path:
        self._workplace.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._workplace

    def _found(self, notice: str) -> Airing:
        found = self._airings.of(notice)
        if found is None or found.source != SOURCE:
            raise Refusal("notices.gone", notice, status=404)
        return found

    def _quiet(self) -> bool:
        """Whether the site mourns."""
        names = {str(each.details.get("occasion")) for each in self.current()}
        return any(each.quiet for name, each in OCCASIONS.items() if name in names)

    def _today(self) -> date:
        return self._clock.now().astimezone(self._zone).date()


def _told(airing: Airing) -> bool:
    """Whether visitors read it on pages too; an emergency they do whatever a form says."""
    return bool(airing.details.get("kiosk")) or airing.cls == "emergency"


def nearest(airing: Airing, language: str) -> Text:
    """A notice's text in the script nearest to a visitor's language: its own, else English, else Korean."""
    texts = texts_kept(airing)
    wanted = {"zh": "zh-hans", "zh-tw": "zh-hant", "zh-hk": "zh-hant"}.get(language.lower(), language.lower())
    return texts.get(wanted) or texts.get("en") or texts["ko"]


def texts_kept(airing: Airing) -> Mapping[str, Text]:
    """What a notice says, by script."""
    found = {text.language: text for text in map(text_of, airing.details["texts"])}
    return {language: found[language] for language in LANGUAGES if language in found}


def occasions_on(notices: Iterable[Airing]) -> Mapping[str, Airing]:
    """Which occasions are on, and what carries them."""
    return {str(name): each for each in notices if (name := each.details.get("occasion")) in OCCASIONS}


def occasion_for(airing: Airing) -> Occasion | None:
    """The occasion that a notice belongs to."""
    return OCCASIONS.get(str(airing.details.get("occasion")))


def _details(
    draft: Draft, wording: Worded, stills: Mapping[str, tuple[Asset, ...]], occasion: str
) -> dict[str, object]:
    return {
        "texts": [asdict(text) for text in wording.texts],
        "tone": wording.tone.value,
        "phrase": draft.phrase,
        "values": dict(draft.values),
        "kiosk": draft.kiosk,
        "kind": kind_of(draft),
        "occasion": occasion,
        "stills": [still.id for assets in stills.values() for still in assets],
    }
