"""What a page says to readers of a language: its title, its description, and its blocks as HTML of the web."""

import html
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from crm.base.locales import LANGUAGES, best, lang_of
from crm.delivery import merge_fields
from crm.mailings import markup
from crm.mailings.blocks import checking, telling
from crm.mailings.blocks.parts import Cutter, Part
from crm.mailings.pictures import keeping
from crm.site.pages.models import SitePage

Block = dict[str, Any]
EMPTY: dict[str, Any] = {"title": "", "description": "", "blocks": []}


@dataclass(frozen=True)
class Said:
    """A page in one language: `sections` are rows of one or two columns; `image` is the address of its first picture.

    `others` are the other languages that it comes in, `signed` the name below a story that was published so.
    """

    title: str
    description: str
    language: str
    sections: Sequence[Sequence[Markup]]
    image: str
    others: Sequence[str]
    signed: str = ""


def said(content: Mapping[str, Any], language: str, main: str) -> Said:
    """Return the page for readers of that language: in theirs, else in its main one."""
    code = best(content, language, main) or main
    text = content.get(code, EMPTY)
    found = telling.basic(text["blocks"], code, [])
    pictures = keeping.named(checking.pictures_in(found))
    cutter = _WebCutter(markup.Body(), lambda url: url, pictures)
    rows = [[_joined(column) for column in section.columns] for section in cutter.sections(found)]
    others = [one for one in LANGUAGES if one in content and one != code]
    first = next((address_of(pictures[one]) for one in _in_order(found) if one in pictures), "")
    return Said(text["title"], text["description"], code, rows, first, others, text.get("signed", ""))


def published(page: SitePage) -> dict[str, Any]:
    """Return what the public reads once the page is published as it is now, with the name that a story may show."""
    signed = {"signed": page.signed} if page.signed else {}
    return {code: {**deepcopy(text), **signed} for code, text in page.content.items()}


def is_published(page: SitePage) -> bool:
    """Tell whether the public reads the page as staff see it."""
    return page.shown is not None and page.shown == published(page)


def titles(content: Mapping[str, Any]) -> dict[str, str]:
    """Return the titles by language."""
    return {code: text["title"] for code, text in content.items()}


def title_of(page: SitePage) -> str:
    """Return the title as staff know the page."""
    return page.content.get(page.language, EMPTY)["title"] or "Page without a title"


def faults(content: Mapping[str, Any]) -> list[str]:
    """Return what has to be mended before the page can be published, in sentences."""
    found = []
    for code, text in content.items():
        said_of = f"{LANGUAGES[code]}: " if len(content) > 1 else ""
        if not text["title"]:
            found.append(f"{said_of}The page has no title.")
        found += [f"{said_of}{fault}" for fault in checking.faults(text["blocks"])]
        if fields := [field for block, _ in checking.placed(text["blocks"]) for field in _fields_in(block)]:
            found.append(f"{said_of}{fields[0]} is a merge field of mailings; nobody is known here. Write it out.")
    return found


def address_of(picture: Any) -> str:
    """Return the path of a picture on our own site."""
    return f"/pictures/{keeping.file_of(picture)}"


def _fields_in(block: Block) -> Iterator[str]:
    for value in block.values():
        if isinstance(value, str) and (match := next(merge_fields.pairs(value), None)):
            yield match[0]


def _in_order(blocks: Sequence[Block]) -> Iterator[str]:
    return (block["picture"] for block, _ in checking.placed(list(blocks)) if block.get("picture"))


def _joined(parts: Sequence[Part]) -> Markup:
    # Parts are escaped or sanitized by the cutter.
    return Markup("".join(part.html for part in parts))  # noqa: S704


class _WebCutter(Cutter):
    """Cuts blocks for a page of the web: below its own h1, with pictures that keep their room while they load."""

    def _prose(self, block: Block) -> str:
        if block["kind"] == "heading":
            level, words = ("h2" if block["level"] == "1" else "h3"), html.escape(block["text"])
            return f"<{level}>{words}</{level}>" if words else ""
        return super()._prose(block)

    def _button(self, block: Block, width: int) -> Iterator[Part]:
        for part in super()._button(block, width):
            yield Part("prose", f'<p><a class="btn btn-secondary" href="{part.url}">{part.html}</a></p>')

    def _divider(self, _block: Block, _width: int) -> Iterator[Part]:
        yield Part("prose", "<hr>")

    def _image(self, block: Block, _width: int) -> Iterator[Part]:
        picture = self.pictures.get(block["picture"])
        if picture is None:
            return
        alt = "" if block["decorative"] else html.escape(block["alt"])
        size = f'width="{picture.width}" height="{picture.height}"'
        shown = f'<img src="{address_of(picture)}" {size} alt="{alt}" loading="lazy">'
        if url := self._link(block["url"]):
            shown = f'<a href="{url}">{shown}</a>'
        yield Part("prose", f"<figure>{shown}</figure>")

    def _bar(self, block: Block, _width: int) -> Iterator[Part]:
        done, target = int(block["done"]), max(1, int(block["target"]))
        label, text = html.escape(block["label"]), html.escape(block["text"])
        marks = lang_of(block["lang"]) if block["lang"] else ""
        bar = f'<progress class="goal-bar" max="{target}" value="{min(done, target)}" aria-label="{label}"></progress>'
        yield Part("prose", f'<div class="goal"><p><bdi{marks}>{label}</bdi></p>{bar}<p class="quiet">{text}</p></div>')
