"""What the sample pictures say, in Korean and English: art, so the words stand beside the drawing."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

Lines = tuple[tuple[str, float, bool], ...]

TITLES: Mapping[str, tuple[str, str]] = {
    "city-paris": ("파리", "Paris — the city that walks"),
    "city-new-york": ("뉴욕", "New York — across the river, evening"),
    "city-london": ("런던", "London — a clear morning"),
    "city-tokyo": ("도쿄", "Tokyo — mountain and tower"),
    "city-beijing": ("베이징", "Beijing — three roofs"),
    "city-istanbul": ("이스탄불", "Istanbul — domes and water"),
    "seoul-today": ("서울의 오늘", "Seoul today"),
    "seoul-tomorrow": ("서울의 내일", "Seoul tomorrow"),
    "aquarium": ("디지털 아쿠아리움", "Digital aquarium"),
    "seasons": ("서울의 사계", "Seoul through the seasons"),
    "aquarium-still": ("디지털 아쿠아리움", "Digital aquarium"),
    "seasons-still": ("서울의 사계", "Seoul through the seasons"),
}
FILMS = ("aquarium", "seasons")
LIVE: Mapping[str, tuple[str, str]] = {
    "aquarium-live": ("살아 있는 아쿠아리움", "Living aquarium"),
    "seasons-live": ("지금 서울의 자연", "Seoul's nature, now"),
    "skyline-live": ("서울의 오늘과 내일", "Seoul today and tomorrow"),
    "test-pattern": ("화면 맞춤 시험 그림", "Test pattern"),
}
SCENES = tuple(name for name in LIVE if name != "test-pattern")
SEASONS = (("봄", "Spring"), ("여름", "Summer"), ("가을", "Autumn"), ("겨울", "Winter"))
SIGNS: Mapping[str, tuple[Lines, tuple[str, str, str]]] = {
    "led-welcome": (
        (
            ("어서 오십시오", 0.17, True),
            ("서울시청 마음쉼터", 0.085, False),
            ("Welcome to Seoul City Hall", 0.06, False),
        ),
        ("#1d5b79", "#0e2f44", "#fdf8ec"),
    ),
    "led-evening": (
        (
            ("야간민원실 운영 중", 0.16, True),
            ("화요일 저녁 9시까지 (21:00)", 0.09, False),
            ("Evening desk open until 9 p.m.", 0.06, False),
        ),
        ("#3a2a5c", "#1a1430", "#ffeec2"),
    ),
    "office-welcome": (
        (("어서 오십시오", 0.085, True), ("무엇을 도와드릴까요", 0.05, False), ("Welcome", 0.045, False)),
        ("#2f6f5e", "#173a33", "#fdf8ec"),
    ),
    "office-hours": (
        (
            ("민원실 운영시간", 0.075, True),
            ("평일 09:00 – 18:00", 0.055, False),
            ("Mon–Fri 9 a.m. – 6 p.m.", 0.038, False),
        ),
        ("#7a4a2b", "#3d2415", "#fff3dc"),
    ),
}


def stand_in(name: str) -> str | None:
    """The still that is shown until a sample film has been drawn; None for what is no sample film."""
    return f"{name}-still" if name in FILMS else None


def scene_id(name: str) -> str:
    """The id under which a live scene stands in programmes."""
    return sha256(f"scene:{name}".encode()).hexdigest()


def korean_title(name: str) -> str | None:
    """What a sample is called; None where there is no sample of that name."""
    if name in LIVE:
        return LIVE[name][0]
    if name in TITLES:
        return TITLES[name][0]
    return SIGNS[name][0][0][0] if name in SIGNS else None
