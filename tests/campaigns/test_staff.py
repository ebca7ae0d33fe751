"""Pages of campaigns."""

from datetime import date

import pytest
from sqlalchemy import select

from crm.campaigns.models import Campaign
from crm.extensions import db
from tests import factories


def test_a_campaign_is_begun_and_edited(as_oscar, as_bob):
    assert "No campaigns yet" in as_oscar.page("/staff/campaigns/").text
    as_oscar.page("/staff/campaigns/new")
    as_oscar.send("/staff/campaigns/new", {"name": "Licensing reform", "description": "Why", "starts_on": "2026-12-01"})
    campaign = db.session.scalars(select(Campaign)).one()
    assert campaign.starts_on == date(2026, 12, 1)
    as_oscar.page(f"/staff/campaigns/{campaign.id}")
    as_oscar.send(
        f"/staff/campaigns/{campaign.id}", {"name": "Licensing reform", "description": "Because", "version": 1}
    )
    page = as_bob.page("/staff/campaigns/")
    assert "Because" in page.text and "New campaign" not in page.text
    as_bob.send("/staff/campaigns/new", {"name": "X"}, status=403)
    as_oscar.page("/staff/campaigns/999", status=404)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": " "}, "Give the name."),
        ({"name": "licensing REFORM"}, "There is a campaign of that name already"),
        ({"starts_on": "2026-12-01", "ends_on": "2026-11-30"}, "A campaign cannot end before it starts."),
        ({"starts_on": "0026-12-01"}, "Choose a year from 2000 to 2100."),
        ({"starts_on": "December"}, "Give the date as year, month and day"),
    ],
)
def test_what_cannot_be_saved_is_shown_again_as_typed(as_oscar, values, message):
    factories.make_campaign("Licensing reform")
    db.session.commit()
    page = as_oscar.send("/staff/campaigns/new", {"name": "New", "description": "Typed", **values})
    assert message in page.text and "Typed" in page.text
    assert len(db.session.scalars(select(Campaign)).all()) == 1
