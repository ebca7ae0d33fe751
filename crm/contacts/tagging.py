"""Tags: on one person, or on everybody whom a filter describes."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from crm.base import audit
from crm.base.database import insert_into
from crm.contacts import segments
from crm.contacts.models import Contact, Tag, contact_tag
from crm.contacts.segments import Definition
from crm.extensions import db

MAX_NAME = 200
CHUNK = 2000


class BadTag(ValueError):
    """The text cannot be a tag."""


def clean(name: str) -> str:
    """Return the tag as it is written; raises BadTag."""
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise BadTag(f"A tag has one to {MAX_NAME} characters.")
    return name


def ids_of(described: Definition) -> Sequence[int]:
    """Return the ids of the people described; raises BadDefinition."""
    return db.session.scalars(segments.select(described).order_by(Contact.id)).all()


def add(contact_ids: Sequence[int], name: str) -> int:
    """Tag these people, and return how many did not have the tag; commits after every 2,000. Raises BadTag."""
    tag_id = _tag_id(clean(name))
    db.session.commit()
    done = 0
    for start in range(0, len(contact_ids), CHUNK):
        part = contact_ids[start : start + CHUNK]
        fresh = select(Contact.id, db.literal(tag_id)).where(
            Contact.id.in_(part),
            Contact.id.not_in(select(contact_tag.c.contact_id).where(contact_tag.c.tag_id == tag_id)),
        )
        statement = insert_into(contact_tag).from_select(["contact_id", "tag_id"], fresh).on_conflict_do_nothing()
        done += len(db.session.scalars(statement.returning(contact_tag.c.contact_id)).all())
        db.session.commit()
    audit.record("tag", "contact", tag=name, people=done)
    db.session.commit()
    return done


def remove(contact_ids: Sequence[int], name: str) -> int:
    """Take the tag from these people, and return how many had it; commits after every 2,000. Raises BadTag."""
    tag_id = db.session.scalar(select(Tag.id).where(Tag.name == clean(name)))
    done = 0
    for start in range(0, len(contact_ids) if tag_id else 0, CHUNK):
        part = contact_ids[start : start + CHUNK]
        gone = delete(contact_tag).where(contact_tag.c.tag_id == tag_id, contact_tag.c.contact_id.in_(part))
        done += db.session.execute(gone).rowcount  # type: ignore[attr-defined]
        db.session.commit()
    audit.record("untag", "contact", tag=name, people=done)
    db.session.commit()
    return done


def _tag_id(name: str) -> int:
    db.session.execute(insert_into(Tag).values(name=name).on_conflict_do_nothing())
    return db.session.scalars(select(Tag.id).where(Tag.name == name)).one()
