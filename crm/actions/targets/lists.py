"""A list of targets as staff type or paste it: name, title, organization, e-mail, form and phone, one target a line."""

import csv
import io
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from crm.actions.models import Action
from crm.actions.targets import channels, linking, recipients
from crm.actions.targets.models import Target
from crm.base import audit
from crm.base.changes import Refused
from crm.base.web_links import is_web_link
from crm.base.words import one_line
from crm.delivery.addresses import BadAddress, wire_form
from crm.extensions import db
from crm.influencers.models import Influencer

MOST = 500  # targets of one action
COLUMNS = ("name", "title", "organization", "email", "web_form", "phone")
CALLED = {
    "name": ("name", "office"),
    "title": ("title", "role"),
    "organization": ("organization", "organisation", "body"),
    "email": ("email", "e-mail", "mail"),
    "web_form": ("form", "web form", "web_form", "contact form", "contact_form"),
    "phone": ("phone", "telephone", "tel"),
}
LONGEST = {"name": 200, "title": 200, "organization": 200, "email": 254, "web_form": 2000, "phone": 32}


def add_list(action: Action, text: str) -> int:
    """Add the targets of a list, and return how many are new; raises Refused, and adds none, where a line is wrong.

    Who stands on the list already, by name and e-mail, is left alone.
    """
    rows, wrong = [], []
    for number, cells in _lines(text):
        try:
            rows.append(_row(cells))
        except ValueError as error:
            wrong.append(f"Line {number}: {error}")
    if wrong:
        raise Refused(" ".join([*wrong[:5], *([f"And {len(wrong) - 5} more."] if len(wrong) > 5 else [])]), "text")
    if not rows:
        raise Refused("Write one target a line: name, title, organization, e-mail, form, phone.", "text")
    known = {(one.name.casefold(), one.email) for one in _standing(action)}
    new = [row for row in rows if (row["name"].casefold(), row["email"]) not in known]
    new = list({(row["name"].casefold(), row["email"]): row for row in new}.values())
    _check_room(action, len(new))
    db.session.add_all(Target(action_id=action.id, **row) for row in new)
    audit.record("add_targets", "action", action.id, targets=[None, len(new)])
    return len(new)


def add_influencers(action: Action, chosen: Sequence[Influencer]) -> int:
    """Add influencers as targets, each with the ask that is clear, and return how many are new; raises Refused."""
    before = {one.influencer_id: one for one in _standing(action)}
    new = [one for one in dict.fromkeys(chosen) if one.id not in before]
    _check_room(action, len(new))
    asks = linking.asks_of(action, [one.id for one in new])
    for one in new:
        ask = asks.get(one.id)
        named = recipients.public_name(one)
        db.session.add(Target(action_id=action.id, influencer_id=one.id, name=named, ask_id=ask.id if ask else None))
    if new:
        audit.record("add_targets", "action", action.id, targets=[None, len(new)])
    return len(new)


def _standing(action: Action) -> Sequence[Target]:
    return db.session.scalars(select(Target).where(Target.action_id == action.id)).all()


def _check_room(action: Action, more: int) -> None:
    there = select(func.count(Target.id)).where(Target.action_id == action.id, Target.removed_at.is_(None))
    if (db.session.scalar(there) or 0) + more > MOST:
        raise Refused(f"An action has at most {MOST} targets. Choose fewer, or make a second action.", "text")


def _lines(text: str) -> list[tuple[int, dict[str, str]]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    first = next((line for line in lines.split("\n") if line.strip()), "")
    separator = max("\t;,", key=first.count)
    try:
        found = [*enumerate(csv.reader(io.StringIO(lines), delimiter=separator), 1)]
    except csv.Error as error:
        raise Refused(
            "This is no list with one target a line. Put quotation marks around cells with commas.", "text"
        ) from error
    rows = [
        (number, [one_line(cell) for cell in cells]) for number, cells in found if any(cell.strip() for cell in cells)
    ]
    header = _header(rows[0][1]) if rows else None
    names = header or COLUMNS
    return [(number, dict(zip(names, cells, strict=False))) for number, cells in rows[1 if header else 0 :]]


def _header(cells: Sequence[str]) -> list[str] | None:
    found = [next((name for name, words in CALLED.items() if cell.lower() in words), "") for cell in cells]
    return found if "name" in found else None


def _row(cells: Mapping[str, str]) -> dict[str, str]:
    row = {name: cells.get(name, "") for name in COLUMNS}
    if not row["name"]:
        raise ValueError("there is no name.")
    if long := next((name for name in COLUMNS if len(row[name]) > LONGEST[name]), None):
        raise ValueError(f"the {long.replace('_', ' ')} is longer than {LONGEST[long]} characters.")
    if row["email"]:
        row["email"] = checked_address(row["email"], row["title"], row["organization"])
    if row["web_form"] and not is_web_link(row["web_form"]):
        raise ValueError(f"“{row['web_form'][:60]}” is no whole address of a form, beginning with https://.")
    if row["phone"] and sum(sign.isdigit() for sign in row["phone"]) < 5:
        raise ValueError(f"“{row['phone']}” is no telephone number.")
    if not (row["email"] or row["web_form"] or row["phone"]):
        raise ValueError(f"{row['name'][:60]} has neither e-mail, form nor phone.")
    return row


def checked_address(typed: str, title: str, organization: str) -> str:
    """Return a mail address that letters may go to; raises ValueError, which says why not."""
    try:
        wire_form(typed)
    except BadAddress as error:
        raise ValueError(f"“{typed[:60]}” is no mail address.") from error
    if not channels.takes_mail(typed) or channels.named_so(title, organization):
        raise ValueError(f"“{typed[:60]}” is of Congress, which takes letters by its forms alone. Give form or phone.")
    return typed.lower()
