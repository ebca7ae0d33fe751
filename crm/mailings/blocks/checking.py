"""Blocks as they come from a form or a file: cleaned before they are kept, and looked at before they are sent."""

import html
import re
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crm.base.block_kinds import BlockField, blocks
from crm.base.words import one_line
from crm.delivery import merge_fields
from crm.mailings import fields, markup
from crm.mailings.blocks.kinds import HOLDER
from crm.mailings.pictures import keeping

Block = dict[str, Any]
MOST_BLOCKS = 200
MOST_RAW = 10_000_000  # characters that are cleaned at all; what Word pastes is many times longer than what it says
MOST_CHARACTERS = markup.MAX_CHARACTERS
LONGEST_LINE = 500
SIDES = ("left", "right")
OWN_ID = re.compile(r"[a-z0-9]{8}")
TO_WRITE = re.compile(r"\[[^\[\]]{1,200}…\]")
"""What a starter leaves to be written: [words that end so…]."""
YES = ("1", "on", "true", "y", "yes")
HOST = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?([/?#]\S*)?")
MAILBOX = re.compile(r"[^\s@/:]+@[\w-]+(\.[\w-]+)+")


class BadBlocks(ValueError):
    """What was given cannot be kept as blocks; the message says what to do."""


@dataclass(frozen=True)
class Fault:
    """Why a block cannot be sent as it is: its id, the name of the field, and what to do in a sentence."""

    block: str
    field: str
    text: str

    def __str__(self) -> str:
        return self.text


def cleaned(given: Any) -> list[Block]:
    """Return the blocks as they are kept: known kinds and fields alone, sanitized, each with an id of its own.

    What is missing or wrong in them stays, for faults() to tell. Raises BadBlocks for what is no list of known blocks,
    or is too much of it.
    """
    _check_shape(given)
    taken: set[str] = set()
    found = [_cleaned_block(block, taken) for block in given]
    if (size := sum(_size(block) for block, _ in _walk(found))) > MOST_CHARACTERS:
        raise BadBlocks(f"The text has {size:,} characters. A mailing can have {MOST_CHARACTERS:,}. Shorten it.")
    return found


def faults(given: list[Block]) -> list[Fault]:
    """Return what has to be mended in cleaned blocks before they can be sent, in their order."""
    known = keeping.named(pictures_in(given))
    return [fault for block, place in placed(given) for fault in _faults_of(block, place, known)]


def pictures_in(given: list[Block]) -> set[str]:
    """Return the public ids of the pictures that the blocks show."""
    return {block["picture"] for block, _ in placed(given) if block.get("picture")}


def placed(given: list[Block]) -> Iterator[tuple[Block, str]]:
    """Return each block that is no holder with its place in words, e.g. `Block 3, left 1`."""
    for number, block in enumerate(given, 1):
        if block["kind"] != HOLDER:
            yield block, f"Block {number}"
            continue
        for side, column in zip(SIDES, block["columns"], strict=True):
            for within, inner in enumerate(column, 1):
                yield inner, f"Block {number}, {side} {within}"


def url_fault(value: str) -> str:
    """Return what is wrong with an address that a block leads to, "" for nothing; `value` is not empty."""
    found = merge_fields.read(value[2:-2]) if value.startswith("{{") and value.endswith("}}") else None
    if found and found.name in fields.LINKS:
        return ""
    if "{{" in value:
        return f"“{value[:80]}” cannot be a link. Only a link field can, and only as the whole link."
    if len(value) > markup.LONGEST_URL:
        return f"The link “{value[:80]}…” is over {markup.LONGEST_URL:,} characters long."
    return "" if markup.scheme_of(value) in markup.SCHEMES else f"“{value[:80]}” is no full web address (https://…)."


def _check_shape(given: Any) -> None:
    if not isinstance(given, list):
        raise BadBlocks("This is no list of blocks.")
    number = raw = 0
    for block, inside in _walk(given):
        if not isinstance(block, dict):
            raise BadBlocks("Something here is no block.")
        kind = block.get("kind")
        if not isinstance(kind, str) or kind not in blocks:
            raise BadBlocks(f"There is no kind of block named “{str(kind)[:40]}”.")
        if inside and kind == HOLDER:
            raise BadBlocks("Columns cannot stand inside of columns.")
        number += 1
        raw += _size(block)
    if number > MOST_BLOCKS:
        raise BadBlocks(f"There are {number} blocks. A mailing can have {MOST_BLOCKS}. Remove some.")
    if raw > MOST_RAW:
        raise BadBlocks(f"The text has {raw:,} characters. A mailing can have {MOST_CHARACTERS:,}. Shorten it.")


def _walk(given: list[Any], inside: bool = False) -> Iterator[tuple[Any, bool]]:
    for block in given:
        yield block, inside
        if not inside and isinstance(block, dict) and block.get("kind") == HOLDER:
            for column in _columns(block):
                yield from _walk(column, inside=True)


def _columns(block: Block) -> list[list[Any]]:
    found = block.get("columns")
    pair = found if isinstance(found, list) and len(found) == len(SIDES) else [[] for _ in SIDES]
    if not all(isinstance(column, list) for column in pair):
        raise BadBlocks("A column is no list of blocks.")
    return pair


def _size(block: Block) -> int:
    return sum(len(value) for name, value in block.items() if name not in ("id", "kind") and isinstance(value, str))


def _cleaned_block(block: Block, taken: set[str]) -> Block:
    own = block.get("id")
    if not isinstance(own, str) or not OWN_ID.fullmatch(own) or own in taken:
        own = secrets.token_hex(4)
    taken.add(own)
    kept: Block = {"id": own, "kind": block["kind"]}
    for field in blocks[block["kind"]].fields:
        kept[field.name] = _cleaned_value(field, block.get(field.name))
    if block["kind"] == HOLDER:
        kept["columns"] = [[_cleaned_block(inner, taken) for inner in column] for column in _columns(block)]
    return kept


def _cleaned_value(field: BlockField, value: Any) -> str | bool:
    if field.kind == "flag":
        return str(value).lower() in YES
    if value is None and field.choices:
        value = next((choice for choice, _ in field.choices()), "")
    return CLEANERS[field.kind](str(value) if isinstance(value, str | int) else "")


def _lines(text: str) -> str:
    return "\n".join(one_line(line) for line in text.strip().splitlines())


def _url(text: str) -> str:
    """Return an address as it was meant: example.org is a page, and carol@example.org a mailbox."""
    value = text.strip()
    if MAILBOX.fullmatch(value):
        return f"mailto:{value}"
    return f"https://{value}" if HOST.fullmatch(value) else value


CLEANERS: Mapping[str, Callable[[str], str]] = {
    "line": one_line,
    "lines": _lines,
    "rich": markup.clean_rich,
    "url": _url,
    "picture": one_line,
    "choice": one_line,
}


def _faults_of(block: Block, place: str, pictures: Collection[str]) -> Iterator[Fault]:
    kind = blocks.get(block["kind"])
    if kind is None:
        yield Fault(block["id"], "", f"{place} is of a kind that is no longer there. Remove it.")
        return
    for field in kind.fields:
        if wrong := _wrong(field, block.get(field.name), pictures):
            yield Fault(block["id"], field.name, f"{place} ({kind.label}): {wrong}")


def _wrong(field: BlockField, value: Any, pictures: Collection[str]) -> str:
    if field.kind == "flag":
        return ""
    if is_empty(field, value):
        return "" if field.optional else f"{field.label} is empty. {EMPTY.get(field.kind, 'Write something.')}"
    if field.kind == "url":
        return url_fault(value)
    if left := TO_WRITE.search(value):
        return f"“{left[0]}” is still to be written."
    if field.kind == "picture" and value not in pictures:
        return "The picture is no longer there. Choose another."
    if field.name == "alt" and "{{" in value:
        return "A description cannot hold a merge field. Write it out."
    if field.kind == "line" and len(value) > LONGEST_LINE:
        return f"{field.label} has {len(value):,} characters. Keep it under {LONGEST_LINE}."
    if field.choices and value not in [choice for choice, _ in field.choices()]:
        return f"{field.label}: what was chosen is no longer there. Choose again."
    return ""


EMPTY = {
    "url": "Give a web address (https://…) or a link field.",
    "picture": "Choose a picture.",
    "choice": "Choose one.",
}


def is_empty(field: BlockField, value: Any) -> bool:
    """Return whether nothing was said: of rich text, nothing but tags and spaces."""
    text = re.sub(r"<[^>]*>", " ", str(value or "")) if field.kind == "rich" else str(value or "")
    return not html.unescape(text).strip()
