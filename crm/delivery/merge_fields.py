"""Merge fields without logic: `{{ first_name | default: "friend" }}`, and nothing more.

A field is a name and an optional default. There are no loops, conditions or attributes, so text that people write can
never run anything (no template injection), and a message can be cut into segments once for all its recipients.
"""

import html
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

BRACES = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
OPENING = re.compile(r"\{(?=\{)")
EXPRESSION = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(?:\|\s*default:\s*(?:\"([^\"]*)\"|'([^']*)'|“([^”]*)”)\s*)?")
HEAD = re.compile(r"\s*([a-z][a-z0-9_]*)\s*\|\s*default:\s*([\"'“])")
CLOSING = {'"': '"', "'": "'", "”": "“"}
"""The quotes that end a default, each with the one that begins it."""

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
    match = EXPRESSION.fullmatch(_unescaped(expression))
    if match is None:
        return None
    return Field(match[1], next((group for group in match.groups()[1:] if group is not None), ""))


def pairs(text: str) -> Iterator[re.Match[str]]:
    """Return the pairs of double braces in a text, each with what stands between them as its group 1."""
    # Not beyond the last that closes: text full of braces that never do would take minutes.
    return BRACES.finditer(text, 0, _end(text))


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
    pieces, at = [], 0
    while (begin := text.find("{{", at)) >= 0 and (end := text.find("}}", begin + 2)) >= 0:
        inner = text[begin:end]
        field = _begin_of_field(inner, ours)
        # Up to the first brace of the field: the one before may make a pair with it.
        pieces += [text[at:begin], OPENING.sub("{" + JOINER, inner[: field + 1]), inner[field + 1 :], "}}"]
        at = end + 2
    return "".join([*pieces, text[at:]])


def _begin_of_field(inner: str, ours: Collection[str]) -> int:
    """Return where the first field of ours begins in what stands before braces that close; its length if nowhere.

    Each pair that opens may be the begin of it. All but the last hold other pairs, as only the text of a default can,
    so that from the last one back a piece for each says enough: reading all of it for each would take minutes.
    """
    *earlier, last = [match.start() for match in OPENING.finditer(inner)]
    field, rest = read(inner[last + 2 :]), _unescaped(inner[last + 2 :]).rstrip()
    found = last if field and field.name in ours else len(inner)
    quote = rest[-1:]
    if quote not in CLOSING or quote in rest[:-1]:
        return found
    for begin, end in reversed(list(pairwise([*earlier, last]))):
        piece = _unescaped(inner[begin + 2 : end])
        head = HEAD.match(piece)
        if head and head[1] in ours and head[2] == CLOSING[quote] and quote not in piece[head.end() :]:
            found = begin
        if quote in piece:
            break
    return found


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


def _unescaped(expression: str) -> str:
    return html.unescape(expression).replace("\xa0", " ")


def _end(text: str) -> int:
    return text.rfind("}}") + 2 if "}}" in text else 0
