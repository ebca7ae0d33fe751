"""The fields that ask who gets a mailing; what was deleted meanwhile stays chosen until somebody takes it out."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from wtforms import RadioField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from crm.base.forms import Boxes, row_or_none
from crm.contacts import segments
from crm.contacts.models import Topic
from crm.extensions import db
from crm.mailings import naming
from crm.mailings.choosing import people
from crm.mailings.choosing.wanted import ALL, ANY, EVERYONE, OWN_TOPIC, TOPICS, Wanted
from crm.mailings.models import Mailing

PEOPLE = {
    OWN_TOPIC: "Those who subscribed to its topic",
    TOPICS: "Those who subscribed to topics that I choose",
    EVERYONE: "Everyone who subscribed to anything",
}
MATCHES = {ANY: "Any of them is enough", ALL: "All of them"}
OFFERED = 20  # mailings, the newest
MOST_CHARACTERS = 50_000
NAMES = tuple(Wanted.__dataclass_fields__)

Offered = list[tuple[int, str]]


def _row(text: Any) -> int:
    """Coerce: the number of a row; raises ValueError."""
    number = row_or_none(text)
    if number is None:
        raise ValueError("no row has that number")
    return number


class OfferedBoxes(Boxes):
    """Boxes that show what was ticked once and is no longer offered."""

    def offer(self, offered: Offered) -> None:
        """Set the choices, with what is chosen and no longer offered, so that nothing is unticked unseen."""
        known = {number for number, _ in offered}
        lost = [number for number in self.data or [] if number not in known]
        self.choices = [SelectChoice(*one) for one in [*offered, *((one, "(deleted)") for one in lost)]]


class AudienceFields:
    """Mixed into forms of mailings; `offer_audience` sets the choices, `wanted` returns what was chosen."""

    people = RadioField("People", choices=[SelectChoice(*one) for one in PEOPLE.items()], default=OWN_TOPIC)
    topics = OfferedBoxes("Topics", coerce=_row)
    topics_match = RadioField("Of several topics", choices=[SelectChoice(*one) for one in MATCHES.items()], default=ANY)
    segments = OfferedBoxes("Only those in the segments", coerce=_row)
    segments_match = RadioField(
        "Of several segments", choices=[SelectChoice(*one) for one in MATCHES.items()], default=ANY
    )
    without_topics = OfferedBoxes("Without people with an active subscription to", coerce=_row)
    without_segments = OfferedBoxes("Without those in the segment", coerce=_row)
    without_mailings = OfferedBoxes("Without those who got", coerce=_row)
    without_people = TextAreaField("Without these people", [Optional()])

    def offer_audience(self) -> None:
        """Set what may be chosen."""
        query = select(Topic).order_by(Topic.position, Topic.id)
        topics = [(topic.id, topic.name()) for topic in db.session.scalars(query)]
        named = [(segment.id, segment.name) for segment in segments.everything()]
        self.topics.offer(topics)
        self.without_topics.offer(topics)
        self.segments.offer(named)
        self.without_segments.offer(named)
        self.without_mailings.offer(_went(self.without_mailings.data or []))

    def wanted(self) -> Wanted:
        """Return what was chosen; of single people those who are on record."""
        names = [name for name in NAMES if name != "without_people"]
        chosen: dict[str, Any] = {name: getattr(self, name).data for name in names if getattr(self, name).data}
        return Wanted(**chosen, without_people=people.read(self.without_people.data or "").ids)

    def validate_topics(self, field: OfferedBoxes) -> None:
        """Topics that one chooses must be some."""
        if self.people.data == TOPICS and not field.data:
            raise ValidationError("Choose at least one topic.")

    def validate_without_people(self, field: TextAreaField) -> None:
        """Who is to be left out must be on record, or a typing mistake would let them get it."""
        text = field.data or ""
        found = people.read(text[:MOST_CHARACTERS])
        if len(found.ids) > people.MOST or len(text) > MOST_CHARACTERS:
            raise ValidationError(
                f"Name at most {people.MOST} people. Put more of them under a tag and leave that out."
            )
        if found.unknown:
            named = ", ".join(f"“{one[:60]}”" for one in found.unknown[:5])
            more = f" and {len(found.unknown) - 5} more" if len(found.unknown) > 5 else ""
            raise ValidationError(f"Nobody on record has the address {named}{more}. Correct it, or take it out.")


def typed(wanted: Wanted) -> dict[str, Any]:
    """Return what the fields show of an audience."""
    return wanted.kept() | {"without_people": people.write(wanted.without_people)}


def _went(chosen: Sequence[int]) -> Offered:
    query = select(Mailing.id, Mailing.subject, Mailing.released_at).where(Mailing.messages.any())
    query = query.order_by(Mailing.released_at.desc(), Mailing.id.desc())
    newest = db.session.execute(query.limit(OFFERED)).all()
    older = db.session.execute(query.where(Mailing.id.in_(chosen))).all() if chosen else []
    return [*dict(_named([*newest, *older])).items()]


def _named(rows: Iterable[Any]) -> Offered:
    return [(row.id, naming.told(row.subject, row.released_at)) for row in rows]
