"""People out, as CSV."""

from collections.abc import Iterator, Sequence

from crm.base import tables
from crm.base.database import reading
from crm.contacts import listing
from crm.contacts.custom_fields import answers, questions
from crm.contacts.custom_fields.asking import PREFIX
from crm.contacts.custom_fields.kinds import Answer
from crm.contacts.custom_fields.models import CustomField
from crm.contacts.models import Contact
from crm.contacts.segments import Definition
from crm.contacts.status import Status
from crm.extensions import db

# The headers are those that the import reads.
HEADER = (
    "email",
    "first_name",
    "last_name",
    "organization",
    "phone",
    "city",
    "state",
    "zip_code",
    "language",
    "time_zone",
    "subscription_status",
    "topics",
    "tags",
    "source",
    "added",
    "confirmed",
)
# A status column of ours says plainly who must not be written to, also to the program that reads it next.
STATUS = {"active": "subscribed", "blocked": "bounced", "pending": "unconfirmed", "none": "none"}


def lines(described: Definition) -> Iterator[str]:
    """Yield the lines of a CSV file of the people described, formula-safe; reads 1,000 at a time."""
    with reading():
        fields = questions.everything()
        db.session.expunge_all()
        db.session.rollback()
    yield from tables.csv_lines((*HEADER, *(PREFIX + field.key for field in fields)), _rows(described, fields))


def _rows(described: Definition, fields: Sequence[CustomField]) -> Iterator[list[str]]:
    for batch in listing.in_batches(described):
        given = _answers([contact.id for contact, _ in batch]) if fields else {}
        for contact, status in batch:
            mine = given.get(contact.id, {})
            yield [*_row(contact, status), *(answers.as_text(field, mine) for field in fields)]


def _answers(ids: Sequence[int]) -> dict[int, dict[str, Answer]]:
    with reading():
        found = answers.of_all(ids)
        db.session.rollback()
    return found


def _row(contact: Contact, status: Status) -> list[str]:
    active = [slug for slug, state in status.topics.items() if state == "active"]
    return [
        contact.email or "",
        contact.first_name,
        contact.last_name,
        contact.organization_name,
        contact.phone,
        contact.city,
        contact.state,
        contact.zip_code,
        contact.language,
        contact.zone,
        STATUS.get(status.word, status.word),
        " ".join(active),
        ", ".join(f'"{tag.name}"' if "," in tag.name else tag.name for tag in contact.tags),
        contact.source.label if contact.source else "",
        contact.created_at.isoformat(timespec="seconds"),
        contact.confirmed_at.isoformat(timespec="seconds") if contact.confirmed_at else "",
    ]
