"""Which fields hold text that somebody types, and the writing of vectors into all of them at once."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String, Table, UniqueConstraint

from crm.base.columns import WebAddress
from crm.extensions import db
from tests.corpora import executing, templates

NUMBER = re.compile(r"77(\d{4})(\d{3})(?!\d)")
"""The number of a vector in a field, as it stands in pages: 77, the vector, the field."""
# How many vectors a value holds (far more than forms take) in the first and last rows of a table, and in the others.
AT_ONCE, SEVERAL, EDGE = 240, 2, 3
# What the program writes by itself and looks up again: no person types these, and a page shows none as it stands.
CODE_NAMES = re.compile(
    r"(.*_)?(digest|hash|key|token|slug|zone|fingerprint|sha256|code)|table_name|list_id|trigger_value"
)
CODES = {
    "consent_record.topics": "slugs",
    "constituent_count.by_month": "numbers",
    "delivery.about": "a reference of the program",
    "delivery.occasion": "a reference of the program",
    "event.interpretation": "codes of languages",
    "event.reminders": "numbers",
    "form_post.place": "the path of a form",
    "frequency_cap.free_kinds": "kinds",
    "import_run.mapping": "fields",
    "influencer_import.mapping": "fields",
    "mailing.audience": "kinds and numbers",
    "mailing_wave.zones": "time zones",
    "mailing_reply.mail_id": "a Message-ID, read from a mail by its form",
    "mailing_reply.references": "Message-IDs, read from a mail by their form",
    "message.subject": "made from the fields that are measured; nothing but our merge fields may stand in it",
    "message.html": "made from the fields that are measured, and rendered here anew",
    "action.topics": "slugs",
    "mailing_as_sent.html": "rendered when it was released, from the fields that are measured",
    "mailing_design.colors": "colors, checked when they are saved",
    "message.headers": "written by the program",
    "message.sender_address": "an address that was checked",
    "message.sender": "an address that was checked",
    "coalition.sender_email": "an address that was checked",
    "resource_word.word": "made of letters alone",
    "site_setting.primary": "a color",
    "user.password_hash": "a hash",
    "warm_up.domain": "the domain of an address",
    "counter.key": "a reference of the program",
    "sending_limit.name": "the domain of an address",
}
# The text columns as short as codes that people fill all the same.
SHORT = re.compile(r"phone|zip_code|district|word|utm_\w+")
CODE_LEAVES = {
    *("id", "kind", "key", "goal", "level", "assignee", "op", "test", "field", "not", "state", "language", "category"),
    *("people", "slug", "zone", "gate", "markup", "columns", "width", "align", "picture", "form"),
}
CODE_LISTS = {
    "states",
    "languages",
    "professions",
    "topics",
    "audiences",
    "boxes",
    "origins",
    "members",
    "menu",
    "zones",
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")
# Addresses, the sender's name, names of files and what mailings have in their headers are kept without ends of lines.
ONE_LINE = re.compile(
    r".*[._](email|address)|resource_file\.name|coalition\.sender_name|mailing(_text)?\.(subject|preheader)"
)
# What has the names of other fields, or of questions, for keys: pages show all of these alike.
ALIKE = {"audit_entry.changes", "profile_change.changes", "interaction_change.changes", "submission.answers"}
LINE_ENDS = re.compile(r"[\r\n]+")
ADDRESS = re.compile(r"(.*_)?(url|href|src|website|web_form|link)")


@dataclass
class Vectors:
    """What is written, and how often each piece has been seen in which field."""

    live: list[str]
    addresses: list[str]
    names: dict[str, int] = field(default_factory=dict)
    dice: random.Random = field(default_factory=lambda: random.Random(20))

    def __post_init__(self) -> None:
        self.order = list(range(len(self.live)))
        self.dice.shuffle(self.order)
        self.payloads = list(templates.EVERY)
        self.dice.shuffle(self.payloads)

    @property
    def rounds(self) -> int:
        """How many rounds it takes until every vector has stood in every field."""
        return -(-len(self.order) // AT_ONCE)

    def number(self, vector: int, name: str) -> int:
        return 77_0000_000 + vector * 1000 + self.names.setdefault(name, len(self.names))

    def text(self, name: str, place: int, count: int, with_payloads: bool) -> str:
        """Return many vectors for a field, and perhaps as many template payloads, too."""
        begin = place * AT_ONCE
        picked = [self.order[(begin + step) % len(self.order)] for step in range(count)]
        said = [executing.marked(self.live[one], self.number(one, name)) for one in picked]
        if with_payloads:
            begin = place * AT_ONCE
            said += [self.payloads[(begin + step) % len(self.payloads)] for step in range(count)]
        return " \n".join(said)

    def address(self, name: str, place: int) -> str:
        """Return an address that runs, or a harmless one with vectors in it."""
        if place % 2:
            return "https://x.example/" + self.text(name, place, AT_ONCE, with_payloads=False)
        one = place // 2 % len(self.addresses)
        number = self.number(self.live.index(self.addresses[one]), name)
        return executing.marked(self.addresses[one], number)


def typed_columns(table: Table) -> list[str]:
    """Return the names of the columns that hold text which somebody types, or JSON with such text in it."""
    found = []
    for column in table.columns:
        kind, full = column.type, f"{table.name}.{column.name}"
        if full in CODES or column.foreign_keys or isinstance(kind, LargeBinary) or CODE_NAMES.fullmatch(column.name):
            continue
        text = isinstance(kind, String | WebAddress) and ((kind.length or 999) > 64 or SHORT.fullmatch(column.name))
        if text or isinstance(kind, JSON):
            found.append(column.name)
    return found


class Kept:
    """The rows of a table as they were, from which each round is written."""

    def __init__(self, table: Table) -> None:
        self.table, self.columns = table, typed_columns(table)
        self.apart = {column.name for column in table.columns if column.unique}  # No two rows are equal in these.
        for one in (*table.constraints, *table.indexes):
            if isinstance(one, UniqueConstraint) or (isinstance(one, Index) and one.unique):
                self.apart |= set(one.columns.keys())
        self.rows: list[tuple[Any, ...]] = []
        if self.columns:
            names = ", ".join(f'"{name}"' for name in self.columns)
            run = db.session.connection().exec_driver_sql
            self.rows = [tuple(row) for row in run(f'SELECT rowid, {names} FROM "{table.name}" ORDER BY rowid')]

    def write(self, vectors: Vectors, turn: int) -> None:
        """Write what this round has for each field of each row."""
        if not self.rows:
            return
        values = [self._row(row, rank, vectors, turn) for rank, row in enumerate(self.rows)]
        names = ", ".join(f'"{name}" = ?' for name in self.columns)
        db.session.connection().exec_driver_sql(f'UPDATE "{self.table.name}" SET {names} WHERE rowid = ?', values)

    def _row(self, row: tuple[Any, ...], rank: int, vectors: Vectors, turn: int) -> tuple[Any, ...]:
        edge = rank < EDGE or rank >= len(self.rows) - EDGE
        at = _Place(vectors, turn + rank, AT_ONCE if edge else SEVERAL, bool((turn + rank) % 2))
        made = []
        for name, old in zip(self.columns, row[1:], strict=True):
            column, full = self.table.columns[name], f"{self.table.name}.{name}"
            if isinstance(column.type, JSON):
                made.append(json.dumps(at.within(json.loads(old or "null"), full, name)))
            elif old is None:
                made.append(None)
            else:
                suffix = f" {row[0]}" if name in self.apart else ""
                made.append(at.value(full, name) + suffix)
        return (*made, row[0])


@dataclass
class _Place:
    vectors: Vectors
    place: int
    count: int
    with_payloads: bool

    def value(self, full: str, name: str) -> str:
        if ADDRESS.fullmatch(name):
            return self.vectors.address(full, self.place)
        said = self.vectors.text(full, self.place, self.count, self.with_payloads)
        return LINE_ENDS.sub(" ", said) if ONE_LINE.fullmatch(full) else said

    def within(self, old: Any, full: str, name: str) -> Any:
        """Return a JSON value whose texts are vectors; its keys and codes stay."""
        if isinstance(old, dict):
            return {key: self.within(one, full if full in ALIKE else f"{full}.{key}", key) for key, one in old.items()}
        if isinstance(old, list):
            return old if name in CODE_LISTS else [self.within(one, full, name) for one in old]
        if not isinstance(old, str) or name in CODE_LEAVES or MOMENT.fullmatch(old):
            return old
        return self.value(full, name)


def tables() -> Iterator[Kept]:
    """Yield each table that has typed text in it."""
    for table in db.metadata.sorted_tables:
        kept = Kept(table)
        if kept.columns:
            yield kept
