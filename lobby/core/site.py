"""The site file's model: what the installer says of the place, its screens, devices, links and limits.

Lengths are millimetres, durations seconds, local times wall-clock times of the site's zone.
`lobby.core.sitefile` reads a file into this model and says every mistake with its key path and cure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from media.letters import USUAL_READING_MM

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Topic = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^#+\x00]+$")]
RESERVED = frozenset({"off", "on", "open", "closed", "evening", "last-tickets", "watch"})
Input = Literal["hdmi1", "hdmi2", "dp1", "dp2", "dvi", "pc"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _kebab(name: str) -> str:
    return name.replace("_", "-")


class Part(BaseModel):
    """Every table of the site file: unknown keys are refused, keys are written with hyphens."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=_kebab, populate_by_name=True)


class Text(Part):
    """A text people read; Korean and English always, Chinese and Japanese where the kiosk has them."""

    ko: str = Field(min_length=1, max_length=400)
    en: str = Field(min_length=1, max_length=400)
    zh: str | None = None
    zh_hant: str | None = None
    ja: str | None = None

    def said(self, language: str) -> str:
        """The text in a language, Korean where that language is missing."""
        return str(getattr(self, language, None) or self.ko)

    def written(self, script: str) -> str:
        """The text in a script of a notice (`zh-hans`, `zh-hant`, …), English where a foreign one is missing."""
        return self.told().get(script, self.en)

    def told(self) -> Mapping[str, str]:
        """The text by script, as far as it exists."""
        named = {"ko": self.ko, "en": self.en, "zh-hans": self.zh, "zh-hant": self.zh_hant, "ja": self.ja}
        return {script: text for script, text in named.items() if text}


class About(Part):
    """The place itself. `time-server`: this machine follows one, so a clock that does not is not trusted.

    `inrush-gap-s`: so long after one display the next of the same supply is switched on. `keep-texts-days`: so long
    what people wrote for each other is kept, and from where they signed in; the law wants a year at least.
    """

    id: Id
    name: Text
    lobby_name: Text
    address: Text | None = None
    telephone: str = "120"
    time_zone: str = "Asia/Seoul"
    country: str = "KR"
    one_person: bool = False
    time_server: bool = False
    floor_mm: tuple[int, int] = (60_000, 39_000)
    inrush_gap_s: float = Field(default=1, ge=0, le=30)
    keep_texts_days: int = Field(default=1096, ge=366, le=3653)


class Choice(Part):
    """Something the installer guessed and a named person must decide (the card of the first days)."""

    question: Text
    today: Text


class Place(Part):
    """A spot people can find: its words are what a guard hears, its millimetres what the floor plan draws."""

    name: Text
    at_mm: tuple[int, int]
    code: str | None = Field(default=None, max_length=12)


class Broker(Part):
    """The Mosquitto this site uses; without devices on MQTT the table is left out."""

    url: Annotated[str, StringConstraints(pattern=r"^mqtts?://[^\s]+$")]
    username: str | None = None
    password_file: str | None = None


class Link(Part):
    """One wire: `serial:///dev/ttyS0`, `tcp://192.168.10.21:1515` or, through a converter, `socket://…`."""

    url: Annotated[str, StringConstraints(pattern=r"^(serial|tcp|socket)://[^\s]+$")]
    baud: int = Field(default=9600, ge=300, le=921_600)
    parity: Literal["none", "even", "odd"] = "none"


class Window(Part):
    """Open from a local time to a later one; `to` not after `from` means the next day."""

    from_: dt.time = Field(alias="from")
    to: dt.time
    value: str = "on"


class WeeklyWindow(Window):
    """A window of certain weekdays."""

    days: tuple[Day, ...] = Field(min_length=1)


class SeasonHours(Part):
    """Other weekly windows in a part of every year, both dates included (`11-01` to `02-28`)."""

    name: Text
    from_: Annotated[str, StringConstraints(pattern=r"^\d\d-\d\d$")] = Field(alias="from")
    to: Annotated[str, StringConstraints(pattern=r"^\d\d-\d\d$")]
    weekly: tuple[WeeklyWindow, ...]


class SpecialDayHours(Part):
    """An exception of one or more dates, both included; no windows = closed all day."""

    id: Id
    from_: dt.date = Field(alias="from")
    to: dt.date
    reason: Text
    notice: Text | None = None
    windows: tuple[Window, ...] = ()


class Hours(Part):
    """When: weekly windows and their exceptions. `public-holiday` absent = a holiday is a weekday like any."""

    name: Text
    otherwise: str = "off"
    weekly: tuple[WeeklyWindow, ...]
    public_holiday: tuple[Window, ...] | None = None
    seasons: tuple[SeasonHours, ...] = ()
    special_days: tuple[SpecialDayHours, ...] = ()

    def values(self) -> frozenset[str]:
        """Every value these hours can give."""
        windows = [*self.weekly, *(self.public_holiday or ())]
        windows += [window for season in self.seasons for window in season.weekly]
        windows += [window for day in self.special_days for window in day.windows]
        return frozenset({self.otherwise, *(window.value for window in windows)})


class Panel(Part):
    """One physical screen of a surface, as it hangs: position on the wall and turn of the fold."""

    id: Id
    pixels: tuple[int, int] = (1080, 1920)
    at_mm: tuple[int, int] = (0, 0)
    size_mm: tuple[int, int]
    fold_deg: int = Field(default=0, ge=-90, le=90)


class Audio(Part):
    """Films of this surface keep their sound: heard while these hours give anything but `off`, at most so loud."""

    hours: Id
    level: int = Field(ge=1, le=100)


class Surface(Part):
    """A place where media plays. Hours say `on` (its own playlist), a playlist's id, or `off`.

    For whoever makes its content: `lower-edge-mm` is its height above the floor, `reading-mm` the nearest and the
    farthest distance from which people read it; without `audio` every film is silent.
    """

    name: Text
    place: Id
    hours: Id
    playlist: Id
    panels: tuple[Panel, ...] = Field(min_length=1, max_length=16)
    fade_s: float = Field(default=1.5, ge=0, le=10)
    audio: Audio | None = None
    lower_edge_mm: int | None = Field(default=None, ge=0, le=20_000)
    reading_mm: tuple[int, int] = USUAL_READING_MM


class TimeSpan(Part):
    """From a local time to a later one; `to` not after `from` means the next day."""

    from_: dt.time = Field(alias="from")
    to: dt.time


class PlaylistItem(Part):
    """An asset (a sample's or live scene's name, or the content hash given at intake) and how long it stands.

    Or a `playlist`, which is played whole, each item with its own dwell. Where dates (both included), weekdays or hours
    are given it plays only then; `weight` times as often as an item of weight 1.
    """

    asset: str = ""
    playlist: Id | None = None
    dwell_s: float = Field(default=12, ge=2, le=3600)
    weight: int = Field(default=1, ge=1, le=10)
    from_: dt.date | None = Field(default=None, alias="from")
    to: dt.date | None = None
    days: tuple[Day, ...] = ()
    hours: tuple[TimeSpan, ...] = ()


def dwell_bounds() -> tuple[float, float]:
    """The shortest and the longest dwell of an item, in seconds."""
    bounds: list[Any] = PlaylistItem.model_fields["dwell_s"].metadata
    least, most = (next(getattr(each, end) for each in bounds if hasattr(each, end)) for end in ("ge", "le"))
    return float(least), float(most)


class Playlist(Part):
    """First value of a playlist: later revisions belong to staff.

    Slides turn by `change` within `change-s` (else the surface's `fade-s`), each panel `turn-s` later than the one
    before it, from the right where that is negative; `shuffle` deals every round anew, alike on all panels.
    """

    name: Text
    mode: Literal["rotate", "one-per-panel", "span"] = "rotate"
    items: tuple[PlaylistItem, ...] = ()
    change: Literal["fade", "cut", "wipe"] = "fade"
    change_s: float | None = Field(default=None, ge=0, le=10)
    turn_s: float = Field(default=0, ge=-5, le=5)
    shuffle: bool = False


class Player(Part):
    """One machine that draws: its surfaces stand in one window, left to right, unless `at` says otherwise."""

    surfaces: tuple[Id, ...] = Field(min_length=1)


class Matcher(Part):
    """How to read a message: whole text, or one value of its JSON (`key` may be dotted).

    `absent`: what a message without that value means; some networks leave out what is false or zero.
    """

    topic: Topic
    key: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    absent: str | None = None


class Orders(Part):
    """How to command: the payload for each value of the desired state."""

    topic: Topic
    payloads: dict[str, str]


class Thing(Part):
    """What every device and place with a state has."""

    name: Text
    place: Id


class Desk(Thing):
    """A civil-service desk; its state is its hours, it has no wire of its own."""

    kind: Literal["desk"]
    hours: Id
    last_tickets_min: int | None = Field(default=None, ge=1, le=120)


class Room(Thing):
    """A room that is in use while its hours (or the desk it follows) say so."""

    kind: Literal["room"]
    follows: Id


class Beside(Part):
    """Another signage player on another input: it has the display within these hours while our surface shows nothing.

    Only the input is switched, and read back; the other player itself is never touched. It may be one that the display
    has inside (`magicinfo`, `magicinfo-s`, `url-launcher`).
    """

    input: Literal[Input, "hdmi3", "hdmi4", "dp3", "hdbaset", "magicinfo", "magicinfo-s", "url-launcher"]
    hours: Id


class Display(Thing):
    """The power of one panel; on while its surface shows something, and `warm-up-s` before.

    An LED wall (`novastar`) is blanked instead of switched off; `receiver` is the card that is read back: the
    controller's output and the place behind it, both from 0. `supply` names the circuit behind it; displays that
    name none share one.
    """

    kind: Literal["display"]
    dialect: Literal["samsung-mdc", "novastar"] = "samsung-mdc"
    panel: Id
    link: Id
    display_id: int = Field(default=1, ge=0, le=254)
    input: Input = "hdmi1"
    beside: Beside | None = None
    poll_s: float = Field(default=5, ge=0.05, le=60)
    warm_up_s: float = Field(default=15, ge=0, le=120)
    supply: Id | None = None
    brightness_percent: int | None = Field(default=None, ge=1, le=100)
    receiver: tuple[Annotated[int, Field(ge=0, le=254)], Annotated[int, Field(ge=0, le=65_534)]] = (0, 0)


class Sound(Thing):
    """The loudspeakers of a display: hours give the level, `off` or 1 to 100; silent while an emergency is open."""

    kind: Literal["sound"]
    display: Id
    hours: Id


class Switch(Thing):
    """Anything on or off by MQTT: sign, lights, siren, beacon. `follows` a thing, or stays off until an incident.

    Of a Tasmota device `topic` and `relay` (from 1) are enough, of a Shelly `prefix` and `switch` (from 0).
    """

    kind: Literal["switch"]
    use: Literal["sign", "light", "siren", "beacon"]
    follows: Id | None = None
    on_when: tuple[str, ...] = ("on", "open", "evening", "last-tickets")
    dialect: Literal["contract", "topics", "tasmota", "shelly"] = "contract"
    state: Matcher | None = None
    command: Orders | None = None
    availability: Matcher | None = None
    topic: Topic | None = None
    relay: int = Field(default=1, ge=1, le=32)
    prefix: Topic | None = None
    switch: int = Field(default=0, ge=0, le=63)


class Sensor(Thing):
    """Anything that tells a value by MQTT and is only watched: a number with `unit` and limits, or words.

    Beyond `low` or `high`, or at one of `alarm-values`, it is trouble; without a word for `max-age-s` it is late.
    `words` says its values as people read them.
    """

    kind: Literal["sensor"]
    state: Matcher
    availability: Matcher | None = None
    unit: str | None = Field(default=None, min_length=1, max_length=12)
    low: float | None = None
    high: float | None = None
    alarm_values: tuple[str, ...] = ()
    words: dict[str, Text] = Field(default_factory=dict)
    max_age_s: float = Field(default=3600, ge=1, le=604_800)

    @property
    def numeric(self) -> bool:
        """Whether what it tells is a number."""
        return (self.unit, self.low, self.high) != (None, None, None)

    def said(self, value: str, language: str) -> str:
        """A value as people read it."""
        if value in self.words:
            return self.words[value].said(language)
        return f"{value} {self.unit}" if self.unit else value


class Cafe(Thing):
    """The robot café, by our MQTT contract; watched day and night, never commanded."""

    kind: Literal["cafe"]
    hours_text: Text
    telephone: str | None = None
    silent_after_s: float = Field(default=60, ge=1, le=3600)


class BellEffects(Part):
    """What a press drives in the house, inward only."""

    sirens: tuple[Id, ...] = ()
    lights: tuple[Id, ...] = ()
    quiet_roles: tuple[str, ...] = ()


class Bell(Thing):
    """An emergency bell: by our MQTT contract, by described topics, or a contact on a Modbus RTU input module."""

    kind: Literal["bell"]
    dialect: Literal["contract", "topics", "modbus-contact"]
    effects: BellEffects = BellEffects()
    heartbeat_s: float = Field(default=60, ge=1, le=86_400)
    press: Matcher | None = None
    availability: Matcher | None = None
    link: Id | None = None
    unit: int = Field(default=1, ge=1, le=247)
    press_input: int = Field(default=0, ge=0, le=63)
    line_input: int | None = Field(default=None, ge=0, le=63)
    registered_output: int | None = Field(default=None, ge=0, le=63)
    poll_s: float = Field(default=0.1, ge=0.02, le=1)


AnyThing = Annotated[Desk | Room | Display | Sound | Switch | Sensor | Cafe | Bell, Field(discriminator="kind")]


class Kiosk(Part):
    """The visitors' touch screen, in millimetres."""

    pixels: tuple[int, int] = (1080, 1920)
    size_mm: tuple[int, int] = (398, 708)
    lower_edge_mm: int = 500


class Escalation(Part):
    """Seconds until the next group is called; floors and ceilings are part of the safety rules."""

    t1_s: float = Field(default=20, ge=5, le=60)
    t2_s: float = Field(default=45, ge=10, le=180)
    t3_s: float = Field(default=90, ge=30, le=600)
    t4_s: float = Field(default=900, ge=60, le=3600)
    tone_repeat_s: float = Field(default=10, ge=2, le=10)


class Channel(Part):
    """A way to reach a person besides an open browser tab, and which networks it needs."""

    kind: Literal["siren", "beacon", "relay", "sms-modem", "sip", "ntfy"]
    thing: Id | None = None
    needs: tuple[Literal["none", "building", "internet"], ...] = ("none",)
    reach: Literal["inward", "outward"] = "inward"


class Site(Part):
    """One site, whole. Revision 1 of everything staff may change comes from here."""

    format: Literal[1]
    site: About
    roles: dict[str, Text] = Field(default_factory=dict)
    choices: dict[Id, Choice] = Field(default_factory=dict)
    places: dict[Id, Place]
    broker: Broker | None = None
    links: dict[Id, Link] = Field(default_factory=dict)
    hours: dict[Id, Hours]
    surfaces: dict[Id, Surface] = Field(default_factory=dict)
    playlists: dict[Id, Playlist] = Field(default_factory=dict)
    players: dict[Id, Player] = Field(default_factory=dict)
    things: dict[Id, AnyThing] = Field(default_factory=dict)
    kiosk: Kiosk | None = Kiosk()
    escalation: Escalation = Escalation()
    channels: dict[Id, Channel] = Field(default_factory=dict)
    emergency_dir: str | None = None

    def bells(self) -> dict[str, Bell]:
        """The bells by id."""
        return {name: thing for name, thing in self.things.items() if isinstance(thing, Bell)}

    def of(self, *kinds: type[Thing]) -> dict[str, Thing]:
        """The things of certain kinds by id, in the file's order."""
        return {name: thing for name, thing in self.things.items() if isinstance(thing, kinds)}
