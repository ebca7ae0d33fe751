"""Two sample offices: one with somebody who works there and a term that ends soon, one that its holder has left."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.influencers.offices.models import Holding, Office, OfficeContact
from crm.site.demo.coalition import Stage

TERM_LEFT, SINCE_END = timedelta(days=40), timedelta(days=6)


def add(stage: Stage, known: list[Influencer], active: list[Contact]) -> None:
    """Add the offices of the first influencer, and of the first with an open ask besides."""
    first = known[0]
    left = next((one for one in known[1:] if any(ask.state in ("planned", "made") for ask in one.asks)), known[1])
    since = stage.today - timedelta(days=700)
    present = Holding(office=_office(first), influencer=first, since=since, term_ends_on=stage.today + TERM_LEFT)
    former = Holding(office=_office(left), influencer=left, since=since, until=stage.today - SINCE_END, ended="term")
    former.ended_at = datetime.combine(stage.today, time(0), ZoneInfo(stage.zone))
    left.former_since = former.until
    present.version = former.version = 1
    works = OfficeContact(office=present.office, contact=active[0], role="scheduler", phone="617-555-0142", version=1)
    works.note, works.since = "Mornings are best.", since
    db.session.add_all([present, former, works])
    db.session.flush()


def _office(holder: Influencer) -> Office:
    body = holder.contact.organization_name
    return Office(title=f"{holder.role}, {body}"[:200], body=body, state=holder.state, imported_facts={}, version=1)
