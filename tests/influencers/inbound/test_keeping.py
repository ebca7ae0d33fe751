"""Copies of mail are logged with whom they name, wait where that is unclear, and are seen by nobody else."""

from datetime import date

import pytest
from sqlalchemy import func, select

from crm.accounts.models import User
from crm.contacts.models import TimelineEntry
from crm.extensions import db
from crm.influencers.inbound import keeping, receiving, signed
from crm.influencers.inbound.models import InboundMail
from crm.influencers.models import Interaction
from crm.influencers.participants import taking_part
from tests import factories
from tests.influencers.inbound import mails
from tests.influencers.inbound.mails import ADA, OSCAR, mail, written
from tests.influencers.test_access import words


@pytest.fixture(autouse=True)
def domain(app):
    app.config["INBOUND_DOMAIN"] = "in.example"


@pytest.fixture
def ada(app, oscar):
    contact = factories.make_contact(ADA, first_name="Ada", last_name="Adams")
    one = factories.make_influencer(contact=contact, stage="engaged", owner_id=oscar.id)
    db.session.commit()
    return one


@pytest.fixture
def pat(app):
    return factories.make_contact("pat@mail.example", first_name="Pat", last_name="Aide")


def take(octets, user, **given):
    [outcome] = receiving.receive(mail(octets), [signed.address_of(user)], **given)
    db.session.commit()
    return outcome


def only():
    return db.session.scalars(select(Interaction)).one()


def count(table=Interaction):
    return db.session.scalar(select(func.count()).select_from(table))


def test_a_copy_is_logged_with_whom_it_names_once(as_oscar, ada, pat, oscar, alice):
    octets = written(f'"pat@mail.example" <{ADA}>, {alice.email}', Cc="Pat <PAT@mail.example>, new@mail.example")
    assert take(octets, oscar).state == "logged"
    one = only()
    assert (one.kind, one.held_on, one.user_id, one.openness) == ("email", date(2026, 11, 2), oscar.id, "private")
    assert one.contact_id == ada.contact_id
    assert [person.name for person in taking_part.seen([one], oscar)[one.id]] == [
        "Ada Adams",
        "Pat Aide",
        "Alice Admin",
    ]
    page = as_oscar.page(f"/staff/interactions/{one.id}").text
    assert "thank you for your time." in page and "Thank you" in page
    assert "Thank you" in as_oscar.page(f"/staff/influencers/{ada.id}").text
    assert "E-mail: Thank you" in as_oscar.page(f"/staff/people/{pat.id}").text
    assert take(octets, oscar).state == "again"
    assert take(f"Delivered-To: somewhere\n{octets}", oscar).state == "again"
    assert count() == 1
    assert take(octets.replace("<1@", "<2@"), oscar).state == "logged"


def test_a_name_is_never_believed(app, ada, oscar):
    assert take(written(f'"{ADA}" <new@mail.example>, Ada Adams <ada@else.example>'), oscar).state == "unsorted"


@pytest.mark.parametrize("body", [mails.GMAIL, mails.APPLE, mails.OUTLOOK, mails.SPANISH])
def test_a_forwarded_mail_is_logged_with_whom_its_head_names(app, ada, oscar, body):
    factories.make_contact("trap@mail.example")
    factories.make_contact("eve@evil.example")
    octets = written(signed.address_of(oscar), body=body, Subject="Fwd: Your bill")
    assert take(octets, oscar).state == "logged"
    assert only().contact_id == ada.contact_id
    named = {person.name for person in taking_part.seen([only()], oscar)[only().id]}
    assert named == {"Ada Adams"}
    kept = db.session.scalars(select(InboundMail)).one()
    assert "I will support it." in kept.quoted or "Lo apoyo." in kept.quoted


def test_a_mail_that_is_attached_is_forwarded_too(app, ada, oscar):
    octets = f"From: {OSCAR}\nTo: {signed.address_of(oscar)}\nSubject: Fwd\n{mails.ATTACHED}"
    assert take(octets, oscar).state == "logged"


def test_what_a_mail_to_somebody_else_quotes_names_nobody(app, ada, oscar):
    assert take(written("new@mail.example", body=mails.OUTLOOK), oscar).state == "unsorted"
    assert take(written("new@mail.example", body="> ada@senate.example"), oscar).state == "unsorted"


def test_mail_of_somebody_else_waits_with_a_word(as_oscar, ada, oscar):
    octets = written(OSCAR, sender=f"Ada <{ADA}>", body="<script>alert(1)</script> Yes.")
    assert take(octets, oscar).state == "unsorted"
    assert count() == 0
    page = as_oscar.page("/staff/inbound/").text
    assert "From somebody else" in page and "&lt;script&gt;alert(1)" in page and "Ada Adams &lt;ada@" in page
    assert "1 copy of a mail waits" in as_oscar.page("/staff/").text


@pytest.mark.parametrize(
    "sender", [f"{OSCAR}, {ADA}", "", f"Oscar <{OSCAR}> <x@mail.example>", f'"{OSCAR}" <x@y.example>']
)
def test_the_one_sender_must_be_the_user(app, ada, oscar, sender):
    assert take(written(sender=sender), oscar).state == "unsorted"
    assert db.session.scalars(select(InboundMail.why)).one() == "else"


def test_what_waits_is_assigned_once(as_oscar, ada, pat, oscar):
    take(written("new@mail.example"), oscar)
    one = db.session.scalars(select(InboundMail)).one()
    page = as_oscar.page("/staff/inbound/").text
    assert "Names nobody on record" in page and "Thank you" in page
    url, field = f"/staff/inbound/{one.id}/assign", f"m{one.id}-participants"
    for typed, message in (
        ("", "Name at least one person"),
        ("Nobody Known", "Nobody on record is “Nobody Known”"),
        ("Oscar Organizer", "Name at least one person on record"),
    ):
        page = as_oscar.send(url, {field: typed}, status=422).text
        assert message in page and typed in page and count() == 0
    page = as_oscar.send(url, {field: "Pat <pat@mail.example>, Ada Adams"}).text
    assert "Logged with Ada Adams." in page and "Nothing waits" in page
    assert only().contact_id == ada.contact_id and taking_part.contact_ids(only()) == [ada.contact_id, pat.id]
    assert "sorted already" in as_oscar.send(url, {field: "Ada Adams"}, status=422).text
    assert count() == 1


def test_what_is_discarded_leaves_nothing_but_that_it_was(as_oscar, ada, oscar):
    take(written("new@mail.example", Message_ID="<3@mail.example>"), oscar)
    take(written(), oscar)
    logged, waiting = only(), db.session.scalar(select(InboundMail).where(InboundMail.state == "unsorted"))
    mail_id = keeping.of(logged).id
    for number in (waiting.id, mail_id):
        assert "The mail is discarded." in as_oscar.send(f"/staff/inbound/{number}/discard").text
        assert "discarded already" in as_oscar.send(f"/staff/inbound/{number}/discard").text
    assert count() == 0
    assert not db.session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "interaction")).all()
    for one in db.session.scalars(select(InboundMail)):
        assert (one.text, one.quoted, one.subject, one.sender, one.receivers) == ("", "", "", "", [])
    assert take(written(), oscar).state == "again"


def test_a_machine_is_heard_and_nothing_is_kept(app, ada, oscar):
    assert take(written(Auto_Submitted="auto-replied"), oscar).state == "ignored"
    assert count(InboundMail) == 0


def test_a_forged_an_ended_and_a_foreign_address_are_refused(as_oscar, ada, oscar, bob):
    address = signed.address_of(oscar)
    local = address.partition(".")[0]
    mac = address.partition(".")[2].partition("@")[0]
    wrong = [
        f"{local}.{'0' * 32}@in.example",
        address.replace(mac, mac[::-1]),
        address.replace(local, "log+9"),
        address.replace(local, "log+zzzzzz"),
        address.replace(local, "log+0"),
        address.replace("log+", "b+"),
        f"x{address}",
        "log@in.example",
        "",
        signed.address_of(bob),
        "\0" + address,
        address.replace(mac, f"{mac[:-1]}é"),
    ]
    for one in wrong:
        assert [o.state for o in receiving.receive(mail(written()), [one])] == ["refused"], one
    assert signed.owner(address) == signed.owner(address.upper()) == oscar
    oscar.active = False
    assert signed.owner(address) is None
    oscar.active = True
    db.session.commit()
    assert count() == count(InboundMail) == 0


def test_a_new_address_ends_the_old_one(as_oscar, oscar):
    old = signed.address_of(oscar)
    page = as_oscar.page("/staff/users/me").text
    assert old in page
    page = as_oscar.send("/staff/inbound/address", {"seen": "1"}).text
    assert old not in page and "You have a new address" in page
    new = signed.address_of(db.session.get(User, oscar.id))
    assert new in page and signed.owner(old) is None and signed.owner(new) == oscar
    assert "new already" in as_oscar.send("/staff/inbound/address", {"seen": "1"}).text
    assert "new already" in as_oscar.send("/staff/inbound/address", {"seen": "x"}).text
    assert signed.owner(new) == oscar


def test_without_a_domain_nobody_has_an_address(app, as_oscar, oscar):
    app.config["INBOUND_DOMAIN"] = None
    assert "Logging mail by a copy" not in as_oscar.page("/staff/users/me").text
    assert "INBOUND_DOMAIN" in as_oscar.page("/staff/inbound/").text


def test_who_may_log_nothing_has_no_address(as_bob):
    assert "Logging mail by a copy" not in as_bob.page("/staff/users/me").text
    assert as_bob.get("/staff/inbound/").status_code == 403


def test_others_cannot_fill_the_list_without_end(app, ada, oscar, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_UNSORTED", 2)
    states = [take(written(sender=ADA, Message_ID=f"<{n}@x.example>"), oscar).state for n in range(4)]
    assert states == ["unsorted", "unsorted", "full", "full"]


def test_the_head_says_whose_it_is_where_no_envelope_does(app, ada, oscar, alice):
    mine, hers = signed.address_of(oscar), signed.address_of(alice)
    found = receiving.receive(mail(f"Delivered-To: {mine}\n{written()}"))
    assert [(one.state, one.user) for one in found] == [("logged", OSCAR)]
    found = receiving.receive(mail(f"X-Original-To: {hers}\n{written(f'{ADA}, {mine}')}"))
    assert sorted((one.state, one.user) for one in found) == [("logged", OSCAR), ("unsorted", alice.email)]
    for octets in (written(), written(body=f"Delivered-To: {mine}"), f"X-Other: {mine}\n{written()}"):
        assert [one.state for one in receiving.receive(mail(octets))] == ["refused"]


def test_a_long_mail_is_cut_and_its_summary_is_short(as_oscar, ada, oscar):
    take(written(body="A line of words.\n" * 20_000, Subject="x" * 900), oscar)
    kept = db.session.scalars(select(InboundMail)).one()
    assert len(kept.text) <= 100_000 and len(kept.subject) == 200 and len(only().summary) < 1000
    assert as_oscar.page(f"/staff/interactions/{only().id}").status_code == 200


def test_hostile_mail_is_kept_or_refused_and_every_page_of_it_opens(as_oscar, ada, oscar):
    states = {name: take(octets, oscar).state for name, octets in mails.HOSTILE.items()}
    assert set(states.values()) <= {"logged", "unsorted", "again"}  # Some differ in nothing that is kept.
    as_oscar.page(f"/staff/influencers/{ada.id}")
    for one in db.session.scalars(select(Interaction)).all():
        as_oscar.page(f"/staff/interactions/{one.id}")
    for page in (1, 2, 3):
        as_oscar.page(f"/staff/inbound/?page={page}")
    again = {name: take(octets, oscar).state for name, octets in mails.HOSTILE.items()}
    assert set(again.values()) == {"again"}


@pytest.fixture
def north(app):
    return factories.make_organization("North", is_member=True)


@pytest.mark.parametrize("role", ["organizer", "admin"])
def test_a_members_logged_mail_is_on_no_page_of_another(app, client_of, ada, north, role):
    nora = factories.make_user("organizer", email="nora@north.example", organization_id=north.id)
    south = factories.make_organization("South", is_member=True)
    sam = factories.make_user(role, email="sam@south.example", organization_id=south.id)
    colleague = factories.make_user("organizer", organization_id=north.id)
    given = {"sender": "nora@north.example", "Subject": "Xyzzy plan", "body": "Xyzzy words"}
    assert take(written(f"{ADA}, sam@south.example", **given), nora).state == "logged"
    assert take(written("new@mail.example", **given), nora).state == "unsorted"
    logged, waiting = only(), db.session.scalar(select(InboundMail).where(InboundMail.state == "unsorted"))
    kept = keeping.of(logged)
    opened = 0
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.rule.startswith("/staff/"):
            numbers = {1, 2, 3, ada.id, logged.id, waiting.id, kept.id} if "<" in rule.rule else {0}
            for number in numbers:
                address = "".join(str(number) if part.startswith("<") else part for part in _parts(rule.rule))
                answer = client_of(sam).get(address, follow_redirects=True)
                assert answer.status_code < 500, address
                assert "xyzzy" not in words(answer).lower(), address
                opened += answer.status_code == 200
    assert opened > 30
    for address in (
        f"/staff/inbound/{waiting.id}/assign",
        f"/staff/inbound/{waiting.id}/discard",
        f"/staff/inbound/{kept.id}/discard",
    ):
        for user in (sam, colleague):
            assert client_of(user).post(address, data={}).status_code == 404
    assert "Xyzzy words" in client_of(colleague).page(f"/staff/interactions/{logged.id}").text
    assert "Xyzzy" not in client_of(colleague).page("/staff/inbound/").text


def test_who_left_an_organization_takes_nothing_out_of_its_log(client_of, ada, north, oscar):
    take(written(), oscar)
    mail_id = keeping.of(only()).id
    oscar.organization_id = north.id
    db.session.commit()
    assert client_of(oscar).post(f"/staff/inbound/{mail_id}/discard").status_code == 404
    assert client_of(oscar).get(f"/staff/interactions/{only().id}").status_code == 404


def _parts(rule):
    return rule.replace("<", "\n<").replace(">", ">\n").split("\n")


def test_whom_a_member_writes_to_and_does_not_see_is_a_contact_to_it(client_of, ada, north):
    south = factories.make_organization("South", is_member=True)
    sam = factories.make_user("organizer", email="sam@south.example", organization_id=south.id)
    ada.organization_id = north.id
    db.session.commit()
    assert take(written(sender="sam@south.example"), sam).state == "logged"
    page = client_of(sam).page(f"/staff/interactions/{only().id}").text
    assert "Ada Adams" in page and f"/staff/influencers/{ada.id}" not in page
