"""What mailings and pages are made of: a registry of kinds of blocks that the subjects fill at assembly."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from crm.base.registries import Registry


@dataclass(frozen=True)
class BlockField:
    """One thing that is asked for a block: `kind` says how it is typed and read.

    line: text on one line; lines: text on several; rich: sanitized HTML of a few elements; url: a web or mail address,
    or a merge field that is a link; picture: the public id of an uploaded picture; flag: yes or no; choice: one of
    `choices`, (value, label) of each.
    """

    name: str
    label: str
    kind: str
    choices: Callable[[], list[tuple[str, str]]] | None = None
    help: str = ""
    optional: bool = False


@dataclass(frozen=True)
class BlockKind:
    """A kind of block that mailings (and pages) are made of.

    A block is a JSON object: `id` (8 signs, its own in the text), `kind`, and the values of its fields by their names;
    that of kind columns holds `columns`, two lists of blocks. `say` belongs to kinds that show a record of the program:
    it takes the values and the language, and returns the basic blocks that tell it now, [] where it is gone. gettext
    and formats speak that language meanwhile, and braces in what it returns are no merge fields. `opens` takes the
    values and returns when that can be done which cannot be yet, None where it can, or is gone. `later` takes the
    values and the language, and returns in a sentence what a late reader has to know of the record that was shown then,
    "" for nothing.
    """

    label: str
    fields: Sequence[BlockField]
    order: int
    say: Callable[[Mapping[str, Any], str], list[dict[str, Any]]] | None = None
    opens: Callable[[Mapping[str, Any]], datetime | None] | None = None
    later: Callable[[Mapping[str, Any], str], Markup] | None = None


blocks: Registry[BlockKind] = Registry()


def made(kind: str, **values: Any) -> dict[str, Any]:
    """Return a block of that kind with these values, and an id of its own."""
    return {"id": secrets.token_hex(4), "kind": kind, **values}


picture_users: Registry[Callable[[str], list[str]]] = Registry()
"""What shows pictures beside mailings: functions from the public id of one to the names of what shows it."""
