"""What each asset needs on the walls as they hang now: what of it is stale, and what stands in for it meanwhile."""

from __future__ import annotations

from lobby.core.destinations import Meant, meant_for, sizes_of_name
from lobby.core.playlists import Playlists
from lobby.core.records import SAMPLES_BY, Records
from lobby.core.site import Site
from media.assets import Asset
from media.geometry import Part, whole
from media.renewal import Needs, lent, needs_of


class Fitting:
    """Judges assets by the site, and by where their records say that they are meant to hang."""

    def __init__(self, site: Site, playlists: Playlists, records: Records) -> None:
        self._site = site
        self._playlists = playlists
        self._records = records
        self._known: dict[tuple[str | None, str | None], Needs] = {}

    def meant(self, asset: Asset) -> Meant:
        """Where it may hang, and what it needs there; samples hang wherever playlists name them."""
        record = self._records.of(asset.id)
        if record is None:
            return meant_for(self._site, None, None)
        if record.by == SAMPLES_BY and asset.name is not None:
            sizes = sizes_of_name(self._site, self._playlists.all(), asset.name)
            return Meant(sizes=sizes, rows={}, sound=False)
        return meant_for(self._site, record.panel, record.surface)

    def stale(self, asset: Asset) -> tuple[Part, ...]:
        """What of it is missing, or was made for another wall or by another recipe."""
        return self._needs(asset).stale(asset)

    def unsaid(self, asset: Asset) -> bool:
        """True when all that is there may be right, but does not say how it was made."""
        return self._needs(asset).unsaid(asset)

    def lent(self, asset: Asset) -> Asset:
        """The asset with what stands in for sizes that are not made yet, where it is meant to hang."""
        parts = self._needs(asset).parts
        return lent(asset, [part.size for part in parts if part == whole(part.size)])

    def showable(self) -> frozenset[str]:
        """The names of all renditions that some panel of the site can show."""
        return frozenset(part.name for part in self._needs_at(None, None).parts)

    def _needs(self, asset: Asset) -> Needs:
        record = self._records.of(asset.id)
        if record is None:
            return self._needs_at(None, None)
        if record.by == SAMPLES_BY:
            return needs_of(self.meant(asset).sizes, {})
        return self._needs_at(record.panel, record.surface)

    def _needs_at(self, panel: str | None, surface: str | None) -> Needs:
        """Reckoned once: the site does not change while the lobby runs."""
        if (panel, surface) not in self._known:
            meant = meant_for(self._site, panel, surface)
            self._known[panel, surface] = needs_of(meant.sizes, meant.rows)
        return self._known[panel, surface]
