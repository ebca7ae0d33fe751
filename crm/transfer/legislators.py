"""Members of the US Congress from the files of the congress-legislators project (github.com/unitedstates)."""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from crm.base.web_links import is_web_link
from crm.influencers.offices.terms import Seats
from crm.influencers.profiles import Facts
from crm.transfer import plain_yaml, sittings
from crm.transfer.plain_yaml import Unreadable
from crm.transfer.sittings import BadEntry

SOURCE = "congress-legislators"
BASIS = "Public office holder; facts from the public congress-legislators files (CC0)."
NAMES_FILE = "committees-current.yaml"
CODE_LENGTH = 4  # Subcommittees carry two more characters.
CHAMBERS = {
    "rep": ("U.S. Representative", "U.S. House of Representatives"),
    "sen": ("U.S. Senator", "U.S. Senate"),
}
LINK = re.compile(r"https?://.*")

CommitteeSeats = Mapping[str, Seats]
"""The seats of each person, by bioguide id."""


class UnknownCommittee(Exception):
    """The membership file knows no committee of that code."""


def read(path: Path, seats: CommitteeSeats | None) -> tuple[list[Facts], list[str]]:
    """Return the facts of the file's people and its bad entries; raises Unreadable."""
    data, lines = plain_yaml.load(path)
    if not isinstance(data, list):
        raise Unreadable(f"{path.name} is not a list of legislators, as legislators-current.yaml is.")
    found, bad = [], []
    for line, entry in zip(lines, data, strict=True):
        try:
            found.append(_facts(entry, seats))
        except BadEntry as error:
            bad.append(f"line {line}: {error}")
    return found, bad


def wanted(
    named: Iterable[Facts], codes: Collection[str], known: Collection[str], offices: Collection[str]
) -> list[Facts]:
    """Return who has a seat in the codes (all, where none is given), is known already, or holds an office on record."""
    return [
        one
        for one in named
        if not codes
        or one.external_id in known
        or {seat["code"] for seat in one.seats or []} & set(codes)
        or (one.term and one.term.key in offices)
    ]


def read_seats(path: Path, codes: Collection[str]) -> CommitteeSeats:
    """Return the committee seats of each person, by bioguide id; raises Unreadable, UnknownCommittee.

    Full committees alone. Their names are read from committees-current.yaml beside the file, where it stands.
    """
    data, _lines = plain_yaml.load(path)
    if not isinstance(data, dict) or not all(isinstance(members, list) for members in data.values()):
        raise Unreadable(f"{path.name} does not map committees to members, as committee-membership-current.yaml does.")
    full = [str(code) for code in data if len(str(code)) == CODE_LENGTH]
    for code in codes:
        if code not in full:
            raise UnknownCommittee(f"{path.name} knows no committee {code}. It knows: {', '.join(sorted(full))}.")
    names = _committee_names(path.with_name(NAMES_FILE))
    seats: dict[str, Seats] = {}
    for code in sorted(full):
        for member in data[code]:
            if isinstance(member, dict) and isinstance(member.get("bioguide"), str):
                seats.setdefault(member["bioguide"], []).append(_seat(code, names.get(code, code), member))
    return seats


def _seat(code: str, name: str, member: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": code,
        "name": name,
        "role": str(member.get("title") or "Member"),
        "rank": member["rank"] if isinstance(member.get("rank"), int) else None,
        "side": str(member.get("party") or ""),
    }


def _committee_names(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    data, _lines = plain_yaml.load(path)
    rows = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    return {str(row.get("thomas_id")): str(row["name"]) for row in rows if row.get("name")}


def _facts(entry: Any, seats: CommitteeSeats | None) -> Facts:
    if not isinstance(entry, dict):
        raise BadEntry("is no entry of a legislator.")
    bioguide = _text(_part(entry, "id"), "bioguide", 20)
    name = _part(entry, "name")
    last = _text(name, "last", 200)
    if not bioguide or not last:
        raise BadEntry(f"{last or bioguide or 'an entry'} has no {'bioguide id' if last else 'last name'}.")
    terms = entry.get("terms")
    if not isinstance(terms, list) or not terms or not isinstance(terms[-1], dict):
        raise BadEntry(f"{last} ({bioguide}) has no terms.")
    profile = _of_term(terms[-1], f"{last} ({bioguide})")
    profile["formal_name"] = _text(name, "official_full", 200)
    person = {
        "first_name": _text(name, "nickname", 200) or _text(name, "first", 200),
        "last_name": f"{last}, {suffix}" if (suffix := _text(name, "suffix", 20)) else last,
        "organization_name": profile["body"],
    }
    term = sittings.read(terms, profile, f"{last} ({bioguide})")
    sits = None if seats is None else seats.get(bioguide, [])
    return Facts(f"bioguide:{bioguide}", None, person, profile, term=term, seats=sits)


def _of_term(term: Mapping[str, Any], who: str) -> dict[str, Any]:
    if term.get("type") not in CHAMBERS:
        raise BadEntry(f"{who}: the type of the last term is neither rep nor sen.")
    if not (state := _text(term, "state", 2)):
        raise BadEntry(f"{who}: the last term names no state.")
    role, body = CHAMBERS[term["type"]]
    return {
        "role": role,
        "body": body,
        "sector": "policy",
        "state": state,
        "district": _text(term, "district", 8),
        "office": _text(term, "office", 200) or _text(term, "address", 200),
        "phone": _text(term, "phone", 32),
        "website": _link(term, "url"),
        "web_form": _link(term, "contact_form"),
    }


def _part(entry: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = entry.get(key)
    return part if isinstance(part, dict) else {}


def _text(part: Mapping[str, Any], key: str, length: int) -> str:
    value = part.get(key)
    return str(value).strip()[:length] if isinstance(value, str | int) else ""


def _link(part: Mapping[str, Any], key: str) -> str:
    # The public file has had letters too many before the scheme ("hhttps://").
    found = LINK.search(_text(part, key, 2000))
    return found[0] if found and is_web_link(found[0]) else ""
