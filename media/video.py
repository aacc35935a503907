"""Films of the house format by PyAV: decoded, scaled and turned into screen pixels in one filter graph.

House format: MP4, H.264, yuv420p BT.709, a constant number of pictures a second, a key picture every `GOP`, none that
looks ahead. So a picture's number is its time, and any picture is at most `GOP` pictures behind a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.filter import Graph
from av.video.stream import VideoStream

from media.geometry import Size
from media.programme import Film

GOP = 30
CONTAINER = "mp4"
SMALL_PIXELS = 1280 * 720


class FilmBroken(Exception):
    """The film cannot be read (any further); `number` is the picture that was expected."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(f"picture {number}: {why}")
        self.number = number


class Reel:
    """A film, wound to any of its pictures. `position` is what `read` gives next; after the last picture, the first.

    Every call may raise FilmBroken. One thread only.
    """

    def __init__(self, container: av.container.InputContainer, film: Film, size: Size) -> None:
        self._container = container
        self._film = film
        self._size = size
        self._stream = _picture_stream(container)
        self._graph: Graph | None = None
        self._decoded = self._from_key(0)
        self._held: tuple[int, av.VideoFrame] | None = None
        self.position = 0

    def wind(self, number: int) -> None:
        """Go to that picture: over its key picture, or by reading on where that is nearer."""
        if not 0 <= number - self.position <= GOP:
            self._seek(number)
        while self.position < number:
            self._next()

    def read(self) -> av.VideoFrame:
        """The picture at `position`, as it was decoded."""
        number, frame = self._next()
        if number + 1 == self._film.frames:
            self._seek(0)
        return frame

    def drawn(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The picture at the wanted size as BGRA, one plane whose rows may be padded."""
        try:
            if self._graph is None:
                self._graph = _graph(self._stream, self._size)
            self._graph.vpush(frame)
            return self._graph.vpull()
        except av.FFmpegError as error:
            raise FilmBroken(self.position, str(error)) from error

    def _seek(self, number: int) -> None:
        try:
            self._container.seek(self._pts(number), stream=self._stream, backward=True)
        except av.FFmpegError as error:
            raise FilmBroken(number, str(error)) from error
        self._decoded = self._from_key(number)
        first, frame = next(self._decoded, (-1, None))
        if frame is None or not number - GOP < first <= number:
            raise FilmBroken(number, "no key picture before it")
        self._held, self.position = (first, frame), first

    def _next(self) -> tuple[int, av.VideoFrame]:
        held, self._held = self._held, None
        number, frame = held or next(self._decoded, (-1, None))
        if frame is None or number != self.position:
            raise FilmBroken(self.position, "it ends early" if frame is None else f"picture {number} came")
        self.position = (number + 1) % self._film.frames
        return number, frame

    def _from_key(self, number: int) -> Iterator[tuple[int, av.VideoFrame]]:
        try:
            for frame in self._container.decode(self._stream):
                if frame.pts is None or frame.time_base is None or frame.is_corrupt:
                    raise FilmBroken(number, "a picture is damaged")
                number = round(frame.pts * frame.time_base * self._film.fps)
                yield number, frame
        except (av.FFmpegError, ValueError) as error:
            raise FilmBroken(number, str(error)) from error

    def _pts(self, number: int) -> int:
        assert self._stream.time_base is not None
        return round(number / self._film.fps / self._stream.time_base)


@contextmanager
def opened(path: Path, film: Film, size: Size) -> Iterator[Reel]:
    """A film of the house format while it is needed, drawn at `size`. Raises FilmBroken, for other formats too."""
    try:
        container = av.open(str(path), format=CONTAINER, metadata_errors="ignore")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise FilmBroken(0, str(error)) from error
    with container:
        yield Reel(container, film, size)


def _picture_stream(container: av.container.InputContainer) -> VideoStream:
    if not container.streams.video:
        raise FilmBroken(0, "no pictures in it")
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    if stream.width * stream.height <= SMALL_PIXELS:
        stream.codec_context.thread_count = 1
    stream.codec_context.options = {"err_detect": "explode"}
    return stream


def _graph(stream: VideoStream, size: Size) -> Graph:
    """Scaling and the change to BGRA in one pass, from a pool of buffers: fresh memory a picture costs a fifth more."""
    graph = Graph()
    source = graph.add_buffer(template=stream)
    scale = graph.add("scale", f"{size[0]}:{size[1]}:flags=bilinear")
    pixels = graph.add("format", "bgra")
    graph.link_nodes(source, scale, pixels, graph.add("buffersink")).configure()
    return graph
