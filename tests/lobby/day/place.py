"""A small lobby for the tests of this folder: the sample hall's hours with fewer screens."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from lobby.core.site import Site
from lobby.day.plan import Plan

SEOUL = ZoneInfo("Asia/Seoul")

TEXT = """
format = 1

[site]
id = "hall"
name = { ko = "시청", en = "City Hall" }
lobby-name = { ko = "로비", en = "Lobby" }

[places.hall]
name = { ko = "로비", en = "Lobby" }
at-mm = [0, 0]

[hours.media-wall]
name = { ko = "미디어월", en = "Media wall" }
weekly = [
  { days = ["mon", "tue", "wed", "thu", "fri"], from = 08:00:00, to = 19:00:00 },
  { days = ["sat", "sun"], from = 09:00:00, to = 18:00:00 },
]
public-holiday = [{ from = 09:00:00, to = 18:00:00 }]

[hours.desk-led]
name = { ko = "안내데스크 LED", en = "Desk LED" }
weekly = [
  { days = ["mon", "wed", "thu", "fri"], from = 08:00:00, to = 19:00:00 },
  { days = ["tue"], from = 08:00:00, to = 19:00:00 },
  { days = ["tue"], from = 19:00:00, to = 21:00:00, value = "led-evening" },
  { days = ["sat", "sun"], from = 09:00:00, to = 18:00:00 },
]
public-holiday = [{ from = 09:00:00, to = 18:00:00 }]

[hours.civil-desk]
name = { ko = "열린민원실", en = "Civil-service desk" }
otherwise = "closed"
weekly = [
  { days = ["mon", "tue", "wed", "thu", "fri"], from = 09:00:00, to = 18:00:00, value = "open" },
  { days = ["tue"], from = 18:00:00, to = 21:00:00, value = "evening" },
]
public-holiday = []

[[hours.civil-desk.special-days]]
id = "moving-day"
from = 2026-12-03
to = 2026-12-03
reason = { ko = "창구 이전", en = "Moving the counters" }
notice = { ko = "12월 3일은 쉽니다", en = "Closed on 3 December" }

[surfaces.wall]
name = { ko = "병풍형", en = "Wall" }
place = "hall"
hours = "media-wall"
playlist = "cities"
panels = [{ id = "wall-1", size-mm = [600, 1000] }, { id = "wall-2", size-mm = [600, 1000] }]

[surfaces.desk-led]
name = { ko = "LED", en = "LED" }
place = "hall"
hours = "desk-led"
playlist = "led-day"
panels = [{ id = "led-panel", size-mm = [600, 1000] }]

[playlists.cities]
name = { ko = "도시", en = "Cities" }
[playlists.led-day]
name = { ko = "낮", en = "Day" }
[playlists.led-evening]
name = { ko = "야간", en = "Evening" }

[links.wall-line]
url = "serial:///dev/ttyS0"

[things.wall-display-1]
kind = "display"
name = { ko = "병풍 1번", en = "Panel 1" }
place = "hall"
panel = "wall-1"
link = "wall-line"

[things.civil-desk]
kind = "desk"
name = { ko = "열린민원실", en = "Civil-service desk" }
place = "hall"
hours = "civil-desk"
last-tickets-min = 15

[things.counsel-room]
kind = "room"
name = { ko = "민원상담실", en = "Counselling room" }
place = "hall"
follows = "civil-desk"

[things.desk-sign]
kind = "switch"
use = "sign"
name = { ko = "표시등", en = "Sign" }
place = "hall"
follows = "civil-desk"

[things.evening-light]
kind = "switch"
use = "light"
name = { ko = "야간등", en = "Evening light" }
place = "hall"
follows = "civil-desk"
on-when = ["evening", "last-tickets"]

[things.siren]
kind = "switch"
use = "siren"
name = { ko = "사이렌", en = "Siren" }
place = "hall"

[things.robot-cafe]
kind = "cafe"
name = { ko = "로봇카페", en = "Robot café" }
place = "hall"
hours-text = { ko = "24시간", en = "24 h" }

[things.bell-desk]
kind = "bell"
name = { ko = "비상벨", en = "Bell" }
place = "hall"
dialect = "contract"
"""


def hall() -> Site:
    """The site, read."""
    return Site.model_validate(tomllib.loads(TEXT))


def plan() -> Plan:
    """Its plan, without changes of staff."""
    return Plan.from_site(hall())


def seoul(text: str) -> datetime:
    """A moment by Seoul's wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL).astimezone(UTC)
