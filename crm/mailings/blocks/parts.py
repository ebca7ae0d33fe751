"""Basic blocks as safe pieces of HTML: sections of one or two columns, each a list of parts.

What stands in a part is escaped or sanitized, save that merge fields are still in it.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.base.locales import lang_of
from crm.mailings import markup
from crm.mailings.blocks import checking
from crm.mailings.blocks.kinds import HOLDER
from crm.mailings.pictures import keeping
from crm.mailings.pictures.models import MailingPicture

Block = dict[str, Any]
PAGE, HALF = 576, 276  # pixels: the width of the text, and of each of two columns


@dataclass(frozen=True)
class Part:
    """A piece of a column: prose, a button, an image or a divider; `text` is the HTML that its text part is made of."""

    kind: str
    html: str = ""
    text: str = ""
    url: str = ""
    src: str = ""
    width: int = 0


@dataclass
class Section:
    """Columns that stand side by side where there is room."""

    columns: list[list[Part]] = field(default_factory=list)


class Cutter:
    """Cuts the blocks of one text; `body` collects links, faults and images without a description."""

    def __init__(self, body: markup.Body, rewrite: markup.Rewrite, pictures: Mapping[str, MailingPicture]) -> None:
        self.body, self.rewrite, self.pictures = body, rewrite, pictures

    def sections(self, blocks: Sequence[Block]) -> list[Section]:
        """Return the sections: each pair of columns is one, and so is what stands before, between and after them."""
        found: list[Section] = []
        row: list[Block] = []
        for block in blocks:
            if block["kind"] != HOLDER:
                row.append(block)
                continue
            found += self._single(row)
            row = []
            found.append(Section([self._column(column, HALF) for column in block["columns"]]))
        return found + self._single(row)

    def _single(self, row: list[Block]) -> list[Section]:
        return [Section([self._column(row, PAGE)])] if row else []

    def _column(self, blocks: Sequence[Block], width: int) -> list[Part]:
        parts: list[Part] = []
        for part in (part for block in blocks for part in self._part(block, width)):
            if part.kind == "prose" and parts and parts[-1].kind == "prose":
                last = parts.pop()
                part = Part("prose", last.html + part.html, last.text + part.text)
            parts.append(part)
        return parts

    def _part(self, block: Block, width: int) -> Iterator[Part]:
        cut = {"image": self._image, "button": self._button, "divider": self._divider, "bar": self._bar}
        if block["kind"] in cut:
            yield from cut[block["kind"]](block, width)
        elif prose := self._prose(block):
            yield Part("prose", prose, prose)

    def _prose(self, block: Block) -> str:
        if block["kind"] == "text":
            return markup.rich(block["html"], self.body, self.rewrite)
        words = html.escape(block["text"])
        if block["kind"] == "heading":
            tag = "h1" if block["level"] == "1" else "h2"
            return f"<{tag}>{words}</{tag}>" if words else ""
        by = f'<p class="by">{html.escape(block["by"])}</p>' if block["by"] else ""
        return f"<blockquote><p>{'<br>'.join(words.splitlines())}</p>{by}</blockquote>" if words else ""

    def _button(self, block: Block, _width: int) -> Iterator[Part]:
        words, url = html.escape(block["text"]), self._link(block["url"])
        if words and url:
            yield Part("button", words, f'<p><a href="{url}">{words}</a></p>', url)

    def _image(self, block: Block, width: int) -> Iterator[Part]:
        picture = self.pictures.get(block["picture"])
        if picture is None:
            return
        alt = "" if block["decorative"] else html.escape(block["alt"])
        self.body.images_without_alt += not alt and not block["decorative"]
        url = self._link(block["url"])
        text = f'<p><a href="{url}">{alt}</a></p>' if url else f"<p>{alt}</p>"
        src = html.escape(keeping.url(picture, small=width == HALF))
        yield Part("image", alt, text if alt or url else "", url, src, min(width, picture.width))

    def _divider(self, _block: Block, _width: int) -> Iterator[Part]:
        yield Part("divider", text="<p>* * *</p>")

    def _bar(self, block: Block, _width: int) -> Iterator[Part]:
        done, target = block["done"], max(1, block["target"])
        reached = min(100, max(done * 100 // target, 1 if done else 0))
        marks = lang_of(block["lang"]) if block["lang"] else ""
        words = f'<p class="count"><bdi{marks}>{html.escape(block["label"])}</bdi></p>'
        note = f'<p class="small">{html.escape(block["text"])}</p>' if block["text"] else ""
        cells = [f'<td class="{name}" width="{part}%"></td>' for name, part in _cells(reached)]
        row = f"<tr>{''.join(cells)}</tr>"
        line = f'<table role="presentation" class="bar" width="100%" cellpadding="0" cellspacing="0">{row}</table>'
        yield Part("prose", words + line + note, words + note)

    def _link(self, url: str) -> str:
        """Return the address as it stands in the HTML, "" for none or for what checking.faults tells of."""
        if not url or checking.url_fault(url):
            return ""
        return html.escape(self.body.leads(url, self.rewrite))


def _cells(reached: int) -> list[tuple[str, int]]:
    return [(name, part) for name, part in (("done", reached), ("rest", 100 - reached)) if part]
