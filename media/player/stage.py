"""What is on the glass: draws a frame into the window, only where it differs from what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from media.geometry import Rect, Size, Window
from media.player import scenes as scenery
from media.player.films import Showing
from media.player.mixing import Grounds
from media.player.painter import Brush, Pixels, black, pixels_of
from media.player.pictures import Key, Pictures
from media.player.standby import card
from media.programme import Live, PanelFrame, Shot

WHOLE = 255
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Layer:
    """A still, one picture of a film, or a live scene at a moment, which has no picture until it is drawn."""

    sha: str
    number: int
    picture: Pixels | None = field(compare=False)
    live: Live | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class _Look:
    """How one panel looks: a picture, a mixture in 255ths, a wipe in columns, dark, or the standby card."""

    kind: str
    shows: _Layer | None = None
    next: _Layer | None = None
    share: int = 0
    from_right: bool = False
    mostly: bool = False
    exclusive: bool = field(default=False, compare=False)

    @property
    def mixes(self) -> bool:
        """Whether it is on the way to another one."""
        return self.kind in {"fade", "wipe"}

    @property
    def alive(self) -> frozenset[str]:
        """The live scenes in it."""
        return frozenset(layer.sha for layer in (self.shows, self.next) if layer is not None and layer.live is not None)


OFF, STANDBY = _Look("off"), _Look("standby")


class Stage:
    """The window's panels. `show` draws and says what has to be presented."""

    def __init__(self, brush: Brush, window: Window, pictures: Pictures, words: Sequence[str] = ()) -> None:
        self._brush = brush
        self._window = window
        self._pictures = pictures
        self._words = words
        self._cards: dict[Size, Pixels] = {}
        self._blacks: dict[Size, Pixels] = {}
        self._grounds = Grounds(brush, pictures)
        self._looks: dict[str, _Look] = {}
        self._alive: dict[str, Live] = {}

    @property
    def window(self) -> Window:
        """Where everything lies."""
        return self._window

    def show(self, frames: Mapping[str, PanelFrame | None]) -> dict[str, Sequence[Rect]]:
        """Draw what changed: the boxes to present. A picture that is not ready leaves its panel alone."""
        changed: dict[str, Sequence[Rect]] = {}
        for panel, box in self._window.panels.items():
            look = self._look(panel, frames.get(panel), box.size)
            if look == self._looks.get(panel):
                self._looks[panel] = look
            elif (drawn := self._draw(panel, look, box)) is not None:
                self._looks[panel] = look
                changed[panel] = drawn
        return changed

    def glass(self) -> dict[str, str | None]:
        """Panel → hash of the picture that is wholly or mostly on it; None where there is none."""
        tops = {panel: look.next if look.mostly else look.shows for panel, look in self._looks.items()}
        return {panel: None if top is None else top.sha for panel, top in tops.items()}

    def want(self, coming: Iterable[Mapping[str, PanelFrame | None]], *, calm: bool = True) -> None:
        """Have ready what these frames show, each at the size at which it is drawn; the nearest come first.

        `calm`: nothing changes now or soon, so there is time for what takes long.
        """
        coming = tuple(coming)
        stills: dict[Key, None] = {}
        films: dict[Showing, None] = {}
        scenes: dict[scenery.Showing, datetime] = {}
        for panel, frame in (pair for frames in coming for pair in frames.items()):
            box = self._window.panels.get(panel)
            if box is None:
                continue
            for sha, shot in _layers(frame):
                if shot is None:
                    stills[sha, box.size] = None
                elif isinstance(shot, Shot):
                    films[Showing.of(sha, box.size, shot)] = None
                else:
                    scene = scenery.Showing.of(sha, box.size, shot, panel)
                    scenes[scene] = min(shot.at, scenes.get(scene, shot.at))
        self._pictures.want(list(stills))
        self._pictures.films.want(list(films))
        self._pictures.scenes.want(scenes, calm=calm)
        self._anticipate(_next_changes(coming))

    def ready(self, frames: Mapping[str, PanelFrame | None]) -> bool:
        """Whether everything in these frames could be drawn now."""
        sized = ((frame, self._window.panels[panel].size) for panel, frame in frames.items() if frame is not None)
        return all(self._layer(sha, shot, size) is not None for frame, size in sized for sha, shot in _layers(frame))

    def _look(self, panel: str, frame: PanelFrame | None, size: Size) -> _Look:
        if frame is None:
            return OFF
        before = self._looks.get(panel, OFF)
        held = before if before != OFF and before.exclusive == frame.exclusive else STANDBY
        if frame.shows is None and frame.next is None:
            return held
        shows, upcoming = self._layer(frame.shows, frame.shot, size), self._layer(frame.next, frame.next_shot, size)
        if frame.shows and shows is None:
            return held
        if frame.shows is None and upcoming is None:
            return before
        kind, whole = ("wipe", size[0]) if frame.change == "wipe" else ("fade", WHOLE)
        share = 0 if frame.next and upcoming is None else round(whole * frame.alpha)
        if share == 0:
            return _Look("picture", shows, exclusive=frame.exclusive)
        mostly = upcoming is not None and 2 * share > whole
        return _Look(kind, shows, upcoming, share, frame.from_right, mostly, frame.exclusive)

    def _layer(self, sha: str | None, shot: Shot | Live | None, size: Size) -> _Layer | None:
        """What is ready of it to be drawn; None where nothing is."""
        if sha is None:
            return None
        if shot is None:
            still = self._pictures.get(sha, size)
            return None if still is None else _Layer(sha, 0, still)
        if isinstance(shot, Live):
            ready = self._pictures.scenes.ready(sha, size, shot)
            return _Layer(sha, (shot.at - EPOCH) // MICROSECOND, None, shot) if ready else None
        found = self._pictures.films.picture(sha, size, shot)
        return None if found is None else _Layer(sha, found.number, found.pixels)

    def _anticipate(self, changes: Mapping[str, PanelFrame]) -> None:
        """Draw the picture with which a live scene will begin to appear, a panel at a time: all at once takes long."""
        now = {(panel, sha) for panel, look in self._looks.items() if look.mixes for sha in look.alive}
        soon = {(panel, sha) for panel, frame in changes.items() for sha, shot in _layers(frame) if _lives(shot)}
        self._grounds.keep(now | soon)
        for panel, frame in changes.items():
            look, asset, live = self._looks.get(panel, OFF), frame.next, frame.next_shot
            if asset is None or not isinstance(live, Live) or asset in look.alive:
                continue
            size = self._window.panels[panel].size
            ready = self._pictures.scenes.ready(asset, size, live)
            if ready and self._grounds.anticipate(panel, asset, size, live):
                return

    def _draw(self, panel: str, look: _Look, box: Rect) -> Sequence[Rect] | None:
        """The boxes that changed; None where a live scene failed, which gives way with the next frame."""
        since = self._alive.pop(panel, None)
        if look.kind == "standby":
            self._brush.place(self._card(box.size), box)
            return (box,)
        if look.kind == "picture" and look.shows is not None and look.shows.live is not None:
            drawn = self._paint(panel, look.shows.sha, look.shows.live, box, since)
            if drawn is not None:
                self._alive[panel] = look.shows.live
            return drawn
        if since is not None:
            for asset in self._looks[panel].alive & look.alive:
                self._grounds.begin(panel, asset, box, since)
        wipes = look.kind == "wipe"
        first = self._pixels(panel, look.shows, box.size, opaque=not wipes and look.mostly)
        second = self._pixels(panel, look.next, box.size, opaque=not wipes and not look.mostly)
        if first is None or second is None:
            return None
        if look.kind == "fade" and look.mostly:
            self._brush.mix(second, first, WHOLE - look.share, box)
        elif look.kind == "fade":
            self._brush.mix(first, second, look.share, box)
        elif look.kind == "wipe" and look.from_right:
            self._brush.wipe(first, second, box.width - look.share, box)
        elif look.kind == "wipe":
            self._brush.wipe(second, first, look.share, box)
        else:
            self._brush.place(first, box)
        return (box,)

    def _paint(self, panel: str, asset: str, live: Live, box: Rect, since: Live | None) -> Sequence[Rect] | None:
        """A live scene alone, which goes on where it stands or comes from its ground."""
        if since is None and (panel, asset) in self._grounds:
            return self._grounds.end(panel, asset, box, live)
        scenes = self._pictures.scenes
        return self._brush.paint(box, lambda ground, place: scenes.draw(ground, place, asset, live, since=since))

    def _pixels(self, panel: str, layer: _Layer | None, size: Size, *, opaque: bool) -> Pixels | None:
        """A layer's picture, dark where there is none; None where a live scene failed."""
        if layer is None:
            if size not in self._blacks:
                self._blacks[size] = black(size)
            return self._blacks[size]
        if layer.live is None:
            return layer.picture
        return self._grounds.mixed(panel, layer.sha, size, layer.live, opaque=opaque)

    def _card(self, size: Size) -> Pixels:
        if size not in self._cards:
            self._cards[size] = pixels_of(card(size, self._words))
        return self._cards[size]


def _layers(frame: PanelFrame | None) -> Iterable[tuple[str, Shot | Live | None]]:
    if frame is not None:
        pairs = (frame.shows, frame.shot), (frame.next, frame.next_shot)
        yield from ((sha, shot) for sha, shot in pairs if sha is not None)


def _lives(shot: Shot | Live | None) -> bool:
    return isinstance(shot, Live)


def _next_changes(coming: Iterable[Mapping[str, PanelFrame | None]]) -> dict[str, PanelFrame]:
    """The first frame of each panel in which something turns into something else."""
    found: dict[str, PanelFrame] = {}
    for panel, frame in (pair for frames in coming for pair in frames.items()):
        if frame is not None and (frame.next is not None or frame.alpha):
            found.setdefault(panel, frame)
    return found
