"""Who gets a mailing: an active subscription and an address, narrowed, less exclusions, influencers and who had enough.

Influencers are held out of some kinds; who had enough mailings lately is left out by the cap.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, false, func, literal, select

from crm.contacts import preferences
from crm.contacts.models import ConsentRecord, Contact, Subscription
from crm.contacts.segment_tests import among
from crm.delivery import suppression
from crm.delivery.models import Suppression
from crm.extensions import db
from crm.influencers import bulk
from crm.influencers.models import Influencer
from crm.mailings import fields, texts
from crm.mailings.capping import rule
from crm.mailings.capping.models import FrequencyCap
from crm.mailings.choosing import conditions, wanted
from crm.mailings.choosing.conditions import AudienceGone
from crm.mailings.choosing.words import describe, nobody
from crm.mailings.models import Mailing
from crm.mailings.texts import Text

__all__ = ["AudienceGone", "describe", "nobody"]
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
    return and_(*_gets_it(mailing), ~_blocked(mailing))


def select_copies(
    mailing: Mailing, reads: ColumnElement[bool], names: set[str], others: Collection[int] = ()
) -> Select[Any]:
    """Return the select of (address, contact id, merge) that the outbox freezes for those who read a text.

    Whoever has a copy of one of these other messages gets none: who chose another language meanwhile would get two.
    """
    return _copies(names, *_gets_it(mailing), reads, ~texts.has_copy(others))


def select_copies_still(
    mailing: Mailing, reads: ColumnElement[bool], names: set[str], others: Collection[int] = ()
) -> Select[Any]:
    """Return the same select, of a released mailing, under what is quickly told of some contacts.

    Segments and who got other mailings are left to `select_copies`: they are lists of all who are there.
    """
    alone = [*conditions.subscribing(mailing), *conditions.not_left_out(wanted.of(mailing))]
    alone += [among(_held_out(mailing), False)] if _holds(mailing) else []
    left_out = rule.leaves_out(mailing)
    alone += [] if left_out is None else [~left_out]
    return _copies(names, *alone, reads, ~texts.has_copy(others))


def reach(mailing: Mailing, *, counted: bool = True) -> Reach:
    """Tell whom it reaches; not counted, `recipients` only says whether there is anybody at all."""
    try:
        who = _wanted(mailing)
    except AudienceGone as gone:
        return Reach(gone=str(gone))
    if not counted:
        found = len(db.session.scalars(select(Contact.id).where(reaches(mailing)).limit(1)).all())
        return Reach(recipients=found, capped=0 if found else _capped(mailing))
    held = select(Contact.id).where(*conditions.agreed(mailing), among(_held_out(mailing)))
    named = bulk.among(held) if _holds(mailing) else ()
    influencers = select(Influencer.contact_id)
    going = select(Contact.id).where(*_gets_it(mailing, influencers), among(influencers))
    recipients, blocked, capped = _numbers(mailing, who)
    return Reach(recipients, blocked, capped, named, bulk.among(going))


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


def _copies(names: set[str], *conditions_of_contact: ColumnElement[bool]) -> Select[Any]:
    return select(Contact.email, Contact.id, fields.merge_json(names)).where(*conditions_of_contact)


def _numbers(mailing: Mailing, who: list[ColumnElement[bool]]) -> tuple[int, int, int]:
    """Return how many recipients there are, how many are blocked and how many capped, by one look at all of them."""
    enough = rule.left_out(mailing).subquery()
    # Distinct, so that SQLite makes a short list of it once, and does not look each contact up again.
    blocked = select(Contact.id).where(Contact.address_hash.in_(_blocked_hashes(mailing))).distinct().subquery()
    is_capped, is_blocked = enough.c[0].is_not(None), blocked.c[0].is_not(None)
    numbers = (~is_capped & ~is_blocked, ~is_capped & is_blocked, is_capped)
    people = select(*(func.count().filter(each) for each in numbers)).select_from(Contact)
    for these in (enough, blocked):
        people = people.outerjoin(these, these.c[0] == Contact.id)
    found = db.session.execute(people.where(*who)).one()
    return int(found[0]), int(found[1]), int(found[2])


def _capped(mailing: Mailing) -> int:
    """Return 1 where the cap leaves anybody out, else 0."""
    found = capped(mailing).with_only_columns(Contact.id).order_by(None).limit(1)
    return len(db.session.scalars(found).all())


def _blocked(mailing: Mailing) -> ColumnElement[bool]:
    hashes = _blocked_hashes(mailing).where(Suppression.address_hash == Contact.address_hash)
    return hashes.correlate(Contact).exists()


def _blocked_hashes(mailing: Mailing) -> Select[str]:
    lists = [suppression.EVERY_LIST, mailing.topic.slug]
    return select(Suppression.address_hash).where(Suppression.list_id.in_(lists))


def _gets_it(mailing: Mailing, of: Select[int] | None = None) -> list[ColumnElement[bool]]:
    """Those who get it; `of`: that they are among these few contacts is asked besides."""
    left_out = rule.leaves_out(mailing, of)
    return _wanted(mailing) if left_out is None else [*_wanted(mailing), ~left_out]


def _wanted(mailing: Mailing) -> list[ColumnElement[bool]]:
    """Those who would get it if there were no cap."""
    agreed = conditions.agreed(mailing)
    return [*agreed, among(_held_out(mailing), False)] if _holds(mailing) else agreed


def _holds(mailing: Mailing) -> bool:
    return mailing.kind in HELD_OUT_OF


def _held_out(mailing: Mailing) -> Select[int]:
    """Return the select of the ids of influencers who did not confirm the topic themselves."""
    words = literal(" ", String) + ConsentRecord.topics + " "
    # One join, for which the planners go from the few influencers; of two conditions PostgreSQL reads all records.
    still = (Subscription.contact_id == ConsentRecord.contact_id) & (Subscription.state == "active")
    confirmed = select(ConsentRecord.id).join(Subscription, still)
    confirmed = confirmed.where(
        ConsentRecord.contact_id == Influencer.contact_id,
        ConsentRecord.act == "given",
        ConsentRecord.method.in_(BY_THEMSELVES),
        words.contains(f" {mailing.topic.slug} ", autoescape=True),
        Subscription.topic_id == mailing.topic.id,
    )
    return bulk.held_ids().where(~confirmed.correlate(Influencer).exists())
