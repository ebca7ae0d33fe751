"""The other version of a mailing: begun as a copy, written like any mailing, sent with the first."""

from email.utils import formataddr
from typing import Any

from sqlalchemy import select

from crm.base import audit
from crm.base.changes import Refused, lock
from crm.extensions import db
from crm.mailings import identity
from crm.mailings.comparing import sizes
from crm.mailings.comparing.models import MailingComparison
from crm.mailings.models import Mailing
from crm.mailings.texts import SENDING
from crm.organizations.models import Coalition

HOURS = (2, 4, 8, 24, 48)
SHARED = ("kind", *SENDING)


def of(mailing: Mailing) -> MailingComparison | None:
    """Return the comparison of a mailing, as version A."""
    return db.session.get(MailingComparison, mailing.id) if mailing.id else None


def main_of(mailing_id: int) -> Mailing | None:
    """Return the mailing of which that one is version B."""
    query = select(Mailing).join(MailingComparison, MailingComparison.mailing_id == Mailing.id)
    return db.session.scalar(query.where(MailingComparison.other_id == mailing_id))


def sender(mailing_id: int, who: Coalition) -> str:
    """Return the From of a mailing; as version B, with the name that this goes out under."""
    query = select(MailingComparison.sender_name).where(MailingComparison.other_id == mailing_id)
    name = db.session.scalar(query)
    return formataddr((name, who.sender_email)) if name else identity.sender(who)


def begin(mailing: Mailing, other: Mailing, recipients: int) -> MailingComparison:
    """Compare a draft with another, a copy of it; raises Refused where it reaches too few to decide."""
    shares = sizes.shares(recipients)
    if not shares:
        raise Refused(too_few(recipients), "")
    found = MailingComparison(mailing_id=mailing.id, other_id=other.id, share=shares[0])
    db.session.add(found)
    other.subject = mailing.subject
    _touch(mailing, "compare")
    return found


def change(comparison: MailingComparison, values: dict[str, Any], recipients: int) -> None:
    """Change how it is compared; raises Refused."""
    if comparison.mailing.state != "draft":
        raise Refused("Take the mailing back to a draft first.", "")
    if values["share"] not in sizes.shares(recipients):
        raise Refused(f"Choose a larger share: each version needs {sizes.each():,} people.", "share")
    for name, value in values.items():
        setattr(comparison, name, value)
    _touch(comparison.mailing, "compare")


def end(comparison: MailingComparison) -> None:
    """Take the other version away, while nothing was sent; raises Refused."""
    mailing, other = comparison.mailing, comparison.other
    if mailing.state != "draft":
        raise Refused("Take the mailing back to a draft first.", "")
    db.session.delete(comparison)
    db.session.flush()
    db.session.delete(other)
    _touch(mailing, "compare")


def closed(mailing: Mailing) -> str:
    """Return why nothing can be changed in a version B now, in words; "" where it can, and for all other mailings."""
    main = main_of(mailing.id)
    if main is None:
        return ""
    lock(main)
    return (
        "" if main.state == "draft" else f"The mailing that it is version B of is {main.state}. Take that back first."
    )


def follow(mailing: Mailing) -> None:
    """Let what was saved count for the other version too: both go to the same people, and each is part of the whole."""
    if comparison := of(mailing):
        for name in SHARED:
            setattr(comparison.other, name, getattr(mailing, name))
    elif main := main_of(mailing.id):
        _touch(main, "save")


def too_few(recipients: int) -> str:
    """Return why two versions of a mailing to so many people are not compared, in words."""
    return (
        f"With {recipients:,} recipients, chance would decide. Three clicks more in a hundred can be told from chance "
        f"only where about {sizes.each():,} people get each version, so two versions are compared from "
        f"{sizes.least():,} recipients on."
    )


def _touch(mailing: Mailing, verb: str) -> None:
    mailing.version += 1
    db.session.flush()
    audit.record(verb, "mailing", mailing.id)
