"""A mailing that went out, two who got it, and mails that come back."""

from dataclasses import dataclass

import pytest

from crm.base import clock, wall_clock
from crm.contacts.models import Contact
from crm.delivery.bounces.mails import whole
from crm.extensions import db
from crm.influencers.inbound import receiving
from crm.influencers.models import Influencer
from crm.mailings import identity, scheduling
from crm.mailings.models import Mailing
from crm.mailings.replies import addresses
from tests import factories
from tests.influencers.inbound.mails import written
from tests.mailings.makers import make_mailing
from tests.sending import send_due

PAT, ADA = "pat@mail.example", "ada@senate.example"


@dataclass
class Sent:
    """The mailing, the bare address that replies to it go to, Pat, and Ada, an influencer whom Oscar looks after."""

    mailing: Mailing
    address: str
    pat: Contact
    ada: Influencer


@pytest.fixture
def sent(app, oscar, sink):
    app.config["INBOUND_DOMAIN"] = "in.example"
    topics = {"action-alerts": "active", "research": "active"}
    pat = factories.make_contact(PAT, topics=topics, first_name="Pat", last_name="Lee")
    her = factories.make_contact(ADA, topics=topics, first_name="Ada", last_name="Adams")
    ada = factories.make_influencer(contact=her, owner_id=oscar.id)
    mailing = make_mailing(subject="Licensing moves, {{ first_name | default: “friend” }}")
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    send_due(app)
    return Sent(mailing, bare(addresses.of_mailing(mailing.id, identity.current())), pat, ada)


def bare(address):
    return address.partition("<")[2].rstrip(">")


def reply(sender=PAT, *, to=None, **given):
    """A mail as somebody answers a mailing."""
    given = {"Subject": "Re: Licensing moves", "Message_ID": "<pat-1@mail.example>", **given}
    given.setdefault(
        "body", "Thank you, I will come.\n\nOn Mon, Nov 2, 2026 at 9:00 AM News <n@b.example> wrote:\n> Hi\n"
    )
    return written(to or "news@bridgeway.example", sender=f"Somebody <{sender}>", **given)


def take(octets, address):
    """Take a mail as the listener does, and commit."""
    [outcome] = receiving.receive(whole("test", [octets.encode() if isinstance(octets, str) else octets]), [address])
    db.session.commit()
    return outcome
