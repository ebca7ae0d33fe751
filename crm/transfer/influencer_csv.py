"""Influencers from a CSV file, by its headers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from crm.accounts.models import User
from crm.base.web_links import is_web_link
from crm.contacts import addresses
from crm.contacts.forgetting import forgetting
from crm.extensions import db
from crm.influencers import keeping_out, profiles
from crm.influencers.profiles import SECTORS, Facts
from crm.influencers.stages import table
from crm.organizations import members
from crm.transfer import dates, influencer_columns, tabular
from crm.transfer.influencer_columns import bare
from crm.transfer.plain_yaml import Unreadable

MAX_ROWS = 10_000
TOO_MANY = f"The file has more than {MAX_ROWS:,} people. Influencers are few; import supporters under People."
PROFILE_LENGTHS = {"role": 200, "body": 200, "office": 200, "state": 32, "district": 32, "phone": 32}
PROFILE_LENGTHS |= {"formal_name": 200, "languages": 200, "assistant_name": 200, "assistant_contact": 200}
EVERYBODY = frozenset({"all", "everybody", "allmembers", "coalition"})


@dataclass(frozen=True)
class Words:
    """What a file may say here: the stages, and for whom of the members an influencer may be kept."""

    stages: Mapping[str, str]
    user: User | None
    members: Mapping[int, str]

    def kept_by(self, text: str) -> int | None:
        """Return the member that keeps somebody for itself; None for all members. Raises ValueError."""
        if bare(text) in EVERYBODY:
            return None
        own = self.user.organization_id if self.user else None
        offered = {number: name for number, name in self.members.items() if own in (None, number)}
        for number, name in offered.items():
            if bare(name) == bare(text):
                return number
        choices = ", ".join(["all", *offered.values()])
        raise ValueError(f"seen by “{text[:80]}” is not possible here; write one of: {choices}.")


def read(path: Path) -> tuple[list[Facts], list[str]]:
    """Return the facts of the rows, and the bad rows with their numbers; raises Unreadable."""
    found, bad = read_rows(path)
    return [facts for _number, facts in found], bad


def read_rows(
    path: Path, mapping: Sequence[str] | None = None, user: User | None = None
) -> tuple[list[tuple[int, Facts]], list[str]]:
    """Return the facts of each row with its number, and the bad rows; raises Unreadable.

    `mapping` names the field of each column, otherwise the headers do. `user` is whose staff read it.
    """
    found: dict[str, tuple[int, Facts]] = {}
    bad, words = list[str](), Words(table.labels(), user, dict(members.names()))
    for number, row in _rows(path, mapping):
        try:
            facts = _facts(row, words)
            _check_id(facts, user)
        except ValueError as error:
            bad.append(f"row {number}: {error}")
            continue
        first, _facts_there = found.setdefault(facts.key, (number, facts))
        if first != number:
            bad.append(f"row {number}: the same person as in row {first}.")
    return list(found.values()), bad


def _rows(path: Path, mapping: Sequence[str] | None) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        form = tabular.inspect(path)
        if form.total > MAX_ROWS:
            raise Unreadable(TOO_MANY)
        names = influencer_columns.recognize(form.header) if mapping is None else mapping
        influencer_columns.check(form.header, names)
        for number, cells in tabular.read(path, form):
            yield number, {name: cell for name, cell in zip(names, cells, strict=False) if name}
    except tabular.Refused as refusal:
        raise Unreadable(str(refusal)) from refusal


def _facts(row: Mapping[str, str], words: Words) -> Facts:
    first, last = row.get("first_name", ""), row.get("last_name", "")
    if not last and row.get("name"):
        first, _, last = " ".join(row["name"].split()).rpartition(" ")
    if not last:
        raise ValueError("no name. Give each person one.")
    person = {"first_name": first, "last_name": last}
    if "organization" in row:
        person["organization_name"] = row["organization"]
    for name, value in person.items():
        _short_enough(name, value, 200)
    profile: dict[str, Any] = {
        name: _short_enough(name, row[name], most) for name, most in PROFILE_LENGTHS.items() if name in row
    }
    profile |= {name: _link(name, row[name]) for name in ("website", "web_form") if name in row}
    if "sector" in row:
        profile["sector"] = _one_of("sector", row["sector"], SECTORS)
    number = _short_enough("id", row.get("external_id", ""), 200)
    return Facts(number, _email(row), person, profile, _beginnings(row, words))


def _beginnings(row: Mapping[str, str], words: Words) -> dict[str, Any]:
    readers: dict[str, tuple[str, Callable[[str], Any]]] = {
        "stage": ("stage", lambda text: _one_of("stage", text, words.stages)),
        "interest": ("interest", lambda text: _score("interest", text)),
        "influence": ("influence", lambda text: _score("influence", text)),
        "notes": ("notes", str),
        "basis": ("basis", str),
        "noticed_on": ("noticed_on", _day),
        "owner": ("owner_id", lambda text: _user_id("owner", text)),
        "backup_owner": ("backup_owner_id", lambda text: _user_id("backup owner", text)),
        "kept_by": ("organization_id", words.kept_by),
    }
    return {field: reader(row[name]) for name, (field, reader) in readers.items() if row.get(name)}


def _check_id(facts: Facts, user: User | None) -> None:
    if keeping_out.is_kept_out(facts.key):
        raise ValueError(
            "the person of this row asked to be forgotten. Leave the row out; where it is somebody else of that name, "
            "give their e-mail or an id."
        )
    if other := profiles.somebody_else(facts, user):
        raise ValueError(
            f"id {facts.external_id} is {other.name} here, and neither name nor e-mail of this row are theirs. "
            "Give this person another id, or mend the name."
        )


def _email(row: Mapping[str, str]) -> str | None:
    try:
        email = addresses.normalize(row["email"]) if row.get("email") else None
    except addresses.BadAddress as error:
        raise ValueError(f"“{row['email'][:80]}” is no e-mail address: {error}") from error
    if email and forgetting.was_forgotten(email):
        raise ValueError("the person with this e-mail asked to be forgotten. Leave the row out.")
    return email


def _user_id(what: str, email: str) -> int:
    user_id = db.session.scalar(select(User.id).where(func.lower(User.email) == email.lower(), User.active))
    if user_id is None:
        raise ValueError(f"nobody of the staff has the address “{email[:80]}” given as {what}.")
    return user_id


def _day(text: str) -> date:
    try:
        found = dates.parse(text).date()
    except ValueError as error:
        raise ValueError(f"notice given on: {error}.") from error
    if not 2000 <= found.year <= 2100:
        raise ValueError(f"notice given on: “{text[:40]}” is not from 2000 to 2100.")
    return found


def _one_of(name: str, text: str, choices: Mapping[str, str]) -> str:
    wanted = bare(text)
    for key, label in choices.items():
        if wanted in (bare(key), bare(label)):
            return key
    if not wanted:
        return ""
    raise ValueError(f"{name} “{text[:40]}” is not one of: {', '.join(choices)}.")


def _score(name: str, text: str) -> int:
    if text not in {"1", "2", "3", "4", "5"}:
        raise ValueError(f"{name} is “{text[:40]}”; give a whole number from 1 to 5.")
    return int(text)


def _link(name: str, text: str) -> str:
    if text and not is_web_link(text):
        raise ValueError(f"{name} “{text[:80]}” is no address that begins with https:// or http://.")
    return _short_enough(name, text, 2000)


def _short_enough(name: str, text: str, most: int) -> str:
    if len(text) > most:
        raise ValueError(f"{name} has {len(text)} characters; at most {most} fit.")
    return text
