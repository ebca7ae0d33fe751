"""Finds text on a page that is in another language than the page says, and not marked as such."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

import html5lib

from crm.base.translations import placeholders

NAMESPACE = "{http://www.w3.org/1999/xhtml}"
SPOKEN = ("aria-label", "alt", "title", "placeholder", "data-copied", "data-cancel", "data-confirm")
SILENT = {"script", "style", "template"}
# Common in English, and no words of Spanish.
STOP_WORDS = set(
    re.findall(
        r"\w+",
        "the your you and please with to of this that is are was we our us for from not it or if by be will can what "
        "when which where who how has have more than then there them they in on at do does",
    )
)


def texts(html: str) -> Iterator[str]:
    """Yield what a reader sees or hears on the page, without parts that carry a language of their own."""
    root = html5lib.parse(html)
    found = root if root.tag == f"{NAMESPACE}html" else root.find(f".//{NAMESPACE}html")
    yield from _texts_in(found, found.get("lang"))


def english_in(text: str, sources: Iterable[str]) -> list[str]:
    """Return the English found in a text: pieces of the catalog's sources, and runs with three stop words."""
    plain = " ".join(text.split())
    found = [piece for piece in _pieces(tuple(sources)) if piece in plain]
    for run in re.findall(r"[\x20-\x7e]+", plain):
        if sum(word in STOP_WORDS for word in re.findall(r"[a-z]+", run.lower())) >= 3:
            found.append(run)
    return found


@cache
def _pieces(sources: tuple[str, ...]) -> frozenset[str]:
    return frozenset(piece for source in sources for piece in pieces_of(source))


def pieces_of(source: str) -> list[str]:
    """Return what stands between the placeholders of a source, where that is two words or more."""
    cut = re.split(r"%\(\w+\)[sd]", source)
    return [piece.strip() for piece in cut if len(re.findall(r"[A-Za-z]{2,}", piece)) >= 2]


def unwrapped(text: str, data: Iterable[str]) -> str:
    """Return the letters of a text of a pseudo-translated page that are neither translated nor among the data."""
    while (inner := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = inner
    for known in sorted(data, key=len, reverse=True):
        text = text.replace(known, "")
    text = re.sub(r"\S+@\S+|https?://\S+|/\S+|\d{3}-[0-9a-f]{12}|\{\{ ?\w+ ?\}\}", "", text)
    return " ".join(re.findall(r"[^\W\d_]{2,}", text))


def formats(text: str) -> list[str]:
    """Return the placeholders of a text with their formats, sorted."""
    assert {name.split(")")[0] for name in text.split("%(")[1:]} <= placeholders(text)
    return sorted(re.findall(r"%\(\w+\)[sd]", text))


def _texts_in(element, language: str) -> Iterator[str]:
    if not isinstance(element.tag, str) or element.tag.removeprefix(NAMESPACE) in SILENT:
        return
    if element.get("lang", language) != language:
        return
    yield from (element.get(name, "") for name in SPOKEN)
    yield element.text or ""
    for child in element:
        yield from _texts_in(child, language)
        yield child.tail or ""
