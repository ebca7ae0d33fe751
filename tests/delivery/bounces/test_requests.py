"""Unsubscribing by mail: a mail to the address in List-Unsubscribe does what the press of the button does."""

import json
import random
from urllib.parse import unquote, urlsplit

import pytest
from sqlalchemy import func, select

from crm.base import signing
from crm.contacts import leaving
from crm.contacts.models import ConsentRecord
from crm.delivery import outbox, suppression
from crm.delivery.bounces import collecting, recording
from crm.delivery.bounces.commands import bounces
from crm.delivery.bounces.models import Bounce
from crm.delivery.models import Delivery
from crm.extensions import db
from tests import factories
from tests.contacts.people import AMINA, hidden, records, topics_of
from tests.delivery.bounces.samples import arrives, asks, complaint, dsn, leave_address, mail, mutated, sent, verp
from tests.delivery.test_outbox import make_message
from tests.mailbox_server import CERTIFICATE, MailboxServer
from tests.mailings.makers import make_mailing
from tests.mailings.test_reach import send

ACTIVE = {"action-alerts": "active", "research": "active"}
LEFT = {"action-alerts": "active", "research": "unsubscribed"}
SIGNED = "0123456789abcdefghijklmnopqrstuvwxyz.+@ "


@pytest.fixture
def amina(app):
    contact = factories.make_contact(AMINA, topics=ACTIVE)
    db.session.commit()
    return contact


@pytest.fixture
def box(app):
    with MailboxServer() as server:
        app.config.update(MAIL_CA_FILE=str(CERTIFICATE), BOUNCE_DOMAIN="bounce.example")
        app.config.update(BOUNCE_MAILBOX=server.url("imaps"))
        yield server


def comes(octets: bytes) -> tuple[str, str]:
    """Let a mail come in; return the class and the effect that were written down last."""
    arrives(octets)
    row = db.session.scalars(select(Bounce).order_by(Bounce.id.desc())).first()
    return row.kind, row.effect


def waiting_copy(list_id: str) -> Delivery:
    delivery = sent(AMINA, list_id=list_id)
    delivery.state = "queued"
    db.session.commit()
    return delivery


def test_a_mail_to_the_address_in_a_mail_that_went_out_ends_that_list_alone(app, amina, box, sink, deliver, client):
    send(make_mailing("research"), deliver)
    own, other = waiting_copy("research"), waiting_copy("action-alerts")
    ways = sink[AMINA].message["List-Unsubscribe"].split(", ")
    assert [way.partition(":")[0] for way in ways] == ["<http", "<mailto"]
    mailto = urlsplit(ways[1].strip("<>"))
    assert mailto.query == "subject=unsubscribe" and mailto.path.endswith("@bounce.example")
    box.mails.update({1: asks(unquote(mailto.path)), 2: asks(unquote(mailto.path).upper(), "Cc: x@y.example\n")})
    assert collecting.collect() == 2
    assert box.mails == {}
    assert topics_of() == LEFT
    assert (db.session.get(Delivery, own.id).state, db.session.get(Delivery, other.id).state) == (
        "suppressed",
        "queued",
    )
    assert suppression.reasons(AMINA) == {"research": "unsubscribe"}
    assert not suppression.blocks(AMINA, "research", "transactional")
    (record,) = records()
    assert (record.act, record.topics, record.method) == ("withdrawn", "research", "unsubscribe_mail")
    first = db.session.scalars(select(Bounce).order_by(Bounce.id)).first()
    assert record.place == f"List-Unsubscribe: mail {first.digest}"
    assert (first.kind, first.attribution, first.effect, first.recipient) == (
        "none",
        "unsubscribe",
        "unsubscribed",
        AMINA,
    )
    assert db.session.scalar(select(func.count()).select_from(Bounce)) == 2
    assert len(sink.mails) == 1, "nobody is answered"


def test_it_is_taken_back_as_when_it_was_pressed(client, amina):
    arrives(asks(leave_address(amina.id)))
    link = f"/unsubscribe/{signing.sign('unsubscribe', f'{amina.id}:research')}"
    page = client.send(link, {"what": "topic"})
    assert len(records()) == 1
    client.send(page.text.split('action="')[1].split('"')[0], {"undo": hidden(page.text)["undo"]})
    assert topics_of() == ACTIVE and suppression.reasons(AMINA) == {}


def test_it_does_exactly_what_the_button_of_the_mail_program_does(client, amina):
    """The POST of RFC 8058 and the mail leave the same rows, but for how and where."""
    berta = factories.make_contact("berta@mail.example", topics=ACTIVE)
    token = signing.sign("unsubscribe", f"{berta.id}:research")
    client.post(f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
    arrives(asks(leave_address(amina.id)))
    by_post, by_mail = records("berta@mail.example")[0], records()[0]
    assert (by_post.act, by_post.topics, by_post.evidence) == (by_mail.act, by_mail.topics, by_mail.evidence)
    assert topics_of("berta@mail.example") == topics_of()
    assert suppression.reasons("berta@mail.example") == suppression.reasons(AMINA)


@pytest.mark.parametrize("list_id", ["*", "", "a-topic-that-is-gone"])
def test_a_list_that_is_no_topic_means_all_mail_as_with_the_link(amina, list_id):
    arrives(asks(leave_address(amina.id, list_id)))
    assert set(topics_of().values()) == {"unsubscribed"}
    assert suppression.reasons(AMINA) == {"*": "unsubscribe"}


def test_it_works_when_the_delivery_is_long_gone_and_again_after_a_return(amina):
    arrives(asks(leave_address(amina.id)))
    leaving.undo(leaving.undo_token(records()[0]), amina)
    arrives(asks(leave_address(amina.id)))
    assert topics_of() == LEFT
    assert [record.act for record in records()] == ["withdrawn", "restored", "withdrawn"]


def test_the_same_mail_read_again_does_nothing_to_who_has_come_back(amina):
    octets = asks(leave_address(amina.id))
    arrives(octets)
    leaving.undo(leaving.undo_token(records()[0]), amina)
    db.session.commit()
    arrives(octets)
    assert topics_of() == ACTIVE


@pytest.mark.parametrize("header", ["To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "to"])
@pytest.mark.parametrize(
    "form", ["{0}", "<{0}>", '"{0}" <{0}>', "x@y.example,\n\t<{0}>", "Leave =?utf-8?q?=C3?= <{0}>"]
)
def test_the_address_is_found_wherever_a_mail_says_whom_it_was_sent_to(amina, header, form):
    assert comes(asks(form.format(leave_address(amina.id)), header=header)) == ("none", "unsubscribed")
    assert topics_of() == LEFT


@pytest.mark.parametrize("subject", ["", "unsubscribe", "Please", "=?utf-8?b?2KXZhNi62KfYoQ==?="])
def test_the_subject_and_the_text_do_not_matter(amina, subject):
    text = "Mail sent this to unsubscribe from the message \u201cPlease confirm your e-mail address\u201d."
    assert comes(asks(leave_address(amina.id), subject=subject, text=text)) == ("none", "unsubscribed")


@pytest.mark.parametrize("head", ["Auto-Submitted: no\n", "Auto-Submitted: No; a=b\n", "Precedence: normal\n"])
def test_a_person_whose_program_says_more_is_still_a_person(amina, head):
    assert comes(asks(leave_address(amina.id), head))[1] == "unsubscribed"


@pytest.mark.parametrize(
    "sender", ["Bounce House <a@b.example>", "postmaster@b.example", "Mail Delivery Union <a@b.example>"]
)
def test_a_person_whose_name_sounds_like_a_machine_is_still_a_person(amina, sender):
    assert comes(asks(leave_address(amina.id), f"From: {sender}\n"))[1] == "unsubscribed"


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: auto-replied\n",
        "Auto-Submitted: auto-generated\n",
        "Auto-Submitted: no\nAuto-Submitted: auto-replied\n",
        "Auto-Submitted:\n",
        "Auto-Submitted: auto-replied (vacation)\n",
        "Return-Path: <>\n",
        "Return-Path: < >\n",
        "Precedence: bulk\n",
        "Precedence: auto_reply\n",
        "X-Autoreply: yes\n",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n',
        "Content-Type: message/disposition-notification\n",
        "X-Failed-Recipients: amina@mail.example\n",
        "Subject: Out of office\n",
        "Subject: Undelivered Mail Returned to Sender\n",
        "From: MAILER-DAEMON@mx.example\n",
        "From: Mail Delivery System <Mailer-Daemon@mx.example>\n",
        "From: Bounce House Co <info@bounce-house.example>\nX-Autoreply: yes\n",
    ],
)
def test_what_a_machine_wrote_unsubscribes_nobody(amina, head):
    assert comes(asks(leave_address(amina.id), head))[1] == "nothing"
    assert topics_of() == ACTIVE and records() == []


def test_reports_to_the_address_or_with_it_inside_unsubscribe_nobody(amina):
    address = leave_address(amina.id)
    delivery = sent(AMINA)
    quoted = f"List-Unsubscribe: <https://crm.example/u>, <mailto:{address}?subject=unsubscribe>"
    for octets in (
        dsn("4.2.2", to=address),
        dsn("4.2.2", to=verp(delivery), returned=f"{quoted}\nTo: {address}"),
        dsn("2.0.0", to=address, action="relayed"),
        complaint(quoted).replace(b"abuse\n", b"not-spam\n"),
    ):
        arrives(octets)
    assert topics_of() == ACTIVE and records() == []


def test_who_writes_to_the_return_address_or_quotes_ours_is_not_unsubscribed(amina):
    address, back = leave_address(amina.id), verp(sent(AMINA))
    for octets in (
        asks(back),
        asks(back.replace("b+", "u+")),
        asks(back, subject=f"unsubscribe {address}", text=f"To: {address}\n\nPlease unsubscribe {address}"),
        asks("news@bridgeway.example", f"References: <{address}>\nReply-To: {address}\nX-To: {address}\n"),
        asks("news@bridgeway.example", text=f"> List-Unsubscribe: <mailto:{address}?subject=unsubscribe>"),
    ):
        arrives(octets)
    assert topics_of() == ACTIVE and records() == []


def test_of_two_thousand_mutated_addresses_none_is_believed(amina):
    dice = random.Random(2369)
    good = leave_address(amina.id).partition("@")[0]
    for _ in range(2000):
        place = dice.randrange(len(good))
        forged = good[:place] + dice.choice(SIGNED) + good[place + dice.randint(0, 2) :]
        if forged != good:
            octets = asks(f"{forged}@bounce.example", header=dice.choice(["To", "Cc", "Delivered-To"]))
            verdicts = recording.judge(mail(octets))
            assert [(one.request, one.finding.kind, one.attribution) for one in verdicts] == [(None, "none", "none")], (
                forged
            )
    assert topics_of() == ACTIVE


def test_garbled_addresses_and_those_of_nobody_are_written_down_and_do_nothing(amina):
    good = leave_address(amina.id)
    for address in (
        good[:-30] + good[-29:],
        "u+@bounce.example",
        f"u+{'9' * 5000}.{'a' * 12}.{'b' * 32}@bounce.example",
    ):
        assert comes(asks(address)) == ("none", "nothing")
    assert comes(asks(leave_address(999_999))) == ("none", "nothing")
    assert topics_of() == ACTIVE


def test_many_recipients_are_looked_at_in_bounds(app):
    people = [factories.make_contact(topics={"research": "active"}) for _ in range(30)]
    db.session.commit()
    addresses = [leave_address(person.id) for person in people]
    arrives(asks(",\n ".join(address for address in addresses for _ in range(2)) + ", x@y.example" * 40_000))
    left = db.session.scalars(select(ConsentRecord.contact_id)).all()
    assert sorted(left) == sorted(person.id for person in people[:10])


def test_mutated_mails_raise_nothing_and_unsubscribe_nobody_else(amina):
    factories.make_contact("berta@mail.example", topics=ACTIVE)
    dice = random.Random(3834)
    address = leave_address(amina.id)
    originals = [asks(address, header=header) for header in ("To", "Cc", "Delivered-To")] + [dsn(to=address)]
    for _ in range(300):
        assert recording.judge(mail(mutated(dice, originals)))
    for _ in range(50):
        arrives(mutated(dice, originals))
    assert topics_of("berta@mail.example") == ACTIVE


def test_the_command_says_what_it_was_and_a_dry_run_changes_nothing(app, amina, tmp_path):
    path = tmp_path / "a.eml"
    path.write_bytes(asks(leave_address(amina.id)))
    expected = {"file": str(path), "class": "none", "status": "", "recipient": AMINA, "attribution": "unsubscribe"}
    for words, topics in ((["--dry-run"], ACTIVE), ([], LEFT), ([], LEFT)):
        done = app.test_cli_runner().invoke(bounces, ["read", str(path), "--json", *words])
        assert (done.exit_code, json.loads(done.stdout)) == (0, expected)
        assert topics_of() == topics
    assert len(records()) == 1


def test_nothing_is_half_done_where_it_cannot_be_written_down(amina, box, monkeypatch):
    def fails(*_args, **_values):
        raise RuntimeError("the disk is full")

    box.mails[1] = asks(leave_address(amina.id))
    monkeypatch.setattr(leaving.consent, "record", fails)
    assert collecting.collect() == 0
    assert (list(box.mails), topics_of(), suppression.reasons(AMINA)) == ([1], ACTIVE, {})
    monkeypatch.undo()
    assert collecting.collect() == 1
    assert (box.mails, topics_of(), len(records())) == ({}, LEFT, 1)


@pytest.mark.parametrize("missing", ["BOUNCE_DOMAIN", "BOUNCE_MAILBOX"])
def test_where_nobody_reads_the_mail_no_address_is_offered(app, box, sink, deliver, missing):
    app.config[missing] = None
    message = make_message(html='<a href="{{ unsubscribe_url }}">x</a>', text="{{ unsubscribe_url }}")
    outbox.queue(message, AMINA, contact_id=7)
    deliver()
    assert "mailto:" not in sink[AMINA].message["List-Unsubscribe"]


def test_staff_see_who_asked_and_where_it_led(app, amina, as_bob):
    arrives(asks(leave_address(amina.id), text="<script>alert(1)</script>"))
    page = as_bob.page("/staff/delivery/bounces/?kind=none").text
    assert f'href="/staff/people/{amina.id}/"' in page and AMINA in page
    assert "The person was unsubscribed" in page and "not found here" not in page
    number = db.session.scalars(select(Bounce.id)).one()
    page = as_bob.page(f"/staff/delivery/bounces/{number}").text
    assert "by the signed address to unsubscribe at" in page and "<script>alert" not in page
    assert AMINA in as_bob.page(f"/staff/delivery/bounces/?contact={amina.id}").text
    assert "unsubscribe mail" in as_bob.page(f"/staff/people/{amina.id}/").text
