"""Finding the influencer whom somebody means who types a name."""

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access, listing
from crm.influencers.models import Influencer

OFFERED = 300
MATCHES = 10


def offers(user: User) -> list[str]:
    """Return what a field of names offers: influencers that the user sees, the user's own first."""
    query = select(Influencer).join(Influencer.contact).where(access.influencers(user))
    mine = func.coalesce(Influencer.owner_id, 0) == user.id
    names = (func.lower(Contact.last_name), func.lower(Contact.first_name), Influencer.id)
    query = query.options(joinedload(Influencer.contact)).order_by(mine.desc(), *names).limit(OFFERED)
    return list(dict.fromkeys(label(one) for one in db.session.scalars(query)))


def label(influencer: Influencer) -> str:
    """Return the name with what tells namesakes apart."""
    about = influencer.contact.organization_name or influencer.role
    return f"{influencer.name}, {about}" if about else influencer.name


def described(influencer: Influencer) -> str:
    """Return all that tells somebody from others whom the same words may mean."""
    facts = (influencer.name, influencer.role, influencer.constituency, influencer.contact.organization_name)
    return ", ".join(filter(None, facts))


def named(number: int | None, text: str, user: User) -> Influencer | None:
    """Return the influencer of that id, where the user sees it and the text is what stands for it."""
    found = db.session.scalar(select(Influencer).where(Influencer.id == (number or 0), access.influencers(user)))
    return found if found and label(found) == text else None


def matching(text: str, user: User) -> list[Influencer]:
    """Return whom the text may mean: those called exactly so, or all in whom its words are found; a few at most."""
    words = text.replace(",", " ").strip()
    if not words:
        return []
    found = list(db.session.scalars(listing.find({"q": words}, user=user).limit(MATCHES + 1)))
    called = text.strip().casefold()
    exact = [one for one in found if called in (label(one).casefold(), one.name.casefold())]
    return exact or found
