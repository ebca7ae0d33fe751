"""Influencers from a CSV file, by its headers."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from crm.accounts.models import User
from crm.contacts import addresses
from crm.extensions import db
from crm.influencers import profiles
from crm.influencers.asks import is_web_link
from crm.influencers.profiles import SECTORS, Facts
from crm.influencers.stages import table
from crm.transfer import tabular
from crm.transfer.plain_yaml import Unreadable

# What a column may be called, beside its own name; headers are compared without case, spaces and signs.
COLUMNS = {
    "external_id": ("id",),
    "name": ("fullname", "full name"),
    "first_name": ("firstname", "first", "givenname"),
    "last_name": ("lastname", "last", "familyname", "surname"),
    "email": ("emailaddress", "mail"),
    "organization": ("organisation", "company", "employer"),
    "role": ("title", "position", "jobtitle"),
    "body": (),
    "office": (),
    "state": (),
    "district": (),
    "sector": (),
    "phone": ("telephone", "phonenumber"),
    "website": ("url", "web"),
    "web_form": ("contactform",),
    "owner": ("owneremail",),
    "stage": (),
    "interest": (),
    "influence": (),
    "notes": ("note",),
}
MAX_ROWS = 10_000
TOO_MANY = f"The file has more than {MAX_ROWS:,} people. Influencers are few; import supporters under People."
PROFILE_LENGTHS = {"role": 200, "body": 200, "office": 200, "state": 32, "district": 32, "phone": 32}


def read(path: Path) -> tuple[list[Facts], list[str]]:
    """Return the facts of the rows, and the bad rows with their numbers; raises Unreadable."""
    found: dict[str, tuple[int, Facts]] = {}
    bad, stages = [], table.labels()
    for number, row in _rows(path):
        try:
            facts = _facts(row, stages)
            _check_id(facts)
        except ValueError as error:
            bad.append(f"row {number}: {error}")
            continue
        first, _facts_there = found.setdefault(facts.key, (number, facts))
        if first != number:
            bad.append(f"row {number}: the same person as in row {first}.")
    return [facts for _number, facts in found.values()], bad


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        form = tabular.inspect(path)
        if form.total > MAX_ROWS:
            raise Unreadable(TOO_MANY)
        names = _fields(form.header)
        for number, cells in tabular.read(path, form):
            yield number, {name: cell for name, cell in zip(names, cells, strict=False) if name}
    except tabular.Refused as refusal:
        raise Unreadable(str(refusal)) from refusal


def _fields(header: list[str]) -> list[str]:
    spellings = {_bare(word): name for name, words in COLUMNS.items() for word in (name, *words)}
    names = [spellings.get(_bare(cell), "") for cell in header]
    for name in COLUMNS:
        if names.count(name) > 1:
            raise Unreadable(f"The file has two columns for {name}. Remove or rename one.")
    if "name" not in names and "last_name" not in names:
        given = ", ".join(cell[:40] for cell in header[:20] if cell)
        raise Unreadable(f"No column is called “name” (or “first name” and “last name”). The first row says: {given}.")
    return names


def _facts(row: Mapping[str, str], stages: Mapping[str, str]) -> Facts:
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
    return Facts(number, _email(row), person, profile, _beginnings(row, stages))


def _beginnings(row: Mapping[str, str], stages: Mapping[str, str]) -> dict[str, Any]:
    readers: dict[str, Callable[[str], Any]] = {
        "stage": lambda text: _one_of("stage", text, stages),
        "interest": lambda text: _score("interest", text),
        "influence": lambda text: _score("influence", text),
        "notes": str,
    }
    values = {name: reader(row[name]) for name, reader in readers.items() if row.get(name)}
    if row.get("owner"):
        values["owner_id"] = _owner_id(row["owner"])
    return values


def _check_id(facts: Facts) -> None:
    if other := profiles.somebody_else(facts):
        raise ValueError(
            f"id {facts.external_id} is {other.name} here, and neither name nor e-mail of this row are theirs. "
            "Give this person another id, or mend the name."
        )


def _email(row: Mapping[str, str]) -> str | None:
    try:
        return addresses.normalize(row["email"]) if row.get("email") else None
    except addresses.BadAddress as error:
        raise ValueError(f"“{row['email'][:80]}” is no e-mail address: {error}") from error


def _owner_id(email: str) -> int:
    user_id = db.session.scalar(select(User.id).where(func.lower(User.email) == email.lower(), User.active))
    if user_id is None:
        raise ValueError(f"nobody of the staff has the address “{email[:80]}” given as owner.")
    return user_id


def _one_of(name: str, text: str, choices: Mapping[str, str]) -> str:
    wanted = _bare(text)
    for key, label in choices.items():
        if wanted in (_bare(key), _bare(label)):
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


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
