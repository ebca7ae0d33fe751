"""The numbers of people that the page of a mailing tells: asked one by one, without the rest of the report."""

from crm.mailings.models import Mailing
from crm.mailings.reading import clicks
from crm.mailings.report import acts, arrived, growth, leaving

NUMBERS = {
    "delivered": arrived.delivered,
    "clicked": clicks.unique,
    "acted": acts.people,
    "unsubscribed": leaving.number,
    "joined": growth.number,
}


def of(mailing: Mailing) -> dict[str, int]:
    """Return them by their names (people.LABELS), as the report has them; none before the mailing has a message."""
    return {name: count(mailing) for name, count in NUMBERS.items()} if mailing.messages else {}
