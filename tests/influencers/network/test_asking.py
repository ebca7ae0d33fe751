"""New supporters are asked whom they know: only where that is switched on, only about those who were named for it."""

import re

import pytest
from sqlalchemy import select

from crm.base import translations
from crm.config import ROOT
from crm.extensions import db
from crm.influencers.network import ways
from crm.influencers.network.models import Acquaintance
from tests import factories
from tests.contacts.people import AMINA, confirm_path, filled_in, person
from tests.contacts.signup_forms import makers
from tests.unmarked import english_in, texts

QUESTION = "Do you know any of these people?"


@pytest.fixture
def on(app):
    app.config["ASK_WHO_YOU_KNOW"] = True


@pytest.fixture
def ada(app, oscar):
    one = factories.make_influencer("Ada", "Adams", owner_id=oscar.id)
    factories.make_influencer("Hidden", "Hudson", owner_id=oscar.id)
    db.session.commit()
    return one


def name(browser, influencer, how="", status=200):
    return browser.send(f"/staff/network/asked/{influencer.id}{how}", status=status).text


def confirmed(client):
    """Sign up and confirm; return the address of the link and the page that says thanks."""
    filled_in(client)
    link = confirm_path()
    return link, client.send(link).text


def rows():
    return db.session.scalars(select(Acquaintance)).all()


def test_nothing_is_asked_unless_it_is_switched_on(app, client, as_oscar, ada):
    name(as_oscar, ada)
    assert "New supporters are" not in as_oscar.page(f"/staff/influencers/{ada.id}").text
    link, page = confirmed(client)
    assert QUESTION not in page and "Adams" not in page
    assert client.post(f"{link}/know", data={"person": ada.id}).status_code == 404


@pytest.mark.usefixtures("on")
def test_the_answer_is_a_proposed_acquaintance(client, as_oscar, ada, oscar):
    assert "New supporters are asked whether they know Ada Adams." in name(as_oscar, ada)
    link, page = confirmed(client)
    assert QUESTION in page and "Ada Adams" in page and "Hudson" not in page
    for _ in range(2):
        page = client.send(f"{link}/know", {"person": [ada.id]}).text
        assert "Our staff will read this" in page and "Ada Adams" not in page
    (row,) = rows()
    assert (row.contact_id, row.knower_contact_id, row.state) == (ada.contact_id, person(AMINA).id, "proposed")
    assert ways.best(ada.contact, None) == []
    page = as_oscar.page("/staff/network/proposed").text
    assert AMINA in page and "Sign-up" in page


@pytest.mark.usefixtures("on")
def test_who_was_not_named_cannot_be_answered_for(client, as_oscar, ada):
    hidden = factories.make_influencer("Nils", "Unnamed")
    name(as_oscar, ada)
    link, _ = confirmed(client)
    client.send(f"{link}/know", {"person": [hidden.id, "x", "", "9" * 30]})
    assert rows() == []
    name(as_oscar, ada, "/stop")
    assert QUESTION not in client.page(f"{link}/thanks").text
    client.send(f"{link}/know", {"person": [ada.id]})
    assert rows() == []


@pytest.mark.usefixtures("on")
def test_nobody_answers_before_having_confirmed_or_with_a_forged_link(client, as_oscar, ada):
    name(as_oscar, ada)
    filled_in(client)
    link = confirm_path()
    answer = client.post(f"{link}/know", data={"person": ada.id})
    assert answer.status_code == 303 and answer.location.endswith(link)
    assert client.post("/confirm/forged/know", data={"person": ada.id}).status_code == 404
    assert rows() == []


@pytest.mark.usefixtures("on")
def test_choosing_nobody_saves_nothing_and_asks_again(client, as_oscar, ada):
    name(as_oscar, ada)
    link, _ = confirmed(client)
    assert QUESTION in client.send(f"{link}/know", {}).text
    assert rows() == []


@pytest.mark.usefixtures("on")
def test_only_the_owner_or_an_admin_names_somebody_in_public(client, client_of, as_alice, ada):
    second = factories.make_user("organizer")
    db.session.commit()
    page = name(client_of(second), ada)
    assert "Only the owner or an admin" in page and "Ask new supporters" not in page
    assert QUESTION not in confirmed(client)[1]
    assert "New supporters are asked" in name(as_alice, ada)


@pytest.mark.usefixtures("on")
def test_the_list_stays_short(as_alice):
    many = [factories.make_influencer("Number", str(number)) for number in range(9)]
    db.session.commit()
    pages = [name(as_alice, one) for one in many]
    assert "asked about 8 people already" in pages[-1] and "asked about 8" not in pages[-2]


@pytest.mark.usefixtures("on")
def test_answers_about_a_members_own_influencer_go_to_that_member(client, client_of, as_oscar):
    north = factories.make_organization("North", is_member=True)
    nora = factories.make_user("organizer", organization_id=north.id)
    own = factories.make_influencer("Quill", "Quillson", organization_id=north.id, owner_id=nora.id)
    db.session.commit()
    name(client_of(nora), own)
    link, _ = confirmed(client)
    client.send(f"{link}/know", {"person": [own.id]})
    assert "Quillson" in client_of(nora).page("/staff/network/proposed").text
    assert "Quillson" not in as_oscar.page("/staff/network/proposed").text


@pytest.mark.usefixtures("on")
def test_who_came_by_a_form_of_its_own_is_asked_too_and_thanked_in_its_words(client, as_oscar, ada):
    name(as_oscar, ada)
    form = makers.make_form(texts={"en": {"heading": "Meet us", "thanks": "See you at noon."}})
    page = makers.confirmed(client, form).text
    assert QUESTION in page
    told = client.send(re.search(r'action="([^"]*/know[^"]*)"', page)[1], {"person": [ada.id]}).text
    assert "Our staff will read this" in told and "See you at noon." in told
    assert [row.knower_contact_id for row in rows()] == [person(AMINA).id]


@pytest.mark.usefixtures("on")
@pytest.mark.parametrize("language", ["es", "ar"])
def test_the_question_and_its_answer_are_translated(client, as_oscar, ada, language):
    name(as_oscar, ada)
    link, _ = confirmed(client)
    sources = [str(m.id) for m in translations.read_catalog(ROOT / "translations", language) if m.id != m.string]
    asked = client.page(f"{link}/thanks?lang={language}").text
    told = client.send(f"{link}/know?lang={language}", {"person": [ada.id]}).text
    for page in (asked, told):
        assert f'<html lang="{language}"' in page and 'id="know"' in page
        assert [fault for text in texts(page) for fault in english_in(text, sources)] == []
