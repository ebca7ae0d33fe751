"""Staff answer from the inbox: a mail of the coalition's, in the same thread for both sides."""

import pytest
from sqlalchemy import select

from crm.contacts.models import Contact
from crm.delivery import suppression
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.influencers.inbound.receiving import is_known
from crm.mailings.replies.models import MailingAnswer, MailingReply, ReplyThread
from tests.mailings.replies.conftest import PAT, bare, reply, take


@pytest.fixture
def thread(sent):
    take(reply(), sent.address)
    return db.session.scalars(select(ReplyThread)).one()


def answer(browser, thread, text="See you there.\n\nBest, Oscar", status=200, **given):
    data = {"text": text, "version": str(thread.version), "done": "y", **given}
    return browser.send(f"/staff/replies/{thread.id}/answer", data=data, status=status)


def test_an_answer_goes_out_in_the_thread_and_is_shown_there(thread, as_oscar, oscar, deliver):
    page = answer(as_oscar, thread).text
    assert "See you there." in page and "On its way" in page
    [mail] = deliver()
    letter = mail.message
    assert mail.recipient == PAT and letter["From"] == "Bridgeway Coalition <news@bridgeway.example>"
    assert letter["Subject"] == "Re: Licensing moves"
    assert letter["In-Reply-To"] == letter["References"] == "<pat-1@mail.example>"
    assert (letter["Auto-Submitted"], letter["Precedence"], letter["List-Unsubscribe"]) == ("no", None, None)
    lines = mail.text.replace("\r\n", "\n")
    assert lines.startswith("See you there.\n\nBest, Oscar\n\nYou wrote on ")
    assert "> Thank you, I will come." in lines
    assert "See you there.<br>" in mail.html and "<blockquote" in mail.html
    shown = as_oscar.page(f"/staff/replies/{thread.id}").text
    assert "Oscar Organizer" in shown and ">Sent<" in shown
    assert (thread.state, thread.assignee_id) == ("done", oscar.id)
    assert "Answered: See you there. Best, Oscar" in as_oscar.page(f"/staff/people/{thread.contact_id}").text


def test_what_the_person_replies_to_the_answer_comes_into_the_same_thread(thread, as_oscar, deliver):
    answer(as_oscar, thread)
    [mail] = deliver()
    to = bare(mail.message["Reply-To"])
    assert is_known(to)
    ids = {"Message_ID": "<pat-2@mail.example>", "References": f"<pat-1@mail.example> {mail.message['Message-ID']}"}
    outcome = take(reply("pat@home.example", body="Which room?", **ids), to)
    assert outcome.state == "kept"
    assert db.session.scalars(select(ReplyThread)).one().state == "open"
    page = as_oscar.page(f"/staff/replies/{thread.id}").text
    assert page.index("I will come") < page.index("See you there") < page.index("Which room?")
    assert "From another address" in page
    answer(as_oscar, thread, "Room 4")
    [second] = deliver()
    assert second.recipient == "pat@home.example"
    assert second.message["In-Reply-To"] == "<pat-2@mail.example>"
    references = f"<pat-1@mail.example> {mail.message['Message-ID']} <pat-2@mail.example>"
    assert " ".join(second.message["References"].split()) == references


def test_long_ids_of_mails_stay_whole(sent, as_oscar, deliver):
    ids = [f"<{'x' * 110}{number}@{'y' * 40}.example>" for number in range(9)]
    take(reply(Message_ID=ids[8], References=" ".join(ids[:8])), sent.address)
    answer(as_oscar, db.session.scalars(select(ReplyThread)).one())
    [mail] = deliver()
    raw = mail.raw.decode()
    assert f"In-Reply-To: {ids[8]}\r\n" in raw and max(map(len, raw.split("\r\n"))) <= 998
    assert raw.partition("References: ")[2].partition("\r\n")[0].split() == ids[4:]


def test_the_answer_quotes_in_the_language_of_its_reader(sent, as_oscar, deliver):
    sent.pat.language = "es"
    take(reply(Date="Mon, 02 Nov 2026 10:00:00 -0500"), sent.address)
    answer(as_oscar, db.session.scalars(select(ReplyThread)).one())
    [mail] = deliver()
    assert "2 de noviembre de 2026" in mail.text and 'lang="es"' in mail.html


def test_what_looks_like_merge_fields_or_html_is_sent_as_it_was_typed(sent, as_oscar, deliver):
    hostile = "{{ unsubscribe_url }} {{ config }} <script>alert(1)</script>"
    take(reply(body=hostile, Subject="{{ first_name }}"), sent.address)
    answer(as_oscar, db.session.scalars(select(ReplyThread)).one(), f"{hostile} {{{{ line_1 }}}}\nsecond")
    [mail] = deliver()
    assert mail.text.startswith(f"{hostile} {{{{ line_1 }}}}\r\nsecond\r\n") and f"> {hostile}" in mail.text
    assert mail.subject == "Re: {{ first_name }}" and "<script>" not in mail.html


def test_two_who_answer_at_once_are_told(thread, as_oscar, as_alice, deliver):
    seen = thread.version
    answer(as_oscar, thread)
    page = answer(as_alice, thread, "Mine, typed in vain?", status=409, version=str(seen)).text
    assert "Something was written here since you opened this page" in page
    assert "Mine, typed in vain?" in page and "See you there." in page
    assert db.session.scalar(select(MailingAnswer.text)) == "See you there.\n\nBest, Oscar"
    assert len(deliver()) == 1


def test_an_answer_without_words_is_not_sent_and_what_is_long_keeps_its_text(thread, as_oscar):
    assert "Write your answer." in answer(as_oscar, thread, " ", status=422).text
    assert "x" * 20_001 in answer(as_oscar, thread, "x" * 20_001, status=422).text
    assert db.session.scalar(select(MailingAnswer.id)) is None


def test_who_unsubscribed_may_be_answered_and_a_dead_address_may_not(thread, as_oscar, deliver):
    suppression.suppress(PAT, "unsubscribe")
    answer(as_oscar, thread)
    assert len(deliver()) == 1
    suppression.suppress(PAT, "hard_bounce")
    page = answer(as_oscar, thread, "Again", status=409).text
    assert "gets no mail from us: mail bounced" in page and "Again" in page
    assert deliver() == []


def test_an_answer_may_leave_the_thread_open(thread, as_oscar):
    data = {"text": "More later", "version": str(thread.version)}
    as_oscar.send(f"/staff/replies/{thread.id}/answer", data=data)
    assert thread.state == "open"


def test_a_viewer_reads_and_answers_nothing(thread, as_bob):
    as_bob.page(f"/staff/replies/{thread.id}")
    assert as_bob.post(f"/staff/replies/{thread.id}/answer", data={"text": "x"}).status_code == 403


def test_texts_of_answers_stand_in_no_message(thread, as_oscar):
    answer(as_oscar, thread)
    number = db.session.scalar(select(MailingAnswer.delivery_id))
    delivery = db.session.get(Delivery, number)
    assert delivery.merge["line_0"] == "See you there." and delivery.contact_id == thread.contact_id
    assert db.session.get(Contact, thread.contact_id).email == PAT
    assert db.session.scalar(select(MailingReply.mail_id)) == "<pat-1@mail.example>"


def test_pages_say_where_replies_go_while_none_come_in(app, thread, as_oscar):
    assert "their next reply comes here" in as_oscar.page(f"/staff/replies/{thread.id}").text
    app.config["INBOUND_DOMAIN"] = None
    page = as_oscar.page(f"/staff/replies/{thread.id}").text
    assert "comes here" not in page and "at present none come in here" in page
    assert "No new replies come in." in as_oscar.page("/staff/replies/").text
