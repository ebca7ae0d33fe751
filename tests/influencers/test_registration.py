"""The panel *today* of the dashboard."""

from datetime import timedelta

from flask import render_template
from flask_login import login_user

from crm.base import clock
from crm.base.registries import menu, panels
from crm.extensions import db
from crm.influencers import interactions
from tests import factories


def rendered(app, user, query=""):
    panel = panels["today"]
    with app.test_request_context(f"/staff/{query}"):
        login_user(user)
        return render_template(panel.template, **panel.values())


def test_the_panel_names_what_is_due_of_mine_or_of_everybody(app, oscar, alice):
    one = factories.make_influencer("Ada", "Adams", stage="engaged", owner_id=alice.id)
    factories.make_ask(one, title="Speak", owner_id=alice.id, due_on=clock.today(alice.zone) - timedelta(days=3))
    interactions.log(one.contact, "call", clock.today(alice.zone) - timedelta(days=90), "Call", alice)
    assert "3 days late" in rendered(app, alice) and "no interaction in 90 days" in rendered(app, alice)
    assert "Nothing is due" in rendered(app, oscar)
    page = rendered(app, oscar, "?whose=all")
    assert "Speak" in page and "Alice Admin" in page


def test_the_menu_leads_to_influencers_and_asks(app):
    assert menu["influencers"].endpoint == "influencers_staff.index"
    assert menu["asks"].endpoint == "asks_staff.index"


def test_the_search_leads_to_the_profile_of_whoever_is_an_influencer(as_oscar, client_of):
    north, south = (factories.make_organization(name, is_member=True) for name in ("North", "South"))
    ada, ben = factories.make_influencer("Ada", "Adams"), factories.make_influencer("Ben", "Adams")
    ben.organization_id = north.id
    cora = factories.make_contact("cora@mail.example", last_name="Adams")
    db.session.commit()
    ways = {one: f'href="/staff/influencers/{one.id}"' for one in (ada, ben)}
    page = as_oscar.page("/staff/people/?q=adams").text
    assert all(page.count(way) == 1 for way in ways.values()) and page.count(">Influencer<") == 2
    assert ways[ada] in as_oscar.page(f"/staff/people/{ada.contact_id}/").text
    assert ">Influencer<" not in as_oscar.page(f"/staff/people/{cora.id}/").text
    page = client_of(factories.make_user("organizer", organization_id=south.id)).page("/staff/people/?q=adams").text
    assert ways[ada] in page and ways[ben] not in page
