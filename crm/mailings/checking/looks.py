"""Reads the HTML of a mail as a reader sees it: which letters stand in which colors, how large, and what links show."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from crm.mailings.legibility import Color

NAMES: dict[str, Color] = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "navy": (0, 0, 128),
}
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
UNSEEN = frozenset({"head", "style", "script", "title", "template"})
HEX = re.compile(r"#([0-9a-f]{3,8})\b")
RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)")
SIZE = re.compile(r"([\d.]+)\s*(px|pt|em|rem|%)")
BASE_PX = 16.0


@dataclass(frozen=True)
class Look:
    """How letters look: color and what is behind them (None: a picture, or not known), size in pixels, weight."""

    color: Color = (0, 0, 0)
    behind: Color | None = (255, 255, 255)
    size: float = BASE_PX
    bold: bool = False
    seen: bool = True


@dataclass
class Seen:
    """What a reader sees: runs of letters with their looks, links as (address, words), and how many pictures."""

    letters: list[tuple[str, Look]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    pictures: int = 0


def read(page: str) -> Seen:
    """Return what a reader sees of a page whose styles stand in its elements."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.seen


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen = Seen()
        self._open: list[tuple[str, Look]] = [("", Look())]
        self._link: list[str] | None = None
        self._href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "img" and self._open[-1][1].seen:
            self.seen.pictures += 1
        if tag not in VOID:
            self._open.append((tag, _styled(self._open[-1][1], tag, given)))
        if tag == "a":
            self._link, self._href = [], given.get("href", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link is not None:
            self.seen.links.append((self._href, " ".join("".join(self._link).split())))
            self._link = None
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        look = self._open[-1][1]
        if not look.seen or not data.strip():
            return
        self.seen.letters.append((" ".join(data.split()), look))
        if self._link is not None:
            self._link.append(data)


def _styled(above: Look, tag: str, given: dict[str, str]) -> Look:
    pairs = (part.partition(":") for part in given.get("style", "").lower().split(";"))
    style = {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}
    size = _size(style.get("font-size", ""), above.size)
    hidden = tag in UNSEEN or style.get("display") == "none" or style.get("max-height") in ("0", "0px") or size < 2
    weight = style.get("font-weight", "bold" if tag in ("b", "strong", "h1", "h2", "h3", "h4", "th") else "")
    bold = above.bold if not weight else weight in ("bold", "bolder") or (weight.isdigit() and int(weight) >= 700)
    color = _color(style.get("color", "")) or above.color
    return Look(color, _behind(above, style, given), size, bold, above.seen and not hidden)


def _behind(above: Look, style: dict[str, str], given: dict[str, str]) -> Color | None:
    told = " ".join(style.get(name, "") for name in ("background", "background-color", "background-image"))
    if "url(" in told or "gradient(" in told or given.get("background"):
        return None
    return _color(told) or _color(given.get("bgcolor", "").lower()) or above.behind


def _color(text: str) -> Color | None:
    if found := HEX.search(text):
        digits = found[1] if len(found[1]) >= 6 else "".join(digit * 2 for digit in found[1])
        return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    if found := RGB.search(text):
        red, green, blue = (min(255, int(part)) for part in found.groups())
        return red, green, blue
    return next((NAMES[word] for word in text.split() if word in NAMES), None)


def _size(text: str, above: float) -> float:
    found = SIZE.fullmatch(text)
    if not found or not found[1].strip("."):
        return 0.0 if text == "0" else above
    number = float(found[1].strip("."))
    return number * {"px": 1.0, "pt": 4 / 3, "em": above, "rem": BASE_PX, "%": above / 100}[found[2]]
