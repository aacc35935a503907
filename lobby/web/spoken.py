"""Times and names in the words people say; `static/spoken.js` says the same in the browser."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from lobby.core.words import say


def part_of_day(hour: int, language: str) -> str:
    """The word for an hour; each language parts its day in its own way, `end word|end word|…`."""
    rows = (row.partition(" ") for row in say("kiosk.spoken.parts", language).split("|"))
    return next(word for end, _, word in rows if hour < int(end))


def clock_words(moment: datetime, language: str) -> str:
    """A local time as said aloud, with the part of the day: `9 in the evening`."""
    key = "time-minute" if moment.minute else "time-hour"
    return say(
        f"kiosk.spoken.{key}",
        language,
        part=part_of_day(moment.hour, language),
        hour=(moment.hour + 11) % 12 + 1,
        minute=moment.minute,
        minute2=f"{moment.minute:02d}",
    )


def day_words(day: date, today: date, language: str) -> str:
    """A day as said aloud: today, tomorrow with its weekday, then the date."""
    weekday = _listed("weekdays", language)[day.weekday()]
    if day == today:
        return say("kiosk.spoken.day-today", language)
    if day == today + timedelta(days=1):
        return say("kiosk.spoken.day-tomorrow", language, weekday=weekday)
    month = _listed("months", language)[day.month - 1]
    return say("kiosk.spoken.day-date", language, month=month, day=day.day, weekday=weekday)


def when_words(moment: datetime, now: datetime, zone: tzinfo, language: str) -> str:
    """Day and time as said aloud."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    day = day_words(local.date(), today, language)
    return say("kiosk.spoken.when", language, day=day, time=clock_words(local, language))


def now_words(moment: datetime, zone: tzinfo, language: str) -> str:
    """The kiosk's clock, with date and weekday."""
    local = moment.astimezone(zone)
    return say(
        "kiosk.spoken.now",
        language,
        month=_listed("months", language)[local.month - 1],
        day=local.day,
        weekday=_listed("weekdays", language)[local.weekday()],
        time=clock_words(local, language),
    )


def staff_date(moment: datetime, zone: tzinfo, language: str) -> str:
    """The console's date: `Tue 24 Nov 2026`, in Korean the official way with dots."""
    local = moment.astimezone(zone)
    weekday = _listed("weekdays", language)[local.weekday()]
    if language == "ko":
        return f"{local.year}. {local.month}. {local.day}.({weekday})"
    return f"{weekday} {local.day} {_listed('months', language)[local.month - 1]} {local.year}"


def short_day(day: date, language: str) -> str:
    """A day without its year as staff read it, with the weekday."""
    weekday = _listed("weekdays", language)[day.weekday()]
    if language == "ko":
        return f"{day.month}. {day.day}.({weekday})"
    return f"{weekday} {day.day} {_listed('months', language)[day.month - 1]}"


def days_words(first: date, last: date, language: str) -> str:
    """A day or a range of days with the year, for staff."""
    said = (
        f"{first.year}. {short_day(first, language)}"
        if language == "ko"
        else f"{short_day(first, language)} {first.year}"
    )
    if first == last:
        return said
    end = short_day(last, language)
    return f"{said} – {end}" if first.year == last.year else f"{said} – {days_words(last, last, language)}"


def month_words(month: int, language: str) -> str:
    """A month's name."""
    name = _listed("months", language)[month - 1]
    return say("work.when.month", language, month=month if language == "ko" else name)


def weekdays(language: str) -> list[str]:
    """The weekdays, Monday first."""
    return _listed("weekdays", language)


def staff_time(moment: datetime, now: datetime, zone: tzinfo, language: str) -> str:
    """A moment as staff read it: the bare time today, else with its day."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    time = f"{local:%H:%M}"
    if local.date() == today:
        return time
    if local.date() == today + timedelta(days=1):
        return say("work.when.tomorrow", language, time=time)
    return say(
        "work.when.date",
        language,
        month=local.month if language == "ko" else _listed("months", language)[local.month - 1],
        day=local.day,
        weekday=_listed("weekdays", language)[local.weekday()],
        time=time,
    )


def age_words(seconds: float, language: str) -> str:
    """How old a value is, in its largest whole unit."""
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size:
            return say(f"console.age.{unit}", language, n=int(seconds // size))
    return say("console.age.seconds", language, n=max(0, int(seconds)))


def lasting_words(seconds: float, language: str) -> str:
    """How long something has lasted: `for 6 min`."""
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size:
            return say(f"console.band.since-{unit}", language, **{unit: int(seconds // size)})
    return say("console.band.just-now", language)


def _listed(key: str, language: str) -> list[str]:
    return say(f"kiosk.spoken.{key}", language).split()
