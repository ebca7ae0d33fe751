"""Sample data: loaded whole, cleared without a trace."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from crm.accounts.models import User
from crm.base import clock
from crm.contacts.models import Contact, Source, Subscription, Topic
from crm.delivery import outbox
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.goals import progress
from crm.influencers.models import Ask, Influencer
from crm.mailings import audience, checks, composing
from crm.mailings.archive.models import MailingAsSent
from crm.mailings.models import Mailing, MailingMessage
from crm.organizations import coalition
from crm.organizations.models import Organization
from crm.site import providers
from crm.site.demo import coalition as demo_coalition
from crm.site.demo import loading
from crm.site.demo.commands import demo
from tests.factories import add, make_contact, make_user


def rows():
    names = [table.name for table in db.metadata.sorted_tables]
    counts = {name: db.session.scalar(text(f'SELECT count(*) FROM "{name}"')) for name in names}
    return {name: number for name, number in counts.items() if number}


def count(model, *conditions):
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


@pytest.fixture
def loaded(bare_app):
    loading.load()
    db.session.commit()
    return bare_app


def test_it_makes_a_coalition_with_a_year_behind_it(loaded):
    assert coalition.current().name == "Bridgeway"
    assert count(Contact) == 612
    assert count(Influencer) == 12
    assert count(Organization, Organization.is_member, Organization.via.is_not(None)) == 8
    states = set(db.session.scalars(select(Ask.state)))
    assert states == {"planned", "made", "agreed", "declined", "lapsed", "delivered"}
    assert set(db.session.scalars(select(Contact.language))) == {"en", "es", "ar"}
    assert set(db.session.scalars(select(Subscription.state))) == {"pending", "active", "unsubscribed"}
    assert sorted(db.session.scalars(select(Mailing.state))) == ["finished", "finished", "scheduled"]
    assert count(MailingAsSent) == 2
    assert count(Delivery, Delivery.state == "sent") > 300
    assert count(Delivery, Delivery.state == "failed") > 0
    goal = progress.current()
    assert (goal.target, progress.of(goal).state) in {(800, "ahead"), (800, "behind")}
    assert 300 < progress.counted(goal) < 600
    assert progress.by_week(goal).total == progress.counted(goal)
    assert len(providers.rates()) >= 4


def test_no_sample_address_can_be_reached(loaded):
    addresses = [address for address in db.session.scalars(select(Contact.email)) if address]
    assert all(address.endswith(".example") for address in addresses)


def test_it_is_the_same_each_time(loaded):
    first = sorted(filter(None, db.session.scalars(select(Contact.email))))
    loading.clear()
    loading.load()
    assert sorted(filter(None, db.session.scalars(select(Contact.email)))) == first


def test_every_page_of_staff_opens_with_it(loaded):
    browser = loaded.test_client()
    browser.send("/login", {"email": demo_coalition.ADMIN, "password": demo_coalition.password()})
    for path in ("/staff/", "/staff/goals/", "/staff/users/", "/staff/settings/consent"):
        assert browser.page(path).status_code == 200


def test_the_scheduled_mailing_could_go_and_can_be_worked_with(loaded):
    mailing = db.session.scalars(select(Mailing).where(Mailing.state == "scheduled")).one()
    number, url = mailing.id, f"/staff/mailings/{mailing.id}"
    assert clock.now() < mailing.scheduled_at < clock.now() + timedelta(days=8)
    reached = audience.reach(mailing)
    assert reached.recipients > 300
    assert [check.text for check in checks.look(mailing, reached) if not check.passed] == []
    browser = loaded.test_client()
    browser.send("/login", {"email": demo_coalition.ADMIN, "password": demo_coalition.password()})
    assert "It goes out on" in browser.page(url).text
    assert "Take back to edit" in browser.page(f"{url}/review").text
    assert "Edit mailing" in browser.send(f"{url}/take-back").text
    version = db.session.scalar(select(Mailing.version).where(Mailing.id == number))
    tomorrow = (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    values = {"at": tomorrow, "zone": "UTC", "version": version, "when": "later"}
    values |= {"typed": reached.recipients, "shown": reached.recipients}
    assert "Scheduled." in browser.send(f"{url}/schedule", values).text
    assert "Canceled." in browser.send(f"{url}/cancel").text
    loading.clear()
    db.session.commit()
    assert count(Mailing) == 0


def test_a_copy_of_a_sample_mailing_is_ones_own(loaded):
    sample = db.session.scalars(select(Mailing).where(Mailing.state == "scheduled")).one()
    composing.copy(sample, by="real@staff.example")
    db.session.commit()
    loading.clear()
    db.session.commit()
    assert [mailing.created_by for mailing in db.session.scalars(select(Mailing))] == ["real@staff.example"]


def test_clearing_leaves_nothing(bare_app):
    before = rows()
    loading.load()
    db.session.commit()
    loading.clear()
    db.session.commit()
    assert rows() == before


def test_an_own_coalition_stays_as_it_is(app, alice):
    before = rows()
    loading.load()
    db.session.commit()
    assert coalition.current().name == "Bridgeway Coalition"
    assert count(User) == 1
    loading.clear()
    db.session.commit()
    assert rows() == before


def test_what_staff_added_beside_it_stays(loaded):
    topic = db.session.scalars(select(Topic).where(Topic.default)).one()
    source = db.session.scalars(select(Source).where(Source.kind == "member")).first()
    make_contact("real@person.example", topics={topic.slug: "active"}, source=source)
    real = make_user("admin", email="real@staff.example")
    db.session.commit()
    loading.clear()
    db.session.commit()
    db.session.expire_all()
    assert [contact.email for contact in db.session.scalars(select(Contact))] == ["real@person.example"]
    assert [topic.slug for topic in db.session.scalars(select(Topic))] == [topic.slug]
    assert db.session.scalars(select(Contact)).one().source.label == source.label
    assert db.session.scalars(select(User)).one().id == real.id
    assert coalition.current() is None


def test_a_sample_user_who_did_real_work_becomes_a_closed_account(loaded):
    sample = db.session.scalars(select(User).where(User.email == demo_coalition.ADMIN)).one()
    contact = make_contact("real@senator.example")
    add(Influencer(contact=contact, owner=sample, version=1))
    db.session.commit()
    loading.clear()
    db.session.commit()
    db.session.expire_all()
    kept = db.session.scalars(select(User)).one()
    assert (kept.email, kept.active, kept.password_hash) == (demo_coalition.ADMIN, False, "")
    assert count(Influencer) == 1


def test_a_coalition_that_was_renamed_is_somebodys_own(loaded):
    coalition.current().name = "Open Doors"
    db.session.commit()
    loading.clear()
    db.session.commit()
    db.session.expire_all()
    assert coalition.current().name == "Open Doors"


def test_notes_on_a_sample_influencer_go_with_it(loaded):
    influencer = db.session.scalars(select(Influencer)).first()
    add(Ask(influencer=influencer, title="Mine", category="visibility", version=1))
    db.session.commit()
    loading.clear()
    db.session.commit()
    assert count(Ask) == 0


def test_a_sample_mailing_that_went_out_meanwhile_is_stopped(loaded):
    mailing = db.session.scalars(select(Mailing).where(Mailing.state == "scheduled")).one()
    message = outbox.write("Hello", "<p>Hello</p>", "Hello", sender="news@bridgeway.example", kind="bulk")
    outbox.queue(message, "a@gmail.example", contact_id=1)
    mailing.messages.append(MailingMessage(message_id=message.id, language="en"))
    mailing.state = "sending"
    db.session.commit()
    loading.clear()
    db.session.commit()
    assert count(Delivery) == 0
    assert count(Mailing) == 0


def test_the_commands_say_what_they_did(bare_app):
    runner = bare_app.test_cli_runner()
    result = runner.invoke(demo, ["load"])
    assert result.exit_code == 0
    assert f"alice@bridgeway.example {demo_coalition.password()}" in result.stdout
    assert runner.invoke(demo, ["load"]).exit_code == 1
    assert runner.invoke(demo, ["load", "--if-empty"]).stdout == ""
    assert "rows of sample data removed" in runner.invoke(demo, ["clear"]).stdout
    assert runner.invoke(demo, ["clear"]).exit_code == 1


def test_the_password_belongs_to_the_installation(bare_app):
    first = demo_coalition.password()
    bare_app.config["SECRET_KEY"] = "another"
    assert demo_coalition.password() != first
