"""Finding resources: by words, the best first, and by type, topic, audience, language and year."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, select

from crm.base.locales import LANGUAGES
from crm.extensions import db
from crm.resources import indexing
from crm.resources.kinds import AUDIENCES, TYPES
from crm.resources.models import Resource, ResourceWord

MOST_WORDS = 8
LAST_SIGN = "\U0010ffff"
WHOLE = 3  # times as much as the beginning of a word weighs the word itself
SHORTEST_BEGINNING = 3  # Letters of a word of which the beginning is enough.


@dataclass(frozen=True)
class Wanted:
    """What a visitor asks for; "" is anything."""

    q: str = ""
    type: str = ""
    topic: str = ""
    audience: str = ""
    language: str = ""
    year: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Wanted":
        """Return what the arguments of a page ask for; what nothing can be is left out."""
        asked = {field.name: values.get(field.name, "").strip()[:200] for field in fields(cls)}
        known = {"type": TYPES, "audience": AUDIENCES, "language": LANGUAGES}
        asked |= {name: "" for name, choices in known.items() if asked[name] not in choices}
        asked["year"] = asked["year"] if asked["year"].isascii() and asked["year"].isdecimal() else ""
        return cls(**asked)

    def arguments(self) -> dict[str, str]:
        """Return what is asked for, as it stands in an address."""
        return {field.name: value for field in fields(self) if (value := getattr(self, field.name))}


def published(wanted: Wanted) -> Select[Resource]:
    """Return the query of the published resources that match: by words the best first, else the newest."""
    return _ordered(find(wanted).where(Resource.state == "published"), wanted)


def everything(wanted: Wanted, state: str = "") -> Select[Resource]:
    """Return the query of all resources that match, drafts too."""
    query = find(wanted)
    return _ordered(query.where(Resource.state == state) if state else query, wanted)


def find(wanted: Wanted) -> Select[Resource]:
    """Return the query of the resources that match, in no order."""
    query = select(Resource)
    for name in ("topic", "audience", "language"):
        if value := getattr(wanted, name):
            query = query.where(Resource.id.in_(_having(f"{name}:{value}"[:60])))
    if wanted.type:
        query = query.where(Resource.kind == wanted.type)
    if wanted.year:
        year = min(max(int(wanted.year[:4]), 1), 9998)
        query = query.where(Resource.published_on.between(date(year, 1, 1), date(year, 12, 31)))
    return query


def years() -> list[int]:
    """Return the years in which published resources came out, the latest first."""
    year = func.extract("year", Resource.published_on)
    query = select(year).where(Resource.state == "published", Resource.published_on.is_not(None)).distinct()
    return sorted((int(found) for found in db.session.scalars(query)), reverse=True)


def _ordered(query: Select[Any], wanted: Wanted) -> Select[Any]:
    newest = (Resource.published_on.desc().nulls_last(), Resource.id.desc())
    if not wanted.q:
        return query.order_by(*newest)
    terms = list(dict.fromkeys(indexing.words(wanted.q)))[:MOST_WORDS]
    score: Any = 0
    for term in terms or [LAST_SIGN]:  # Signs alone find nothing.
        found = _scores(term).subquery()
        query = query.join(found, found.c.resource_id == Resource.id)
        score = score + found.c.score
    return query.order_by(score.desc(), *newest)


def _scores(term: str) -> Any:
    """Return the resources that have the word, or one that begins so, each with its weight."""
    weight = case((ResourceWord.word == term, ResourceWord.weight * WHOLE), else_=ResourceWord.weight)
    query = select(ResourceWord.resource_id, func.sum(weight).label("score")).group_by(ResourceWord.resource_id)
    if len(term) < SHORTEST_BEGINNING:
        return query.where(ResourceWord.word == term)
    return query.where(ResourceWord.word >= term, ResourceWord.word < term + LAST_SIGN, ResourceWord.weight > 0)


def _having(facet: str) -> Select[Any]:
    return select(ResourceWord.resource_id).where(ResourceWord.word == facet)
