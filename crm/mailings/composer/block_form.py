"""A list of blocks as form fields, and back: it works without scripts, each change by a button.

The fields of the block at path 2.1.0 are named b.2.1.0.kind, .id, and by the names of what its kind asks for; a list
says in its .n how many it has. The button `do` carries what to change: `add:b.2.1:0:text`, `move:3:b:1`, `remove:3`,
`duplicate:3`, `restore`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm.base.block_kinds import BlockField, blocks
from crm.mailings.blocks.checking import MOST_BLOCKS, SIDES, BadBlocks, cleaned
from crm.mailings.blocks.kinds import HOLDER
from crm.mailings.composer import rich, tree
from crm.mailings.composer.tree import ROOT, Block, Blocks, Impossible


@dataclass(frozen=True)
class Changed:
    """What a button did: the words that tell it, the block to go to, and what was taken out: (list, place, block)."""

    words: str
    focus: str = ""
    gone: str = ""


def read(form: Mapping[str, str]) -> Blocks:
    """Return the blocks that the fields spell, as they were typed: not cleaned, and perhaps not whole."""
    return _read_list(form, ROOT)


def apply(found: Blocks, do: str, gone: str = "") -> Changed:
    """Change the blocks by the button that was pressed. A button that is not known changes nothing."""
    verb, *words = do.split(":")
    try:
        if verb == "add" and len(words) == 3:
            block = tree.add(found, words[0], _number(words[1]), words[2])
            return Changed(f"{label(block)} added.", block["id"])
        if verb == "move" and len(words) == 3:
            block = tree.move(found, words[0], words[1], _number(words[2]))
            return Changed(f"{label(block)} moved to {_place(found, block)}.", block["id"])
        if verb == "duplicate" and words:
            block = tree.duplicate(found, words[0])
            return Changed(f"{label(block)} duplicated.", block["id"])
        if verb == "remove" and words:
            return _removed(found, words[0])
        if verb == "restore":
            return _restored(found, gone)
    except Impossible as error:
        return Changed(str(error))
    return Changed("")


def label(block: Block) -> str:
    """Return the kind of a block in words."""
    kind = blocks.get(block["kind"])
    return kind.label if kind else "A block of a kind that is no longer there"


def _removed(found: Blocks, path: str) -> Changed:
    among, place = tree.place_of(found, path)
    block = tree.remove(found, path)
    next_one = among[min(place, len(among) - 1)]["id"] if among else ""
    into = ".".join([ROOT, *path.split(".")[:-1]])
    return Changed(f"{label(block)} removed.", next_one, json.dumps([into, place, block]))


def _restored(found: Blocks, gone: str) -> Changed:
    try:
        path, place, block = json.loads(gone)
        (block,) = cleaned([block])
        tree.restore(found, str(path), int(place), block)
    except (ValueError, TypeError) as error:
        known = isinstance(error, Impossible | BadBlocks)
        raise Impossible(str(error) if known else "It cannot be brought back any more.") from error
    return Changed(f"{label(block)} is back.", block["id"])


def _place(found: Blocks, block: Block) -> str:
    for number, one in enumerate(found, 1):
        if one is block:
            return f"place {number} of {len(found)}"
        for side, column in zip(SIDES, one.get("columns", []), strict=False):
            for within, inner in enumerate(column, 1):
                if inner is block:
                    return f"the {side} column, place {within} of {len(column)}"
    return "another place"


def _read_list(form: Mapping[str, str], path: str) -> Blocks:
    size = min(_number(form.get(f"{path}.n", "")), MOST_BLOCKS + 1)
    found = [_read_block(form, f"{path}.{place}") for place in range(size)]
    return [block for block in found if block]


def _read_block(form: Mapping[str, str], path: str) -> Block:
    name = form.get(f"{path}.kind", "")
    kind = blocks.get(name)
    if kind is None:
        return {}
    block: Block = {"id": form.get(f"{path}.id", ""), "kind": name}
    for field in kind.fields:
        block[field.name] = _read_value(form, f"{path}.{field.name}", field)
    if name == HOLDER:
        inside = path.count(".") > 1
        block["columns"] = [[] if inside else _read_list(form, f"{path}.{side}") for side in range(len(SIDES))]
    return block


def _read_value(form: Mapping[str, str], path: str, field: BlockField) -> Any:
    if field.kind == "flag":
        return form.get(path) == "1"
    if field.kind == "rich":
        typed = form.get(f"{path}.md")
        return form.get(path, "") if typed is None else rich.as_rich(typed, form.get(f"{path}.was", ""))
    return form.get(path, "").replace("\r\n", "\n")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
