"""The words by which a resource is found: alike on every database, without accents, in Latin and Arabic letters.

A library has some hundreds of resources, so an index of words in one table serves both databases, where their own
full-text searches would tell words apart, fold accents and rank each in its own way.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from sqlalchemy import delete, insert, select

from crm.extensions import db
from crm.resources.kinds import AUDIENCES, TYPES
from crm.resources.models import Resource, ResourceFile, ResourceWord

TITLE, AUTHOR, LABEL, SUMMARY, BODY, TEXT = 60, 40, 20, 15, 6, 2
LONGEST = 40
MOST_WORDS = 8_000  # of one resource
LETTERS = re.compile(r"[^\W_]+")
# Written one way or the other for the same word; and what only stretches a line.
ARABIC = str.maketrans({"ى": "ي", "ة": "ه", "ـ": None})
ARTICLE = "ال"


def words(text: str) -> list[str]:
    """Return the words of a text as they are compared: in lower case, without accents, vowel signs and articles."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(ARABIC)
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return [_bare(word[:LONGEST]) for word in LETTERS.findall(bare)]


def index(resource: Resource) -> None:
    """Write the words of a resource anew."""
    db.session.flush()
    db.session.execute(delete(ResourceWord).where(ResourceWord.resource_id == resource.id))
    weights = _weights(resource) | dict.fromkeys(facets(resource), 0)
    rows = [{"word": word, "resource_id": resource.id, "weight": weight} for word, weight in weights.items()]
    if rows:
        db.session.execute(insert(ResourceWord), rows)


def facets(resource: Resource) -> Iterator[str]:
    """Yield what filters ask for: `topic:…`, `audience:…`, `language:…`; no word of a text has a colon."""
    yield from (f"topic:{slug}"[:60] for slug in resource.topics)
    yield from (f"audience:{name}" for name in resource.audiences)
    yield from (f"language:{code}" for code in resource.languages)


def _weights(resource: Resource) -> dict[str, int]:
    found: dict[str, int] = {}
    for weight, texts in _texts(resource):
        for word, times in Counter(word for text in texts for word in words(text)).items():
            found[word] = found.get(word, 0) + round(weight * (1 + min(3.0, math.log2(times))))
    heaviest = sorted(found.items(), key=lambda item: -item[1])[:MOST_WORDS]
    return dict(heaviest)


def _texts(resource: Resource) -> Iterator[tuple[int, Iterable[str]]]:
    yield TITLE, resource.titles.values()
    yield AUTHOR, [resource.authors]
    labels = [TYPES.get(resource.kind, ""), *(AUDIENCES.get(one, "") for one in resource.audiences)]
    yield LABEL, [*map(str, labels), *resource.topics]
    yield SUMMARY, resource.summaries.values()
    yield BODY, resource.bodies.values()
    read = select(ResourceFile.text).where(ResourceFile.resource_id == resource.id, ResourceFile.replaced_at.is_(None))
    yield TEXT, [*resource.transcripts.values(), *db.session.scalars(read)]


def _bare(word: str) -> str:
    return word[len(ARTICLE) :] if word.startswith(ARTICLE) and len(word) > len(ARTICLE) + 2 else word
