"""Forgetting a person: nothing that tells who it was is left in any table, and the person stays out."""

import io
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, inspect, select, text

from crm.base import audit, clock
from crm.base.models import AuditEntry
from crm.contacts import by_hand, consent, joining, leaving, links, subscriptions, tagging, timeline
from crm.contacts.forgetting import forgetting
from crm.contacts.merging import uniting
from crm.contacts.models import ConsentRecord, Contact, SignUp
from crm.delivery import outbox, suppression
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.influencers import asks, interactions, notes
from crm.influencers.evidence import storage
from crm.influencers.evidence.models import AskFile
from crm.influencers.inbound.models import InboundMail
from crm.influencers.models import Ask, Influencer, Interaction
from crm.influencers.network import acquaintances, ways
from crm.influencers.network.acquaintances import Knower
from crm.influencers.offices import editing, staffing
from crm.influencers.offices.models import Office
from crm.influencers.participants.models import InteractionChange, InteractionContact
from crm.influencers.tasks import tracking
from crm.transfer import forgetting as traces
from crm.transfer import influencer_csv, work
from crm.transfer.models import ImportRun, InfluencerImport, RowFault
from tests import factories

EMAIL, OTHER = "xyzzy@mail.example", "xyzzy@work.example"
FRIEND = "friend@mail.example"  # With whom the person met, and who stays.
DAY = clock.today("America/New_York")


@pytest.fixture
def person(app, alice):
    """Somebody with all that can be on record of a person; every text of it holds the word xyzzy."""
    values = {"last_name": "Xyzzyson", "organization_name": "Xyzzy Inc", "phone": "xyzzy", "city": "Xyzzy"}
    one = factories.make_contact(EMAIL, topics={"action-alerts": "active"}, **values)
    two = factories.make_contact(OTHER, last_name="Xyzzyson")
    proof = {"place": "asked for: xyzzy", "ip": "192.0.2.0", "evidence": {"statement": "Xyzzy told me"}}
    consent.record(one, "given", ["action-alerts"], method="staff", **proof)
    typed = {"mail": "confirm", "language": "en", "typed": {"first_name": "xyzzy"}, "topics": []}
    factories.add(SignUp(contact_id=one.id, form_digest="d", **typed))
    tagging.add([one.id], "nurse")
    timeline.record(one, "staff", "Xyzzy came")
    by_hand.change(one, {"city": "Xyzzyville"})
    audit.record("unsubscribe", "contact", one.id, reason="Xyzzy called")
    influencer = factories.make_influencer(contact=one, role="Xyzzy chair", notes="Xyzzy")
    ask = factories.make_ask(influencer, alice, title="Xyzzy speaks")
    asks.advance(ask, "made", alice, outcome="Xyzzy said yes")
    name = {"filename": "people.csv", "encoding": "utf-8", "separator": ",", "header": [], "mapping": [], "total": 2}
    factories.add(
        InfluencerImport(user_id=alice.id, **name, found={"created": 1, "bad": ["row 2: xyzzy"], "alike": []})
    )
    run = factories.add(ImportRun(created_by=alice.email, program="file", topics=[], expected={}, counts={}, **name))
    factories.add(RowFault(run_id=run.id, number=2, message=f"“{EMAIL.upper()}” is odd"))
    token = storage.SHELF.store(io.BytesIO(b"%PDF-1.4 xyzzy")).token
    factories.add(AskFile(ask_id=ask.id, token=token, name="xyzzy.pdf", kind="pdf", size=9))
    interactions.log(one, "call", DAY, "Xyzzy called", alice)
    tracking.make(influencer, {"title": "Xyzzy gets the paper", "due_on": DAY, "assignee_id": alice.id}, alice)
    lunch = interactions.log(factories.make_contact(FRIEND, last_name="Other"), "meeting", DAY, "Lunch", alice)
    factories.add(InteractionContact(interaction_id=lunch.id, contact_id=one.id))
    several = {"version": 2, "changes": {"participants": [f"Xyzzy Xyzzyson <{EMAIL}>\n{OTHER}\nElse #7", ""]}}
    factories.add(InteractionChange(interaction_id=lunch.id, **several))
    interactions.log(one, "meeting", DAY, "Xyzzy and Bert met", alice, participants=FRIEND)
    mail = {"user_id": alice.id, "written_at": clock.now(), "subject": "A paper", "attached": []}
    logged = {"state": "logged", "interaction_id": lunch.id, "receivers": [EMAIL.upper(), "o@mail.example"]}
    factories.add(InboundMail(digest="1", **mail, **logged))
    factories.add(InboundMail(digest="2", **mail, state="unsorted", receivers=[], sender=EMAIL, text="Xyzzy writes"))
    office = editing.save(Office(), {"title": "A chair", "state": "", "district": ""})
    staffing.add(office, {}, EMAIL, {"role": "scheduler", "phone": "", "note": "Xyzzy comes on Mondays"}, DAY)
    notes.write(influencer, "Xyzzy note", alice, organization_id=None, admins_only=False)
    message = outbox.write("Hello", "<p>Hi</p>", "Hi", sender="news@bridgeway.example")
    outbox.queue(message, EMAIL, contact_id=one.id, merge={"first_name": "Xyzzy"})
    db.session.commit()
    db.session.execute(Delivery.__table__.update().values(state="sent", smtp_reply="250 ok xyzzy"))
    db.session.commit()
    uniting.merge(one.id, two.id, (), alice)
    db.session.commit()
    return db.session.get(Contact, one.id)


def told():
    """Return each table, column and text in which the word stands."""
    found = []
    with db.engine.connect() as connection:
        for table in inspect(db.engine).get_table_names():
            if not table.startswith("procrastinate"):
                for row in connection.execute(text(f'SELECT * FROM "{table}"')).mappings():
                    found += [(table, name, value) for name, value in row.items() if "xyzzy" in str(value).lower()]
    return found


def emails():
    """Return the addresses of all who are on record."""
    return sorted(db.session.scalars(select(Contact.email)))


def forget(person):
    files = forgetting.forget(person, "mail")
    db.session.commit()
    return files


def test_nothing_is_left_that_tells_who_it_was(person):
    assert len({table for table, *_ in told()}) > 10
    files = forget(person)
    assert told() == []
    assert [path.exists() for path in files] == [True]
    assert emails() == [FRIEND] and db.session.scalars(select(Interaction)).one().summary == "Lunch"
    for kind in (Influencer, Ask):
        assert db.session.scalar(select(func.count()).select_from(kind)) == 0


def test_who_else_took_part_stays_in_what_edits_say(person):
    forget(person)
    assert db.session.scalars(select(InteractionChange)).one().changes == {"participants": ["Else #7", ""]}


def test_that_they_stay_out_and_what_they_had_agreed_to_is_kept_under_a_hash(person):
    hashes = {email: suppression.address_hash(email) for email in (EMAIL, OTHER)}
    forget(person)
    assert all(suppression.reasons(email) == {"*": "erased"} for email in (EMAIL, OTHER))
    rows = db.session.scalars(select(ConsentRecord).where(ConsentRecord.address_hash == hashes[EMAIL])).all()
    assert rows and all((row.contact_id, row.ip, row.evidence) == (None, None, {}) for row in rows)
    assert {(row.act, row.topics) for row in rows} >= {("given", "action-alerts")}


def test_the_audit_trail_says_when_by_whom_and_how_and_not_who(person, as_alice):
    as_alice.send(f"/staff/people/{person.id}/forget/", {"reason": "telephone", "word": "Forget "})
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "forget")).one()
    told_of = (entry.actor, entry.thing, entry.thing_id, entry.changes, entry.reason)
    assert told_of == ("alice@bridgeway.example", "contact", None, {}, "By telephone") and entry.at


def test_a_complaint_becomes_the_wish_to_be_forgotten(app):
    one = factories.make_contact(EMAIL)
    suppression.suppress(EMAIL, "complaint")
    db.session.commit()
    forget(one)
    assert forgetting.was_forgotten(EMAIL)


def test_mail_that_waits_is_stopped_and_what_is_being_sent_is_waited_for(app, as_alice):
    one = factories.make_contact(EMAIL, topics={"action-alerts": "active"})
    of_list = {"sender": "news@bridgeway.example", "kind": "bulk", "list_id": "action-alerts"}
    message = outbox.write("Hello", "<p>Hi</p>", "Hi", **of_list)
    outbox.queue(message, EMAIL, contact_id=one.id)
    db.session.execute(Delivery.__table__.update().values(state="in_flight"))
    db.session.commit()
    url, typed = f"/staff/people/{one.id}/forget/", {"reason": "mail", "word": "forget"}
    assert "is being sent at this moment" in as_alice.send(url, typed, status=422).text
    db.session.execute(Delivery.__table__.update().values(state="queued"))
    db.session.commit()
    as_alice.send(url, typed)
    [row] = db.session.scalars(select(Delivery)).all()
    assert row.state == "suppressed" and row.address == f"forgotten-{row.id}@invalid" and row.contact_id is None


def test_no_way_leads_through_who_is_forgotten(app, oscar):
    middle, target = factories.make_contact(EMAIL), factories.make_influencer("Tara", "Target").contact
    acquaintances.add(middle, Knower(user=oscar), {"strength": 5, "kind": "other"}, oscar)
    acquaintances.add(target, Knower(contact=middle), {"strength": 5, "kind": "other"}, oscar)
    db.session.commit()
    assert ways.best(target, oscar)
    forget(middle)
    assert ways.best(db.session.get(Contact, target.id), oscar) == []


def test_the_page_says_what_goes_and_wants_a_word(person, as_alice, as_oscar, client_of):
    url = f"/staff/people/{person.id}/forget/"
    assert "Forget this person" in as_alice.page(f"/staff/people/{person.id}").text
    page = as_alice.page(url).text
    assert "What goes" in page and "What stays" in page
    page = as_alice.send(url, {"reason": "law", "word": "yes"}, status=422).text
    assert "Type the word forget" in page and 'value="yes"' in page and "checked" in page
    assert "Choose one." in as_alice.send(url, {"word": "forget"}, status=422).text
    assert "Forget this person" not in as_oscar.page(f"/staff/people/{person.id}").text
    as_oscar.send(url, {"reason": "law", "word": "forget"}, status=403)
    member = factories.make_user("admin", organization_id=factories.make_organization("North", is_member=True).id)
    client_of(member).send(url, {"reason": "law", "word": "forget"}, status=403)
    token = links.preferences_token(person.id)
    page = as_alice.send(url, {"reason": "law", "word": "forget"}).text
    assert "The person is forgotten" in page and not any(storage.SHELF.files())
    as_alice.page(url, status=404)
    assert as_alice.get(f"/preferences/{token}").status_code == 410


def test_nobody_puts_them_on_record_again(person, as_alice):
    forget(person)
    with pytest.raises(by_hand.Refused, match="asked to be forgotten"):
        by_hand.add(by_hand.NewContact(EMAIL, {}, how=by_hand.NOTHING))
    people = f"email,first_name\n{EMAIL},Xyzzy\nother@mail.example,Olga\n"
    as_alice.send("/staff/imports/", {"file": (io.BytesIO(people.encode()), "people.csv")})
    form = {"topics": "research", "consent": "They agreed on paper", "column-0": "email", "column-1": "first_name"}
    as_alice.send("/staff/imports/2/check", {**form, "holds": ""})
    work.work()
    page = as_alice.page("/staff/imports/2").text
    assert "left out, because they asked to be forgotten" in page
    as_alice.send("/staff/imports/2/run")
    work.work()
    db.session.expire_all()
    assert emails() == [FRIEND, "other@mail.example"]


def test_a_row_of_influencers_about_them_is_a_bad_one(person, tmp_path):
    forget(person)
    path = tmp_path / "people.csv"
    path.write_text(f"name,email\nXyzzy Xyzzyson,{EMAIL}\n")
    assert influencer_csv.read(path)[1] == [
        "row 2: the person with this e-mail asked to be forgotten. Leave the row out."
    ]


def test_who_comes_back_with_an_old_backup_is_forgotten_again(person):
    forget(person)
    factories.make_contact(EMAIL)
    stays = factories.make_contact("else@mail.example")
    leaving.unsubscribe(stays, None, method="x")
    db.session.commit()
    assert forgetting.again() == 1
    assert emails() == ["else@mail.example", FRIEND]
    assert forgetting.again() == 0
    db.session.rollback()
    assert told() == []


def test_nobody_makes_them_an_influencer_by_hand(person, as_alice):
    forget(person)
    values = {"last_name": "X", "email": EMAIL, "sector": "", "influence": "", "interest": "", "owner_id": ""}
    page = as_alice.send("/staff/influencers/new", values).text
    assert "asked to be forgotten" in page and emails() == [FRIEND]


def test_what_is_known_of_old_imports_goes(person):
    assert traces.forget_old() == 0
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        assert traces.forget_old() == 1


def test_a_sign_up_with_their_address_stays_without_answer(person, client, deliver):
    forget(person)
    wanted = subscriptions.named(["research"])
    joining.ask(joining.Request(email=EMAIL, topics=wanted, language="en", form_id="x"))
    db.session.commit()
    assert deliver() == [] and emails() == [FRIEND]
