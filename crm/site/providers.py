"""How many of the recent sign-ups confirmed, by mail provider: a provider that stays low may file us under spam."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, case, exists, func, not_, or_, select

from crm.contacts.models import Contact, Subscription
from crm.extensions import db
from crm.organizations import coalition

RECENT_DAYS = 30
OTHER = "Other domains"
PROVIDERS = {
    "Gmail": ("gmail", "googlemail"),
    "Yahoo": ("yahoo", "ymail", "aol"),
    "Outlook": ("outlook", "hotmail", "live", "msn"),
    "iCloud": ("icloud", "me", "mac"),
}


@dataclass(frozen=True)
class Rate:
    """Sign-ups of one provider: how many confirmed, and how many have not yet."""

    provider: str
    confirmed: int
    pending: int

    @property
    def percent(self) -> int:
        return round(100 * self.confirmed / (self.confirmed + self.pending))


def rates() -> list[Rate]:
    """Return the rates of the sign-ups since `first_day`, for each provider that had any."""
    begin = coalition.midnight(first_day())
    provider = case(*[(_at(names), label) for label, names in PROVIDERS.items()], else_=OTHER)
    confirmed = func.sum(case((Contact.confirmed_at.is_not(None), 1), else_=0))
    query = (
        select(provider, confirmed, func.count())
        .where(Contact.created_at >= begin, Contact.email.is_not(None), _signed_up())
        .group_by(provider)
    )
    found = {name: Rate(name, int(done), total - int(done)) for name, done, total in db.session.execute(query)}
    return [found[name] for name in [*PROVIDERS, OTHER] if name in found]


def first_day() -> date:
    """Return the first of the last 30 days."""
    return coalition.today() - timedelta(days=RECENT_DAYS)


def condition(test: str, value: str) -> ColumnElement[bool]:
    """Return the condition of a segment that asks for a mail provider."""
    known = or_(*[_at(names) for names in PROVIDERS.values()])
    found = _at(PROVIDERS[value]) if value in PROVIDERS else and_(Contact.email.is_not(None), not_(known))
    return not_(found) if test == "is_not" else found


def choices() -> list[tuple[str, str]]:
    """Return the providers that a segment can ask for."""
    return [(name, name) for name in [*PROVIDERS, OTHER]]


def _at(names: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(*[Contact.email.contains(f"@{name}.") for name in names])


def _signed_up() -> ColumnElement[bool]:
    # Somebody whom staff entered without any consent has nothing to confirm.
    pending = exists().where(Subscription.contact_id == Contact.id, Subscription.state == "pending")
    return or_(Contact.confirmed_at.is_not(None), pending)
