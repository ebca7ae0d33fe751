"""Pages of asks: planning, steps, two people at one ask, the ledger."""

from datetime import date

import pytest
from sqlalchemy import select

from crm.extensions import db
from crm.influencers import asks
from crm.influencers.models import Ask
from tests import factories

EVIDENCE = "https://example.org/video"


@pytest.fixture
def ask(app, oscar):
    one = factories.make_ask(user=oscar, title="Speak", detail="At noon", due_on=date(2020, 1, 5))
    db.session.commit()
    return one


def fields(ask, **changes):
    values = {"title": ask.title, "category": ask.category, "detail": ask.detail, "due_on": ask.due_on or ""}
    values |= {
        "owner_id": ask.owner_id or "",
        "campaign_id": "",
        "value": "",
        "unit": "",
        "evidence_url": ask.evidence_url,
    }
    return {**values, "version": ask.version, **changes}


def test_an_ask_is_planned_from_the_profile(as_oscar, oscar):
    influencer = factories.make_influencer()
    campaign = factories.make_campaign()
    db.session.commit()
    as_oscar.page(f"/staff/asks/new/{influencer.id}")
    data = {"title": " Fund a study ", "category": "resources", "owner_id": oscar.id, "due_on": "2027-03-01"}
    data |= {"campaign_id": campaign.id, "value": "25,000", "unit": "usd", "detail": ""}
    page = as_oscar.send(f"/staff/asks/new/{influencer.id}", data)
    assert "Fund a study" in page.text and "25,000 US dollars" in page.text and "Licensing reform" in page.text
    made = db.session.scalars(select(Ask)).one()
    assert (made.title, made.state, made.due_on, int(made.value)) == (
        "Fund a study",
        "planned",
        date(2027, 3, 1),
        25000,
    )


def test_an_ask_that_cannot_stand_is_shown_again_as_typed(as_oscar):
    influencer = factories.make_influencer()
    db.session.commit()
    url = f"/staff/asks/new/{influencer.id}"
    page = as_oscar.send(url, {"detail": "Typed text", "due_on": "soon", "value": "much"}).text
    for text in ("Say what exactly", "Choose one.", "Give the date as", "Give a plain number", "Typed text"):
        assert text in page
    page = as_oscar.send(url, {"title": "A", "category": "leverage", "value": "5", "unit": ""}).text
    assert "Say what the value counts." in page
    assert db.session.scalars(select(Ask)).all() == []


def test_an_ask_is_taken_to_delivered_on_its_page_and_shows_its_history(as_oscar, ask):
    def step(state, **given):
        data = {f"{state}-{name}": value for name, value in {"version": ask.version, **given}.items()}
        answer = as_oscar.send(f"/staff/asks/{ask.id}/to/{state}", data)
        db.session.refresh(ask)
        return answer.text

    as_oscar.page(f"/staff/asks/{ask.id}")
    assert "The ask is made now" in step("made")
    assert "The ask is agreed now" in step("agreed", outcome="Yes, gladly")
    page = step("delivered", evidence_url=EVIDENCE)
    for text in ("Planned → Made", "Made → Agreed", "Agreed → Delivered", "Yes, gladly", EVIDENCE, "Oscar Organizer"):
        assert text in page
    assert ask.state == "delivered"


def test_a_refused_step_says_why_and_keeps_what_was_typed(as_oscar, ask, oscar):
    asks.advance(ask, "made", oscar)
    db.session.commit()
    data = {"declined-version": ask.version, "declined-outcome": "Not this year", "declined-reason": ""}
    page = as_oscar.send(f"/staff/asks/{ask.id}/to/declined", data, status=422)
    assert "Say why" in page.text and "Not this year" in page.text
    page = as_oscar.send(f"/staff/asks/{ask.id}/to/delivered", {"delivered-version": ask.version}, status=422)
    assert "it cannot become delivered" in page.text
    page = as_oscar.send(
        f"/staff/asks/{ask.id}/to/agreed", {"agreed-version": ask.version, "agreed-evidence_url": "ftp://x"}, status=422
    )
    db.session.expire_all()
    assert (ask.state, ask.outcome) == ("made", "")


def test_a_step_on_an_ask_that_somebody_changed_shows_the_change_first(as_oscar, ask, alice):
    asks.advance(ask, "made", alice)
    db.session.commit()
    data = {"lapsed-version": 1, "lapsed-reason": "No time"}
    page = as_oscar.send(f"/staff/asks/{ask.id}/to/lapsed", data, status=409).text
    assert "Alice Admin" in page and "from Planned to Made" in page and "No time" in page
    assert 'name="lapsed-version" type="hidden" value="2"' in page
    as_oscar.send(f"/staff/asks/{ask.id}/to/lapsed", {**data, "lapsed-version": 2})
    db.session.expire_all()
    assert ask.state == "lapsed"


def test_two_editors_of_one_ask_both_keep_what_they_typed(as_oscar, ask, alice):
    opened = fields(ask, detail="At one")
    as_oscar.page(f"/staff/asks/{ask.id}/edit")
    asks.edit(ask, {"title": "Speak first"}, alice, 1)
    db.session.commit()
    page = as_oscar.send(f"/staff/asks/{ask.id}/edit", opened, status=409).text
    assert "What exactly from “Speak” to “Speak first”" in page and "Alice Admin" in page
    assert 'value="Speak first"' in page and "At one" in page
    db.session.expire_all()
    assert (ask.title, ask.detail) == ("Speak first", "At noon")
    as_oscar.send(f"/staff/asks/{ask.id}/edit", fields(ask, detail="At one"))
    db.session.expire_all()
    assert (ask.title, ask.detail) == ("Speak first", "At one")


def test_an_ask_edited_without_a_version_is_not_overwritten(as_oscar, ask):
    as_oscar.send(f"/staff/asks/{ask.id}/edit", fields(ask, title="New", version=""), status=409)
    db.session.expire_all()
    assert ask.title == "Speak"


def test_an_ask_may_be_made_public_and_private_again(as_oscar, ask):
    assert "Oscar Organizer allowed it" in as_oscar.send(f"/staff/asks/{ask.id}/public", {"allowed": "yes"}).text
    page = as_oscar.send(f"/staff/asks/{ask.id}/public", {"allowed": "no"}).text
    assert "The ask is private again" in page and "May be public: no → yes" in page


def test_the_ledger_filters_and_counts(as_oscar, as_bob, ask, oscar):
    factories.make_ask(title="Endorse", category="leverage", owner_id=oscar.id)
    db.session.commit()
    page = as_oscar.page("/staff/asks/").text
    assert "Speak" in page and "Endorse" in page and "days late" in page
    page = as_bob.page("/staff/asks/?category=visibility&state=open&overdue=1").text
    assert "Speak" in page and "Endorse" not in page
    assert "No ask matches" in as_oscar.page("/staff/asks/?campaign=x&sort=title&order=desc&q=a+b").text


def test_an_ask_says_how_the_law_counts_it_who_paid_and_what_it_cost(as_oscar, ask):
    payer = factories.make_organization("Harbor Foundation")
    db.session.commit()
    told = {"lobbying": "direct", "bill": "H.R. 1425", "paid_by_id": payer.id, "hours": "2.5", "cost": "1,200"}
    page = as_oscar.send(f"/staff/asks/{ask.id}/edit", fields(ask, **told)).text
    for words in ("Direct lobbying", "H.R. 1425", "Harbor Foundation", "2.5", "1,200 US dollars"):
        assert words in page
    for words in (
        "Lobbying: nothing → Direct lobbying",
        "Paid by: nothing → Harbor Foundation",
        "Hours: nothing → 2.5",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("name", "typed"), [("hours", "many"), ("cost", "-1"), ("lobbying", "other"), ("bill", "x" * 201)]
)
def test_lobbying_that_cannot_stand_is_shown_again_as_typed(as_oscar, ask, name, typed):
    page = as_oscar.send(f"/staff/asks/{ask.id}/edit", fields(ask, title="Typed title", **{name: typed})).text
    assert "There is a problem" in page and "Typed title" in page
    db.session.expire_all()
    assert ask.title == "Speak"


def test_the_ledger_filters_by_lobbying_bill_payer_and_me(as_oscar, ask, oscar):
    payer = factories.make_organization("Harbor Foundation")
    told = {"lobbying": "grassroots", "bill": "H.R. 1425", "paid_by_id": payer.id, "owner_id": oscar.id}
    factories.make_ask(title="Endorse", **told)
    db.session.commit()
    for query in ("lobbying=grassroots", "bill=1425", f"payer={payer.id}", "owner=me", "q=h.r."):
        page = as_oscar.page(f"/staff/asks/?{query}").text
        assert "Endorse" in page and ">Speak<" not in page, query
    page = as_oscar.page("/staff/asks/?lobbying=none").text
    assert ">Speak<" in page and "Endorse" not in page


def test_a_viewer_sees_an_ask_without_buttons(as_bob, ask):
    page = as_bob.page(f"/staff/asks/{ask.id}").text
    assert "Speak" in page and 'action="/staff/asks' not in page and "What happened?" not in page
    as_bob.send(f"/staff/asks/{ask.id}/to/made", {}, status=403)
    as_bob.page(f"/staff/asks/{ask.id}/edit", status=403)
