"""Where the sun stands over Seoul: the formulas of NOAA's solar calculator (Meeus, Astronomical Algorithms)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import acos, asin, atan2, cos, degrees, floor, pi, radians, sin, tan

SEOUL = (37.5665, 126.978)
J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
# The upper limb at the horizon, lifted by the air.
RISE_DEG = -0.833
LIFT_AT_HORIZON, FADES_DEG = 0.5746, 12.0
# A synodic month, and a new moon to count from (2000-01-06 18:14 UTC).
MONTH = timedelta(days=29.530588853)
NEW_MOON = datetime(2000, 1, 6, 18, 14, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A body in the sky, in degrees: height over the horizon with the air's lift, and azimuth from north by east."""

    altitude: float
    azimuth: float


def sun(moment: datetime, place: tuple[float, float] = SEOUL) -> Standing:
    """The sun over a place (latitude, longitude) at a moment."""
    declination, equation = _course(moment)
    day = moment.astimezone(UTC)
    minutes = day.hour * 60 + day.minute + (day.second + day.microsecond / 1e6) / 60
    hour_angle = (minutes + equation + 4 * place[1]) / 4 - 180
    return _standing(declination, radians(hour_angle), place)


def day_of(moment: datetime, place: tuple[float, float] = SEOUL) -> tuple[datetime, datetime]:
    """Sunrise and sunset nearest to the noon before or after that moment, to the second or so."""
    noon = moment
    for _ in range(3):
        noon = _noon(noon, place)
    return _crossing(noon, -1, place), _crossing(noon, 1, place)


def moon(moment: datetime, place: tuple[float, float] = SEOUL) -> tuple[Standing, float]:
    """The mean moon, within a few degrees: where it stands, and its age 0…1 from new to new."""
    age = ((moment - NEW_MOON) / MONTH) % 1
    days = (moment - J2000) / timedelta(days=1)
    ahead = radians(_sun_longitude(days / 36525)) + 2 * pi * age
    tilt = radians(23.44)
    declination = asin(sin(tilt) * sin(ahead))
    ascension = atan2(cos(tilt) * sin(ahead), cos(ahead))
    sidereal = radians((280.46061837 + 360.98564736629 * days + place[1]) % 360)
    return _standing(declination, sidereal - ascension, place), age


def _standing(declination: float, hour_angle: float, place: tuple[float, float]) -> Standing:
    latitude = radians(place[0])
    height = asin(sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * cos(hour_angle))
    turn = atan2(sin(hour_angle), cos(hour_angle) * sin(latitude) - tan(declination) * cos(latitude))
    altitude = degrees(height)
    return Standing(altitude=altitude + _lift(altitude), azimuth=(degrees(turn) + 180) % 360)


def _sun_longitude(century: float) -> float:
    """The sun's true longitude, degrees."""
    mean = (280.46646 + century * (36000.76983 + 0.0003032 * century)) % 360
    anomaly = radians(357.52911 + century * (35999.05029 - 0.0001537 * century))
    centre = (
        sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
        + sin(2 * anomaly) * (0.019993 - 0.000101 * century)
        + sin(3 * anomaly) * 0.000289
    )
    return mean + centre


def _course(moment: datetime) -> tuple[float, float]:
    """Declination in radians and the equation of time in minutes."""
    century = (moment - J2000) / timedelta(days=36525)
    mean = radians((280.46646 + century * (36000.76983 + 0.0003032 * century)) % 360)
    anomaly = radians(357.52911 + century * (35999.05029 - 0.0001537 * century))
    eccentricity = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    node = radians(125.04 - 1934.136 * century)
    apparent = radians(_sun_longitude(century) - 0.00569 - 0.00478 * sin(node))
    tilt = radians(23.439291 - 0.0130042 * century + 0.00256 * cos(node))
    half = tan(tilt / 2) ** 2
    equation = (
        half * sin(2 * mean)
        - 2 * eccentricity * sin(anomaly)
        + 4 * eccentricity * half * sin(anomaly) * cos(2 * mean)
        - 0.5 * half**2 * sin(4 * mean)
        - 1.25 * eccentricity**2 * sin(2 * anomaly)
    )
    return asin(sin(tilt) * sin(apparent)), 4 * degrees(equation)


def _lift(altitude: float) -> float:
    """How far the air lifts a body, degrees; far below the horizon nothing."""
    if altitude > 85:
        return 0.0
    slope = tan(radians(altitude))
    if altitude > 5:
        return (58.1 / slope - 0.07 / slope**3 + 0.000086 / slope**5) / 3600
    if altitude > -0.575:
        return (1735 + altitude * (-518.2 + altitude * (103.4 + altitude * (-12.79 + 0.711 * altitude)))) / 3600
    # Nobody sees the lift below the horizon, but light must not jump there: it fades.
    return LIFT_AT_HORIZON * max(0.0, 1 + (altitude + 0.575) / FADES_DEG)


def _noon(near: datetime, place: tuple[float, float]) -> datetime:
    _, equation = _course(near)
    midnight = near.astimezone(UTC) - timedelta(minutes=720 - 4 * place[1] - equation)
    days = floor((midnight - J2000) / timedelta(days=1) + 0.5 + 0.5)
    start = J2000 - timedelta(hours=12) + timedelta(days=days)
    return start + timedelta(minutes=720 - 4 * place[1] - equation)


def _crossing(noon: datetime, side: int, place: tuple[float, float]) -> datetime:
    moment = noon
    latitude = radians(place[0])
    for _ in range(4):
        declination, equation = _course(moment)
        share = (sin(radians(RISE_DEG)) - sin(latitude) * sin(declination)) / (cos(latitude) * cos(declination))
        angle = degrees(acos(max(-1.0, min(1.0, share))))
        shift = _course(noon)[1] - equation
        moment = noon + timedelta(minutes=shift + side * 4 * angle)
    return moment
