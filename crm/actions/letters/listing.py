"""The letters and calls that staff look for, and their export."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from crm.actions.letters import figures
from crm.actions.letters.models import Outreach
from crm.actions.targets import channels, recipients
from crm.actions.targets.models import Target
from crm.base.database import in_batches
from crm.base.forms import row_number
from crm.base.words import searched
from crm.contacts.models import Contact
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.influencers.models import Influencer

HEADER = (
    "email",
    "first_name",
    "last_name",
    "zip_code",
    "target",
    "channel",
    "state",
    "new",
    "source",
    "at",
    "sent_at",
)
WHO = {"new": "New to the list", "known": "Known before"}
FILTERS = ("q", "target", "state", "who")
BATCH = 1000


def matching(action_id: int, wanted: Mapping[str, str]) -> Select[Any]:
    """Return the query of the outreach that is wanted, the newest first; its delivery, where it has one, is joined."""
    query = select(Outreach).join(Contact, Contact.id == Outreach.contact_id)
    query = query.outerjoin(Delivery, Delivery.id == Outreach.delivery_id).where(Outreach.action_id == action_id)
    for word in searched(wanted.get("q", "")):
        columns = (Contact.first_name, Contact.last_name, Contact.email, Contact.zip_code)
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    if wanted.get("target"):
        query = query.where(Outreach.target_id == row_number(wanted["target"]))
    if wanted.get("state") in figures.STATES:
        query = query.where(figures.condition(wanted["state"]))
    if wanted.get("who") in WHO:
        query = query.where(Outreach.new if wanted["who"] == "new" else ~Outreach.new)
    whom = joinedload(Outreach.target).joinedload(Target.influencer).joinedload(Influencer.contact)
    query = query.options(whom, joinedload(Outreach.contact), joinedload(Outreach.letter), joinedload(Outreach.source))
    return query.order_by(Outreach.at.desc(), Outreach.id.desc())


def shown(found: Sequence[Outreach]) -> list[tuple[Outreach, str, str]]:
    """Return of each the outreach, the name of its target, and what became of it in words."""
    states = select(Outreach.id, figures.STATE).outerjoin(Delivery, Delivery.id == Outreach.delivery_id)
    of: dict[int, str] = dict(db.session.execute(states.where(Outreach.id.in_([one.id for one in found]))).all())
    return [(one, recipients.named(one.target), _words(one, of[one.id])) for one in found]


def rows(action_id: int, wanted: Mapping[str, str]) -> Iterator[list[Any]]:
    """Return the rows of the export; reads 1,000 at a time."""
    query = matching(action_id, wanted).add_columns(figures.STATE, Delivery.sent_at)
    return in_batches(query, Outreach.id, BATCH, _row)


def _row(one: Outreach, state: str, sent_at: Any) -> list[Any]:
    person = one.contact
    who = [person.email, person.first_name, person.last_name, person.zip_code]
    what = [recipients.named(one.target), channels.WORDS[one.channel], _words(one, state)]
    source = one.source.label if one.source else ""
    return [*who, *what, "yes" if one.new else "no", source, one.at.isoformat(), sent_at.isoformat() if sent_at else ""]


def _words(one: Outreach, state: str) -> str:
    return figures.STATES[figures.named(one.channel, state)]
