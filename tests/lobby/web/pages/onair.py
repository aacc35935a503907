"""Notices on air, as the journal would bring them back."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, timedelta

from lobby.core.airings import Airing, Class
from lobby.core.phrases import free_texts, phrases
from media.notices.texts import Text
from tests.lobby.web.pages.standin import SEOUL

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=SEOUL)


def a_notice(
    phrase: str, *, cls: Class = "notice", occasion: str = "", days: int = 0, number: int = 1, moment: datetime = NOON
) -> Airing:
    """A notice that has been on for an hour on every screen."""
    words = phrases()[phrase].words
    texts = [asdict(Text(language=script, headline=pair[0], body=pair[1], mark="")) for script, pair in words.items()]
    return Airing(
        id=f"n{number}", cls=cls, name="글", content=dict.fromkeys(("wall", "main", "desk-led"), "a1"),
        start=moment - timedelta(hours=1), until=moment + timedelta(days=days, hours=1), person="p1",
        approved_by="p1", source="notices", details={"texts": texts, "occasion": occasion, "kiosk": True},
    )  # fmt: skip


def a_free_notice(headline: str, *, moment: datetime = NOON) -> Airing:
    """A notice in somebody's own Korean words."""
    made = a_notice("wifi-out", moment=moment)
    texts = [asdict(text) for text in free_texts(headline, "")]
    return replace(made, details={**made.details, "texts": texts})
