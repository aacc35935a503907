"""Help pages: a small part of Markdown (headings, paragraphs, lists, tables, bold, links between pages), by us."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import groupby

from markupsafe import Markup, escape

PAGES = (
    "bell",
    "dark",
    "extend",
    "morning",
    "special-day",
    "holidays",
    "screen",
    "notices",
    "media",
    "upload",
    "checks",
    "playlists",
    "scenes",
    "maintenance",
    "people",
    "restart",
    "kept",
    "install",
    "displays",
    "in-step",
    "words",
)
"""In the order of the list; each is `help/<language>/<page>.md`."""

_TAGGED = {
    "h1": Markup("<h1>{}</h1>"),
    "h2": Markup("<h2>{}</h2>"),
    "h3": Markup("<h3>{}</h3>"),
    "p": Markup("<p>{}</p>"),
    "ol": Markup("<ol>{}</ol>"),
    "ul": Markup("<ul>{}</ul>"),
    "li": Markup("<li>{}</li>"),
    "table": Markup("<table><thead>{}</thead><tbody>{}</tbody></table>"),
    "tr": Markup("<tr>{}</tr>"),
    "th": Markup('<th scope="{}">{}</th>'),
    "td": Markup("<td>{}</td>"),
}
_NUMBERED = re.compile(r"\d+\. ")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(r"\[(.+?)\]\((/help/[a-z-]+|/)\)")


def titles(language: str) -> list[tuple[str, str]]:
    """Every page with its title."""
    return [(page, _text(page, language).partition("\n")[0].removeprefix("# ").strip()) for page in PAGES]


@cache
def read(page: str, language: str) -> Markup | None:
    """A page as markup; None where there is no such page."""
    return render(_text(page, language)) if page in PAGES else None


def render(text: str) -> Markup:
    """The markup of a text. Everything else in it is text, never markup."""
    return Markup("\n").join(_blocks(text))


def _blocks(text: str) -> Iterator[Markup]:
    for kind, lines in groupby(text.splitlines(), key=_kind):
        if kind == "ol":
            yield _list("ol", [_NUMBERED.sub("", line, count=1) for line in lines])
        elif kind == "ul":
            yield _list("ul", [line[2:] for line in lines])
        elif kind == "table":
            yield _table([_cells(line) for line in lines])
        elif kind == "p":
            yield _TAGGED["p"].format(_inline(" ".join(lines)))
        elif kind.startswith("h"):
            for line in lines:
                yield _TAGGED[kind].format(_inline(line.lstrip("# ")))


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    if line.startswith("#"):
        return f"h{min(3, len(line) - len(line.lstrip('#')))}"
    if _NUMBERED.match(line):
        return "ol"
    if line.startswith("|"):
        return "table"
    return "ul" if line.startswith("- ") else "p"


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _table(rows: list[list[str]]) -> Markup:
    """The first row are the heads of the columns, the first cell of each other row is its own head."""
    heads = Markup("").join(_TAGGED["th"].format("col", _inline(cell)) for cell in rows[0])
    lines = (
        _TAGGED["th"].format("row", _inline(first))
        + Markup("").join(_TAGGED["td"].format(_inline(cell)) for cell in rest)
        for first, *rest in rows[1:]
    )
    return _TAGGED["table"].format(_TAGGED["tr"].format(heads), Markup("").join(map(_TAGGED["tr"].format, lines)))


def _list(kind: str, items: list[str]) -> Markup:
    return _TAGGED[kind].format(Markup("").join(_TAGGED["li"].format(_inline(item)) for item in items))


def _inline(text: str) -> Markup:
    safe = str(escape(text))
    safe = _BOLD.sub(r"<strong>\1</strong>", safe)
    # The text is escaped above; only our own two patterns put markup back.
    return Markup(_LINK.sub(r'<a href="\2">\1</a>', safe))  # noqa: S704


def _text(page: str, language: str) -> str:
    return files("lobby.web").joinpath("help", language, f"{page}.md").read_text(encoding="utf-8")
