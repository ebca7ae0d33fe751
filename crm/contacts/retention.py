"""What time does to sign-ups: one reminder after 48 hours, oblivion after 30 days."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, delete, exists, or_, select, update
from sqlalchemy.orm import aliased

from crm.base import clock
from crm.base.deeds import deeds
from crm.contacts import joining, letters, subscriptions
from crm.contacts.merging.models import NotTheSame
from crm.contacts.models import ConsentRecord, Contact, SignUp, Subscription
from crm.delivery import suppression
from crm.extensions import db

REMIND_AFTER = timedelta(hours=48)
KEEP_UNCONFIRMED = timedelta(days=30)
KEEP_NETWORK = timedelta(days=30)
BATCH = 200


def remind() -> int:
    """Remind those who have not confirmed, once each; returns how many. A job."""
    now = clock.now()
    newer = aliased(SignUp)
    query = (
        select(SignUp)
        .where(
            SignUp.state == "open",
            SignUp.mail == joining.CONFIRM,
            SignUp.reminded_at.is_(None),
            SignUp.created_at.between(now - joining.LINK_LIFE, now - REMIND_AFTER),
            ~exists().where(newer.contact_id == SignUp.contact_id, newer.id > SignUp.id),
            ~exists().where(newer.contact_id == SignUp.contact_id, newer.reminded_at.is_not(None)),
        )
        .limit(BATCH)
    )
    return sum(_remind(sign_up) for sign_up in db.session.scalars(query).all())


def remind_no_more(made_at: datetime) -> int:
    """Remind nobody of a sign-up from before that moment, for that may have been done already; return how many."""
    open_ones = (SignUp.state == "open", SignUp.mail == joining.CONFIRM, SignUp.reminded_at.is_(None))
    reminded = update(SignUp).where(*open_ones).values(reminded_at=made_at)
    done = db.session.execute(reminded.execution_options(synchronize_session=False))
    return int(done.rowcount)  # type: ignore[attr-defined]


def forget_unconfirmed() -> int:
    """Delete sign-ups that nobody confirmed in 30 days, and whom nothing else holds; returns how many. A job."""
    old = (SignUp.state != "confirmed", SignUp.created_at < clock.now() - KEEP_UNCONFIRMED)
    rows = db.session.execute(select(SignUp.id, SignUp.contact_id, SignUp.made_contact).where(*old).limit(BATCH)).all()
    contacts = {row.contact_id for row in rows}
    made_here = {row.contact_id for row in rows if row.made_contact}
    # A later sign-up of the same person inherits that nothing else brought the contact here.
    heirs = (SignUp.contact_id.in_(made_here), SignUp.id.not_in([row.id for row in rows]))
    db.session.execute(update(SignUp).where(*heirs).values(made_contact=True))
    db.session.execute(delete(SignUp).where(SignUp.id.in_([row.id for row in rows])))
    still_open = select(SignUp.contact_id).where(SignUp.state == "open", SignUp.contact_id.in_(contacts))
    db.session.execute(
        delete(Subscription).where(
            Subscription.contact_id.in_(contacts),
            Subscription.contact_id.not_in(still_open),
            Subscription.state == subscriptions.PENDING,
        )
    )
    db.session.execute(delete(Contact).where(Contact.id.in_(made_here), *(_not_held_by(t) for t in _holders())))
    return len(rows)


def forget_networks() -> None:
    """Forget from where sign-ups and consents came, 30 days later. A job."""
    before = clock.now() - KEEP_NETWORK
    db.session.execute(update(SignUp).where(SignUp.ip.is_not(None), SignUp.created_at < before).values(ip=None))
    records = update(ConsentRecord).where(ConsentRecord.ip.is_not(None), ConsentRecord.at < before)
    db.session.execute(records.values(ip=None))


def _remind(sign_up: SignUp) -> int:
    address = sign_up.contact.email
    claim = update(SignUp).where(SignUp.id == sign_up.id, SignUp.reminded_at.is_(None), SignUp.state == "open")
    claimed = db.session.execute(claim.values(reminded_at=clock.now())).rowcount  # type: ignore[attr-defined]
    if not claimed or not address or suppression.blocks(address, kind="transactional"):
        return 0
    topics, deed = subscriptions.named(sign_up.topics), joining.deed_of(sign_up)
    gone = deed is not None and not deeds[deed.kind].title(deed.about_id, sign_up.language)
    if deed is not None and not gone and not deeds[deed.kind].counts(deed.about_id):
        deed = None
    if gone or (not deed and joining.active_in_all(sign_up.contact_id, topics)):
        return 0
    letters.reminder(letters.Asked(sign_up.contact_id, address, sign_up.language, sign_up.id, topics, deed))
    return 1


def _holders() -> list[Table]:
    """Every table that may name a contact, those of upper rooms too; that two are not the same holds neither."""
    return [
        table
        for table in db.metadata.tables.values()
        if any(key.column.table is Contact.__table__ for key in table.foreign_keys)
        and table is not NotTheSame.__table__
    ]


def _not_held_by(table: Table) -> ColumnElement[bool]:
    columns = [key.parent for key in table.foreign_keys if key.column.table is Contact.__table__]
    return ~exists().where(or_(*(column == Contact.id for column in columns)))
