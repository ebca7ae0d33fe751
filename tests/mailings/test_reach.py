"""A mailing, through a real SMTP server: each who agreed gets it once, nobody else, and it is what it should be."""

from collections import Counter

import pytest

from crm.base import clock, wall_clock
from crm.contacts.models import Subscription
from crm.extensions import db
from crm.mailings import scheduling
from crm.mailings.models import Mailing
from tests import factories
from tests.corpora import scripting, templates
from tests.mailings.makers import make_mailing, make_people


def send(mailing, deliver):
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "America/New_York"))
    db.session.commit()
    scheduling.release_due()
    mails = deliver()
    scheduling.finish()
    return mails


def test_each_who_agreed_gets_it_exactly_once_and_nobody_else(app, sink, deliver):
    agreed = make_people(40)
    make_people(8, "pending")
    make_people(7, "unsubscribed")
    for _ in range(5):
        factories.make_contact()
    db.session.commit()
    mailing = make_mailing()
    send(mailing, deliver)
    scheduling.release_due()
    deliver()
    received = Counter(mail.recipient for mail in sink.mails)
    assert received == {person.email: 1 for person in agreed}
    db.session.expire_all()
    assert db.session.get(Mailing, mailing.id).state == "finished"


def test_the_mail_carries_headers_layout_and_its_own_links(app, sink, deliver):
    amina, omar = make_people(2)
    omar.first_name = ""
    db.session.commit()
    send(make_mailing(subject='For {{ first_name | default: "you" }}'), deliver)
    mail = sink[amina.email]
    assert mail.subject == "For Amina"
    assert sink[omar.email].subject == "For you"
    assert "Dear friend," in sink[omar.email].text
    assert mail.message.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
    assert len(mail.message.get_all("List-Unsubscribe")) == 1
    assert mail.message["List-Id"].startswith("Action alerts <action-alerts.")
    assert mail.message["Precedence"] == "bulk"
    for part in (mail.text, mail.html):
        assert "12 Harbor Street" in part
        assert "http://crm.example/unsubscribe/" in part
        assert "http://crm.example/preferences/" in part
        assert "http://crm.example/c/" in part
        assert "{{" not in part


def test_who_unsubscribes_before_the_release_is_left_out_and_who_joins_is_in(app, sink, deliver):
    leaving, staying = make_people(2)
    mailing = make_mailing()
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.query(Subscription).filter_by(contact_id=leaving.id).update({"state": "unsubscribed"})
    joining = make_people(1)[0]
    db.session.commit()
    scheduling.release_due()
    deliver()
    assert {mail.recipient for mail in sink.mails} == {staying.email, joining.email}


def test_a_paused_mailing_sends_nothing_until_it_goes_on(app, sink, deliver):
    make_people(3)
    mailing = make_mailing()
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    db.session.refresh(mailing)
    scheduling.pause(mailing)
    db.session.commit()
    assert deliver() == []
    scheduling.resume(mailing)
    db.session.commit()
    assert len(deliver()) == 3


def test_a_canceled_mailing_sends_nothing(app, sink, deliver):
    make_people(3)
    mailing = make_mailing()
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    db.session.refresh(mailing)
    scheduling.cancel(mailing)
    db.session.commit()
    assert deliver() == []


def test_hostile_values_of_a_contact_stay_text_in_the_mail(app, sink, deliver):
    values = [*scripting.OTHERS, *templates.PAYLOADS[::23]]
    for value in values:
        factories.make_contact(topics={"action-alerts": "active"}, first_name=value.replace("\x01", "")[:190])
    db.session.commit()
    body = 'Dear {{ first_name | default: "friend" }}, [share]({{ share_url }})'
    send(make_mailing(subject='For {{ first_name | default: "x" }}', body=body), deliver)
    assert len(sink.mails) == len(values)
    for mail in sink.mails:
        assert "<script" not in mail.html.lower()
        assert "<img" not in mail.html.lower()
        assert templates.PRODUCT not in mail.text + mail.html
        assert len(mail.message.get_all("Subject")) == 1


@pytest.mark.parametrize(
    "sign", ["\r\nBcc: eve@evil.example", "\nX-Evil: 1", "\r\n\r\n<script>", "\u2028Bcc: eve@evil.example"]
)
def test_line_breaks_in_a_name_add_no_header(app, sink, deliver, sign):
    make_people(1, first_name=f"Amina{sign}")
    send(make_mailing(subject='For {{ first_name | default: "x" }}'), deliver)
    assert [mail.recipient for mail in sink.mails] == [db.session.query(factories.Contact.email).scalar()]
    assert sink.mails[0].message["Bcc"] is None
    assert sink.mails[0].message["X-Evil"] is None
