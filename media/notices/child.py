"""The process that sets notices: one JSON job on standard input, PNG files, one JSON word on standard output.

The job names the surfaces' panels, the texts and the tone; the word says, page by page, how small the smallest text
came out in millimetres. What cannot be set is a refusal with a code of `media.notice.<code>`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from media.child import limit
from media.geometry import PanelPlace
from media.notices.fitting import GLYPH_SHARE
from media.notices.layout import DoesNotFit, Page, box_density, laid_out, pages
from media.notices.painting import NoFonts, NoSuchSign, painted, refuse_unknown_signs, width
from media.notices.texts import Tone, text_of


def main() -> None:
    """Do the one job."""
    job = json.load(sys.stdin)
    limit(job["limits"])
    try:
        _tell({"result": _set(job)})
    except DoesNotFit as error:
        _tell({"refused": "notice.too-long", "params": {"language": error.language}})
    except NoSuchSign as error:
        _tell({"refused": "notice.no-such-sign", "params": {"sign": error.sign}})
    except NoFonts:
        _tell({"refused": "notice.no-fonts", "params": {}})
    except MemoryError:
        _tell({"refused": "too-heavy", "params": {}})


def _tell(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _set(job: dict[str, Any]) -> dict[str, Any]:
    """Every wanted page of every surface; `only` asks for one page at a smaller scale."""
    texts = [text_of(document) for document in job["texts"]]
    for text in texts:
        refuse_unknown_signs(text.mark + text.headline + text.body, text.language)
    tone, folder, told = Tone(job["tone"]), Path(job["folder"]), {}
    for name, documents in job["surfaces"].items():
        panels, reading = [_panel(document) for document in documents], float(job["reading_mm"][name])
        found, laid = pages(panels, texts, width, reading), laid_out(panels)
        wanted = range(len(found)) if job.get("only") is None else [min(int(job["only"]), len(found) - 1)]
        files = []
        for number in wanted:
            file = folder / f"{name}-{number}.{job['ending']}"
            picture = painted(laid, found[number], tone, scale=float(job["scale"]))
            picture.save(file, **_writing(job["ending"]))
            files.append(file.name)
        told[name] = {"files": files, "pages": len(found), "least_mm": _least_mm(panels, found)}
    return told


def _writing(ending: str) -> dict[str, Any]:
    return {"quality": 88, "subsampling": 0} if ending == "jpg" else {"compress_level": 1}


def _panel(document: dict[str, Any]) -> PanelPlace:
    return PanelPlace(
        id=str(document["id"]),
        pixels=(int(document["pixels"][0]), int(document["pixels"][1])),
        at_mm=(int(document["at_mm"][0]), int(document["at_mm"][1])),
        size_mm=(int(document["size_mm"][0]), int(document["size_mm"][1])),
        fold_deg=int(document["fold_deg"]),
    )


def _least_mm(panels: list[PanelPlace], found: tuple[Page, ...]) -> float:
    """The height of the smallest sign that is set, also in the small words below a text."""
    density = {panel.id: box_density(panel) for panel in panels}
    heights = [
        min(
            block.fitted.size,
            block.fitted.body_size if block.fitted.body else block.fitted.size,
            block.foot if block.foot_lines else block.fitted.size,
        )
        * GLYPH_SHARE[block.text.language]
        / density[panel]
        for page in found
        for panel, blocks in page.blocks.items()
        for block in blocks
    ]
    return round(min(heights), 1)


if __name__ == "__main__":
    main()
