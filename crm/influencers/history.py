"""What the timeline of the person says of an influencer and the asks, and to whom.

What happens with a member's own influencer is told to the staff of that member alone; what is kept apart of an ask, to
those who make it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, insert, literal, select

from crm.accounts.models import User
from crm.base.columns import UtcDateTime
from crm.contacts import timeline
from crm.contacts.models import TimelineEntry
from crm.extensions import db
from crm.influencers.models import Ask, Influencer


def tell(influencer: Influencer, kind: str, title: str, user: User | None) -> None:
    """Write one entry, which leads to the profile."""
    timeline.record(
        influencer.contact,
        kind,
        title,
        url=_profile(influencer),
        actor=user.email if user else None,
        private=influencer.organization_id is not None,
        organization_id=influencer.organization_id,
    )


def tell_all(whom: ColumnElement[bool], kind: str, title: str, user: User | None, at: datetime) -> None:
    """Write the same entry about all the influencers that meet the condition, in one statement."""
    told: dict[str, Any] = {
        "contact_id": Influencer.contact_id,
        "at": literal(at, UtcDateTime),
        "kind": literal(kind),
        "title": literal(title),
        "actor": literal(user.email if user else "system"),
        "url": literal("/staff/influencers/") + cast(Influencer.id, String),
        "private": Influencer.organization_id.is_not(None),
        "organization_id": Influencer.organization_id,
    }
    db.session.execute(insert(TimelineEntry).from_select(list(told), select(*told.values()).where(whom)))


def tell_of_ask(ask: Ask, title: str, user: User | None) -> None:
    """Write one entry, which leads to the ask."""
    timeline.record(
        ask.influencer.contact,
        "ask",
        title,
        url=_ask(ask),
        actor=user.email if user else None,
        private=_is_private(ask),
        organization_id=ask.organization_id,
    )


def follow(influencer: Influencer) -> None:
    """Let what was told before be seen by those who see the influencer now, or the asks."""
    private = influencer.organization_id is not None
    timeline.let_see(
        influencer.contact_id, _profile(influencer), private=private, organization_id=influencer.organization_id
    )
    for ask in influencer.asks:
        follow_ask(ask)


def follow_ask(ask: Ask) -> None:
    """Let what was told of an ask before be seen by those who see it now."""
    db.session.flush()
    timeline.let_see(
        ask.influencer.contact_id, _ask(ask), private=_is_private(ask), organization_id=ask.organization_id
    )


def _is_private(ask: Ask) -> bool:
    return ask.seen_by == "own" or ask.influencer.organization_id is not None


def _profile(influencer: Influencer) -> str:
    return f"/staff/influencers/{influencer.id}"


def _ask(ask: Ask) -> str:
    return f"/staff/asks/{ask.id}"
