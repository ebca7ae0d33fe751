"""What the audience of a mailing is to be, as its draft keeps it; drafts with one `segment` are older, and read too."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from crm.mailings.models import Mailing

ANY, ALL = "any", "all"
OWN_TOPIC, TOPICS, EVERYONE = "topic", "topics", "all"


@dataclass(frozen=True)
class Wanted:
    """`people`: "topic" (who subscribes to its topic), "topics" (to any or all of `topics`), "all" (to anything).

    They are narrowed to those in any or all of `segments`, without those who have one of `without_topics`, are in one
    of `without_segments`, got one of `without_mailings`, or are one of `without_people` (ids of contacts).
    """

    people: str = OWN_TOPIC
    topics: list[int] = field(default_factory=list)
    topics_match: str = ANY
    segments: list[int] = field(default_factory=list)
    segments_match: str = ANY
    without_topics: list[int] = field(default_factory=list)
    without_segments: list[int] = field(default_factory=list)
    without_mailings: list[int] = field(default_factory=list)
    without_people: list[int] = field(default_factory=list)

    @property
    def named_segments(self) -> set[int]:
        """Which segments it needs, to narrow or to leave out."""
        return {*self.segments, *self.without_segments}

    def kept(self) -> dict[str, Any]:
        """Return it as a draft keeps it."""
        return asdict(self)


def of(mailing: Mailing) -> Wanted:
    """Return what the mailing wants."""
    return read(mailing.audience)


def read(kept: Mapping[str, Any]) -> Wanted:
    """Return what a draft has kept, or one written when there was a single `segment`."""
    known = {name: value for name, value in kept.items() if name in Wanted.__dataclass_fields__ and value}
    if kept.get("segment") and "segments" not in known:
        known["segments"] = [kept["segment"]]
    return Wanted(**known)
