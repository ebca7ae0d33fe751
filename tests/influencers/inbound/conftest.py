"""An address for copies of mail, and somebody on record."""

import pytest

from crm.extensions import db
from crm.influencers.inbound import signed
from tests import factories
from tests.influencers.inbound.mails import ADA


@pytest.fixture
def address(app, oscar):
    app.config["INBOUND_DOMAIN"] = "in.example"
    contact = factories.make_contact(ADA, first_name="Ada", last_name="Adams")
    factories.make_influencer(contact=contact)
    found = signed.address_of(oscar)
    db.session.commit()
    return found
