"""Blocks that show a record of the program, told in basic blocks as the record is now."""

import re
from collections.abc import Sequence

from flask_babel import force_locale

from crm.base.block_kinds import blocks
from crm.base.locales import REGIONS
from crm.mailings.blocks.checking import Block, placed
from crm.mailings.blocks.kinds import HOLDER

DOUBLED = re.compile(r"(\{(?=\{)|\}(?=\}))")


def of_records(given: list[Block]) -> list[str]:
    """Return the labels of the kinds among the blocks that show a record."""
    kinds = [kind for block, _ in placed(given) if (kind := blocks.get(block["kind"])) and kind.say]
    return list(dict.fromkeys(kind.label for kind in kinds))


def basic(given: Sequence[Block], language: str, lost: list[str]) -> list[Block]:
    """Return the blocks with those of records told by basic ones; `lost` gets the ids of those whose record is gone."""
    found: list[Block] = []
    for block in given:
        kind = blocks.get(block["kind"])
        if block["kind"] == HOLDER:
            found.append({**block, "columns": [basic(column, language, lost) for column in block["columns"]]})
        elif kind and kind.say:
            with force_locale(REGIONS.get(language, language)):
                told = kind.say(block, language)
            lost += [] if told else [block["id"]]
            found += (_whole(_bare(one)) for one in told)
        elif kind:
            found.append(_whole(block))
    return found


def _bare(block: Block) -> Block:
    """Return the block without what a mailing would take for a merge field: nobody wrote the record to be filled in."""
    return {name: DOUBLED.sub(r"\1 ", value) if isinstance(value, str) else value for name, value in block.items()}


def _whole(block: Block) -> Block:
    """Return the block with every field of its kind; what was not said is empty."""
    kind = blocks.get(block["kind"])
    fields = kind.fields if kind else []
    return {field.name: False if field.kind == "flag" else "" for field in fields} | block
