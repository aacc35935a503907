"""Which renditions of an asset are missing or were made otherwise, and what stands in for them meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log

from media import film_intake
from media.assets import Asset
from media.geometry import PanelPlace, Part, Size, size_name, whole
from media.intake import parts_of
from media.making import marks

BETWEEN = ":"
"""In the names of slices, never in those of sizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What assets for some panels consist of, and by kind and name how each part is made now."""

    parts: tuple[Part, ...]
    marks: Mapping[str, Mapping[str, str]]

    def stale(self, asset: Asset) -> tuple[Part, ...]:
        """What of it has to be made (again); nothing for a live scene."""
        if asset.kind == "scene":
            return ()
        return tuple(part for part in self._of(asset) if not self._current(asset, part))

    def unsaid(self, asset: Asset) -> bool:
        """True when nothing but the marks of a picture is missing: nobody knows by which recipe it was made."""
        stale = self.stale(asset)
        return asset.kind == "image" and all(
            part.name in asset.renditions and part.name not in asset.made for part in stale
        )

    def _of(self, asset: Asset) -> Iterable[Part]:
        """A film has slices where it was cut once, or where its shape is about the wall's."""
        if asset.kind != "video":
            return self.parts
        film, across = (asset.width, asset.height), is_cut(asset)
        return [part for part in self.parts if film_intake.wanted(film_intake.rendition(film, part), across=across)]

    def _current(self, asset: Asset, part: Part) -> bool:
        """Without a mark only the whole of a film is right: slices of films lie two rows too high, of pictures, which
        may be of any recipe and any wall before marks were kept, nothing is known.
        """
        if part.name not in asset.renditions:
            return False
        made = asset.made.get(part.name)
        if made is None:
            return asset.kind == "video" and part == whole(part.size)
        return made == self.marks[asset.kind][part.name]


def needs_of(sizes: Collection[Size], walls: Mapping[str, Sequence[PanelPlace]]) -> Needs:
    """What pictures of these sizes and across these walls need."""
    parts = parts_of(sizes, walls)
    return Needs(parts=tuple(parts), marks={kind: marks(parts, kind) for kind in ("image", "video")})


def is_cut(asset: Asset) -> bool:
    """Whether it has pictures for panels' parts of a wall."""
    return any(BETWEEN in name for name in asset.renditions)


def lent(asset: Asset, sizes: Iterable[Size]) -> Asset:
    """The asset with the nearest of its pictures at sizes that are not made yet: players draw it larger or smaller."""
    missing = [size for size in sizes if size_name(size) not in asset.renditions]
    kept = {name: _size_of(name) for name in asset.renditions if BETWEEN not in name}
    if not missing or not kept:
        return asset
    nearest = {size_name(size): asset.renditions[_nearest(kept, size)] for size in missing}
    return replace(asset, renditions={**asset.renditions, **nearest})


def without(asset: Asset, names: Collection[str]) -> Asset:
    """The asset with nothing but the renditions of those names."""
    return replace(
        asset,
        renditions={name: sha for name, sha in asset.renditions.items() if name in names},
        made={name: each for name, each in asset.made.items() if name in names},
        cut_percent={name: each for name, each in asset.cut_percent.items() if name in names},
        enlarged={name: each for name, each in asset.enlarged.items() if name in names},
    )


def _nearest(kept: Mapping[str, Size], size: Size) -> str:
    """The name of the one nearest in shape, of those the largest."""
    shape = log(size[0] / size[1])
    return min(kept, key=lambda name: (round(abs(log(kept[name][0] / kept[name][1]) - shape), 2), -kept[name][0]))


def _size_of(name: str) -> Size:
    width, _, height = name.partition("x")
    return int(width), int(height)
