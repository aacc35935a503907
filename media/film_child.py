"""The process that opens strangers' films: limits itself, looks or decodes once, writes what it is asked for.

Started as a file (`python -I film_child.py`), so it imports nothing of this program. One JSON job on standard input;
JSON lines on standard output: `{"done": n, "of": n}` while it works, then `{"result": …}` or `{"refused": code, …}`.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer, OutputContainer
    from av.filter import Graph
    from av.video.stream import VideoStream
    from PIL import Image

MAX_SIDE = 4096
MAX_PIXELS = 9_000_000
MIN_SIDE = 64
SHORTEST_S = 1
THUMBNAIL = 384
NICE = 10
TOLD_EVERY = 10
HDR = (16, 18)  # SMPTE ST 2084 and ARIB STD-B67, by ITU-T H.273
BT709 = 1
TV_RANGE = 1
# x264 needs about this many bits for a pixel of a busy picture at quality 20; the cap holds a hostile one down.
MOST_BITS_A_PIXEL = 0.12
HOUSE = {"preset": "veryfast", "crf": "20", "g": "30", "keyint_min": "30", "sc_threshold": "0", "bf": "0"}


class Refused(Exception):
    """Not taken; the code is explained as `media.<code>`."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def main() -> None:
    """Do the one job."""
    job = json.load(sys.stdin)
    _limit(job["limits"])
    os.nice(NICE)
    try:
        _tell({"result": _look(job) if job["step"] == "look" else _make(job)})
    except Refused as refused:
        _tell({"refused": refused.code, "params": {key: str(value) for key, value in refused.params.items()}})
    except MemoryError:
        _tell({"refused": "too-heavy", "params": {}})


def _limit(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


def _tell(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _look(job: dict[str, Any]) -> dict[str, Any]:
    """What the film is, by its header and its first picture; nothing beyond that is decoded."""
    with _opened(job) as container:
        stream = _pictures(container)
        _refuse_size(stream)
        seconds = _seconds(container, stream)
        if seconds > job["longest_s"]:
            raise Refused("film-too-long", longest=job["longest_s"])
        if seconds < SHORTEST_S:
            raise Refused("film-too-short")
        first = next(_decoded(container, stream), None)
        if first is None:
            raise Refused("broken")
        if first.color_trc in HDR:
            raise Refused("film-hdr")
        turn = round(first.rotation / 90) % 4
        width, height = _upright(stream, turn)
        return {"width": width, "height": height, "seconds": seconds, "turn": turn}


def _opened(job: dict[str, Any]) -> InputContainer:
    """The container named in the job and no other: a list of other files called .mp4 is not followed."""
    import av

    options = {"protocol_whitelist": "file"}
    try:
        container: InputContainer = av.open(
            job["source"], format=job["container"], options=options, metadata_errors="ignore"
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise Refused("broken") from error
    return container


def _pictures(container: InputContainer) -> VideoStream:
    for stream in container.streams.video:
        if not int(stream.disposition) & 0x0400:  # an attached cover is no film
            stream.thread_type = "NONE"
            stream.codec_context.thread_count = 1
            return stream
    raise Refused("film-without-pictures")


def _refuse_size(stream: VideoStream) -> None:
    width, height = stream.width, stream.height
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise Refused("film-too-many-pixels", width=width, height=height)
    if min(width, height) < MIN_SIDE:
        raise Refused("too-small", width=width, height=height)


def _seconds(container: InputContainer, stream: VideoStream) -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if container.duration:
        return container.duration / 1_000_000
    raise Refused("film-without-end")


def _upright(stream: VideoStream, turn: int) -> tuple[int, int]:
    """The size as it is seen: pixels that are not square made so, turned as the camera says."""
    shape = stream.sample_aspect_ratio or Fraction(1)
    width = round(stream.width * shape) if Fraction(1, 4) < shape < 4 else stream.width
    return (stream.height, width) if turn % 2 else (width, stream.height)


def _decoded(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    import av

    number = 0
    try:
        for frame in container.decode(stream):
            number += 1
            yield frame
    except (av.FFmpegError, ValueError) as error:
        seconds = number / float(stream.average_rate or 30)
        raise Refused("film-broken", second=round(seconds)) from error


def _make(job: dict[str, Any]) -> dict[str, Any]:
    """The renditions and the thumbnail, by decoding the film once."""
    seen = job["seen"]
    expected = max(1, round(seen["seconds"] * job["fps"]))
    outputs = [_Output(each, job["fps"]) for each in job["outputs"]]
    # The encoders' threads run already; from here on nothing that a film does can start another process or thread.
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    with _opened(job) as container:
        stream = _pictures(container)
        _refuse_size(stream)
        for output in outputs:
            output.connect(stream, seen)
        for frame in _decoded(container, stream):
            for output in outputs:
                output.take(frame)
            if outputs[0].count > job["longest_s"] * job["fps"] + job["fps"]:
                raise Refused("film-too-long", longest=job["longest_s"])
            if outputs[0].news():
                _tell({"done": min(outputs[0].count, expected), "of": expected})
        for output in outputs:
            output.finish()
    if outputs[0].count < 0.9 * expected:
        raise Refused("film-broken", second=round(outputs[0].count / job["fps"]))
    _thumbnail(outputs[0].path, outputs[0].count // 2, job)
    return {"frames": min(output.count for output in outputs)}


@dataclass(frozen=True, slots=True)
class _Shape:
    crop: tuple[int, int]
    size: tuple[int, int]


class _Output:
    """One rendition on its way into its file."""

    def __init__(self, job: dict[str, Any], fps: int) -> None:
        import av

        self.path = job["file"]
        self.count = 0
        self._told = 0
        self._fps = fps
        self._shape = _Shape(tuple(job["crop"]), tuple(job["size"]))
        self._container: OutputContainer = av.open(self.path, "w", format="mp4", options={"movflags": "+faststart"})
        self._stream = self._encoder()
        self._graph: Graph | None = None

    def _encoder(self) -> VideoStream:
        """Opened at once, so that its threads are there before any byte of the film is read."""
        width, height = self._shape.size
        most = round(width * height * self._fps * MOST_BITS_A_PIXEL)
        options = {**HOUSE, "maxrate": str(most), "bufsize": str(2 * most)}
        stream = self._container.add_stream("libx264", rate=self._fps, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.time_base = Fraction(1, self._fps)
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = TV_RANGE
        context.open()
        return stream

    def connect(self, source: VideoStream, seen: dict[str, Any]) -> None:
        """From the film's pictures to this one's: constant rate, upright, cropped, scaled, one kind of colours."""
        from av.filter import Graph

        graph = Graph()
        graph.threads = 1
        width, height = (seen["height"], seen["width"]) if seen["turn"] % 2 else (seen["width"], seen["height"])
        nodes = [
            graph.add_buffer(template=source),
            graph.add("setpts", "PTS-STARTPTS"),
            graph.add("fps", str(self._fps)),
        ]
        if (width, height) != (source.width, source.height):
            nodes.append(graph.add("scale", f"{width}:{height}"))
        # FFmpeg counts a turn anticlockwise, `transpose` names its directions: 2 anticlockwise, 1 clockwise.
        nodes += [graph.add("transpose", way) for way in {1: ("2",), 2: ("1", "1"), 3: ("1",)}.get(seen["turn"], ())]
        nodes += [
            graph.add("crop", f"{self._shape.crop[0]}:{self._shape.crop[1]}"),
            graph.add("scale", f"{self._shape.size[0]}:{self._shape.size[1]}:out_color_matrix=bt709:out_range=tv"),
            graph.add("setsar", "1"),
            graph.add("format", "yuv420p"),
            graph.add("buffersink"),
        ]
        graph.link_nodes(*nodes).configure()
        self._graph = graph

    def take(self, frame: VideoFrame) -> None:
        """One picture of the film."""
        assert self._graph is not None
        self._graph.vpush(frame)
        self._encode()

    def finish(self) -> None:
        """The film has ended."""
        assert self._graph is not None
        self._graph.vpush(None)
        self._encode()
        self._container.mux(self._stream.encode())
        self._container.close()

    def news(self) -> bool:
        """True now and then."""
        if self.count - self._told < TOLD_EVERY:
            return False
        self._told = self.count
        return True

    def _encode(self) -> None:
        import av

        assert self._graph is not None
        while True:
            try:
                picture = self._graph.vpull()
            except (av.BlockingIOError, av.EOFError):
                return
            picture.pts, picture.time_base = self.count, Fraction(1, self._fps)
            picture.pict_type = 0
            self._container.mux(self._stream.encode(picture))
            self.count += 1


def _thumbnail(path: str, number: int, job: dict[str, Any]) -> None:
    """The middle of the first rendition, small; on one thread, as there may be no other."""
    import av
    from av.filter import Graph

    with av.open(path, format="mp4") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        assert stream.time_base is not None
        container.seek(round(number / job["fps"] / stream.time_base), stream=stream)
        frame = next(container.decode(stream))
        scale = THUMBNAIL / max(frame.width, frame.height)
        width, height = max(2, round(frame.width * scale)), max(2, round(frame.height * scale))
        graph = Graph()
        graph.threads = 1
        nodes = graph.add("scale", f"{width}:{height}"), graph.add("format", "rgb24"), graph.add("buffersink")
        graph.link_nodes(graph.add_buffer(template=stream), *nodes).configure()
        graph.vpush(frame)
        small: Image.Image = graph.vpull().to_image()  # type: ignore[no-untyped-call] # PyAV's own types lack it
        small.save(job["thumbnail"], "JPEG", quality=85)


if __name__ == "__main__":
    main()
