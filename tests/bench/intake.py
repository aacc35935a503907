"""Taking in: a large picture beside plain Pillow, films beside the ffmpeg command, and what others feel meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from lobby.core.datafolder import DataFolder
from lobby.ops.screens import PACE_WHILE_LIT
from media import film_intake, intake
from media.film_child import HOUSE
from media.film_intake import FPS, Rendition
from media.geometry import PanelPlace, slices, whole
from tests.bench.ear import Ear
from tests.bench.films import display, said_by
from tests.bench.house import BELLS, Lobby, helper, lit, lobby, says
from tests.bench.presses import Times, cell
from tests.bench.rows import Row, percentile
from tests.eventually import soon

DRAW = """
import sys; from PIL import Image
noise = Image.effect_noise((1000, 750), 90).resize((8000, 6000))
Image.merge("RGB", [noise, noise.rotate(180), noise]).save(*sys.argv[1:], quality=90, compress_level=3)
"""
PANEL = (1080, 1920)
FILM_S = 20
SIZE = (1920, 1080)
SLICE = (264, 1080)
SOURCE = f"testsrc2=s=1920x1080:r=30:d={FILM_S},noise=alls=8:allf=t"
PLAIN = "import sys; from PIL import Image; Image.MAX_IMAGE_PIXELS = None; Image.open(sys.argv[1]).load()"
FADING_FRAMES = "240"
REST_S = 0.2  # so long that a film that halted at a press is made again at the next


def measured(folder: Path, times: int, presses: int) -> list[Row]:
    """All of it."""
    folder.mkdir(parents=True, exist_ok=True)
    film = folder / "film.mp4"
    make = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", SOURCE, "-c:v", "libx264", "-preset", "veryfast"]
    subprocess.run([*make, "-b:v", "12M", "-pix_fmt", "yuv420p", "-y", str(film)], check=True)
    return [
        *_picture(folder, times),
        *_films(folder, film, times),
        *_bells(folder / "bells", film, presses),
        _fading(folder / "fading", film, times),
    ]


def _picture(folder: Path, times: int) -> list[Row]:
    """Processor time and memory of one child that makes one panel's picture, beside decoding alone."""
    source, rows = folder / "large", []
    for form in ("JPEG", "PNG"):
        # In a process of its own: what is started later counts the memory of its parent as its own.
        subprocess.run([sys.executable, "-c", DRAW, str(source), form], check=True)
        pairs = [(_child([sys.executable, "-c", PLAIN, str(source)]), _ours(folder, source)) for _ in range(times)]
        limit, value = (median(pair[side][0] for pair in pairs) for side in (0, 1))
        peak = max(pair[1][1] for pair in pairs)
        rows += [
            Row(name=f"48 MP {form} to a panel, processor time", value=value, unit="s", limit=limit, bar=2.0),
            Row(name=f"its memory at most, 48 MP {form}", value=peak, unit="MiB", limit=None, bar=800),
        ]
    return rows


def _ours(folder: Path, source: Path) -> tuple[float, float]:
    limits = {"limits": dict(intake.Limits().process), "idle": False}
    job = {"source": str(source), "thumbnail": str(folder / "thumbnail.jpg"), "seams": [], "heif": False}
    parts = [intake.asked(whole(PANEL), folder / "panel.jpg")]
    return _child([sys.executable, "-I", str(intake.CHILD)], json.dumps({**job, **limits, "parts": parts}).encode())


def _films(folder: Path, film: Path, times: int) -> list[Row]:
    """Pictures a second, by turns with ffmpeg: one panel's film, and the slices of a row of seven."""
    row = [PanelPlace(id=f"wall-{n}", pixels=SLICE, at_mm=(274 * n, 0), size_mm=SLICE) for n in range(7)]
    seven = [part for part in slices("wall", row) if part.name.startswith("wall:7:")]
    rows = []
    for name, parts in (("film to one panel", [whole(SIZE)]), ("film to seven slices", seven)):
        renditions = [film_intake.rendition(SIZE, part) for part in parts]
        pairs = [(_ffmpeg(folder, film, renditions), _made(folder, film, renditions)) for _ in range(times)]
        limit, value = (median(pair[side] for pair in pairs) for side in (0, 1))
        rows.append(Row(name=f"{name}, 1080p30", value=value, unit="fps", limit=limit, bar=0.9, at_least=True))
    return rows


def _ffmpeg(folder: Path, film: Path, renditions: Sequence[Rendition]) -> float:
    """Pictures a second of the command line with the same preset, crop and size."""
    names = [f"[o{number}]" for number in range(len(renditions))]
    graph = f"[0:v]split={len(names)}{''.join(names).replace('o', 'i')}"
    command = ["ffmpeg", "-v", "error", "-i", str(film), "-filter_complex"]
    outputs: list[str] = []
    for name, each in zip(names, renditions, strict=True):
        crop = each.crop
        graph += f";{name.replace('o', 'i')}crop={crop.width}:{crop.height}:{crop.x}:{crop.y},"
        graph += f"scale={each.size[0]}:{each.size[1]}{name}"
        outputs += [
            "-map",
            name,
            "-c:v",
            "libx264",
            *(word for key, value in HOUSE.items() for word in (f"-{key}", value)),
        ]
        outputs += ["-pix_fmt", "yuv420p", "-y", str(folder / f"ffmpeg-{name[1:-1]}.mp4")]
    began = time.perf_counter()
    subprocess.run([*command, graph, *outputs], check=True)
    return FILM_S * FPS / (time.perf_counter() - began)


def _made(folder: Path, film: Path, renditions: Sequence[Rendition]) -> float:
    """The same by the child that makes films, with all that it looks for."""
    seen = {
        "width": SIZE[0],
        "height": SIZE[1],
        "seconds": FILM_S,
        "turn": 0,
        "sound": False,
        "wide": None,
        "pictures": 0,
        "interlaced": False,
    }
    outputs = [film_intake.output(each, folder, keep_sound=False) for each in renditions]
    job = {"source": str(film), "container": "mp4", "longest_s": FILM_S, "fps": FPS, "step": "make", "seen": seen}
    job |= {"outputs": outputs, "thumbnail": str(folder / "thumbnail.jpg"), "seams": [], "looks": True}
    job["cores"] = len(os.sched_getaffinity(0))
    job |= {"limits": dict(film_intake.LIMITS.process), "idle": False}
    began = time.perf_counter()
    _child([sys.executable, "-I", str(film_intake.CHILD)], json.dumps(job).encode())
    return FILM_S * FPS / (time.perf_counter() - began)


def _child(command: list[str], job: bytes = b"") -> tuple[float, float]:
    """Processor seconds and MiB at most of a process that is given a job."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        process.stdin.write(job)
        process.stdin.close()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def _bells(folder: Path, film: Path, presses: int) -> list[Row]:
    """A press beside the making of a film as it is while screens are lit; before and after that, beside nothing."""
    with (
        lobby(folder, screens=lit(SIZE, PANEL)) as house,
        helper("barepair", house.port, "bare/hears", "bare/says") as pair,
    ):
        says(pair)
        ear = Ear(house.port, BELLS, house.person)
        cell(house, ear, 2 * BELLS)
        quiet = cell(house, ear, presses // 2, rest_s=REST_S)
        with _taken_in(house, film) as maker:
            began, spent = time.monotonic(), _processor_s(maker)
            busy = cell(house, ear, presses, rest_s=REST_S)
            share = (_processor_s(maker) - spent) / (time.monotonic() - began)
        quiet = quiet.and_also(cell(house, ear, presses // 2, rest_s=REST_S))
        ear.close()
    return [
        *_beside(quiet, busy),
        Row(name="share of a core the film took meanwhile", value=share, unit="", limit=PACE_WHILE_LIT, bar=1.2),
        Row(name="presses lost, a film being made", value=busy.lost, unit="", limit=None, bar=0),
    ]


def _beside(quiet: Times, busy: Times) -> Iterator[Row]:
    for name, before, now in (
        ("siren command", quiet.siren, busy.siren),
        ("console event", quiet.push, busy.push),
    ):
        yield Row(
            name=f"press to {name} while a film is made, p99",
            value=percentile(now, 0.99),
            unit="ms",
            limit=percentile(before, 0.99),
            bar=1.3,
        )


def _fading(folder: Path, film: Path, times: int) -> Row:
    """Frames a second of seven fading panels beside nothing and beside the making of a film, by turns."""
    quiet, busy = [], []
    with display() as screen:
        for _ in range(times):
            quiet.append(said_by("crossfade", str(folder), FADING_FRAMES, DISPLAY=screen)[0])
            with _making(folder / "making", film):
                busy.append(said_by("crossfade", str(folder), FADING_FRAMES, DISPLAY=screen)[0])
    name = "seven panels fading while a film is made"
    return Row(name=name, value=median(busy), unit="fps", limit=median(quiet), bar=0.95, at_least=True)


@contextmanager
def _taken_in(house: Lobby, film: Path) -> Iterator[psutil.Process]:
    """The controller itself makes a film, as while screens are lit, until the block ends: its child."""
    folder = DataFolder(house.data)
    order = {"order": "media-add", "file": str(film), "title": None, "surface": "screens"}
    name = folder.ask(order)["id"]

    def state() -> Any:
        (file,) = folder.ask({"order": "media-progress", "ids": [name]})["files"]
        return file

    soon(lambda: state()["share"] > 0, within_s=60)
    maker = house.maker()
    assert maker is not None
    yield maker
    assert state()["stage"] == "checking"
    maker.kill()
    soon(lambda: state()["stage"] != "checking")


def _processor_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def _making(folder: Path, film: Path) -> Iterator[None]:
    """A film is being made until the end of the block."""
    with helper("transcoding", folder, film) as maker:
        assert says(maker) == "works"
        yield
