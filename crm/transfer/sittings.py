"""Which seat of the US Congress a legislator holds: by state and district, or by state and class."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from crm.influencers.offices.terms import Term

CHAMBERS = {"rep": ("us-house", "U.S. House"), "sen": ("us-senate", "U.S. Senate")}
BREAK = timedelta(days=31)  # Terms that follow each other within it are one stay.
OF_OFFICE = ("body", "state", "district", "phone", "website", "web_form")


class BadEntry(ValueError):
    """One entry of the file lacks something; the message says what."""


def read(terms: Sequence[Any], profile: Mapping[str, str], who: str) -> Term:
    """Return the office of the last term, since when it is held in one stay, and the days of that term.

    `profile` are the facts of that term. Raises BadEntry.
    """
    last = terms[-1]
    key = _key(last)
    office = {name: profile[name] for name in OF_OFFICE} | {"title": _title(last), "address": profile["office"]}
    starts_on, ends_on = (_day(last, name, who) for name in ("start", "end"))
    stay = [starts_on, *_earlier(terms, key)]
    return Term(key, office, stay[-1], starts_on, ends_on)


def _key(term: Mapping[str, Any]) -> str:
    place = term.get("district") if term["type"] == "rep" else term.get("class")
    return f"{CHAMBERS[term['type']][0]}:{term.get('state')}-{'' if place is None else place}"


def _title(term: Mapping[str, Any]) -> str:
    chamber, state, district = CHAMBERS[term["type"]][1], term.get("state"), term.get("district")
    if term["type"] == "sen":
        return f"{chamber}, {state}, class {term['class']}" if term.get("class") else f"{chamber}, {state}"
    return f"{chamber}, {state}-{district}" if district else f"{chamber}, {state} at large"


def _earlier(terms: Sequence[Any], key: str) -> Iterator[date | None]:
    """Yield the first days of the terms before the last that are part of the same stay, the latest first."""
    for later, term in pairwise(reversed(terms)):
        if not isinstance(term, dict) or term.get("type") not in CHAMBERS or _key(term) != key:
            return
        begins, ended = _parsed(later.get("start")), _parsed(term.get("end"))
        if begins is None or ended is None or begins - ended > BREAK:
            return
        yield _parsed(term.get("start"))


def _day(term: Mapping[str, Any], name: str, who: str) -> date | None:
    day = _parsed(term.get(name))
    if day is None and term.get(name):
        raise BadEntry(f"{who}: the {name} of the last term, “{str(term[name])[:40]}”, is no date.")
    return day


def _parsed(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None
