"""What a reply leads to where somebody presses a button, whose it is, and who sees what of it."""

import pytest
from sqlalchemy import select

from crm.accounts import handing_over
from crm.base.models import AuditEntry
from crm.contacts import subscriptions
from crm.contacts.models import ConsentRecord
from crm.delivery import suppression
from crm.extensions import db
from crm.influencers.models import Interaction
from crm.mailings.replies import wording
from crm.mailings.replies.models import MailingReply, ReplyThread
from tests import factories
from tests.mailings.makers import make_mailing
from tests.mailings.replies.conftest import ADA, PAT, reply, take


def newest():
    db.session.rollback()
    return db.session.scalars(select(ReplyThread).order_by(ReplyThread.id.desc())).first()


def test_remove_me_offers_a_button_and_nothing_happens_by_itself(sent, as_oscar, oscar):
    take(reply(body="Please remove me from your list.\n\nPat"), sent.address)
    thread = newest()
    assert subscriptions.states(sent.pat)["action-alerts"] == "active"
    assert "Wants no more mail" in as_oscar.page("/staff/replies/").text
    assert "Unsubscribe from all mailings" in as_oscar.page(f"/staff/replies/{thread.id}").text
    page = as_oscar.send(f"/staff/replies/{thread.id}/unsubscribe").text
    assert "Pat Lee is unsubscribed from all mailings." in page and "Gets no mailings any more." in page
    assert set(subscriptions.states(sent.pat).values()) == {"unsubscribed"}
    assert suppression.reasons(PAT) == {"*": "unsubscribe"}
    record = db.session.scalars(select(ConsentRecord).where(ConsentRecord.contact_id == sent.pat.id)).one()
    assert (record.act, record.method) == ("withdrawn", "reply")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "unsubscribe")).one()
    assert (entry.actor, entry.thing_id) == (oscar.email, sent.pat.id)
    assert record.place == f"asked for in a reply to mailing {sent.mailing.id}"
    as_oscar.send(f"/staff/replies/{thread.id}/unsubscribe")
    assert len(db.session.scalars(select(ConsentRecord)).all()) == 1


def test_a_stranger_cannot_have_anybody_unsubscribed(sent, as_oscar):
    take(reply("carol@else.example", body="Unsubscribe"), sent.address)
    assert "Unsubscribe from all" not in as_oscar.page(f"/staff/replies/{newest().id}").text
    page = as_oscar.send(f"/staff/replies/{newest().id}/unsubscribe").text
    assert "nobody can be unsubscribed by it" in page


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Unsubscribe", True),
        ("STOP!", True),
        ("Please remove me from this list", True),
        ("take me off", True),
        ("Stop sending me these e-mails.", True),
        ("I want to opt out", True),
        ("Quiero darme de baja", True),
        ("Baja.", True),
        ("Por favor, quítenme de la lista", True),
        ("No me envíen más correos", True),
        ("Cancelen mi suscripción", True),
        ("أزلني من القائمة", True),
        ("أريد إلغاء الاشتراك", True),
        ("لا ترسلوا لي المزيد", True),
        ("Thank you, I will come.", False),
        ("The bill may stop in committee.", False),
        ("La participación es baja este año.", False),
        ("", False),
    ],
)
def test_who_wants_no_more_mail_is_known_by_a_few_words(text, found):
    assert wording.asks_to_leave("Re: Licensing moves", text) is found
    assert wording.asks_to_leave(text, "") is found


def test_the_mailings_own_words_quoted_below_ask_for_nothing(sent):
    take(reply(body="Fine.\n\n-----Original Message-----\nFrom: N\nSent: today\n\nUnsubscribe here"), sent.address)
    assert db.session.scalar(select(MailingReply.asks_to_leave)) is False


def test_a_reply_of_an_influencer_is_logged_by_one_button_once(sent, as_oscar, oscar):
    take(reply(ADA, body="I will support it."), sent.address)
    one = db.session.scalars(select(MailingReply)).one()
    page = as_oscar.page(f"/staff/replies/{one.thread_id}").text
    assert "looked after by you" in page and "Log it" in page
    for _ in range(2):
        page = as_oscar.send(f"/staff/replies/{one.thread_id}/log/{one.id}").text
    assert "In the log" in page and "Open it" in page
    interaction = db.session.scalars(select(Interaction)).one()
    assert (interaction.kind, interaction.contact_id, interaction.user_id) == ("email", sent.ada.contact_id, oscar.id)
    assert (interaction.openness, "I will support it." in interaction.summary) == ("private", True)
    assert "I will support it." in as_oscar.page(f"/staff/influencers/{sent.ada.id}").text


def test_replies_of_supporters_and_of_strangers_are_not_logged(sent, as_oscar):
    take(reply(), sent.address)
    one = db.session.scalars(select(MailingReply)).one()
    page = as_oscar.send(f"/staff/replies/{one.thread_id}/log/{one.id}").text
    assert "Only what an influencer of yours wrote" in page
    assert as_oscar.post(f"/staff/replies/{one.thread_id}/log/999").status_code == 404
    assert db.session.scalar(select(Interaction.id)) is None


def test_influencers_whom_one_owns_stand_first(sent, as_oscar, as_alice):
    take(reply(ADA), sent.address)
    take(reply(Message_ID="<9@x.example>"), sent.address)
    mine, others = (browser.page("/staff/replies/").text for browser in (as_oscar, as_alice))
    assert mine.index("Ada Adams") < mine.index("Pat Lee")
    assert "Your influencer" in mine and "Your influencer" not in others
    assert others.index("Pat Lee") < others.index("Ada Adams")


def test_whom_another_member_keeps_for_itself_has_no_way_to_the_profile(sent, client_of, as_oscar):
    north = factories.make_organization("North", is_member=True, via="north")
    south = factories.make_organization("South", is_member=True, via="south")
    sam = factories.make_user("organizer", email="sam@south.example", name="Sam")
    sam.organization_id, sent.ada.organization_id = south.id, north.id
    take(reply(ADA), sent.address)
    thread = newest()
    for url in ("/staff/replies/", f"/staff/replies/{thread.id}"):
        page = client_of(sam).page(url).text
        assert "Ada Adams" in page
        assert f"/staff/people/{sent.ada.contact_id}" not in page and "/staff/influencers/1" not in page
        assert "Log it" not in page
    one = thread.replies[0]
    assert "Only what an influencer of yours" in client_of(sam).send(f"/staff/replies/{thread.id}/log/{one.id}").text
    assert "Log it" in as_oscar.page(f"/staff/replies/{thread.id}").text


def test_a_reply_is_assigned_and_stands_under_mine(sent, as_oscar, as_alice, oscar, bob):
    take(reply(), sent.address)
    url = f"/staff/replies/{newest().id}"
    assert "Assigned to Oscar Organizer." in as_alice.send(f"{url}/assign", data={"assignee_id": oscar.id}).text
    assert "Pat Lee" in as_oscar.page("/staff/replies/?tab=mine").text
    assert "Pat Lee" not in as_alice.page("/staff/replies/?tab=mine").text
    assert "1 reply waits for you" in as_oscar.page("/staff/").text
    assert "Not a valid choice" in as_alice.send(f"{url}/assign", data={"assignee_id": bob.id}, status=422).text
    assert "Assigned to nobody." in as_alice.send(f"{url}/assign", data={"assignee_id": ""}).text
    assert "1 is nobody’s yet" in as_oscar.page("/staff/").text


def test_a_mailing_leads_to_its_replies(sent, as_oscar):
    take(reply(), sent.address)
    link = f"/staff/replies/?mailing={sent.mailing.id}"
    assert link in as_oscar.page(f"/staff/mailings/{sent.mailing.id}").text
    assert "Pat Lee" in as_oscar.page(link).text
    assert as_oscar.get("/staff/replies/?mailing=999").status_code == 404
    draft = make_mailing(subject="For {{ no one }}")
    assert "For {{ no one }}" in as_oscar.page(f"/staff/replies/?mailing={draft.id}").text


def test_open_replies_are_handed_over_to_who_works_on_mailings(sent, alice, oscar, bob):
    take(reply(), sent.address)
    newest().assignee_id = oscar.id
    db.session.commit()
    assert ("Open replies", 1) in [(one.label, one.number) for one in handing_over.of(oscar)]
    moved = {one.label: one.number for one in handing_over.hand_over(oscar, alice, alice)}
    db.session.commit()
    assert moved["Open replies"] == 1 and newest().assignee_id == alice.id
    assert "Open replies" not in [one.label for one in handing_over.hand_over(alice, bob, alice)]
