"""Asking once a year, and letting rest who does not answer.

Who rests stays subscribed and gets no bulk mail, until they say so on the page behind the letter, choose anything on
the preference page, or sign up again.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update

from crm.base import audit, clock, signing
from crm.base.activities import activities
from crm.base.database import insert_into
from crm.base.public_pages import public_url
from crm.contacts import links, subscriptions, timeline
from crm.contacts.interest.models import InterestCheck, InterestQuestion
from crm.contacts.merging import former
from crm.contacts.models import ConsentRecord, Contact
from crm.contacts.segment_tests import among
from crm.delivery import letters
from crm.extensions import db

SILENT, ANSWER = timedelta(days=365), timedelta(days=30)
ASKED, STAYS, RESTS = "asked", "stays", "rests"
BATCH = 200  # letters a run, so that a whole list is asked over hours
PURPOSE = "stay"
ONLY = 1


def is_on() -> bool:
    """Tell whether people are asked."""
    return bool(db.session.scalar(select(InterestCheck.enabled).where(InterestCheck.id == ONLY)))


def turn(on: bool) -> None:
    """Begin or stop asking; who rests goes on to rest."""
    row = db.session.get(InterestCheck, ONLY) or InterestCheck(id=ONLY)
    if row.enabled != on:
        audit.record("turn", "interest_check", ONLY, enabled=[row.enabled, on])
    row.enabled = on
    db.session.add(row)


def ask_due() -> int:
    """Ask some of those who have done nothing for a year; return how many. A job."""
    if not is_on():
        return 0
    people = db.session.scalars(select(Contact).where(*silent()).order_by(Contact.id).limit(BATCH)).all()
    for contact in people:
        _ask(contact)
    return len(people)


def settle() -> int:
    """Let rest who did not answer for 30 days, and stay who did something since; return how many. A job."""
    late = (InterestQuestion.state == ASKED, InterestQuestion.asked_at < clock.now() - ANSWER)
    rows = db.session.execute(
        select(InterestQuestion.contact_id, InterestQuestion.asked_at).where(*late).limit(BATCH)
    ).all()
    for contact_id, asked_at in rows:
        active = db.session.scalar(select(Contact.id).where(Contact.id == contact_id, _did_something(asked_at)))
        _note(contact_id, STAYS if active else RESTS, asked_at)
    return len(rows)


def silent() -> list[ColumnElement[bool]]:
    """Return the conditions of contacts who have done nothing for a year, and were not asked in that time."""
    year_ago = clock.now() - SILENT
    asked = select(InterestQuestion.contact_id).where(
        (InterestQuestion.asked_at >= year_ago) | (InterestQuestion.state == ASKED)
    )
    return [
        Contact.email.is_not(None),
        Contact.confirmed_at < year_ago,
        Contact.id.in_(subscriptions.active()),
        Contact.id.not_in(asked),
        ~resting(),
        ~_did_something(year_ago),
    ]


def resting() -> ColumnElement[bool]:
    """Return the condition of contacts who rest: no bulk mail is sent to them."""
    again = select(ConsentRecord.id).where(
        ConsentRecord.contact_id == InterestQuestion.contact_id,
        ConsentRecord.act == "given",
        ConsentRecord.at > InterestQuestion.asked_at,
    )
    return among(select(InterestQuestion.contact_id).where(InterestQuestion.state == RESTS, ~again.exists()))


def stay(contact: Contact) -> None:
    """Write down that somebody wants to go on, whenever that is said."""
    changed = update(InterestQuestion).where(InterestQuestion.contact_id == contact.id, InterestQuestion.state != STAYS)
    if db.session.execute(changed.values(state=STAYS)).rowcount:  # type: ignore[attr-defined]
        timeline.record(contact, "interest", "Said: still interested")


def contact_of(token: str) -> Contact | None:
    """Return whose page a link opens; None where there is no such person any more."""
    return former.contact(int(signing.read(PURPOSE, token)))


def counts() -> dict[str, int]:
    """Return how many would be asked now, are asked, stay and rest."""
    rows = select(InterestQuestion.state, func.count()).group_by(InterestQuestion.state)
    found = dict.fromkeys((ASKED, STAYS, RESTS), 0) | dict(db.session.execute(rows).all())
    people = select(func.count()).select_from(Contact)
    due, rest = (db.session.scalar(people.where(*which)) or 0 for which in (silent(), [resting()]))
    # Who signed up again rests no longer, whatever became of the question then.
    return {"due": due, **found, STAYS: found[STAYS] + found[RESTS] - rest, RESTS: rest}


def register() -> None:
    """Count choosing topics, and signing up again, as interest."""
    activities.add("consent", _consented)


def _ask(contact: Contact) -> None:
    now = clock.now()
    row = {"contact_id": contact.id, "asked_at": now, "state": ASKED}
    new = insert_into(InterestQuestion).values(row)
    db.session.execute(new.on_conflict_do_update(index_elements=["contact_id"], set_=row))
    merge = {"stay_url": public_url(f"/stay/{signing.sign(PURPOSE, str(contact.id))}")}
    merge["preferences_url"] = links.preferences(contact.id)
    occasion = f"interest:{now:%Y-%m-%d}"
    letters.send(
        "still_interested",
        contact.email or "",
        locale=contact.language,
        occasion=occasion,
        merge=merge,
        contact_id=contact.id,
    )


def _note(contact_id: int, state: str, asked_at: datetime) -> None:
    same = (InterestQuestion.contact_id == contact_id, InterestQuestion.asked_at == asked_at)
    changed = update(InterestQuestion).where(*same, InterestQuestion.state == ASKED).values(state=state)
    done = db.session.execute(changed)
    contact = db.session.get(Contact, contact_id)
    if done.rowcount and state == RESTS and contact:  # type: ignore[attr-defined]
        timeline.record(contact, "interest", "Rests: no answer to “still interested?”")


def _did_something(since: datetime) -> ColumnElement[bool]:
    conditions = [condition(since) for condition in activities]
    found = conditions[0]
    for one in conditions[1:]:
        found = found | one
    return found


def _consented(since: datetime) -> ColumnElement[bool]:
    given = select(ConsentRecord.id).where(
        ConsentRecord.contact_id == Contact.id, ConsentRecord.act == "given", ConsentRecord.at >= since
    )
    return given.exists()
