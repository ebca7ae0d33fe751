"""Who gets a mailing: an active subscription and an address, narrowed, less exclusions, influencers and who had enough.

Influencers are held out of some kinds; who had enough mailings lately is left out by the cap.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, false, func, literal, select

from crm.contacts import preferences
from crm.contacts.models import ConsentRecord, Contact, Topic
from crm.contacts.segment_tests import among
from crm.delivery import suppression
from crm.delivery.models import Suppression
from crm.extensions import db
from crm.influencers import bulk
from crm.influencers.models import Influencer
from crm.mailings import fields, texts
from crm.mailings.capping import rule
from crm.mailings.capping.models import FrequencyCap
from crm.mailings.choosing import conditions
from crm.mailings.choosing.conditions import AudienceGone
from crm.mailings.choosing.words import describe
from crm.mailings.models import Mailing
from crm.mailings.texts import Text

__all__ = ["AudienceGone", "describe"]
SAMPLE = 5
# Of these, influencers get only what they asked for themselves: an ask is made to them in person, not by bulk mail.
BY_THEMSELVES = frozenset({"double_opt_in", preferences.METHOD})
HELD_OUT_OF = frozenset({"call_to_action", "sharing_tools"})


@dataclass(frozen=True)
class Reach:
    """Whom a mailing reaches now.

    Blocked ones are left out of `recipients`, and so are those `capped`, who had enough mailings lately; `held` are
    influencers held out, `influencers` those who get it; `gone` says why the audience cannot be told at all.
    """

    recipients: int = 0
    blocked: int = 0
    capped: int = 0
    held: Sequence[Influencer] = ()
    influencers: Sequence[Influencer] = ()
    gone: str = ""


def select_ids(mailing: Mailing) -> Select[Any]:
    """Return the select of the ids of all who get the mailing. Suppressed addresses are left out when it is sent."""
    return select(Contact.id).where(*_gets_it(mailing))


def select_people(mailing: Mailing) -> Select[Any]:
    """Return the select of the contacts who get the mailing."""
    return select(Contact).where(*_gets_it(mailing))


def reaches(mailing: Mailing) -> ColumnElement[bool]:
    """Return the condition that a contact gets the mailing, and its address is not blocked."""
    return and_(*_gets_it(mailing), ~_blocked(mailing.topic))


def select_copies(
    mailing: Mailing, reads: ColumnElement[bool], names: set[str], others: Collection[int] = ()
) -> Select[Any]:
    """Return the select of (address, contact id, merge) that the outbox freezes for those who read a text.

    Whoever has a copy of one of the other messages gets none: who chose another language meanwhile would get two.
    """
    # Flat, without a subquery of ids, so that a chunk of the outbox reads only its own range of contacts.
    conditions = [*_gets_it(mailing), reads]
    if others:
        conditions.append(~texts.has_copy(others))
    return select(Contact.email, Contact.id, fields.merge_json(names)).where(*conditions)


def reach(mailing: Mailing, *, counted: bool = True) -> Reach:
    """Tell whom it reaches; not counted, `recipients` only says whether there is anybody at all."""
    try:
        people = select_ids(mailing)
    except AudienceGone as gone:
        return Reach(gone=str(gone))
    if not counted:
        reachable = people.where(~_blocked(mailing.topic))
        found = len(db.session.scalars(reachable.limit(1)).all())
        return Reach(recipients=found, capped=0 if found else _capped(mailing, most=1))
    counted_people = people.with_only_columns(func.count(), func.count().filter(_blocked(mailing.topic)))
    number, blocked = db.session.execute(counted_people).one()
    held = select(Contact.id).where(*conditions.agreed(mailing), _held_out(mailing))
    named = bulk.among(held) if _holds(mailing) else ()
    return Reach(number - blocked, blocked, _capped(mailing), named, bulk.among(people))


def why(mailing: Mailing, influencer: Influencer) -> str:
    """Return why an influencer gets a mailing of a kind that influencers are held out of; "" for other kinds."""
    if mailing.kind not in HELD_OUT_OF:
        return ""
    if influencer.released_at is not None:
        by = influencer.released_by.name if influencer.released_by else "somebody"
        return f"Released by {by}: {influencer.release_reason}"
    return f"Confirmed {mailing.topic.name()} themselves"


def sample(mailing: Mailing, size: int = SAMPLE) -> Sequence[Contact]:
    """Return some of the recipients, in a mixed but steady order, for the eye and for previews."""
    mixed = (Contact.id % 10007 * 7919) % 10007
    query = select(Contact).where(*_gets_it(mailing)).order_by(mixed, Contact.id).limit(size)
    return db.session.scalars(query).all()


def without(mailing: Mailing, said: Text, name: str) -> int:
    """Return how many who get that text have nothing to put into that merge field."""
    here = (*_gets_it(mailing), texts.reads(said, mailing), fields.is_empty(name))
    query = select(func.count(Contact.id)).where(*here)
    return db.session.scalar(query) or 0


def over_the_cap(mailing: Mailing, cap: FrequencyCap) -> Select[Any]:
    """Return the select of the ids of those whom the cap leaves out as it is now. Raises AudienceGone."""
    return select(Contact.id).where(*_wanted(mailing), among(rule.over(cap, mailing)))


def capped(mailing: Mailing) -> Select[Any]:
    """Return the query of those whom the cap would leave out now, by their address. Raises AudienceGone."""
    left_out = rule.leaves_out(mailing)
    query = select(Contact).where(*_wanted(mailing), false() if left_out is None else left_out)
    return query.order_by(Contact.email, Contact.id)


def _capped(mailing: Mailing, most: int | None = None) -> int:
    if rule.leaves_out(mailing) is None:
        return 0
    found = capped(mailing).with_only_columns(Contact.id).order_by(None).limit(most)
    return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0


def _blocked(topic: Topic) -> ColumnElement[bool]:
    lists = Suppression.list_id.in_([suppression.EVERY_LIST, topic.slug])
    return select(Suppression.list_id).where(Suppression.address_hash == Contact.address_hash, lists).exists()


def _gets_it(mailing: Mailing) -> list[ColumnElement[bool]]:
    left_out = rule.leaves_out(mailing)
    return _wanted(mailing) if left_out is None else [*_wanted(mailing), ~left_out]


def _wanted(mailing: Mailing) -> list[ColumnElement[bool]]:
    """Those who would get it if there were no cap."""
    agreed = conditions.agreed(mailing)
    return [*agreed, ~_held_out(mailing)] if _holds(mailing) else agreed


def _holds(mailing: Mailing) -> bool:
    return mailing.kind in HELD_OUT_OF


def _held_out(mailing: Mailing) -> ColumnElement[bool]:
    return Contact.id.in_(bulk.held_ids()) & ~_confirmed_themselves(mailing.topic)


def _confirmed_themselves(topic: Topic) -> ColumnElement[bool]:
    words = literal(" ", String) + ConsentRecord.topics + " "
    record = select(ConsentRecord.id).where(
        ConsentRecord.contact_id == Contact.id,
        ConsentRecord.act == "given",
        ConsentRecord.method.in_(BY_THEMSELVES),
        words.contains(f" {topic.slug} ", autoescape=True),
    )
    return record.exists() & conditions.subscribed([topic.id])
