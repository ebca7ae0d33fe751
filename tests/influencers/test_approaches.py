"""Two members do not approach the same person within two weeks without knowing of each other."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from crm.base import clock
from crm.extensions import db
from crm.influencers import interactions
from crm.influencers.models import Interaction
from tests import factories


def log(client, influencer, day, **values):
    fields = {"log-kind": "call", "log-held_on": day.isoformat(), "log-summary": "We spoke", **values}
    return client.post(f"/staff/interactions/with/{influencer.id}", data=fields)


def number():
    return db.session.scalar(select(func.count(Interaction.id)))


def shown_in(page):
    start = page.index('name="log-shown"')
    return page[start:].split('value="')[1].split('"')[0]


@pytest.mark.parametrize(("days", "told"), [(5, True), (14, True), (15, False)])
def test_the_second_member_sees_the_first_ones_approach_before_anything_is_saved(client_of, ada, nora, sam, days, told):
    today = clock.today(sam.zone)
    interactions.log(ada.contact, "meeting", today - timedelta(days=days), "Hidden words", nora)
    db.session.commit()
    browser = client_of(sam)
    answer = log(browser, ada, today)
    assert answer.status_code == (409 if told else 302)
    if told:
        for words in ("Nothing is logged yet.", "North", "meeting", "Nora", "nora@north.example", "We spoke"):
            assert words in answer.text
        assert "Hidden words" not in answer.text
        assert number() == 1
        assert log(browser, ada, today, **{"log-shown": shown_in(answer.text)}).status_code == 302
    assert number() == 2


def test_what_the_profile_showed_already_is_not_asked_again(client_of, ada, nora, sam):
    today = clock.today(sam.zone)
    interactions.log(ada.contact, "call", today - timedelta(days=2), "Hidden words", nora)
    db.session.commit()
    browser = client_of(sam)
    page = browser.page(f"/staff/influencers/{ada.id}").text
    assert "Others are in touch" in page and "Hidden words" not in page
    assert log(browser, ada, today, **{"log-shown": shown_in(page)}).status_code == 302


def test_planning_shows_what_others_plan_for_then(client_of, ada, nora, sam):
    today = clock.today(sam.zone)
    later = today + timedelta(days=40)
    interactions.log(ada.contact, "meeting", later, "Hidden agenda", nora)
    step = {"next_step": "Hidden step", "next_step_due": later + timedelta(days=3)}
    interactions.log(ada.contact, "note", today, "Hidden note", nora, **step)
    db.session.commit()
    browser = client_of(sam)
    assert "Others are in touch" not in browser.page(f"/staff/influencers/{ada.id}").text
    answer = log(browser, ada, later + timedelta(days=1))
    assert answer.status_code == 409
    assert "meeting planned for" in answer.text and "next step planned for" in answer.text
    assert "Hidden" not in answer.text
    due = {"log-next_step": "Call again", "log-next_step_due": later.isoformat()}
    assert log(browser, ada, today, **due).status_code == 409


def test_a_next_step_on_the_day_of_its_own_interaction_is_told_beside_it(client_of, ada, nora, sam):
    today = clock.today(sam.zone)
    later = today + timedelta(days=9)
    interactions.log(ada.contact, "meeting", later, "Hidden agenda", nora, next_step="Hidden step", next_step_due=later)
    db.session.commit()
    browser = client_of(sam)
    page = browser.page(f"/staff/influencers/{ada.id}").text
    assert page.count("North:") == 2 and "meeting planned for" in page and "next step planned for" in page
    assert "Hidden" not in page
    assert log(browser, ada, today, **{"log-shown": shown_in(page)}).status_code == 302


def test_of_a_next_step_that_is_not_open_its_day_is_told_once(client_of, ada, nora, sam):
    today = clock.today(sam.zone)
    step = {"next_step": "Hidden step", "next_step_due": today}
    interactions.log(ada.contact, "meeting", today, "Hidden words", nora, openness="ask", **step)
    db.session.commit()
    notice = client_of(sam).page(f"/staff/influencers/{ada.id}").text.partition('id="near"')[2].partition("</div>")[0]
    assert notice.count("An approach around") == 1 and "step" not in notice


@pytest.mark.parametrize(("openness", "told"), [("ask", True), ("private", False)])
def test_of_an_approach_that_is_not_open_at_most_its_day_and_the_coordinator_are_told(
    client_of,
    ada,
    nora,
    sam,
    openness,
    told,
):
    today = clock.today(sam.zone)
    interactions.log(ada.contact, "meeting", today, "Hidden words", nora, openness=openness)
    db.session.commit()
    answer = log(client_of(sam), ada, today)
    assert answer.status_code == (409 if told else 302)
    page = answer.text if told else client_of(sam).page(f"/staff/influencers/{ada.id}").text
    assert ('id="near"' in page) is told
    notice = page.partition('id="near"')[2].partition("</div>")[0]
    assert ("Ask the coordinator" in notice and "oscar@bridgeway.example" in notice) is told
    for words in ("Nora", "North", "meeting"):
        assert words not in notice
    for words in ("Hidden words", "Meeting</strong>"):
        assert words not in page


def test_ones_own_colleagues_are_no_collision(client_of, ada, nora):
    today = clock.today(nora.zone)
    colleague = factories.make_user("organizer", organization_id=nora.organization_id)
    interactions.log(ada.contact, "meeting", today, "Shared with colleagues", nora)
    db.session.commit()
    assert log(client_of(colleague), ada, today).status_code == 302
    assert "Shared with colleagues" in client_of(colleague).page(f"/staff/influencers/{ada.id}").text


def test_without_members_nothing_is_asked_about_them(client_of, ada, oscar):
    page = client_of(oscar).page(f"/staff/influencers/{ada.id}").text
    assert "other members learn" not in page
    assert "Seen by" not in client_of(oscar).page(f"/staff/influencers/{ada.id}/edit").text
    assert "Who sees it" not in client_of(oscar).page(f"/staff/asks/new/{ada.id}").text


def test_of_a_next_step_that_was_handed_over_its_doer_is_named(client_of, ada, nora, sam):
    today = clock.today(sam.zone)
    nina = factories.make_user("organizer", name="Nina", organization_id=nora.organization_id)
    values = {"next_step": "Write", "next_step_due": today + timedelta(days=3)}
    one = interactions.log(ada.contact, "call", today - timedelta(days=60), "Hidden words", nora, **values)
    one.next_step_user_id = nina.id
    db.session.commit()
    page = client_of(sam).page(f"/staff/influencers/{ada.id}").text
    note = page[page.index("Others are in touch") :][:1500]
    assert "Nina" in note and nina.email in note and "Nora" not in note
