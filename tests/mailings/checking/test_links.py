"""Links and sender are looked at in the background, and what was found stands on the review page."""

from datetime import timedelta

import pytest

from crm.base import clock, sender_checks, wall_clock
from crm.base.sender_checks import SenderCheck
from crm.extensions import db
from crm.mailings import checks, composing, scheduling
from crm.mailings.checking import guard, links, staff
from crm.mailings.checking.models import MailingLinkCheck, MailingRound
from crm.mailings.checking.visiting import Visitor
from crm.mailings.composer import history, revisions
from crm.mailings.models import Mailing, MailingText
from tests.mailings.checking.servers import Site
from tests.mailings.makers import make_mailing, make_people
from tests.mailings.test_staff import typed


@pytest.fixture
def sender(app):
    """What is said of the sender, and how often it was asked for."""
    told = {"rows": [SenderCheck("SPF", "ok", "bridgeway.example: v=spf1 -all")], "asked": 0}

    def look():
        told["asked"] += 1
        return told["rows"]

    kept = sender_checks.sender_checks["doctor"]
    sender_checks.sender_checks.add("doctor", look)
    yield told
    sender_checks.sender_checks.add("doctor", kept)


@pytest.fixture
def site(app, sender, monkeypatch):
    """A site that is our own, as the guard lets no other of this machine through; it has only the page /good."""
    with Site({"/good": (200, {}), "/moved": (301, {"Location": "/good"}), "/no": (403, {})}) as site:
        site.url = f"http://127.0.0.1:{site.port}"
        app.config["PUBLIC_URL"] = site.url
        yield site


def look(mailing=None):
    """Let the time pass until a look is due, and look."""
    db.session.query(MailingRound).filter(MailingRound.due_at.is_not(None)).update({"due_at": clock.now()})
    db.session.commit()
    links.look_due()
    db.session.expire_all()


def outcomes():
    return {row.url.rpartition("/")[2]: row.outcome for row in db.session.query(MailingLinkCheck)}


def body(site, *pages):
    return "\n\n".join(f"[See {page}]({site.url}/{page})" for page in pages)


def test_a_saved_mailing_is_looked_at_after_a_while_and_each_link_once(site, as_alice):
    make_people(1)
    mailing = make_mailing(body=body(site, "good", "moved", "gone", "no"))
    links.look_due()
    assert outcomes() == {}
    page = as_alice.page(f"/staff/mailings/{mailing.id}/review").text
    assert "4 links were not looked at yet" in page
    assert "They are looked at in the background" in page
    look()
    assert outcomes() == {"good": "answers", "moved": "answers", "gone": "dead", "no": "refuses"}
    page = as_alice.page(f"/staff/mailings/{mailing.id}/review").text
    assert f"{site.url}/gone: There is no such page any more, or never was (404). If you cannot open it" in page
    assert f"{site.url}/no: It refuses programs at least (403)" in page
    asked = len(site.asked)
    look()
    assert len(site.asked) == asked


def test_only_what_is_new_is_looked_at_when_it_is_saved_again(site):
    mailing = make_mailing(body=body(site, "good", "gone"))
    look()
    site.asked.clear()
    composing.save(mailing, {"body": body(site, "good", "moved")}, version=1)
    look()
    assert {path for _, path, _ in site.asked} == {"/moved", "/good"}
    assert [path for _, path, _ in site.asked].count("/good") == 1
    assert outcomes() == {"good": "answers", "moved": "answers"}


def test_a_text_that_was_brought_back_is_looked_at(site):
    mailing = make_mailing(body=body(site, "gone"))
    first = revisions.newest(mailing)
    composing.save(mailing, {"body": body(site, "good")}, version=1)
    look()
    assert outcomes() == {"good": "answers"}
    history.restore(mailing, first)
    look()
    assert outcomes() == {"gone": "dead"}


def test_the_button_looks_at_all_of_them_again_at_once(site, as_alice):
    mailing = make_mailing(body=body(site, "good"))
    look()
    site.asked.clear()
    assert "in the background" in as_alice.send(f"/staff/mailings/{mailing.id}/links").text
    assert site.asked == []
    links.look_due()
    assert [path for _, path, _ in site.asked] == ["/good"]
    assert "The one link answers (looked at" in as_alice.page(f"/staff/mailings/{mailing.id}/review").text


def test_the_links_of_all_texts_are_looked_at(site):
    mailing = make_mailing(body=body(site, "good"))
    mailing.texts = [MailingText(language="es", subject="Hola", body=body(site, "moved"), blocks=[])]
    db.session.commit()
    look()
    assert set(outcomes()) == {"good", "moved"}


def test_many_links_take_several_rounds_and_are_a_hundred_at_most(site, monkeypatch):
    make_mailing(body=body(site, *[f"p{number}" for number in range(120)]))
    look()
    assert len(outcomes()) == links.BATCH
    for _ in range(15):
        links.look_due()
    assert len(outcomes()) == links.MOST


def test_a_look_that_was_killed_is_taken_up_again(site, monkeypatch):
    make_mailing(body=body(site, "good"))
    with monkeypatch.context() as now:
        now.setattr(links, "_keep", lambda *_args: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            look()
    db.session.rollback()
    links.look_due()
    assert outcomes() == {}, "another may be at it"
    look()
    assert outcomes() == {"good": "answers"}


def test_what_was_sent_or_deleted_is_not_looked_at(site):
    sent, deleted = make_mailing(body=body(site, "good")), make_mailing(body=body(site, "gone"))
    sent.state = "finished"
    composing.delete(deleted)
    db.session.commit()
    look()
    assert site.asked == []
    assert db.session.query(MailingRound).filter(MailingRound.due_at.is_not(None)).count() == 0


@pytest.mark.parametrize(
    "url", ["http://192.168.1.10/x", "http://localhost:8080/", "http://2130706433/", "http://nas/"]
)
def test_a_link_into_an_internal_network_forbids_sending_without_any_look(app, as_alice, url):
    make_people(1)
    mailing = make_mailing(body=f"[Read it]({url})")
    with pytest.raises(checks.NotReady, match=r"internal network|your own network"):
        scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    page = as_alice.send(f"/staff/mailings/{mailing.id}/schedule", {"version": 1, "when": "now", "zone": "UTC"})
    assert "Not ready yet" in page.text
    assert db.session.query(Mailing.state).scalar() == "draft"


def test_a_name_that_leads_inside_forbids_sending_once_it_was_looked_at(app, sender, as_alice, monkeypatch):
    inside = Visitor(guard.Guard(resolve=lambda host: ["10.0.0.1"]), "Test")
    monkeypatch.setattr(links, "visitor", lambda: inside)
    make_people(1)
    mailing = make_mailing(body="[Read it](https://inside.example/)")
    checks.require(mailing)
    look()
    with pytest.raises(checks.NotReady, match=r"inside\.example/: It leads to an address of an internal network"):
        checks.require(mailing)
    as_alice.send(f"/staff/mailings/{mailing.id}/edit", typed(body="Nothing any more", version=1))
    checks.require(db.session.query(Mailing).one())


def test_a_site_on_another_port_is_advice_and_the_mailing_can_go(app, sender, as_alice, monkeypatch):
    outside = Visitor(guard.Guard(resolve=lambda host: ["93.184.215.14"]), "Test")
    monkeypatch.setattr(links, "visitor", lambda: outside)
    make_people(1)
    mailing = make_mailing(body="[Read it](https://elections.example:8443/)")
    look()
    assert "It leads to port 8443" in as_alice.page(f"/staff/mailings/{mailing.id}/review").text
    as_alice.send(f"/staff/mailings/{mailing.id}/schedule", {"version": 1, "when": "now", "zone": "UTC"})
    assert db.session.query(Mailing.state).scalar() == "scheduled"


def test_the_sender_is_asked_about_with_the_links_and_not_every_time(site, sender, as_alice):
    mailing = make_mailing(body=body(site, "good"))
    assert "domain was not looked at yet" in as_alice.page(f"/staff/mailings/{mailing.id}/review").text
    look()
    composing.save(mailing, {"body": body(site, "moved")}, version=1)
    look()
    assert sender["asked"] == 1
    assert "SPF: bridgeway.example: v=spf1 -all" in as_alice.page(f"/staff/mailings/{mailing.id}/review").text
    sender["rows"] = [SenderCheck("DMARC", "error", "bridgeway.example has no DMARC record.", "Publish one.")]
    as_alice.send(f"/staff/mailings/{mailing.id}/links")
    links.look_due()
    page = as_alice.page(f"/staff/mailings/{mailing.id}/review").text
    assert "DMARC: bridgeway.example has no DMARC record. Publish one." in page
    assert "SPF:" not in page


def test_a_sender_whose_domain_fails_is_advice_and_the_draft_can_still_go(site, sender):
    make_people(1)
    sender["rows"] = [SenderCheck("SPF", "error", "bridgeway.example has no SPF record.", "Publish one.")]
    mailing = make_mailing(body=body(site, "good"))
    look()
    scheduling.schedule(mailing, wall_clock.at(clock.now() + timedelta(hours=1), "UTC"))
    assert mailing.state == "scheduled"


@pytest.mark.usefixtures("one_hour")
def test_looks_are_limited_by_person(site, as_alice, monkeypatch):
    monkeypatch.setattr(staff, "MOST_AN_HOUR", 1)
    mailing = make_mailing(body=body(site, "good"))
    as_alice.send(f"/staff/mailings/{mailing.id}/links")
    links.look_due()
    assert "1 looks within an hour" in as_alice.send(f"/staff/mailings/{mailing.id}/links").text
    links.look_due()
    assert len(site.asked) == 1


def test_a_viewer_asks_for_no_look(app, as_bob):
    mailing = make_mailing()
    assert as_bob.post(f"/staff/mailings/{mailing.id}/links").status_code == 403


def test_the_guard_of_the_program_lets_nothing_of_this_machine_through(app):
    with Site({"/": (200, {})}) as site:
        found = links.visitor().look_at_all([f"http://127.0.0.1:{site.port}/", "http://127.0.0.1/"])
        assert [one.outcome for one in found] == ["internal", "internal"]
        assert site.asked == []


def test_the_doctor_answers_for_the_sender(app):
    class Zone:
        def records(self, name, kind):
            return {("bridgeway.example", "TXT"): ["v=spf1 include:relay.example -all"]}.get((name, kind), [])

    app.extensions["names"] = Zone()
    found = {row.name: row.state for row in sender_checks.sender_checks["doctor"]()}
    assert found == {"SPF": "ok", "DKIM": "warning", "DMARC": "error"}
