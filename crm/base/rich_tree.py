"""Rich text as a tree of plain values, for what is set without a browser.

It is read from the safe HTML that pages show (rich_text), so that nothing stands in it that does not stand there.
"""

import re
from html.parser import HTMLParser
from typing import Any

from crm.base import rich_text

Node = dict[str, Any]
DEEPEST = 12  # elements within each other; what lies deeper stands with the one that holds it
ALONE = frozenset({"br", "hr"})  # have no end
BLOCKS = frozenset({"p", "ul", "ol", "blockquote", "pre", "table", "h2", "h3", "h4", "hr"})
HOLD_NO_TEXT = frozenset({"", "ul", "ol", "blockquote", "table", "thead", "tbody", "tr"})
LONGEST_LINK = 2000  # characters
LONGEST_WORD, STEP = 30, 15  # characters
PLACE_TO_BREAK = "\u200b"
_long_word = re.compile(rf"\S{{{LONGEST_WORD},}}")


def tree(typed: str) -> list[Node | str]:
    """Return the elements of a text: a node holds `tag` and `kids`, a link `href` too, a numbered list `start`."""
    builder = _Builder()
    builder.feed(str(rich_text.html(typed)))
    builder.close()
    kids: list[Node | str] = builder.open[0]["kids"]
    return kids


def breakable(text: str) -> str:
    """Return the text with places in words that no line holds at which they may be broken."""
    return _long_word.sub(lambda word: PLACE_TO_BREAK.join(_pieces(word[0])), text)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[Node] = [{"tag": "", "kids": []}]
        self.passed: list[str] = []  # that are too deep, and are closed before others

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node: Node = {"tag": tag, "kids": []}
        given = dict(attrs)
        if tag == "a":
            href = given.get("href") or ""
            node["href"] = href if len(href) <= LONGEST_LINK else ""
        if tag == "ol":
            start = given.get("start") or "1"
            node["start"] = int(start) if start.isdecimal() else 1
        if tag in ALONE:
            self.open[-1]["kids"].append(node)
        elif len(self.open) > DEEPEST:
            self.passed.append(tag)
        else:
            self.open[-1]["kids"].append(node)
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in ALONE:
            return
        if self.passed:
            self.passed.pop()
        elif len(self.open) > 1:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        inside = self.open[-1]
        verbatim = any(node["tag"] == "pre" for node in self.open)
        text = data if verbatim else re.sub(r"\s+", " ", data)
        last = inside["kids"][-1] if inside["kids"] else {"tag": "li"}
        before = last["tag"] if isinstance(last, dict) else ""
        if before == "br":
            text = text.lstrip()
        between = inside["tag"] in HOLD_NO_TEXT or before in BLOCKS or before == "li"
        if text.strip() or (text and not between):
            inside["kids"].append(breakable(text))


def _pieces(word: str) -> list[str]:
    return [word[at : at + STEP] for at in range(0, len(word), STEP)]
