"""What goes of replies: with the person, by a button, and with time; and what follows when two records become one."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import inspect, select, text

from crm.base import clock
from crm.contacts.forgetting import forgetting as persons
from crm.contacts.merging import uniting
from crm.contacts.models import Contact
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings.replies import forgetting
from crm.mailings.replies.models import MailingAnswer, MailingReply, ReplyThread
from tests import factories
from tests.mailings.replies.conftest import PAT, reply, take
from tests.mailings.replies.test_answering import answer
from tests.mailings.replies.test_following import newest


@pytest.fixture
def thread(sent, as_oscar):
    """A thread of Pat's, with an answer; its texts hold the word xyzzy."""
    take(reply(body="Xyzzy will come.", Subject="Re: xyzzy", Message_ID="<xyzzy@mail.example>"), sent.address)
    answer(as_oscar, newest(), "Dear Xyzzy, see you.")
    return newest()


def everywhere():
    """All that stands in the tables, as one text in small letters."""
    db.session.rollback()
    names = [name for name in inspect(db.engine).get_table_names() if name not in ("form_post", "staff_session")]
    return "\n".join(
        str(tuple(row)) for name in names for row in db.session.execute(text(f'SELECT * FROM "{name}"'))
    ).lower()  # fmt: skip


def test_with_the_person_goes_all_they_wrote_and_were_answered(thread, deliver, sent):
    deliver()
    take(reply(PAT, to="x", body="Xyzzy again", Message_ID="<5@x.example>"), sent.address)
    persons.forget(sent.pat, "mail")
    db.session.commit()
    assert "xyzzy" not in everywhere() and PAT not in everywhere()
    assert (newest().state, newest().contact_id) == ("forgotten", None)
    assert (
        take(reply(body="Xyzzy will come.", Subject="Re: xyzzy", Message_ID="<xyzzy@mail.example>"), sent.address).state
        == "again"
    )


def test_an_answer_that_waits_is_not_sent_any_more(thread, deliver, sent):
    persons.forget(sent.pat, "mail")
    db.session.commit()
    assert deliver() == [] and "xyzzy" not in everywhere()


def test_a_stranger_s_thread_goes_by_a_button_once_the_answer_was_sent(sent, as_oscar, deliver):
    take(reply("xyzzy@else.example", body="Xyzzy"), sent.address)
    answer(as_oscar, newest(), "Dear Xyzzy")
    url = f"/staff/replies/{newest().id}"
    assert "An answer to it is on its way." in as_oscar.send(f"{url}/forget").text
    deliver()
    assert "It is forgotten." in as_oscar.send(f"{url}/forget").text
    assert "xyzzy" not in everywhere()
    assert as_oscar.get(url).status_code == 404 and as_oscar.post(f"{url}/forget").status_code == 404
    assert (
        take(reply("xyzzy@else.example", body="Xyzzy, once more", Message_ID="<2@x.example>"), sent.address).state
        == "kept"
    )
    assert newest().state == "open" and len(db.session.scalars(select(ReplyThread)).all()) == 2


def test_texts_go_a_year_after_it_was_done(thread, deliver, app, as_oscar):
    deliver()
    assert forgetting.forget_old() == 0
    with time_machine.travel(clock.now() + timedelta(days=366), tick=False):
        assert forgetting.forget_old() == 1 and forgetting.forget_old() == 0
    reply_row, answer_row = (db.session.scalars(select(each)).one() for each in (MailingReply, MailingAnswer))
    assert (reply_row.text, reply_row.sender, answer_row.text) == ("", PAT, "")
    assert db.session.get(Delivery, answer_row.delivery_id).merge is None
    assert "deleted 365 days after it was done" in as_oscar.page(f"/staff/replies/{newest().id}").text


def test_open_ones_and_with_0_days_all_are_kept(thread, deliver, app, as_oscar):
    deliver()
    app.config["KEEP_REPLIES_DAYS"] = 0
    with time_machine.travel(clock.now() + timedelta(days=3660), tick=False):
        assert forgetting.forget_old() == 0
    app.config["KEEP_REPLIES_DAYS"] = 1
    as_oscar.send(f"/staff/replies/{newest().id}/open")
    with time_machine.travel(clock.now() + timedelta(days=366), tick=False):
        assert forgetting.forget_old() == 0


def test_automatic_answers_go_after_30_days(sent):
    take(reply(Auto_Submitted="auto-replied", body="xyzzy"), sent.address)
    with time_machine.travel(clock.now() + timedelta(days=29), tick=False):
        assert forgetting.forget_old() == 0
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        assert forgetting.forget_old() == 1
    assert newest().state == "forgotten" and "xyzzy" not in everywhere()


def test_the_thread_follows_when_two_records_become_one(thread, sent, alice, as_oscar):
    kept = factories.make_contact("pat@work.example", first_name="Pat", last_name="Lee")
    uniting.merge(kept.id, sent.pat.id, [], alice)
    db.session.commit()
    assert newest().contact_id == kept.id
    assert "Replied to" in as_oscar.page(f"/staff/people/{kept.id}").text
    assert take(reply(Message_ID="<7@x.example>", body="Later"), sent.address).state == "kept"
    assert len(db.session.scalars(select(ReplyThread)).all()) == 1
    persons.forget(db.session.get(Contact, kept.id), "mail")
    db.session.commit()
    assert newest().state == "forgotten" and PAT not in everywhere()


def test_the_message_of_an_answer_keeps_no_word_of_it(thread):
    message = db.session.get(Message, db.session.scalar(select(MailingAnswer.message_id)))
    assert "xyzzy" not in f"{message.subject}{message.html}{message.text}".lower()
