"""What people answered: kept by contact, one answer to each question."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import delete, select

from crm.base import clock
from crm.base.database import insert_into
from crm.contacts.custom_fields import kinds, questions
from crm.contacts.custom_fields.kinds import Answer
from crm.contacts.custom_fields.models import CustomField, CustomValue
from crm.extensions import db


def of(contact_id: int) -> dict[str, Answer]:
    """Return what the contact answered, by the keys of the questions."""
    return of_all([contact_id]).get(contact_id, {})


def of_all(ids: Collection[int]) -> dict[int, dict[str, Answer]]:
    """Return what these contacts answered, by contact and key."""
    query = select(CustomValue.contact_id, CustomValue.field_id, CustomValue.text)
    fields = {field.id: field for field in questions.everything()}
    found: dict[int, dict[str, Answer]] = {}
    if not fields:
        return found
    for contact_id, field_id, text in db.session.execute(query.where(CustomValue.contact_id.in_(ids))):
        if field_id in fields:
            found.setdefault(contact_id, {})[fields[field_id].key] = kinds.answer_of(fields[field_id], text)
    return found


def keep(contact_id: int, given: Mapping[str, Answer]) -> None:
    """Set the answers of a contact, by key; an empty one takes the answer away, questions that are gone are passed."""
    keep_all([(contact_id, given)])


def keep_all(given: Iterable[tuple[int, Mapping[str, Answer]]]) -> None:
    """Do what `keep` does for many contacts with few statements."""
    known = questions.by_key()
    rows = []
    for contact_id, answers in given:
        named = [(known[key], answer) for key, answer in answers.items() if key in known]
        # A question may have been deleted, and another one of its name asked, since somebody answered.
        named = [(field, answer) for field, answer in named if not answer or kinds.fits(field, answer)]
        _take_away(contact_id, [field.id for field, answer in named if not answer])
        about = {"contact_id": contact_id, "answered_at": clock.now()}
        rows += [{**about, "field_id": f.id, **kinds.columns(f, answer)} for f, answer in named if answer]
    if rows:
        insert = insert_into(CustomValue)
        names = ("text", "number", "day", "answered_at")
        taken = {name: insert.excluded[name] for name in names}
        db.session.execute(insert.on_conflict_do_update(index_elements=["contact_id", "field_id"], set_=taken), rows)


def take_back(contact_id: int, given: Mapping[str, Answer]) -> None:
    """Take away those of these answers that are still what the contact's record says."""
    present, known = of(contact_id), questions.by_key()
    same = [known[key].id for key, answer in given.items() if key in present and present[key] == answer]
    _take_away(contact_id, same)


def shown(contact_id: int) -> list[tuple[str, str]]:
    """Return the questions that the contact answered and the answers, as staff read them, in their order."""
    query = select(CustomField, CustomValue.text).join(CustomValue).where(CustomValue.contact_id == contact_id)
    rows = db.session.execute(query.order_by(CustomField.position, CustomField.id))
    return [(field.label(), kinds.shown(field, kinds.answer_of(field, text))) for field, text in rows]


def as_text(field: CustomField, given: Mapping[str, Answer]) -> str:
    """Return the answer to one question as a file shows it, "" for none."""
    return kinds.shown(field, given[field.key]) if field.key in given else ""


def _take_away(contact_id: int, field_ids: Collection[int]) -> None:
    if field_ids:
        mine = (CustomValue.contact_id == contact_id, CustomValue.field_id.in_(field_ids))
        db.session.execute(delete(CustomValue).where(*mine))
