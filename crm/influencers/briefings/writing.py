"""What stands on a briefing: what one has to know of an influencer and of one ask, as far as the reader may know it.

Restricted notes are left out whoever asks: a printed page passes from hand to hand. So are the words of other members.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.extensions import db
from crm.influencers import access
from crm.influencers.asks import OPEN
from crm.influencers.models import Ask, Influencer, Interaction
from crm.influencers.network import ways
from crm.influencers.network.ways import Way
from crm.influencers.participants import taking_part
from crm.influencers.photos import keeping
from crm.influencers.photos.models import InfluencerPhoto
from crm.influencers.positions import stances
from crm.influencers.positions.models import Position
from crm.influencers.support import backing
from crm.influencers.support.backing import Support

TALKS = 5


@dataclass(frozen=True)
class Briefing:
    """One page: the ask that it is about (None: none), others that there could be one about, and what stands by it."""

    photo: InfluencerPhoto | None
    ask: Ask | None
    asks: Sequence[Ask]
    positions: Sequence[Position]
    talks: Sequence[Interaction]
    support: Support
    way: Way | None


def write(influencer: Influencer, ask_id: int | None, user: User, today: date) -> Briefing | None:
    """Return the briefing on an ask (None: the open one due first), as that user may read it; None without that ask."""
    asks = _asks(influencer, user)
    ask = next((one for one in asks if (one.state in OPEN if ask_id is None else one.id == ask_id)), None)
    if ask_id is not None and ask is None:
        return None
    return Briefing(
        keeping.of(influencer),
        ask,
        asks,
        stances.of(influencer),
        _talks(influencer, user, today),
        backing.of(influencer, user, today),
        next(iter(ways.best(influencer.contact, user, 1)), None),
    )


def _asks(influencer: Influencer, user: User) -> list[Ask]:
    """Return the asks, open ones first, and of these the one first that is due first."""
    query = select(Ask).where(Ask.influencer_id == influencer.id, access.asks(user))
    query = query.options(joinedload(Ask.owner), joinedload(Ask.campaign))
    found = db.session.scalars(query.order_by(Ask.due_on.asc().nulls_last(), Ask.id))
    return sorted(found, key=lambda ask: ask.state not in OPEN)


def _talks(influencer: Influencer, user: User, today: date) -> Sequence[Interaction]:
    with_them = taking_part.with_contact(influencer.contact_id)
    query = select(Interaction).where(with_them, Interaction.held_on <= today)
    query = query.where(access.own_interactions(user)).options(joinedload(Interaction.user))
    return db.session.scalars(query.order_by(Interaction.held_on.desc(), Interaction.id.desc()).limit(TALKS)).all()
