"""Changing a list of blocks: add, duplicate, remove, bring back, move, also into and out of a column.

A block is named by its path: `2` is the third block, `2.1.0` the first one in the right column of it. A list is named
by `b`, or by `b.2.1` for that column.
"""

import secrets
from copy import deepcopy
from typing import Any

from crm.base.block_kinds import blocks
from crm.mailings.blocks.checking import MOST_BLOCKS, SIDES
from crm.mailings.blocks.kinds import HOLDER

Block = dict[str, Any]
Blocks = list[Block]
ROOT = "b"


class Impossible(ValueError):
    """The change cannot be made; the message says why."""


def new(kind: str) -> Block:
    """Return an empty block of that kind. Raises Impossible for a kind that is not there."""
    if kind not in blocks:
        raise Impossible("There is no such kind of block.")
    block: Block = {"id": secrets.token_hex(4), "kind": kind}
    for field in blocks[kind].fields:
        first = next((value for value, _ in field.choices()), "") if field.choices else ""
        block[field.name] = False if field.kind == "flag" else first
    if kind == HOLDER:
        block["columns"] = [[] for _ in SIDES]
    return block


def list_at(tree: Blocks, path: str) -> Blocks:
    """Return the list of that path. Raises Impossible."""
    steps = _steps(path.removeprefix(ROOT).lstrip(".")) if path != ROOT else []
    if not steps:
        return tree
    if len(steps) == 2 and steps[0] < len(tree) and tree[steps[0]]["kind"] == HOLDER and steps[1] < len(SIDES):
        column: Blocks = tree[steps[0]]["columns"][steps[1]]
        return column
    raise Impossible("There is no such column any more.")


def place_of(tree: Blocks, path: str) -> tuple[Blocks, int]:
    """Return the list that holds the block of that path, and its place in it. Raises Impossible."""
    *above, place = _steps(path)
    found = list_at(tree, ".".join([ROOT, *map(str, above)]))
    if place >= len(found):
        raise Impossible("There is no such block any more.")
    return found, place


def add(tree: Blocks, path: str, place: int, kind: str) -> Block:
    """Put a new block (columns with a text each) into that list, at that place; return it. Raises Impossible."""
    block = new(kind)
    if kind == HOLDER:
        block["columns"] = [[new("text")] for _ in SIDES]
    return _insert(tree, list_at(tree, path), place, block)


def duplicate(tree: Blocks, path: str) -> Block:
    """Put a copy below the block of that path; return it. Raises Impossible."""
    found, place = place_of(tree, path)
    return _insert(tree, found, place + 1, _renamed(deepcopy(found[place])))


def remove(tree: Blocks, path: str) -> Block:
    """Take out the block of that path; return it. Raises Impossible."""
    found, place = place_of(tree, path)
    return found.pop(place)


def move(tree: Blocks, path: str, into: str, place: int) -> Block:
    """Take the block out and put it into that list; `place` counts without it. Raises Impossible."""
    found, at = place_of(tree, path)
    target = list_at(tree, into)  # Found first: taking the block out may change what its path means.
    _check_fits(tree, target, found[at])
    block = found.pop(at)
    target.insert(min(place, len(target)), block)
    return block


def restore(tree: Blocks, path: str, place: int, block: Block) -> Block:
    """Put back what was taken out. Raises Impossible."""
    return _insert(tree, list_at(tree, path), place, block)


def number_of(tree: Blocks) -> int:
    """Return how many blocks there are, those in columns included."""
    return sum(1 + sum(len(column) for column in block.get("columns", [])) for block in tree)


def _insert(tree: Blocks, target: Blocks, place: int, block: Block) -> Block:
    _check_fits(tree, target, block)
    if number_of(tree) + number_of([block]) > MOST_BLOCKS:
        raise Impossible(f"A mailing can have {MOST_BLOCKS} blocks. Remove one first.")
    target.insert(min(place, len(target)), block)
    return block


def _check_fits(tree: Blocks, target: Blocks, block: Block) -> None:
    if block["kind"] == HOLDER and target is not tree:
        raise Impossible("Columns cannot stand inside of columns.")


def _renamed(block: Block) -> Block:
    block["id"] = secrets.token_hex(4)
    for column in block.get("columns", []):
        for inner in column:
            _renamed(inner)
    return block


def _steps(path: str) -> list[int]:
    steps = path.split(".")
    if len(steps) not in (1, 2, 3) or not all(step.isascii() and step.isdigit() and len(step) < 4 for step in steps):
        raise Impossible("There is no such block any more.")
    return [int(step) for step in steps]
