"""Letters that the program itself writes."""

import pytest
from jinja2 import DictLoader
from sqlalchemy import func, select, update

from crm.base import signing
from crm.delivery import letters, outbox
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.organizations.models import Coalition

TEMPLATES = {
    "email/trial/subject.txt": "{{ _('Hello') }} & welcome\n",
    "email/trial/body.txt": "{{ coalition.name }}: {{ field('confirm_url') }}",
    "email/trial/body.html": "<p>{{ coalition.name }}</p><a href=\"{{ field('confirm_url') }}\">x</a>",
}


@pytest.fixture(autouse=True)
def templates(app, monkeypatch):
    monkeypatch.setattr(app.jinja_env, "loader", DictLoader(TEMPLATES))


def send(address="amina@mail.example", occasion="1", url="https://crm.example/confirm/abc", locale="en"):
    return letters.send("trial", address, locale=locale, occasion=occasion, merge={"confirm_url": url, "more": "x"})


def test_a_letter_reaches_its_address_with_its_own_link(app, sink, deliver):
    assert send() is not None
    assert send() is None
    send("badu@mail.example", url="https://crm.example/confirm/def")
    deliver()
    letter = sink["amina@mail.example"]
    assert letter.subject == "Hello & welcome"
    assert letter.text.strip() == "Bridgeway Coalition: https://crm.example/confirm/abc"
    assert 'href="https://crm.example/confirm/def"' in sink["badu@mail.example"].html
    assert letter.message["From"].addresses[0].addr_spec == "news@bridgeway.example"
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert letter.message["List-Unsubscribe"] is None


def test_double_braces_that_staff_typed_stand_in_a_letter_as_text(app, sink, deliver):
    typed = "Bridge {{ config }} {{ confirm_url }} {{ 7*7 }} way"
    db.session.execute(update(Coalition).values(name=typed, sender_name=typed))
    db.session.commit()
    assert send() is not None
    deliver()
    letter = sink["amina@mail.example"]
    shown = typed.replace("{{ confirm_url }}", "https://crm.example/confirm/abc")
    assert letter.text.replace("\u2060", "").strip() == f"{shown}: https://crm.example/confirm/abc"
    assert shown in letter.html.replace("\u2060", "")


def test_one_message_serves_all_recipients_of_a_language(app):
    for number in range(5):
        send(f"person{number}@mail.example")
    assert db.session.scalar(select(func.count(Message.id))) == 1
    assert db.session.scalar(select(Delivery.merge)) == {"confirm_url": "https://crm.example/confirm/abc"}
    send(locale="es", occasion="2")
    assert db.session.scalar(select(func.count(Message.id))) == 2


def test_a_letter_without_a_value_for_its_link_is_refused(app):
    with pytest.raises(letters.MissingValue, match="confirm_url"):
        letters.send("trial", "amina@mail.example", locale="en", occasion="1", merge={})


def test_bulk_mail_carries_one_click_unsubscription_on_one_line(app, sink, deliver):
    message = outbox.write(
        "s",
        '<a href="{{ unsubscribe_url }}">u</a>',
        "{{ unsubscribe_url }} {{ preferences_url }}",
        sender="A <news@bridgeway.example>",
        kind="bulk",
        list_id="research",
    )
    outbox.queue(message, "amina@mail.example", contact_id=7)
    deliver()
    mail = sink["amina@mail.example"]
    line = next(line for line in mail.raw.split(b"\r\n") if line.startswith(b"List-Unsubscribe:")).decode()
    url = line.removeprefix("List-Unsubscribe: <").removesuffix(">")
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.message["List-Id"] == "Research <research.crm.example>"
    assert mail.message["Message-ID"].endswith("@bridgeway.example>")
    assert url in mail.html
    assert url in mail.text
    assert "http://crm.example/preferences/" in mail.text
    assert signing.read("unsubscribe", url.rpartition("/")[2]) == "7:research"


def test_each_copy_has_an_envelope_sender_of_its_own_where_bounces_have_a_domain(app, sink, deliver):
    app.config["BOUNCE_DOMAIN"] = "bounce.example"
    delivery = db.session.get(Delivery, send())
    deliver()
    address = sink["amina@mail.example"].sender
    assert address.startswith(f"b+{delivery.id}.{delivery.uuid}.")
    assert address.endswith("@bounce.example")
