"""Replies come in to a signed address: each once, in the thread of its writer, and no more than people write."""

import pytest
from sqlalchemy import func, select

from crm.contacts.models import TimelineEntry
from crm.delivery.bounces.mails import whole
from crm.extensions import db
from crm.influencers.inbound.receiving import receive
from crm.mailings import identity
from crm.mailings.replies import addresses, receiving
from crm.mailings.replies.models import MailingReply, ReplyThread
from tests.influencers.inbound.mails import HOSTILE
from tests.mailings.makers import make_mailing
from tests.mailings.replies.conftest import ADA, PAT, bare, reply, take

ONE_DATABASE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def only(table=ReplyThread):
    db.session.rollback()
    return db.session.scalars(select(table)).one()


def count(table=MailingReply):
    return db.session.scalar(select(func.count()).select_from(table))


def test_every_copy_asks_for_replies_at_the_address_of_its_mailing(sent, sink):
    mail = sink[PAT].message
    assert mail["Reply-To"] == f"Bridgeway Coalition <{sent.address}>"
    assert len(sent.address.partition("@")[0]) <= 64
    assert sink[ADA].message["Reply-To"] == mail["Reply-To"]
    assert receiving.knows(sent.address)


def test_without_a_domain_for_them_replies_go_to_the_sender(app):
    mailing = make_mailing()
    assert addresses.of_mailing(mailing.id, identity.current()) == ""


def test_a_reply_of_a_recipient_stands_among_the_open_ones_once(sent, as_bob):
    outcome = take(reply(), sent.address)
    assert outcome.state == "kept"
    thread = only()
    assert (thread.state, thread.contact_id, thread.mailing_id) == ("open", sent.pat.id, sent.mailing.id)
    assert take(reply(), sent.address).state == "again"
    assert take(f"Delivered-To: x\n{reply()}", sent.address).state == "again"
    assert count() == 1
    page = as_bob.page("/staff/replies/").text
    assert "Pat Lee" in page and "Thank you, I will come." in page and "Did not get it" not in page
    assert '<span class="menu-waiting">1' in page
    shown = as_bob.page(f"/staff/replies/{thread.id}").text
    assert "Thank you, I will come." in shown and "Licensing moves, friend" in shown
    assert "Send the answer" not in shown
    timeline = as_bob.page(f"/staff/people/{sent.pat.id}").text
    assert f'<a href="/staff/replies/{thread.id}">Replied to “Licensing moves, friend”</a>' in timeline


def test_a_second_reply_of_the_same_person_opens_the_thread_again(sent, as_oscar):
    take(reply(), sent.address)
    as_oscar.send(f"/staff/replies/{only().id}/done")
    assert only().state == "done"
    assert take(reply(Message_ID="<2@mail.example>", body="One more thing."), sent.address).state == "kept"
    assert (only().state, only().done_at) == ("open", None)
    assert "One more thing." in as_oscar.page(f"/staff/replies/{only().id}").text


def test_who_did_not_get_it_is_said_to_be_a_stranger_whatever_the_from_says(sent, as_oscar, alice):
    take(reply("carol@else.example"), sent.address)
    thread = only()
    assert thread.contact_id is None
    page = as_oscar.page(f"/staff/replies/{thread.id}").text
    assert "somebody who did not get the mailing" in page and "carol@else.example" in page
    take(reply(f'{PAT}" <eve@evil.example>, "x', Message_ID="<3@x.example>"), sent.address)
    forged = db.session.scalars(select(ReplyThread).order_by(ReplyThread.id.desc())).first()
    assert forged.contact_id is None
    take(reply(f"{PAT}>, <eve@evil.example", Message_ID="<4@x.example>"), sent.address)
    forged = db.session.scalars(select(ReplyThread).order_by(ReplyThread.id.desc())).first()
    assert (forged.contact_id, forged.address) == (None, "")
    assert "cannot be answered" in as_oscar.page(f"/staff/replies/{forged.id}").text


def test_forged_and_foreign_addresses_are_refused(sent):
    name, _, domain = sent.address.partition("@")
    kind = name.replace("reply+m", "reply+t")
    for wrong in (f"{name[:-1]}x@{domain}", f"{kind}@{domain}", f"reply+mzzzzzz.{'0' * 32}@{domain}", f"news@{domain}"):
        assert take(reply(), wrong).state == "refused", wrong
    assert count(ReplyThread) == 0
    assert take(reply(), sent.address.upper().replace("@IN.EXAMPLE", "@other.example")).state == "kept"


@pytest.mark.parametrize(
    "given",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"Subject": "Automatic reply: Licensing moves"},
        {"Subject": "Respuesta automática: Licensing moves"},
        {"Subject": "=?utf-8?B?2LHYryDYqtmE2YLYp9im2Yo=?="},
        {"Content_Type": "multipart/report; boundary=b", "body": "--b\n\nx\n--b--"},
    ],
)
@ONE_DATABASE
def test_what_a_machine_wrote_is_set_aside(sent, as_oscar, given):
    assert take(reply(**given), sent.address).state == "aside"
    assert only().state == "aside"
    assert "Licensing" not in as_oscar.page("/staff/replies/").text.partition("<table")[2]
    assert "Automatic" in as_oscar.page("/staff/replies/?tab=aside").text
    assert db.session.scalar(select(func.count()).where(TimelineEntry.kind == "reply")) == 0
    as_oscar.send(f"/staff/replies/{only().id}/open")
    assert only().state == "open"


@ONE_DATABASE
def test_an_absence_after_a_reply_opens_nothing(sent, as_oscar):
    take(reply(), sent.address)
    as_oscar.send(f"/staff/replies/{only().id}/done")
    take(reply(Subject="Out of office", Auto_Submitted="auto-replied", Message_ID="<2@x.example>"), sent.address)
    assert only().state == "done" and count() == 2


def test_a_bomb_of_one_sender_is_bounded_and_told(sent, as_oscar):
    size = 10_000 if db.engine.dialect.name == "sqlite" else 500
    for number in range(size):
        octets = reply(Message_ID=f"<{number}@x.example>", body=f"Boom {number}\n")
        [outcome] = receive(whole("bomb", [octets.encode()]), [sent.address])
        assert outcome.state == ("kept" if number < receiving.MOST_A_DAY else "dropped")
    db.session.commit()
    assert count() == receiving.MOST_A_DAY and count(ReplyThread) == 1
    dropped = size - receiving.MOST_A_DAY
    assert f"{dropped:,} more mails of this sender" in as_oscar.page(f"/staff/replies/{only().id}").text
    assert take(reply(ADA), sent.address).state == "kept"


def test_strangers_cannot_fill_the_inbox_either(sent, monkeypatch):
    monkeypatch.setattr(receiving, "MOST_STRANGERS", 3)
    found = [take(reply(f"p{n}@else.example", Message_ID=f"<{n}@x.example>"), sent.address).state for n in range(5)]
    assert found == ["kept", "kept", "kept", "dropped", "dropped"]
    assert take(reply(), sent.address).state == "kept"


@ONE_DATABASE
def test_hostile_mail_is_kept_and_shown_as_text(sent, as_oscar):
    for name, octets in HOSTILE.items():
        assert take(octets, sent.address).state in ("kept", "aside", "again", "dropped"), name
    for thread in db.session.scalars(select(ReplyThread)).all():
        page = as_oscar.page(f"/staff/replies/{thread.id}").text
        assert "<script>alert" not in page
    take(
        reply(Subject="<script>alert(1)</script>", body="<img src=x onerror=alert(1)>", Message_ID="<9@x>"),
        sent.address,
    )
    thread = db.session.scalars(select(ReplyThread).order_by(ReplyThread.last_at.desc())).first()
    page = as_oscar.page(f"/staff/replies/{thread.id}").text
    assert "&lt;img src=x onerror" in page and "<img src=x" not in page


def test_a_reply_to_a_mailing_that_is_gone_is_kept_all_the_same(app, as_oscar):
    app.config["INBOUND_DOMAIN"] = "in.example"
    assert take(reply(), bare(addresses.of_mailing(4711, identity.current()))).state == "kept"
    assert only().mailing_id is None
    assert "No longer known" in as_oscar.page("/staff/replies/").text
    assert "a mailing that is known here" in as_oscar.page(f"/staff/replies/{only().id}").text
