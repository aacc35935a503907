"""The process that opens strangers' films: limits itself, looks or decodes once, writes what it is asked for.

Started as a file (`python -I film_child.py`) with a job as `media.child` reads it; of this program it imports the
checks of the content only, and libraries that decode only behind its limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from media.child import Refused, alone, main, out_of_room, tell

if TYPE_CHECKING:
    from av import AudioFrame, AudioResampler, VideoFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.filter import Graph
    from av.video.stream import VideoStream
    from PIL import Image

    from media.glances import Glances

MAX_SIDE = 8192
MAX_PIXELS = 18_000_000
FITTING = (3840, 2160)
MIN_SIDE = 64
SHORTEST_S = 1
THUMBNAIL = 384
TOLD_EVERY = 10
HDR = (16, 18)  # SMPTE ST 2084 and ARIB STD-B67, by ITU-T H.273
WIDE = {9: "bt2020", 11: "smpte431", 12: "smpte432"}  # colour primaries, by ITU-T H.273
BT709 = 1
TV_RANGE = 1
HD_HEIGHT = 720
MOST_THREADS = 4
DECODERS = 2
SOUND_RATE = 48_000
# x264 needs about this many bits for a pixel of a busy picture at quality 20; the cap holds a hostile one down.
MOST_BITS_A_PIXEL = 0.12
HOUSE = {"preset": "veryfast", "crf": "20", "g": "30", "keyint_min": "30", "sc_threshold": "0", "bf": "0"}


def work(job: dict[str, Any]) -> dict[str, Any]:
    """The step that the job names."""
    return _look(job) if job["step"] == "look" else _make(job)


def _look(job: dict[str, Any]) -> dict[str, Any]:
    """What the film is, by its header and its first picture; nothing beyond that is decoded."""
    import av

    pictures = _gif_pictures(job["source"]) if job["container"] == "gif" else 0
    with _opened(job) as container:
        stream = _pictures(container)
        _refuse_size(stream)
        seconds = _seconds(container, stream)
        first = next(_decoded(container, stream, None), None)
        if seconds is None:
            seconds = _counted(job)
        if seconds > job["longest_s"]:
            raise Refused("film-too-long", longest=job["longest_s"], seconds=round(seconds))
        if seconds < SHORTEST_S:
            raise Refused("film-too-short")
        if not isinstance(first, av.VideoFrame):
            raise Refused("broken")
        if first.color_trc in HDR:
            raise Refused("film-hdr")
        turn = round(first.rotation / 90) % 4
        width, height = _upright(stream, turn)
        sound = bool(container.streams.audio)
        wide = WIDE.get(int(first.color_primaries or 0))
        film = {"width": width, "height": height, "seconds": seconds, "turn": turn, "sound": sound, "wide": wide}
        return {**film, "pictures": pictures, "interlaced": first.interlaced_frame}


def _gif_pictures(source: str) -> int:
    """A GIF is taken whole or not at all."""
    from media.gif import pictures_in

    try:
        with open(source, "rb") as file:
            return pictures_in(file)
    except ValueError as error:
        raise Refused("broken") from error


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


def _decode_beside(stream: VideoStream, threads: int) -> None:
    """Open the decoder now, with threads of its own: decoding beside the encoders keeps two cores busy."""
    import av

    stream.thread_type = "FRAME"
    stream.codec_context.thread_count = threads
    try:
        stream.codec_context.open()
    except (av.FFmpegError, ValueError) as error:
        raise Refused("broken") from error


def _refuse_size(stream: VideoStream) -> None:
    width, height = stream.width, stream.height
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        widest, highest = FITTING if width >= height else FITTING[::-1]
        raise Refused("film-too-many-pixels", width=width, height=height, widest=widest, highest=highest)
    if min(width, height) < MIN_SIDE:
        raise Refused("too-small", width=width, height=height)


def _seconds(container: InputContainer, stream: VideoStream) -> float | None:
    """How long the film says it is; None where it does not."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / 1_000_000 if container.duration else None


def _counted(job: dict[str, Any]) -> float:
    """How long it is by the times of its packets, as browsers and GIFs leave the length out."""
    import av

    last = 0.0
    with _opened(job) as container:
        stream = _pictures(container)
        try:
            for packet in container.demux(stream):
                if packet.pts is not None and stream.time_base is not None:
                    last = max(last, float((packet.pts + (packet.duration or 0)) * stream.time_base))
                if last > job["longest_s"]:
                    break
        except av.FFmpegError as error:
            raise Refused("film-broken", second=round(last)) from error
    if not last:
        raise Refused("film-without-end")
    return last


def _upright(stream: VideoStream, turn: int) -> tuple[int, int]:
    """The size as it is seen: pixels that are not square made so, turned as the camera says."""
    shape = stream.sample_aspect_ratio or Fraction(1)
    width = round(stream.width * shape) if Fraction(1, 4) < shape < 4 else stream.width
    return (stream.height, width) if turn % 2 else (width, stream.height)


def _decoded(
    container: InputContainer, stream: VideoStream, sound: AudioStream | None
) -> Iterator[VideoFrame | AudioFrame]:
    """Pictures, and the sound's pieces among them, as they lie in the film."""
    import av

    number = 0
    try:
        for frame in container.decode(stream, sound) if sound is not None else container.decode(stream):
            number += isinstance(frame, av.VideoFrame)
            if isinstance(frame, av.VideoFrame | av.AudioFrame):
                yield frame
    except (av.FFmpegError, ValueError) as error:
        raise Refused("film-broken", second=round(number / float(stream.average_rate or 30))) from error


def _make(job: dict[str, Any]) -> dict[str, Any]:
    """The renditions by decoding the film once; in the pass that `looks` the thumbnail and the checks as well."""
    from media.glances import Glances

    seen, fps = job["seen"], job["fps"]
    expected = max(1, round(seen["seconds"] * fps))
    size = seen["width"], seen["height"]
    with ExitStack() as stack:
        threads = min(job["cores"], MOST_THREADS if len(job["outputs"]) < MOST_THREADS else 2)
        outputs = [stack.enter_context(_Output(each, fps, threads)) for each in job["outputs"]]
        glances = Glances(size, fps, job["seams"]) if job["looks"] else None
        container = stack.enter_context(_opened(job))
        stream = _pictures(container)
        _refuse_size(stream)
        _decode_beside(stream, min(DECODERS, job["cores"]))
        # All threads run already, and the header is the one that was looked at; from here on nothing that a film does
        # can start another one.
        alone()
        film = _Film(outputs, glances, job, expected)
        film.play(container, stream)
    if film.count < 0.9 * expected or film.came < seen["pictures"]:
        raise Refused("film-broken", second=round(film.count / fps))
    if glances is None:
        return {"frames": film.count, "checks": []}
    film.thumbnail().save(job["thumbnail"], "JPEG", quality=85)
    converted = [{"code": "colours-converted", "severity": "warn", "params": {"colours": seen["wide"]}}]
    return {"frames": film.count, "checks": [*(converted if seen["wide"] else []), *glances.checks()]}


class _Film:
    """One pass over a film: each picture upright at the house's rate, given to the outputs and to those who look."""

    def __init__(self, outputs: list[_Output], glances: Glances | None, job: dict[str, Any], expected: int) -> None:
        self.count = 0
        self.came = 0
        self._outputs = outputs
        self._glances = glances
        self._job = job
        self._expected = expected
        self._middle: VideoFrame | None = None

    def play(self, container: InputContainer, stream: VideoStream) -> None:
        """From the first picture to the last."""
        import av

        graph = _base(stream, self._job["seen"], self._job["fps"])
        loud = [output for output in self._outputs if output.sounds]
        sound = container.streams.audio[0] if loud and container.streams.audio else None
        for frame in _decoded(container, stream, sound):
            if isinstance(frame, av.AudioFrame):
                for output in loud:
                    output.hear(frame, _late(frame, stream))
            else:
                self.came += 1
                self._through(graph, frame)
        self._through(graph, None)
        for output in self._outputs:
            output.finish()

    def thumbnail(self) -> Image.Image:
        """The middle of the film, small; of one that flashes a picture in which that is seen."""
        from av.filter import Graph

        frame = (self._glances.flashing if self._glances is not None else None) or self._middle
        assert frame is not None
        scale = THUMBNAIL / max(frame.width, frame.height)
        width, height = max(2, round(frame.width * scale)), max(2, round(frame.height * scale))
        graph = Graph()
        graph.threads = 1
        nodes = graph.add("scale", f"{width}:{height}"), graph.add("format", "rgb24"), graph.add("buffersink")
        graph.link_nodes(_buffer(graph, frame), *nodes).configure()
        graph.vpush(frame)
        small: Image.Image = graph.vpull().to_image()  # type: ignore[no-untyped-call] # PyAV's own types lack it
        return small

    def _through(self, graph: Graph, frame: VideoFrame | None) -> None:
        import av

        try:
            graph.vpush(frame)
            while True:
                self._take(graph.vpull())
        except (av.BlockingIOError, av.EOFError):
            return
        except (av.FFmpegError, ValueError) as error:
            if out_of_room(error):
                raise Refused("no-room") from error
            raise Refused("film-odd-format") from error

    def _take(self, picture: VideoFrame) -> None:
        fps = self._job["fps"]
        if self._middle is None or self.count == self._expected // 2:
            self._middle = picture
        if self._glances is not None:
            self._glances.see(picture, self.count)
        picture.pts, picture.time_base = self.count, Fraction(1, fps)
        for output in self._outputs:
            output.take(picture)
        self.count += 1
        if self.count > (self._job["longest_s"] + 1) * fps:
            raise Refused("film-too-long", longest=self._job["longest_s"])
        if self.count % TOLD_EVERY == 0:
            tell({"done": min(self.count, self._expected), "of": self._expected})


def _base(source: VideoStream, seen: dict[str, Any], fps: int) -> Graph:
    """From the film's pictures to upright ones at a constant rate in one kind of pixels and of colours."""
    from av.filter import Graph

    graph = Graph()
    graph.threads = 1
    width, height = (seen["height"], seen["width"]) if seen["turn"] % 2 else (seen["width"], seen["height"])
    nodes = [graph.add_buffer(template=source), graph.add("setpts", "PTS-STARTPTS")]
    if seen["interlaced"]:
        nodes.append(graph.add("bwdif", "mode=send_frame:deint=interlaced"))
    nodes.append(graph.add("fps", str(fps)))
    if seen["wide"]:
        space = "bt2020ncl" if seen["wide"] == "bt2020" else "bt709"
        given = f"iprimaries={seen['wide']}:itrc=bt709:ispace={space}"
        nodes += [
            graph.add("format", "yuv420p|yuv420p10"),
            graph.add("colorspace", f"all=bt709:{given}:format=yuv420p"),
        ]
    if (width, height) != (source.width, source.height):
        nodes.append(graph.add("scale", f"{width}:{height}"))
    # FFmpeg counts a turn anticlockwise, `transpose` names its directions: 2 anticlockwise, 1 clockwise.
    nodes += [graph.add("transpose", way) for way in {1: ("2",), 2: ("1", "1"), 3: ("1",)}.get(seen["turn"], ())]
    nodes += [graph.add("setsar", "1"), graph.add("format", "yuv420p"), graph.add("buffersink")]
    graph.link_nodes(*nodes).configure()
    return graph


def _late(frame: AudioFrame, pictures: VideoStream) -> float:
    """How many seconds behind the first picture a piece of sound begins."""
    if frame.time is None or pictures.start_time is None or pictures.time_base is None:
        return 0.0
    return frame.time - float(pictures.start_time * pictures.time_base)


def _buffer(graph: Graph, frame: VideoFrame) -> Any:
    """Where pictures like this one enter a graph."""
    return graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 30))


class _Output:
    """One rendition on its way into its file."""

    def __init__(self, job: dict[str, Any], fps: int, threads: int) -> None:
        import av

        self.sounds = bool(job["sound"])
        self._fps = fps
        self._crop = tuple(job["crop"])
        self._size = tuple(job["size"])
        self._container: OutputContainer = av.open(job["file"], "w", format="mp4", options={"movflags": "+faststart"})
        self._stream = self._encoder(threads)
        self._sound = self._sound_encoder() if self.sounds else None
        self._resampler: AudioResampler | None = None
        self._graph: Graph | None = None
        self._taken = 0
        self._heard = 0

    def __enter__(self) -> _Output:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def take(self, picture: VideoFrame) -> None:
        """One upright picture of the film."""
        if self._graph is None:
            self._graph = self._connected(picture)
        self._graph.vpush(picture)
        part = self._graph.vpull()
        part.pts, part.time_base, part.pict_type = self._taken, Fraction(1, self._fps), 0
        self._taken += 1
        self._container.mux(self._stream.encode(part))

    def hear(self, frame: AudioFrame, late_s: float) -> None:
        """A piece of the film's sound, so many seconds behind the first picture."""
        import av

        assert self._sound is not None
        if self._resampler is None:
            size = self._sound.codec_context.frame_size
            self._resampler = av.AudioResampler("fltp", "stereo", SOUND_RATE, frame_size=size)
            self._heard = max(0, round(late_s * SOUND_RATE))
        frame.pts = None
        self._sound_on(self._resampler.resample(frame))

    def finish(self) -> None:
        """The film has ended."""
        self._container.mux(self._stream.encode())
        if self._sound is not None:
            if self._resampler is not None:
                self._sound_on(self._resampler.resample(None))
            self._container.mux(self._sound.encode())

    def _sound_on(self, pieces: Iterable[AudioFrame]) -> None:
        """Goes on without a gap from where the first piece began."""
        assert self._sound is not None
        for piece in pieces:
            piece.pts, piece.time_base = self._heard, Fraction(1, SOUND_RATE)
            self._heard += piece.samples
            self._container.mux(self._sound.encode(piece))

    def _encoder(self, threads: int) -> VideoStream:
        """Opened at once, so that its threads are there before any byte of the film is read."""
        width, height = self._size
        most = round(width * height * self._fps * MOST_BITS_A_PIXEL)
        options = {**HOUSE, "maxrate": str(most), "bufsize": str(2 * most), "threads": str(threads)}
        stream = self._container.add_stream("libx264", rate=self._fps, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        # PyAV asks for slices: then x264 cuts each picture for its threads and waits for all of them.
        context.thread_type = "FRAME"
        context.time_base = Fraction(1, self._fps)
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = TV_RANGE
        context.open()
        return stream

    def _sound_encoder(self) -> AudioStream:
        stream = self._container.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        stream.codec_context.open()
        return stream

    def _connected(self, picture: VideoFrame) -> Graph:
        """From an upright picture to this part of it: cropped, scaled, in the colours of BT.709."""
        from av.filter import Graph

        graph = Graph()
        graph.threads = 1
        x, y, width, height = self._crop
        given = ":in_color_matrix=bt709" if picture.colorspace == 2 and picture.height >= HD_HEIGHT else ""
        nodes = [
            _buffer(graph, picture),
            graph.add("crop", f"{width}:{height}:{x}:{y}"),
            graph.add("scale", f"{self._size[0]}:{self._size[1]}{given}:out_color_matrix=bt709:out_range=tv"),
            graph.add("format", "yuv420p"),
            graph.add("buffersink"),
        ]
        graph.link_nodes(*nodes).configure()
        return graph


if __name__ == "__main__":
    main(work)
