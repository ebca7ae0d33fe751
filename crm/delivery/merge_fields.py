"""Merge fields without logic: `{{ first_name | default: "friend" }}`, and nothing more.

A field is a name and an optional default. There are no loops, conditions or attributes, so text that people write can
never run anything (no template injection), and a message can be cut into segments once for all its recipients.
"""

import html
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

BRACES = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
EXPRESSION = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(?:\|\s*default:\s*(?:\"([^\"]*)\"|'([^']*)'|“([^”]*)”)\s*)?")

# Stands between two braces that are text: a sign without width (U+2060).
JOINER = "\u2060"

# Made for each delivery by the sender itself, from the message's list and the delivery's contact.
LINK_FIELDS = ("unsubscribe_url", "preferences_url")

# What tells a page of ours to whom this copy went; made by the sender too, and only for links that ask for it.
KNOWN_BY = "known_by"


class BadField(ValueError):
    """Something in double braces that is no merge field."""


@dataclass(frozen=True, slots=True)
class Field:
    """One merge field of a text."""

    name: str
    default: str = ""

    def value(self, values: Mapping[str, str]) -> str:
        """Return the field's text for one recipient; an empty value takes the default."""
        return values.get(self.name) or self.default


def split(text: str) -> list[str | Field]:
    """Cut a text into plain strings and fields, in their order. Raises BadField."""
    pieces: list[str | Field] = []
    end = 0
    for match in pairs(text):
        field = read(match[1])
        if field is None:
            raise BadField(f'{match[0]} is not a merge field like {{{{ first_name | default: "friend" }}}}')
        pieces += [text[end : match.start()], field]
        end = match.end()
    return [piece for piece in [*pieces, text[end:]] if piece != ""]


def read(expression: str) -> Field | None:
    """Return the field between a pair of braces, or None if it is not one. HTML may have escaped the quotes."""
    match = EXPRESSION.fullmatch(html.unescape(expression).replace("\xa0", " "))
    if match is None:
        return None
    return Field(match[1], next((group for group in match.groups()[1:] if group is not None), ""))


def pairs(text: str, at: int = 0) -> Iterator[re.Match[str]]:
    """Return the pairs of double braces in a text, from there on, each with what stands between them as its group 1."""
    # Not beyond the last that closes: text full of braces that never do would take minutes.
    return BRACES.finditer(text, at, _end(text))


def sub(by: str | Callable[[re.Match[str]], str], text: str) -> str:
    """Return the text with each pair of double braces replaced."""
    end = _end(text)
    return BRACES.sub(by, text[:end]) + text[end:]


def names(text: str) -> set[str]:
    """Return the names of the fields in a text."""
    return {field.name for _, field in found(text) if field}


def without_others(text: str, ours: Collection[str]) -> str:
    """Return the text in which double braces are merge fields of these names, and look the same but are text else.

    For what people have typed: it must neither hold a letter back for a field that has no value nor take one.
    """
    at, kept, pieces = 0, 0, []
    while match := next(pairs(text, at), None):
        one, at = read(match[1]), match.end()
        if one is None or one.name not in ours:
            at = match.start() + 1  # The second brace may begin another pair.
            pieces += [text[kept:at], JOINER]
            kept = at
    return "".join([*pieces, text[kept:]])


def unresolved(text: str, known: Collection[str]) -> list[str]:
    """Return what stands in double braces in the text, as typed, and is not one of the known fields.

    A brace pair that never closes counts too. The sender's own link fields are always known.
    """
    allowed = {*known, *LINK_FIELDS}
    wrong = [typed for typed, field in found(text) if field is None or field.name not in allowed]
    rest = sub("", text)
    return wrong + [rest[at : at + 20] for at in (rest.find("{{"), rest.find("}}")) if at >= 0]


def found(text: str) -> Iterator[tuple[str, Field | None]]:
    for match in pairs(text):
        yield match[0], read(match[1])


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its fields filled in and nothing escaped: for previews in plain text and for subjects."""
    return "".join(piece if isinstance(piece, str) else piece.value(values) for piece in split(text))


def plain(text: str) -> str:
    """Return a text with the defaults of its fields, or as it was typed where one cannot be read."""
    try:
        return fill(text, {}).strip()
    except BadField:
        return text


def _end(text: str) -> int:
    return text.rfind("}}") + 2 if "}}" in text else 0
