"""The site file: every mistake is told with its place, in our words, and nothing wrong is ever started."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lobby.core.problem import Problem
from lobby.core.site import Matcher, Place, Sensor, Site, Text
from lobby.core.sitefile import SiteRefused, check, examine, export, read
from lobby.core.words import LANGUAGES, explain

SAMPLES = Path(__file__).parents[3] / "lobby" / "sites"
SEOUL = (SAMPLES / "seoul-city-hall.toml").read_text(encoding="utf-8")
OFFICE = (SAMPLES / "small-office.toml").read_text(encoding="utf-8")


def broken(tmp_path: Path, text: str, old: str, new: str) -> Path:
    """A file in which one thing was changed."""
    assert old in text, old
    file = tmp_path / "site.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def problems(file: Path) -> dict[str, Problem]:
    """What is said of a file, by code."""
    return {finding.problem.code: finding.problem for finding in examine(file)[1]}


CITY = '{ asset = "seoul-today", dwell-s = 12 }'
SHAPE = [
    ('id = "seoul-city-hall"', 'id = "Seoul"', "site.bad-id", "site.id"),
    ('time-zone = "Asia/Seoul"', 'time-zone = "Asia/Soul"', "site.bad-zone", "site.time-zone"),
    ("floor-mm = [60000, 39000]", 'floor-mm = [60000, "x"]', "site.need-whole-number", "site.floor-mm[1]"),
    ("floor-mm = [60000, 39000]", "floor-mm = [60000]", "site.missing", "site.floor-mm[1]"),
    ("floor-mm = [60000, 39000]", "floor-mm = 60000", "site.need-list", "site.floor-mm"),
    ("floor-mm = [60000, 39000]", "floor-mm = [0, 39000]", "site.not-positive", "site.floor-mm"),
    ('country = "KR"', "country = 82", "site.need-text", "site.country"),
    ('country = "KR"', 'one-person = "yes"', "site.need-yes-no", "site.one-person"),
    ("[places.garden]", "[places]\ngarten = 1\n[places.garden]", "site.need-table", "places.garten"),
    ('url = "mqtt://127.0.0.1:1883"', 'url = "http://x"', "site.bad-url", "broker.url"),
    ('url = "mqtt://127.0.0.1:1883"', 'url = "mqtt://a:b@x"', "site.password-in-url", "broker.url"),
    ("tcp://192.168.10.21:1515", "tcp://192.168.10.21", "site.bad-url", "links.main-line.url"),
    ("baud = 9600", "baud = 30", "site.too-small", "links.wall-line.baud"),
    ("baud = 9600", "baud = 9600000", "site.too-big", "links.wall-line.baud"),
    ('from = "08:00"', 'from = "8:00"', "site.need-time", "hours.media-wall.weekly[0].from"),
    ('from = "08:00"', "from = 800", "site.need-time", "hours.media-wall.weekly[0].from"),
    ('from = "08:00"', 'from = "08:00+09:00"', "site.time-with-zone", "hours.media-wall.weekly[0].from"),
    ('"mon", "tue"', '"monday", "tue"', "site.not-one-of-near", "hours.media-wall.weekly[0].days[0]"),
    ("inrush-gap-s = 1 ", "inrush-gap-s = 31 ", "site.too-big", "site.inrush-gap-s"),
    ('link = "main-line"\n', 'link = "main-line"\nsupply = "A 1"\n', "site.bad-id", "things.display-main.supply"),
    ("dwell-s = 12", 'dwell-s = "12"', "site.need-number", "playlists.cities.items[0].dwell-s"),
    ("turn-s = 0.12", "turn-s = 5.5", "site.too-big", "playlists.cities.turn-s"),
    ("turn-s = 0.12", "change-s = -1", "site.too-small", "playlists.cities.change-s"),
    ("turn-s = 0.12", 'change = "flip"', "site.not-one-of", "playlists.cities.change"),
    ('"seoul-today", dwell-s = 12', '"seoul-today", weight = 0', "site.too-small", "playlists.cities.items[0].weight"),
    (
        '"seoul-today", dwell-s = 12',
        '"seoul-today", dwell-s = 1',
        "site.too-small",
        "playlists.cities.items[0].dwell-s",
    ),
    ('use = "siren"', 'use = "horn"', "site.not-one-of", "things.siren.use"),
    ('kind = "room"', 'kind = "rom"', "site.not-one-of-near", "things.counsel-room.kind"),
    ('kind = "room"\n', "", "site.missing", "things.counsel-room.kind"),
    ('follows = "civil-desk"\n', "", "site.missing", "things.counsel-room.follows"),
    ('follows = "civil-desk"', 'folows = "civil-desk"', "site.unknown-key-near", "things.counsel-room.folows"),
    ('follows = "civil-desk"', 'zzz = "civil-desk"', "site.unknown-key", "things.counsel-room.zzz"),
    ('topic = "zigbee2mqtt/desk-lights"', 'topic = "a/#"', "site.bad-topic", "things.desk-lights.state.topic"),
    ('ko = "열린민원실 운영시간"', 'ko = ""', "site.empty", "hours.civil-desk.name.ko"),
    ("format = 1", "format = 2", "site.format", "format"),
    ("[kiosk]", "[kioks]", "site.unknown-key-near", "kioks"),
]

BROKER = """[broker]
url = "mqtt://127.0.0.1:1883"
username = "lobby"
password-file = "/etc/lobby/broker/clients/lobby"
"""

WHOLE = [
    (CITY, "{ dwell-s = 12 }", "site.item-neither", "playlists.cities.items[0]"),
    (CITY, '{ asset = "a", playlist = "led-day" }', "site.item-both", "playlists.cities.items[0]"),
    (CITY, '{ playlist = "led-dya" }', "site.dangling-near", "playlists.cities.items[0].playlist"),
    (CITY, '{ playlist = "cities" }', "site.playlist-circle", "playlists.cities.items"),
    (
        CITY,
        '{ asset = "a", from = 2026-12-24, to = 2026-12-01 }',
        "site.dates-reversed",
        "playlists.cities.items[0].to",
    ),
    (
        CITY,
        '{ asset = "a", hours = [{ from = "09:00Z", to = "10:00" }] }',
        "site.time-with-zone",
        "playlists.cities.items[0].hours[0].from",
    ),
    ("turn-s = 0.12", "change-s = 9", "site.change-too-long", "playlists.cities.change-s"),
    ('mode = "rotate"', 'mode = "one-per-panel"', "site.turn-of-nothing", "playlists.cities.turn-s"),
    ('place = "left-wall"', 'place = "left-wal"', "site.dangling-near", "surfaces.wall.place"),
    ('hours = "media-wall"', 'hours = "zzz"', "site.dangling", "surfaces.wall.hours"),
    ('playlist = "cities"', 'playlist = "citys"', "site.dangling-near", "surfaces.wall.playlist"),
    ('link = "main-line"', 'link = "mainline"', "site.dangling-near", "things.display-main.link"),
    ('panel = "main-1"', 'panel = "main-2"', "site.dangling-near", "things.display-main.panel"),
    ("at-mm = [720, 0]", "at-mm = [70, 0]", "media.panels-overlap", "surfaces.wall.panels"),
    (
        'playlist = "cities"',
        'playlist = "cities"\nreading-mm = [6000, 2000]',
        "site.bad-reading",
        "surfaces.wall.reading-mm",
    ),
    (
        'playlist = "cities"',
        'playlist = "cities"\naudio = { hours = "media-sund", level = 30 }',
        "site.dangling-near",
        "surfaces.wall.audio.hours",
    ),
    (
        'playlist = "cities"',
        'playlist = "cities"\naudio = { hours = "media-sound", level = 30 }',
        "site.audio-not-silenced",
        "surfaces.wall.audio",
    ),
    (
        'playlist = "media-art"',
        'playlist = "media-art"\naudio = { hours = "media-sound", level = 0 }',
        "site.too-small",
        "surfaces.main.audio.level",
    ),
    (
        'panel = "main-1"',
        'panel = "main-1"\nbeside = { input = "hdmi1", hours = "media-wall" }',
        "site.same-input",
        "things.display-main.beside.input",
    ),
    (
        'panel = "main-1"',
        'panel = "main-1"\nbeside = { input = "hdmi2", hours = "media-wal" }',
        "site.dangling-near",
        "things.display-main.beside.hours",
    ),
    (
        'panel = "main-1"',
        'panel = "main-1"\nbeside = { input = "hdmi2", hours = "media-wall" }',
        "site.beside-sound",
        "things.display-main.beside",
    ),
    (
        'panel = "led-1"',
        'panel = "led-1"\nbeside = { input = "hdmi2", hours = "media-wall" }',
        "site.not-of-dialect",
        "things.display-led.beside",
    ),
    ('panel = "wall-2"', 'panel = "wall-1"', "site.same-address", "things.display-wall-2.panel"),
    ("display-id = 2", "display-id = 1", "site.same-address", "things.display-wall-2.display-id"),
    ('follows = "civil-desk"', 'follows = "civil"', "site.dangling-near", "things.counsel-room.follows"),
    ('sirens = ["siren"]', 'sirens = ["beacon"]', "site.dangling", "things.bell-desk.effects.sirens[0]"),
    (
        'quiet-roles = ["desk"]',
        'quiet-roles = ["dsk"]',
        "site.unknown-role-near",
        "things.bell-desk.effects.quiet-roles[0]",
    ),
    ('display = "display-main"', 'display = "display-man"', "site.dangling-near", "things.sound-main.display"),
    ('hours = "media-sound"', 'hours = "media-sund"', "site.dangling-near", "things.sound-main.hours"),
    ('value = "15" },\n', 'value = "loud" },\n', "site.not-a-level", "hours.media-sound.weekly[1].value"),
    ('display = "display-main"', 'display = "display-led"', "site.mute-display", "things.sound-main.display"),
    ("[roles]\n", '[roles]\nboss = { ko = "장", en = "b" }\n', "site.unknown-role", "roles.boss"),
    ("[things.beacon]", "[things.evening]", "site.reserved-id", "things.evening"),
    ("[things.beacon]", "[things.wall-3]", "site.twice", "things.wall-3"),
    ("[players.lobby-player]", "[players.siren]", "site.twice", "things.siren"),
    (
        'surfaces = ["wall", "main", "desk-led"]',
        'surfaces = ["wall", "main"]',
        "site.nobody-draws",
        "surfaces.desk-led",
    ),
    ('"main", "desk-led"]', '"main", "wall"]', "site.drawn-twice", "players.lobby-player.surfaces"),
    ('value = "evening-guide"', 'value = "guide"', "site.not-a-playlist", "hours.desk-led.weekly[1].value"),
    ('otherwise = "closed"\n', "", "site.not-a-desk-state", "hours.civil-desk.otherwise"),
    ('from = "18:00", to = "21:00"', 'from = "17:00", to = "21:00"', "site.overlap", "hours.civil-desk.weekly"),
    ('thing = "siren"', 'thing = "beacon"', "site.dangling", "channels.guard-siren.thing"),
    ("at-mm = [24000, 24000]", "at-mm = [24000, 99000]", "site.outside-the-floor", "places.garden.at-mm"),
    ('country = "KR"', 'country = "XX"', "site.country-without-holidays", "site.country"),
    ('link = "bell-line"', 'link = "wall-line"', "site.two-dialects", "things.bell-counsel.link"),
    ("line-input = 1\n", "", "site.wire-not-watched", "things.bell-counsel.line-input"),
    ("line-input = 1", "line-input = 0", "site.same-address", "things.bell-counsel.line-input"),
    ("[kiosk]", "[escalation]\nt2-s = 10\n[kiosk]", "site.steps-out-of-order", "escalation.t2-s"),
    (BROKER, "", "site.no-broker", "broker"),
    (
        'payloads = { on = \'{"state":"ON"}\', off',
        'payloads = { on = \'{"state":"ON"}\', out',
        "site.missing",
        "things.desk-lights.command.payloads.off",
    ),
    ('topic = "desk-sign"\n', "", "site.missing", "things.desk-sign.topic"),
    ('topic = "desk-sign"\n', 'topic = "desk/#"\n', "site.bad-topic", "things.desk-sign.topic"),
    ('topic = "desk-sign"\n', 'topic = "desk-sign"\nrelay = 0\n', "site.too-small", "things.desk-sign.relay"),
    ('topic = "desk-sign"\n', 'topic = "desk-sign"\nprefix = "x"\n', "site.not-of-dialect", "things.desk-sign.prefix"),
    ('prefix = "shelly', 'relay = 2\nprefix = "shelly', "site.not-of-dialect", "things.garden-lights.relay"),
    ('prefix = "shellyplus1-a8032abe54dc"', "", "site.missing", "things.garden-lights.prefix"),
    ('prefix = "shellyplus1-a8032abe54dc"', 'prefix = "+"', "site.bad-topic", "things.garden-lights.prefix"),
    ('dialect = "tasmota"', 'dialect = "tasmotta"', "site.not-one-of-near", "things.desk-sign.dialect"),
    ('dialect = "novastar"', "", "site.not-of-dialect", "things.display-led.brightness-percent"),
    ('dialect = "novastar"', 'dialect = "novastar"\ninput = "dp1"', "site.not-of-dialect", "things.display-led.input"),
    ("brightness-percent = 60", "brightness-percent = 0", "site.too-small", "things.display-led.brightness-percent"),
    ('link = "led-line"', 'link = "main-line"', "site.two-dialects", "things.display-led.link"),
    (
        'values = { ON = "on", OFF = "off" }',
        'values = { ON = "onn" }',
        "site.not-one-of-near",
        "things.desk-lights.state.values.ON",
    ),
    (
        'online = "online", offline',
        'online = "here", offline',
        "site.not-one-of",
        "things.desk-lights.availability.values.online",
    ),
    ('key = "temperature"', 'absent = "0"', "site.missing", "things.garden-air.state.key"),
    ('key = "temperature"', 'key = "a..b"', "site.bad-json-path", "things.garden-air.state.key"),
    (
        'key = "temperature"',
        'key = "t", values = { "1" = "warm" }',
        "site.number-with-words",
        "things.garden-air.state.values",
    ),
    ("low = 8", "low = 40", "site.limits-crossed", "things.garden-air.high"),
    ("low = 8", "low = true", "site.need-number", "things.garden-air.low"),
    (
        'key = "temperature" }',
        'key = "c", values = { true = "closed" } }\nalarm-values = ["close"]',
        "site.not-one-of-near",
        "things.garden-air.alarm-values[0]",
    ),
    (
        'key = "temperature" }',
        'key = "c", values = { true = "closed" } }\nwords = { opened = { ko = "열림", en = "open" } }',
        "site.not-one-of",
        "things.garden-air.words.opened",
    ),
    ("max-age-s = 7200", "max-age-s = 0", "site.too-small", "things.garden-air.max-age-s"),
    (
        'state = { topic = "zigbee2mqtt/garden-air", key = "temperature" }',
        "",
        "site.missing",
        "things.garden-air.state",
    ),
]


@pytest.mark.parametrize(("old", "new", "code", "key"), [*SHAPE, *WHOLE])
def test_a_mistake_is_told_with_its_key_and_cure(tmp_path: Path, old: str, new: str, code: str, key: str) -> None:
    """Each kind of mistake names file, key path and cure, in both languages, without an empty slot."""
    file = broken(tmp_path, SEOUL, old, new)
    found = problems(file)
    assert found[code].where.startswith(str(file))
    assert found[code].where.endswith(f" {key}")
    said = [text for language in LANGUAGES for text in explain(found[code], language)]
    assert not [text for text in said if text.startswith("site.") or ("{" in text and "{ ko" not in text)]


def test_a_mistake_names_its_line(tmp_path: Path) -> None:
    """The line of the key, where it has one of its own."""
    file = broken(tmp_path, SEOUL, 'link = "main-line"', 'link = "nowhere"')
    line = 1 + file.read_text(encoding="utf-8").split('link = "nowhere"')[0].count("\n")
    assert problems(file)["site.dangling"].where == f"{file}:{line} things.display-main.link"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('id = "seoul-city-hall"', "id = seoul", "site.syntax"),
        ("[kiosk]", "[site]", "site.key-twice"),
        ("lower-edge-mm = 500", "lower-edge-mm = [500", "site.cut-off"),
    ],
)
def test_a_file_that_is_no_toml_says_where(tmp_path: Path, old: str, new: str, code: str) -> None:
    """Syntax is told by line and column, in our words."""
    found = problems(broken(tmp_path, SEOUL, old, new))
    assert set(found) == {code}
    assert code == "site.cut-off" or found[code].params["line"] in found[code].where


def test_a_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    """An editor's old Korean encoding is recognised as what it is."""
    file = tmp_path / "site.toml"
    file.write_bytes(SEOUL.encode("cp949", "ignore"))
    assert set(problems(file)) == {"site.not-utf-8"}


def test_no_file_is_a_mistake_with_a_cure(tmp_path: Path) -> None:
    """Not a traceback."""
    with pytest.raises(SiteRefused) as refused:
        read(tmp_path / "none.toml")
    assert [problem.code for problem in refused.value.problems] == ["site.no-file"]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Nobody mends a file ten times."""
    text = SEOUL.replace('place = "left-wall"', 'place = "nowhere"')
    file = broken(tmp_path, text, 'sirens = ["siren"]', 'sirens = ["horn"]')
    with pytest.raises(SiteRefused) as refused:
        read(file)
    assert len(refused.value.problems) == 1 + 7 + 1


def test_a_warning_does_not_stop_the_lobby(tmp_path: Path) -> None:
    """A spot outside the plan is drawn wrong, not refused."""
    file = broken(tmp_path, SEOUL, "at-mm = [24000, 24000]", "at-mm = [24000, 99000]")
    assert read(file).places["garden"].at_mm == (24000, 99000)


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        ("", "site.only-browser-to-guard"),
        ('[channels.push]\nkind = "ntfy"\nneeds = ["internet"]', "site.only-internet-to-guard"),
    ],
)
def test_a_guard_must_be_reached_without_browser_and_internet(tmp_path: Path, channel: str, code: str) -> None:
    """A locked telephone's browser does not ring."""
    file = broken(
        tmp_path, OFFICE, '[channels.radio] # 무전기를 울리는 접점\nkind = "relay"\nneeds = ["none"]', channel
    )
    with pytest.raises(SiteRefused) as refused:
        read(file)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_a_bell_that_cannot_repeat_is_warned_of_with_the_window() -> None:
    """The installer learns that a press within about 0.2 s of a broker crash may be lost."""
    site = read(SAMPLES / "seoul-city-hall.toml")
    changes = {"dialect": "topics", "press": Matcher(topic="zigbee2mqtt/bell", key="action", values={"press": "press"})}
    bell = site.bells()["bell-desk"].model_copy(update=changes)
    found = {
        item.problem.code: item
        for item in check(site.model_copy(update={"things": {**site.things, "bell-desk": bell}}))
    }
    warning = found["site.bell-cannot-repeat"]
    assert (warning.level, warning.problem.params["value"]) == ("warning", "0.2")


def test_things_that_follow_each_other_in_a_circle_are_refused() -> None:
    """Nobody would ever begin."""
    site = read(SAMPLES / "seoul-city-hall.toml")
    sign = site.things["desk-sign"].model_copy(update={"follows": "desk-lights"})
    lights = site.things["desk-lights"].model_copy(update={"follows": "desk-sign"})
    changed = site.model_copy(update={"things": {**site.things, "desk-sign": sign, "desk-lights": lights}})
    codes = [finding.problem.code for finding in check(changed)]
    assert codes.count("site.follows-in-circle") == 1


def test_emergency_records_belong_on_another_disk(tmp_path: Path) -> None:
    """A folder beside the data folder is a warning, a missing one too."""
    file = broken(tmp_path, OFFICE, "format = 1", f'format = 1\nemergency-dir = "{tmp_path}"')
    codes = {finding.problem.code for finding in examine(file, data=tmp_path)[1]}
    assert codes == {"site.emergency-dir-same-disk"}
    file = broken(tmp_path, OFFICE, "format = 1", f'format = 1\nemergency-dir = "{tmp_path}/none"')
    assert set(problems(file)) == {"site.emergency-dir-missing"}


@pytest.mark.parametrize("text", [SEOUL, OFFICE])
def test_an_export_reads_back_equal(tmp_path: Path, text: str) -> None:
    """What is written is what runs."""
    file = tmp_path / "site.toml"
    file.write_text(text, encoding="utf-8")
    site = read(file)
    file.write_text(export(site), encoding="utf-8")
    assert read(file) == site


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=40)
IDS = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.dictionaries(IDS, st.tuples(WORDS, st.integers(0, 9000), WORDS), min_size=1, max_size=4))
def test_any_words_survive_an_export(tmp_path: Path, places: dict[str, tuple[str, int, str]]) -> None:
    """Quotation marks, line ends and control characters in names included."""
    site = read(SAMPLES / "small-office.toml")
    extra = {name: Place(name=Text(ko=ko, en=en), at_mm=(x, 0)) for name, (ko, x, en) in places.items()}
    changed: Site = site.model_copy(update={"places": {**site.places, **extra}})
    file = tmp_path / "site.toml"
    file.write_text(export(changed), encoding="utf-8")
    assert read(file) == changed


@given(st.text(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_rubbish_is_refused_in_our_words(tmp_path: Path, text: str) -> None:
    """No text at all is a site, and none makes a traceback."""
    file = tmp_path / "site.toml"
    file.write_text(text, encoding="utf-8", errors="replace")
    assert all(code.startswith("site.") for code in problems(file))


def test_a_sensor_says_its_values_as_people_read_them() -> None:
    """A number with its unit; a word in the reader's language where the file has it, else as it is."""
    air = read(SAMPLES / "seoul-city-hall.toml").things["garden-air"]
    assert isinstance(air, Sensor)
    door = air.model_copy(update={"unit": None, "words": {"open": Text(ko="열림", en="open")}})
    assert (air.said("21.4", "en"), door.said("open", "ko"), door.said("ajar", "ko")) == ("21.4 °C", "열림", "ajar")
