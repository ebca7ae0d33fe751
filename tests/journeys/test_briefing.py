"""The briefing comes out of the printer on one page, on the paper of either side of the ocean."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from crm import create_app
from crm.accounts.models import User
from crm.base import clock
from crm.base.uploaded_pictures import Picture
from crm.extensions import db
from crm.influencers import interactions
from crm.influencers.models import Influencer
from crm.influencers.photos import keeping
from tests import factories
from tests.influencers.photos.test_photos import drawn
from tests.journeys.conftest import Installation

TALK = "She wants the numbers by county, and asked who pays for the bridge courses after the first year of the grant. "
POINT = "Nurses who trained abroad wait two years for a license here, and half of them give up in the meantime.\n"


@pytest.fixture(scope="module")
def address(installation: Installation) -> tuple[str, str]:
    """The briefing on somebody of whom much is on record, and the password of the staff."""
    password = installation.crm("demo", "load").split()[-1]
    app = create_app({"INSTANCE_PATH": str(installation.folder), "PUBLIC_URL": installation.url})
    with app.app_context():
        user = db.session.scalars(select(User).where(User.email == "alice@bridgeway.example")).one()
        influencer = db.session.scalars(select(Influencer).order_by(Influencer.id)).first()
        for days in range(8):
            interactions.log(influencer.contact, "call", clock.today() - timedelta(days=days), TALK * 2, user)
        keeping.put(influencer, Picture(drawn("JPEG", (384, 480)), 384, 480), user)
        words = {"talking_points": POINT * 6, "detail": TALK * 3, "due_on": clock.today()}
        ask = factories.make_ask(influencer, user, owner_id=user.id, **words)
        db.session.commit()
        found = f"{installation.url}/staff/influencers/{influencer.id}/briefing?ask={ask.id}"
        db.engine.dispose()
    return found, password


def pages(page: Page, paper: str) -> int:
    return max(int(number) for number in re.findall(rb"/Count (\d+)", page.pdf(format=paper)))


def test_a_briefing_takes_one_page(installation, open_browser, address):
    found, password = address
    page = open_browser()
    page.goto(found)
    page.get_by_label("E-mail").fill("alice@bridgeway.example")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator(".briefing h1")).to_be_visible()
    assert {paper: pages(page, paper) for paper in ("A4", "Letter")} == {"A4": 1, "Letter": 1}
    page.emulate_media(media="print")
    for hidden in (".staff-bar", ".staff-side", ".page-back"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.get_by_text("Speak at the spring forum").last).to_be_visible()
    page.emulate_media(media="screen")
    page.goto(f"{installation.url}/staff/asks/")
    assert pages(page, "A4") >= 1
